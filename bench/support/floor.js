/**
 * What the machine itself does to a latency: a virtual machine's processors are stopped by their host now and then, and
 * memory that is used for the first time has to come from it, which no counter inside shows. A bar below that can't be
 * decided there, in either direction, and the report says so.
 *
 * Such gaps come at random, a server's own stalls in every run: so a latency is measured several times, and the median
 * of the longest ones counts.
 */
import { availableParallelism } from 'node:os';
import { median } from './histogram.js';
import { runLoad } from './load.js';

/**
 * The longest gap that processes which only spin and take new memory, one for each of two processors, see in so many
 * seconds.
 */
export async function machineFloor(seconds) {
  const spins = Array.from({ length: Math.min(2, availableParallelism()) }, () => runLoad('spin', { seconds }));
  const gaps = (await Promise.all(spins)).flatMap((spin) => spin.gaps).sort((a, b) => b - a);
  return { seconds, max: gaps[0] ?? 0, over: (ms) => gaps.filter((gap) => gap > ms).length };
}

/**
 * A row for a latency with a bar, from the longest of each run. `pass` is null where the machine's own gaps are longer
 * than the bar.
 */
export function latencyRow(what, barMs, longestMs, floor, remark = '') {
  const gaps = `the machine itself: ${floor.max.toFixed(1)} ms, ${floor.over(barMs)} gaps over ${barMs} ms in ${floor.seconds} s`;
  const middle = median(longestMs);
  const each = longestMs.map((ms) => ms.toFixed(1)).join(', ');
  const pass = middle <= barMs ? true : floor.max > barMs ? null : false;
  return {
    what,
    bar: `<= ${barMs} ms`,
    measured: `${middle.toFixed(2)} ms, the median of ${longestMs.length} runs (${each}${remark}; ${gaps})`,
    pass,
  };
}
