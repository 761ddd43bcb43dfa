/** Server CPU of pipelines over Upstash's REST beside the same commands over RESP. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encode } from '../support/client.js';
import { median } from '../support/histogram.js';
import { runLoad } from '../support/load.js';
import { judged } from '../support/report.js';
import { freePort, startServer } from '../support/servers.js';
import { padded, withClient } from './collections/shared.js';

export const title = 'Pipelines over HTTP';

const COMMANDS = 100;
const KEYS = 1000;
const VARIANTS = 50;
const BAR = 2;

/** Of each kind: its commands, and what the replies to a pipeline end with. The last command tells the end. */
const kinds = [
  { name: 'GET of 3 bytes', command: (key) => ['GET', key] },
  { name: 'SET of 3 bytes', command: (key) => ['SET', key, 'abc'] },
];

const END = ['ECHO', 'the-end'];

function pipelines(command) {
  return Array.from({ length: VARIANTS }, (_, variant) => [
    ...Array.from({ length: COMMANDS - 1 }, (_, i) => command(`key:${padded((variant * 37 + i * 13) % KEYS)}`)),
    END,
  ]);
}

function overHttp(commands, isBase64) {
  const body = JSON.stringify(commands);
  // What @upstash/redis sends.
  const headers = [
    'POST /pipeline HTTP/1.1',
    'host: 127.0.0.1:8079',
    'connection: keep-alive',
    'content-type: application/json',
    'authorization: Bearer any',
    ...(isBase64 ? ['upstash-encoding: base64'] : []),
    'upstash-sync-token: redstart',
    'accept: */*',
    'accept-language: *',
    'sec-fetch-mode: cors',
    'user-agent: node',
    'accept-encoding: gzip, deflate',
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  return Buffer.from(`${headers.join('\r\n')}\r\n\r\n${body}`);
}

const forms = [
  { name: 'RESP', encode: (commands) => Buffer.concat(commands.map(encode)), replyEnd: '\r\nthe-end\r\n' },
  { name: 'JSON', encode: (commands) => overHttp(commands, false), replyEnd: '{"result":"the-end"}]' },
  { name: 'base64', encode: (commands) => overHttp(commands, true), replyEnd: '{"result":"dGhlLWVuZA=="}]' },
];

export async function run({ rounds, scale, log }) {
  const httpPort = await freePort();
  const server = await startServer('redstart', ['--http-port', `${httpPort}`]);
  const rows = [];
  const body = [];
  try {
    await withClient(server.port, (client) =>
      client.send(['MSET', ...Array.from({ length: KEYS }, (_, n) => [`key:${padded(n)}`, 'abc']).flat()]),
    );
    for (const { name, command } of kinds) {
      const all = pipelines(command);
      const found = new Map(forms.map((form) => [form.name, []]));
      for (let round = 0; round <= rounds; round++) {
        for (const form of forms) {
          const count = Math.max(2000, Math.round(40_000 * scale));
          const file = join(server.directory, 'requests.json');
          writeFileSync(file, JSON.stringify(all.map((commands) => form.encode(commands).toString('base64'))));
          const before = server.cpu();
          const port = form.name === 'RESP' ? server.port : httpPort;
          await runLoad('requests', { port, file, replyEnd: form.replyEnd, count });
          const cpu = (server.cpu() - before) / count;
          log(`${round === 0 ? 'warm-up' : `round ${round}`}  ${name}  ${form.name}  ${cpu.toFixed(1)} µs`);
          if (round > 0) found.get(form.name).push(cpu);
        }
      }
      const [resp, ...others] = forms.map((form) => ({ form: form.name, cpu: median(found.get(form.name)) }));
      body.push([name, ...[resp, ...others].map(({ cpu }) => cpu.toFixed(1))]);
      for (const { form, cpu } of others) {
        const ratio = cpu / resp.cpu;
        const measured = `${ratio.toFixed(2)} (${cpu.toFixed(1)} / ${resp.cpu.toFixed(1)} µs)`;
        const what = `/pipeline of ${COMMANDS} x ${name}, ${form}`;
        rows.push(judged({ what, bar: `<= ${BAR.toFixed(2)} of RESP`, measured }, ratio <= BAR));
      }
    }
  } finally {
    await server.stop();
  }
  return {
    rows,
    how:
      `Pipelines of ${COMMANDS} commands, 50 connections, each of which waits for its replies, with the headers that ` +
      `@upstash/redis sends. utime + stime of the whole server process for each pipeline; median of ${rounds} rounds ` +
      'after one that warms up.',
    table: { head: ['commands', ...forms.map((form) => `${form.name} µs`)], body },
  };
}
