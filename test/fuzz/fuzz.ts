/**
 * Runs seeded command sequences on redis-server and redstart and compares every reply.
 *
 *   FUZZ_SEED=…      starts with this seed (printed by a failing run); otherwise every run has a new one
 *   FUZZ_COMMANDS=…  how many commands to send in all (default: a few seconds' worth)
 *
 * Commands come in rounds. A round starts from empty servers, depends on nothing but its seed, and ends with a look at
 * every key. A snapshot is open during its second half, and memory is refused then (see refusals.ts). When a round
 * fails, its commands are reduced to a short list that still fails.
 */
import fc from 'fast-check';
import type { RedisServer } from '../../src/index.js';
import { agree, ClientPair, type Comparator, describeMismatch, type Mismatch, runBoth } from '../support/compare.js';
import { engineOf } from '../support/inside.js';
import type { Pair } from '../support/pair.js';
import { type Command, RawClient } from '../support/raw-client.js';
import { isError } from '../support/reply-text.js';
import { reduce } from './reduction.js';
import { refuseMemory } from './refusals.js';
import { protocolOf, readScript, type Script, writeScript } from './script-file.js';

/** Commands that belong together, such as a push and the blocking pop that it feeds. */
export type Group = readonly Command[];

export interface FuzzPlan {
  groups: fc.Arbitrary<Group>;
  /** Reads everything that the commands may have written. */
  finale: readonly Command[];
  /** For replies that can't be equal to the byte, beside those of every comparison. */
  comparators?: Record<string, Comparator>;
}

/** How a round is read, whatever its commands came from. */
type Reading = Omit<FuzzPlan, 'groups'>;

const ROUND = 2_000;
/** One round in each protocol. */
const DEFAULT_ROUND = 500;
const DEFAULT_COMMANDS = 2 * DEFAULT_ROUND;
/** Plans have 2 to 6 %; a key that is of the wrong type for long can make it 17 in a brief run. */
const MAX_ERROR_RATIO = 0.3;
/** Groups that are drawn at once: some have dozens of commands, so that fewer make a round. */
const BATCH = 125;
/** Far from the round numbers that runs begin with. */
const SEEDS_BETWEEN_BATCHES = 15_485_863;
const REDUCTION_MS = 30_000;
/** Long runs have what processors others leave, and may be stopped meanwhile. */
const TIMEOUT_MS = process.env['FUZZ_COMMANDS'] === undefined ? 60_000 : 3_600_000;

export async function fuzz(pair: Pair, plan: FuzzPlan): Promise<void> {
  const wanted = process.env['FUZZ_SCRIPT'];
  if (wanted !== undefined) return again(pair, readScript(wanted), plan);
  const total = Number(process.env['FUZZ_COMMANDS'] ?? DEFAULT_COMMANDS);
  const firstSeed = Number(process.env['FUZZ_SEED'] ?? Date.now() & 0x7fffffff);
  const most = process.env['FUZZ_COMMANDS'] === undefined ? DEFAULT_ROUND : ROUND;
  let sent = 0;
  let errors = 0;
  for (let round = 0; sent < total; round++) {
    const seed = firstSeed + round;
    const commands = generate(plan.groups, seed, Math.min(most, total - sent));
    const { mismatch, replies } = await run(pair, commands, plan, seed).catch((error: Error) => {
      // It crashed, or hangs.
      const file = writeScript({ seed, directives: pair.directives, commands });
      throw new Error(`npm run replay ${file} repeats this: ${error.message}`, { cause: error });
    });
    if (mismatch !== undefined) throw new Error(await explain(pair, commands, plan, seed, mismatch));
    sent += commands.length;
    for (const reply of replies.slice(0, commands.length)) {
      if (isError(reply)) errors++;
    }
  }
  if (errors > sent * MAX_ERROR_RATIO) {
    throw new Error(
      `${errors} of ${sent} commands were answered with errors (FUZZ_SEED=${firstSeed}): too many to prove anything`,
    );
  }
}

/** Runs one script as a round; what differs, as text. */
export async function replay(pair: Pair, { commands, seed }: Script, plan: Reading): Promise<string | undefined> {
  const { mismatch } = await run(pair, commands, plan, seed);
  return mismatch && describeMismatch([...commands, ...plan.finale], mismatch);
}

/** Runs a script that a round of this plan left behind, if it was one with these directives. */
async function again(pair: Pair, script: Script, plan: Reading): Promise<void> {
  if (JSON.stringify(script.directives) !== JSON.stringify(pair.directives)) return;
  const difference = await replay(pair, script, plan);
  if (difference !== undefined) throw new Error(difference);
}

/** About so many commands: no group is cut, because its end may undo what chance did at its beginning. */
function generate(groups: fc.Arbitrary<Group>, seed: number, count: number): Command[] {
  const commands: Command[] = [];
  for (let batch = 0; ; batch++) {
    for (const group of fc.sample(groups, { seed: seed + batch * SEEDS_BETWEEN_BATCHES, numRuns: BATCH })) {
      commands.push(...group);
      if (commands.length >= count) return commands;
    }
  }
}

