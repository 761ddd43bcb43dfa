/** Latencies during BGSAVE of 5 million keys beside a 5-million-element list and a 100 MB string, all being written. */
import { connect, infoField } from '../support/client.js';
import { latencyRow, machineFloor } from '../support/floor.js';
import { median } from '../support/histogram.js';
import { runLoad, sleep, startLoad } from '../support/load.js';
import { OWN_TIME } from '../support/report.js';
import { startServer } from '../support/servers.js';

export const title = 'BGSAVE under writes';

const RUNS = 5;

export async function run({ scale, log }) {
  const keys = Math.round(5_000_000 * scale);
  const stringLength = Math.round(100 * 1024 * 1024 * scale);
  const table = [];
  const longest = { redstart: [], 'redis-server': [] };
  for (const name of Object.keys(longest)) {
    const server = await startServer(name);
    const client = await connect(server.port);
    try {
      await runLoad('fill', { port: server.port, kind: 'set', to: keys });
      await runLoad('fill', { port: server.port, kind: 'rpush', to: Math.round(keys / 100) });
      await client.call('SETRANGE', 'bigstring', stringLength - 1, 'x');
      await sleep(1_000);
      const connections = [
        { name: 'PING', kind: 'ping' },
        { name: 'SET', kind: 'set', keys },
        { name: 'list', kind: 'list' },
        { name: 'SETRANGE', kind: 'setrange', length: stringLength },
      ];
      const probed = async (work) => {
        const probe = startLoad('probe', { port: server.port, pid: server.pid, connections });
        await probe.ready;
        await work();
        return probe.stop();
      };
      const before = await probed(() => sleep(3_000));
      for (let run = 1; run <= RUNS; run++) {
        let seconds = 0;
        const during = await probed(async () => {
          await sleep(200);
          seconds = await save(client);
        });
        longest[name].push(Math.max(...Object.values(during).map((it) => it.own.max)));
        for (const [command, it] of Object.entries(during)) {
          log(`${name} ${command} longest: ${JSON.stringify(it.longest)}`);
          const times = [it.p50, it.p99, it.p999, it.max, it.own.max, before[command].own.max];
          table.push([name, run, command, ...times.map((ms) => ms.toFixed(2)), it.count, `${seconds.toFixed(1)} s`]);
        }
      }
    } finally {
      client.close();
      await server.stop();
    }
  }
  const floor = await machineFloor(10);
  return {
    rows: [
      latencyRow(
        'slowest command during BGSAVE of 5 million keys, a 5-million-element list and a 100 MB string, being written',
        5,
        longest.redstart,
        floor,
        `; redis-server ${median(longest['redis-server']).toFixed(1)} ms`,
      ),
    ],
    how: `${OWN_TIME} ${RUNS} saves one after the other, the first with code that never ran before. Four connections of one process, each sending its next command when the last one is answered.`,
    table: {
      head: [
        'server',
        'run',
        'command',
        'p50 ms',
        'p99 ms',
        'p99.9 ms',
        'max ms',
        'max ms without BGSAVE',
        'commands',
        'BGSAVE',
      ],
      body: table,
    },
  };
}

/** @returns how many seconds it took */
async function save(client) {
  const began = Date.now();
  await client.call('BGSAVE');
  while ((await infoField(client, 'rdb_bgsave_in_progress')) !== '0') {
    await sleep(50);
    if (Date.now() - began > 300_000) throw new Error('BGSAVE takes more than 5 minutes');
  }
  if ((await infoField(client, 'rdb_last_bgsave_status')) !== 'ok') throw new Error('BGSAVE failed');
  return (Date.now() - began) / 1000;
}
