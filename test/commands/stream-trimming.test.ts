import fc from 'fast-check';
import { expect, test } from 'vitest';
import { streamCommands } from '../../src/types/stream/commands/index.js';
import { CommandRunner } from '../support/command-runner.js';
import { runs } from '../support/runs.js';

const share = fc.double({ min: 0, max: 1.1, noNaN: true });
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('add' as const), count: fc.nat(600) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('delete' as const), shares: fc.array(share, { maxLength: 60 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('trim' as const),
      share,
      isById: fc.boolean(),
      isApproximate: fc.boolean(),
      limit: fc.option(fc.nat(2000), { nil: undefined }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restore' as const), isRestored: fc.boolean() }) },
);

interface Trim {
  share: number;
  isById: boolean;
  isApproximate: boolean;
  limit: number | undefined;
}

const NODE_ENTRIES = 7;
/** What `~` takes at most where no LIMIT is given, as in Redis: a hundred nodes. */
const DEFAULT_LIMIT = 100 * NODE_ENTRIES;

/** A stream beside the list of its ids. */
class World {
  readonly redis = new CommandRunner(streamCommands);
  private ids: number[] = [];
  private last = 0;

  constructor() {
    this.redis.engine.keyspace.limits.streamNodeMaxEntries = NODE_ENTRIES;
    this.redis.line('XGROUP CREATE s g 0 MKSTREAM');
  }

  add(count: number): void {
    for (; count > 0; count--) {
      this.ids.push(++this.last);
      this.redis.engineOnly(`XADD s ${this.last}-1 f ${this.last}`);
    }
  }

  delete(shares: readonly number[]): void {
    for (const one of shares) {
      const [id] = this.ids.splice(Math.floor(one * this.ids.length), 1);
      if (id !== undefined) expect(this.redis.engineOnly(`XDEL s ${id}-1`)).toBe(':1\r\n');
    }
  }

  trim({ share: part, isById, isApproximate, limit }: Trim): void {
    const excess = Math.min(Math.floor(part * this.ids.length), this.ids.length);
    const threshold = isById ? `MINID ~ ${this.ids[excess] ?? this.last + 1}` : `MAXLEN ~ ${this.ids.length - excess}`;
    const words = isApproximate ? threshold : threshold.replace('~', '=');
    const bound = isApproximate && limit !== undefined ? ` LIMIT ${limit}` : '';
    const removed = Number(this.redis.line(`XTRIM s ${words}${bound}`).slice(1));
    const effective = limit ?? DEFAULT_LIMIT;
    const most = isApproximate && effective > 0 ? Math.min(excess, effective) : excess;
    expect(removed).toBeLessThanOrEqual(most);
    // A node less than all at most, of those that may go.
    expect(removed).toBeGreaterThan(isApproximate ? most - NODE_ENTRIES : most - 1);
    this.ids.splice(0, removed);
  }

  contents(): string[] {
    return this.redis.engineOnly('XRANGE s - +').match(/\d+(?=-1\r)/g) ?? [];
  }

  restore(isRestored: boolean): void {
    const { keyspace } = this.redis.engine;
    const snapshot = keyspace.snapshot();
    const before = this.contents();
    this.redis.line('XTRIM s MAXLEN 1');
    if (this.ids.length > 1) this.redis.line(`XDEL s ${this.ids[0]}-1`);
    this.add(20);
    if (isRestored) {
      this.ids = before.map(Number);
      keyspace.restore(snapshot);
    } else this.ids = this.contents().map(Number);
    snapshot.close();
  }

  check(): void {
    const { keyspace } = this.redis.engine;
    expect(this.contents()).toEqual(this.ids.map(String));
    expect(this.redis.line('XLEN s')).toBe(`:${this.ids.length}\r\n`);
    while (keyspace.reclaimer.isBusy) {
      keyspace.reclaimer.step(50);
      keyspace.checkIntegrity();
    }
  }
}

test('trimming takes what a list says, in whole nodes or exactly, and leaves snapshots alone', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const world = new World();
      for (const each of [{ do: 'add' as const, count: 500 }, ...steps]) {
        if (each.do === 'add') world.add(each.count);
        else if (each.do === 'delete') world.delete(each.shares);
        else if (each.do === 'trim') world.trim(each);
        else world.restore(each.isRestored);
        world.check();
      }
    }),
    {
      numRuns: runs(10),
      // More than a hundred nodes, without LIMIT.
      examples: [
        [
          [
            { do: 'add', count: 300 },
            { do: 'trim', share: 1, isById: false, isApproximate: true, limit: undefined },
          ],
        ],
      ],
    },
  );
});

test('many nodes go to the reclaimer, few are freed at once', () => {
  const world = new World();
  const { keyspace } = world.redis.engine;
  world.add(10_000);
  world.redis.line('XTRIM s MAXLEN 9950');
  expect(keyspace.reclaimer.isBusy).toBe(false);
  const before = keyspace.arena.usedBytes;
  world.redis.line('XTRIM s MAXLEN 500');
  expect(keyspace.reclaimer.isBusy).toBe(true);
  while (keyspace.reclaimer.isBusy) keyspace.reclaimer.step(100);
  keyspace.checkIntegrity();
  expect(keyspace.arena.usedBytes).toBeLessThan(before / 8);
});
