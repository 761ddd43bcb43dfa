/** Jobs of BullMQ added and processed a second, by the same client beside redis-server. */
import { installed } from '../../scripts/packages.js';
import { median } from '../support/histogram.js';
import { runLoad } from '../support/load.js';
import { judged } from '../support/report.js';
import { startServer } from '../support/servers.js';

export const title = 'Jobs of BullMQ';

const NAMES = ['redstart', 'redis-server'];
const JOBS = 10_000;
const CONCURRENCY = 50;
/** What a profile of the server has shown (perf, 2,000 Hz). */
const WHY_NOT =
  '43 % of what the server does is the kernel, Node and the C library, and of the JavaScript no function has 4 %; it is ' +
  'still being compiled: the CPU a job takes falls until some 60,000 have gone by';
/** So many rounds go by before scripts and commands are compiled for good; the table shows what the first one takes. */
const WARM_UPS = 3;
const MEASURES = ['added', 'processed', 'cpu'];

export async function run({ rounds, scale, log }) {
  const packages = await installed('test/applications');
  const jobs = Math.ceil(Math.max(1000, JOBS * scale) / 100) * 100;
  const servers = [];
  const first = [];
  const found = NAMES.map(() => Object.fromEntries(MEASURES.map((measure) => [measure, []])));
  try {
    for (const name of NAMES) servers.push(await startServer(name));
    for (let round = 1 - WARM_UPS; round <= rounds; round++) {
      for (let turn = 0; turn < servers.length; turn++) {
        // Another server goes first in every round.
        const which = (turn + round + WARM_UPS) % servers.length;
        const { name, port, cpu } = servers[which];
        const before = cpu();
        const rates = await runLoad('jobs', { port, packages, jobs, concurrency: CONCURRENCY });
        const figures = { ...rates, cpu: (cpu() - before) / jobs };
        log(`${round <= 0 ? 'warm-up' : `round ${round}`}  ${name}  ${text(figures)}`);
        if (round === 1 - WARM_UPS) first[which] = figures;
        if (round > 0) for (const measure of MEASURES) found[which][measure].push(figures[measure]);
      }
    }
  } finally {
    for (const server of servers) await server.stop();
  }
  const medians = found.map((each) => Object.fromEntries(MEASURES.map((measure) => [measure, median(each[measure])])));
  const [ours, theirs] = medians;
  const rows = ['added', 'processed'].map((measure) => {
    const row = {
      what: `jobs ${measure} a second`,
      bar: '>= redis-server',
      measured: compared(ours[measure], theirs[measure]),
    };
    return judged(row, ours[measure] >= theirs[measure], WHY_NOT);
  });
  return {
    rows,
    how:
      `A process of its own adds ${jobs.toLocaleString('en')} jobs, 100 at a time, and a worker with a concurrency ` +
      `of ${CONCURRENCY} processes them; medians of ${rounds} alternating rounds after ${WARM_UPS} that warm up.`,
    table: {
      head: ['', 'jobs added/s', 'jobs processed/s', 'server CPU a job, µs'],
      body: NAMES.flatMap((name, i) => [line(name, medians[i]), line(`${name}, its first round`, first[i])]),
    },
  };
}

const line = (name, figures) => [name, ...MEASURES.map((measure) => Math.round(figures[measure]).toLocaleString('en'))];

const compared = (a, b) => `${(a / b).toFixed(2)} (${a.toFixed(0)} / ${b.toFixed(0)})`;

function text({ added, processed, cpu }) {
  return `${added.toFixed(0)} added/s  ${processed.toFixed(0)} processed/s  ${cpu.toFixed(0)} µs`;
}
