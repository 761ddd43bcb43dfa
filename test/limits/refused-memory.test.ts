/**
 * Memory that the system refuses, at every place and in every state: the answer is OOM and nothing has changed, or a
 * snapshot is given up; see TwoEngines.
 *
 *   REFUSALS=…      how many refusals to run through (default: a few seconds' worth)
 *   REFUSALS_SEED=… where to begin (default: 1)
 */
import { expect, test } from 'vitest';
import { SeededRandom } from '../../src/engine/random.js';
import type { TwoEngines } from './two-engines.js';
import { runWorkload } from './workload.js';

const REFUSALS = Number(process.env['REFUSALS'] ?? 50);
const FIRST_SEED = Number(process.env['REFUSALS_SEED'] ?? 1);

test('refused memory is an OOM reply or a snapshot given up, and changes nothing', { timeout: 3_600_000 }, () => {
  const total = { refusals: 0, commands: 0, snapshots: 0, runs: 0 };
  const count = (two: TwoEngines): void => {
    total.refusals += two.refusals;
    total.commands += two.refusedCommands;
    total.snapshots += two.lostSnapshots;
    total.runs++;
  };
  for (let seed = FIRST_SEED; total.refusals < REFUSALS; seed++) {
    const { requests } = runWorkload(seed, () => false);
    // Each request by itself, from each request on, and by chance.
    const step = process.env['REFUSALS'] === undefined ? Math.ceil(requests / 8) : 1;
    for (let n = 1; n <= requests && total.refusals < REFUSALS; n += step) {
      count(runWorkload(seed, (request) => request === n));
      count(runWorkload(seed, (request) => request >= n));
      const chance = new SeededRandom([seed, n, 5, 6]);
      count(runWorkload(seed, (request) => request >= n && chance.below(3) === 0));
    }
    if (process.env['REFUSALS'] !== undefined) process.stderr.write(`seed ${seed}: ${JSON.stringify(total)}\n`);
  }
  expect(total.commands).toBeGreaterThan(0);
  expect(total.snapshots).toBeGreaterThan(0);
});
