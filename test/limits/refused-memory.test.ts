/**
 * Memory that the system refuses, at every place and in every state: the answer is OOM and nothing has changed, or a
 * snapshot is given up; see TwoEngines.
 *
 *   REFUSALS=…      how many refusals to run through (default: a few seconds' worth)
 *   REFUSALS_SEED=… where to begin (default: 1)
 */
import { expect, test } from 'vitest';
import { SeededRandom } from '../../src/engine/random.js';
import type { Refuses, TwoEngines } from './two-engines.js';
import { runRetrying, runWorkload } from './workload.js';

const REFUSALS = Number(process.env['REFUSALS'] ?? 300);
const FIRST_SEED = Number(process.env['REFUSALS_SEED'] ?? 1);
const SEEDS_BETWEEN_REPORTS = 10;

/** Each request by itself, all from each on, and some by chance. */
const PATTERNS: ((n: number, seed: number) => Refuses)[] = [
  (n) => (request) => request === n,
  (n) => (request) => request >= n,
  (n, seed) => {
    const chance = new SeededRandom([seed, n, 5, 6]);
    return (request) => request >= n && chance.below(3) === 0;
  },
];

test('refused memory is an OOM reply or a snapshot given up, and changes nothing', {
  timeout: 36_000_000,
}, () => {
  const total = { refusals: 0, commands: 0, snapshots: 0, runs: 0 };
  const count = (two: TwoEngines): void => {
    total.refusals += two.refusals;
    total.commands += two.refusedCommands;
    total.snapshots += two.lostSnapshots;
    total.runs++;
  };
  for (let seed = FIRST_SEED; total.refusals < REFUSALS || total.snapshots === 0; seed++) {
    for (const pattern of PATTERNS) count(runRetrying(seed, (n) => pattern(n, seed)));
    // Refusals that outlast a command, from anywhere in the run.
    const n = 1 + new SeededRandom([seed, 1, 2, 3]).below(100);
    const lasting = PATTERNS[seed % PATTERNS.length] as (typeof PATTERNS)[number];
    count(runWorkload(seed, lasting(n, seed)));
    if (process.env['REFUSALS'] !== undefined && seed % SEEDS_BETWEEN_REPORTS === 0) {
      process.stderr.write(`seed ${seed}: ${JSON.stringify(total)}\n`);
    }
  }
  expect(total.commands).toBeGreaterThan(0);
  expect(total.snapshots).toBeGreaterThan(0);
});
