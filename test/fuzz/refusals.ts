/**
 * Memory that is refused to a server at random. The command that was answered with OOM runs again at once, with memory:
 * its reply and all later ones must be as if nothing had been refused, since a refusal changes nothing.
 */
import { SeededRandom } from '../../src/engine/random.js';
import type { RedisServer } from '../../src/index.js';

const ONE_IN = 4;

/** What is put in the place of a server's own, on the instances. */
interface Inside {
  readonly engine: {
    run(...call: unknown[]): void;
    readonly reply: { mark(): number; rewind(mark: number): void };
    readonly errorCounts: Map<string, number>;
    readonly keyspace: {
      readonly arena: { settle(): void; guardWrite(page: number): void; physical: { reserve(pages: number): boolean } };
    };
  };
}

/** Begins to refuse; the function that it returns ends it, and says how many commands were refused. */
export function refuseMemory(server: RedisServer, seed: number): () => number {
  const { engine } = server as unknown as Inside;
  const { arena } = engine.keyspace;
  const { physical } = arena;
  const random = new SeededRandom([seed, 2, 3, 4]);
  const own = {
    run: engine.run.bind(engine),
    settle: arena.settle.bind(arena),
    guardWrite: arena.guardWrite.bind(arena),
    reserve: physical.reserve.bind(physical),
  };
  let isArmed = false;
  let hasRefused = false;
  let refusedCommands = 0;

  physical.reserve = (pages) => {
    if (!isArmed || random.below(ONE_IN) > 0) return own.reserve(pages);
    hasRefused = true;
    return false;
  };
  // What is refused between commands would be refused to all that follow.
  arena.settle = () => {
    isArmed = false;
    own.settle();
  };
  // Where a shared page finds no room, a snapshot is given up and no command refused: the round would have none.
  arena.guardWrite = (page) => {
    const wasArmed = isArmed;
    isArmed = false;
    own.guardWrite(page);
    isArmed = wasArmed;
  };
  engine.run = (...call) => {
    const mark = engine.reply.mark();
    const refusals = engine.errorCounts.get('OOM');
    isArmed = true;
    hasRefused = false;
    own.run(...call);
    isArmed = false;
    const isRefused = hasRefused && engine.errorCounts.get('OOM') !== refusals;
    // It was answered for, if this was a command inside of another.
    hasRefused = false;
    if (!isRefused) return;
    refusedCommands++;
    engine.reply.rewind(mark);
    own.run(...call);
  };
  return () => {
    // The class's own are found again.
    for (const [object, name] of [
      [engine, 'run'],
      [arena, 'settle'],
      [arena, 'guardWrite'],
      [physical, 'reserve'],
    ] as const) {
      delete (object as unknown as Record<string, unknown>)[name];
    }
    return refusedCommands;
  };
}