async function run(pair: Pair, commands: readonly Command[], plan: Reading, seed: number) {
  const clients = await ClientPair.connect(pair, protocolOf(seed), TIMEOUT_MS);
  try {
    await clients.pipeline([['FLUSHALL']]);
    const { server } = pair;
    if (server === undefined) return await runBoth(clients, [...commands, ...plan.finale], plan);
    const observer = await RawClient.connect(pair.subject);
    try {
      // Only one server is looked at half-way: that must not make its keys younger.
      await observer.call('CLIENT', 'NO-TOUCH', 'ON');
      return await runWithSnapshot(server, clients, observer, commands, plan, seed);
    } finally {
      await observer.close();
    }
  } finally {
    await clients.close();
  }
}

/**
 * Takes a snapshot of redstart half-way and keeps it while the rest runs, so that every write meets shared pages. Then
 * the memory must be intact, and restoring must bring back what the finale saw at that instant.
 */
async function runWithSnapshot(
  server: RedisServer,
  clients: ClientPair,
  observer: RawClient,
  commands: readonly Command[],
  plan: Reading,
  seed: number,
): Promise<{ mismatch: Mismatch | undefined; replies: Buffer[] }> {
  const { finale, comparators } = plan;
  const half = commands.length >> 1;
  const first = await runBoth(clients, commands.slice(0, half), plan);
  if (first.mismatch !== undefined) return first;
  const before = await observer.pipeline(finale);
  const snapshot = server.snapshot();
  const endRefusals = refuseMemory(server, seed);
  try {
    const second = await runBoth(clients, [...commands.slice(half), ...finale], plan);
    const replies = [...first.replies, ...second.replies];
    if (second.mismatch !== undefined) {
      return { mismatch: { ...second.mismatch, index: second.mismatch.index + half }, replies };
    }
    endRefusals();
    let damage = damageOf(server);
    server.restore(snapshot);
    const after = await observer.pipeline(finale);
    const differing = before.findIndex((reply, at) => !agree(finale[at]!, reply, after[at], comparators));
    if (differing >= 0) {
      const labels: [string, string] = ['at the snapshot', 'restored'];
      const index = commands.length + differing;
      return { mismatch: { index, oracle: before[differing], subject: after[differing], labels }, replies };
    }
    damage ??= damageOf(server);
    if (damage === undefined) return { mismatch: undefined, replies };
    const [intact, damaged] = ['memory is intact', damage].map((text) => Buffer.from(text));
    const labels: [string, string] = ['wanted', 'checked'];
    const index = commands.length + finale.length - 1;
    return { mismatch: { index, oracle: intact, subject: damaged, labels }, replies };
  } finally {
    endRefusals();
    snapshot.close();
  }
}

/** What the integrity checker says about a server's memory. */
function damageOf(server: RedisServer): string | undefined {
  const { keyspace } = engineOf(server);
  try {
    keyspace.checkIntegrity();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

async function explain(
  pair: Pair,
  commands: readonly Command[],
  plan: FuzzPlan,
  seed: number,
  first: Mismatch,
): Promise<string> {
  const { finale } = plan;
  let shortest: readonly Command[] = commands.slice(0, first.index + 1);
  let mismatch = first;
  const fails = async (candidate: readonly Command[]): Promise<readonly Command[] | undefined> => {
    const result = await run(pair, candidate, plan, seed);
    if (result.mismatch === undefined) return undefined;
    mismatch = result.mismatch;
    shortest = candidate.slice(0, mismatch.index + 1);
    return shortest;
  };
  let reproducible = false;
  try {
    reproducible = (await fails(shortest)) !== undefined;
    if (reproducible) await reduce(shortest, fails, REDUCTION_MS);
  } catch (error) {
    return `${(error as Error).message}\n${describe()}`;
  }
  return describe();

  function describe(): string {
    const inFinale = mismatch.index - shortest.length;
    // Of the finale only the database and the read that failed matter.
    const select = finale.slice(0, Math.max(0, inFinale)).findLast(([name]) => name === 'SELECT');
    const script = inFinale < 0 ? shortest : [...shortest, ...(select ? [select] : []), finale[inFinale]!];
    // Its finale is the plan's.
    const file = writeScript({ seed, directives: pair.directives, commands: shortest });
    return [
      `npm run replay ${file} repeats this; so does`,
      `FUZZ_SEED=${seed} FUZZ_COMMANDS=${commands.length} (RESP${protocolOf(seed)})`,
      ...(reproducible ? [] : ['(not the second time: it depends on timing or chance)']),
      describeMismatch(script, { ...mismatch, index: script.length - 1 }),
    ].join('\n');
  }
}
