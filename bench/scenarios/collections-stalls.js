/** How long one command on a collection of a million holds all others, beside redis-server. */
import { median } from '../support/histogram.js';
import { judged } from '../support/report.js';
import { cases as hash } from './collections/hash.js';
import { cases as set } from './collections/set.js';
import { measureSlices } from './collections/slices.js';
import { cases as stream } from './collections/stream.js';
import { cases as zset } from './collections/zset.js';
import { measure, SERVERS } from './stalls-commands.js';

export const title = 'Single commands on collections of 10^6';

export async function run({ rounds, scale, log }) {
  const rows = [];
  const wanted = scale === 1 ? '' : (process.env.BENCH_CASE ?? '');
  for (const each of [...hash, ...set, ...zset, ...stream].filter(({ name }) => name.startsWith(wanted))) {
    const isAbsolute = each.barMs !== undefined;
    const times = [];
    for (const name of SERVERS) {
      times.push(median(await measure(name, { isHeld: isAbsolute, ...each }, Math.min(rounds, 3))));
    }
    const [ours, theirs] = times;
    log(`${each.name}: ${ours.toFixed(1)} (${theirs.toFixed(1)}) ms`);
    const row = {
      what: each.name,
      bar: isAbsolute ? `<= ${each.barMs} ms` : `<= ${each.bar.toFixed(2)} of redis-server`,
      measured: isAbsolute
        ? `${ours.toFixed(2)} ms (${theirs.toFixed(2)})`
        : `${(ours / theirs).toFixed(2)} (${ours.toFixed(ours < 10 ? 1 : 0)} / ${theirs.toFixed(theirs < 10 ? 1 : 0)} ms)`,
    };
    rows.push(judged(row, isAbsolute ? ours <= each.barMs : ours / theirs <= each.bar, each.whyNot));
  }
  if (wanted === '' || wanted === 'slices') rows.push(...(await measureSlices({ rounds, log })));
  return {
    rows,
    how:
      "CPU time of the server's main thread for one call, with what it leaves to do. Where the bar is 1 ms, and where " +
      "it says how long others are held, the time in the server's slow log of a command that has run before. Median of the rounds.",
  };
}
