/** How long one command on a collection of a million holds all others, beside redis-server. */
import { median } from '../support/histogram.js';
import { cases } from './collections/zset.js';
import { measure, SERVERS } from './stalls-commands.js';

export const title = 'Single commands on collections of 10^6';

export async function run({ rounds, scale, log }) {
  const rows = [];
  const wanted = [...cases].filter(({ name }) => scale === 1 || name.startsWith(process.env.BENCH_CASE ?? ''));
  for (const each of wanted) {
    const times = [];
    for (const name of SERVERS) times.push(median(await measure(name, each, Math.min(rounds, 3))));
    const [ours, theirs] = times;
    log(`${each.name}: ${ours.toFixed(1)} (${theirs.toFixed(1)}) ms`);
    rows.push({
      what: each.name,
      bar: `<= ${each.bar.toFixed(2)} of redis-server`,
      measured: `${(ours / theirs).toFixed(2)} (${ours.toFixed(0)} / ${theirs.toFixed(0)} ms)`,
      pass: ours / theirs <= each.bar,
    });
  }
  return { rows, how: "CPU time of the server's main thread for one call; median of the rounds." };
}
