/**
 * A server is killed while it saves under load, again and again: the file must load, and hold exactly what was there
 * when one of the saves began. REDSTART_KILL_ROUNDS sets how often (5 by default; 100 is the full proof).
 *
 * Every step writes its number into keys of all kinds. All goes down one connection, so which step the content is of at
 * each BGSAVE is known.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundleLibrary } from '../support/bundle.js';
import { type Command, RawClient } from '../support/raw-client.js';

const ROUNDS = Number(process.env['REDSTART_KILL_ROUNDS'] ?? 5);
const SEED = Number(process.env['REDSTART_SEED'] ?? Date.now() & 0xffff);
const FILLERS = 60_000;
const COUNTERS = 200;
/** Bytes of the string that every step writes into. */
const LARGE = 3_000_000;

const counterKeys = Array.from({ length: COUNTERS }, (_, index) => `counter ${index}`);

let library: string;
let directory: string;
let child: ChildProcess | undefined;

beforeAll(async () => {
  library = await bundleLibrary();
  directory = mkdtempSync(join(tmpdir(), 'redstart-kill-'));
});

afterAll(() => {
  child?.kill('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
});

/** Starts a server on the directory, in a process of its own; it prints its port when the file is loaded. */
async function start(): Promise<RawClient> {
  const script = `
    import { RedisServer } from ${JSON.stringify(pathToFileURL(library).href)};
    const server = await RedisServer.start({ port: 0, dir: process.argv[1], save: '', keepAlive: true });
    process.stdout.write(String(server.port) + '\\n');
  `;
  const started = spawn(process.execPath, ['--input-type=module', '-e', script, directory], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child = started;
  const port = await new Promise<number>((resolve, reject) => {
    let errors = '';
    started.stderr!.on('data', (data) => (errors += data));
    started.stdout!.once('data', (data) => resolve(Number(data)));
    started.once('exit', () => reject(new Error(`the server ended: ${errors}`)));
  });
  return RawClient.connect({ port });
}

async function kill(): Promise<void> {
  const dying = child!;
  const gone = new Promise((resolve) => dying.once('exit', resolve));
  dying.kill('SIGKILL');
  await gone;
}

/** The commands that take the content from one instant to the next. */
function step(instant: number): Command[] {
  return [
    ['MSET', ...counterKeys.flatMap((key) => [key, instant])],
    ['RPUSH', 'list', instant],
    ['SETRANGE', 'large', (instant * 65_521) % LARGE, `<${instant}>`],
    ['SET', `filler ${(instant * 7919) % FILLERS}`, 'f'.repeat(instant % 300)],
    ['SET', `passing ${instant}`, instant],
    ['DEL', `passing ${instant - 1}`],
  ];
}

/** The instant that the content is of; anything torn is an error. */
async function instantOf(client: RawClient): Promise<number> {
  const counters = (await client.call('MGET', ...counterKeys)).toString().split('\r\n');
  const values = new Set(counters.slice(1).filter((_line, index) => index % 2 === 1));
  expect([...values], 'all counters are equal').toHaveLength(1);
  const instant = Number([...values][0]);
  const large = (instant * 65_521) % LARGE;
  const mark = `<${instant}>`;
  const replies = await client.pipeline([
    ['LLEN', 'list'],
    ['LINDEX', 'list', -1],
    ['GETRANGE', 'large', large, large + mark.length - 1],
    ['STRLEN', `filler ${(instant * 7919) % FILLERS}`],
    ['EXISTS', `passing ${instant}`],
    ['DBSIZE'],
  ]);
  expect(replies.map(String)).toEqual([
    `:${instant}\r\n`,
    `$${String(instant).length}\r\n${instant}\r\n`,
    `$${mark.length}\r\n${mark}\r\n`,
    `:${instant % 300}\r\n`,
    ':1\r\n',
    `:${FILLERS + COUNTERS + 3}\r\n`,
  ]);
  return instant;
}

async function fill(client: RawClient): Promise<void> {
  await client.call('SETRANGE', 'large', LARGE + 100, 'end');
  for (let at = 0; at < FILLERS; at += 1000) {
    const keys = Array.from({ length: 1000 }, (_, index) => [`filler ${at + index}`, `value ${at + index}`]);
    await client.call('MSET', ...keys.flat());
  }
  await client.pipeline(step(1));
  expect(String(await client.call('SAVE'))).toBe('+OK\r\n');
}

/** Writes and saves until the chosen batch after a save began is answered. @returns the instants of the saves */
async function work(client: RawClient, from: number, batches: number): Promise<number[]> {
  const saves: number[] = [];
  let instant = from;
  for (let batch = 0; batch < batches; batch++) {
    const commands: Command[] = [];
    for (let count = 0; count < 5; count++) commands.push(...step(++instant));
    const saved = (await client.pipeline([...commands, ['BGSAVE']])).at(-1)!.toString();
    if (saved.startsWith('+Background saving started')) saves.push(instant);
    else expect(saved).toContain('already in progress');
  }
  return saves;
}

test(
  `a server killed ${ROUNDS} times while it saves never leaves a torn file (seed ${SEED})`,
  async () => {
    let random = SEED;
    const below = (limit: number) => (random = (Math.imul(random, 1103515245) + 12345) >>> 0) % limit;
    let client = await start();
    await fill(client);
    let instant = 1;
    let killedWhileSaving = 0;
    let newFiles = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const saves = await work(client, instant, 1 + below(60));
      await kill();
      await client.close();
      for (const name of readdirSync(directory)) {
        if (name === 'dump.rdb') continue;
        // As with Redis, what was being written stays behind after kill -9.
        expect(name).toMatch(/^temp-\d+-\d+\.rdb$/);
        killedWhileSaving++;
        rmSync(join(directory, name));
      }
      client = await start();
      const loaded = await instantOf(client);
      expect([instant, ...saves], `round ${round}`).toContain(loaded);
      if (loaded !== instant) newFiles++;
      instant = loaded;
    }
    await kill();
    await client.close();
    console.log(`${ROUNDS} rounds: ${killedWhileSaving} killed while saving, ${newFiles} with a newer file`);
    expect(killedWhileSaving).toBeGreaterThan(0);
  },
  300_000 + ROUNDS * 5_000,
);
