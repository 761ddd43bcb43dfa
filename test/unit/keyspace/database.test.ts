import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/engine/random.js';
import type { Database } from '../../../src/keyspace/database.js';
import { Keyspace, type KeyspaceSnapshot } from '../../../src/keyspace/keyspace.js';
import { KEEP_DEADLINE, NO_DEADLINE } from '../../../src/keyspace/types.js';
import { copySlice, Slice } from '../../../src/memory/slice.js';
import { dataTypes } from '../../../src/types/index.js';
import { StringKind } from '../../../src/types/string/value.js';
import { runs } from '../../support/runs.js';

const NOW = 1_000_000;

/** What the keyspace should hold: per database, value and deadline by key. */
type Model = Map<string, { value: string; deadline: number }>[];

function newKeyspace(): { keyspace: Keyspace; clock: { nowMs: number; now(): number } } {
  const clock = {
    nowMs: NOW,
    now() {
      return this.nowMs;
    },
  };
  return {
    keyspace: new Keyspace({ types: dataTypes, clock, random: new SeededRandom([1, 2, 3, 4]), databases: 3 }),
    clock,
  };
}

function set(db: Database, key: string, value: string, deadline: number): void {
  const slice = Slice.of(key);
  const content = Slice.of(value);
  const ref = db.overwrite(slice, db.lookupForWrite(slice), StringKind.RAW, content.length, deadline);
  const target = db.valueOf(ref, new Slice());
  copySlice(content, target.bytes, target.view, target.start);
}

function contents(db: Database): Map<string, { value: string; deadline: number }> {
  const found: Model[number] = new Map();
  for (let position = 0; position < db.size; position++) {
    const ref = db.at(position);
    if (db.isDue(ref)) continue;
    found.set(db.keyOf(ref, new Slice()).toString(), {
      value: db.valueOf(ref, new Slice()).toString(),
      deadline: db.deadlineOf(ref),
    });
  }
  return found;
}

function compare(databases: readonly Database[], model: Model, now: number): void {
  model.forEach((expected, index) => {
    const alive = new Map([...expected].filter(([, { deadline }]) => deadline === NO_DEADLINE || deadline > now));
    expect(contents(databases[index])).toEqual(alive);
  });
}

const key = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: 0, max: 30 }).map((n) => `key:${n}`) },
  { weight: 1, arbitrary: fc.constantFrom('', 'x'.repeat(200), 'long'.repeat(5000)) },
);
const value = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.integer({ min: 0, max: 12000 }).map((n) => 'v'.repeat(n)),
);
const index = fc.integer({ min: 0, max: 2 });
const step = fc.oneof(
  fc.record({
    do: fc.constant('set' as const),
    db: index,
    key,
    value,
    ttl: fc.option(fc.integer({ min: 1, max: 50 })),
  }),
  fc.record({ do: fc.constant('keep' as const), db: index, key, value }),
  fc.record({ do: fc.constant('delete' as const), db: index, key }),
  fc.record({ do: fc.constant('expire' as const), db: index, key, ttl: fc.integer({ min: 1, max: 50 }) }),
  fc.record({ do: fc.constant('persist' as const), db: index, key }),
  fc.record({ do: fc.constant('rename' as const), db: index, key, to: key, other: index }),
  fc.record({ do: fc.constant('copy' as const), db: index, key, to: key, other: index }),
  fc.record({ do: fc.constant('advance' as const), ms: fc.integer({ min: 1, max: 20 }) }),
  fc.record({ do: fc.constant('flush' as const), db: index }),
  fc.record({ do: fc.constant('swap' as const), db: index, other: index }),
  fc.record({ do: fc.constant('snapshot' as const) }),
  fc.record({ do: fc.constant('restore' as const) }),
  fc.record({ do: fc.constant('close' as const) }),
  fc.record({ do: fc.constant('compact' as const) }),
);

describe('Database', () => {
  it('holds what a plain model holds, through expiry, snapshots, restores and compaction', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const { keyspace, clock } = newKeyspace();
        let model: Model = [new Map(), new Map(), new Map()];
        const open: { snapshot: KeyspaceSnapshot; model: Model; now: number }[] = [];
        for (const action of steps) {
          keyspace.beginCommand();
          run(keyspace, clock, model, action);
          if (action.do === 'snapshot') {
            open.push({ snapshot: keyspace.snapshot(), model: model.map((db) => new Map(db)), now: clock.nowMs });
          } else if (action.do === 'restore' && open.length > 0) {
            keyspace.restore(open[0].snapshot);
            model = open[0].model.map((db) => new Map(db));
          } else if (action.do === 'close') {
            open.shift()?.snapshot.close();
          }
          keyspace.checkIntegrity();
          compare(keyspace.databases, model, clock.nowMs);
        }
        for (const { snapshot, model: then } of open) {
          compare(snapshot.databases, then, clock.nowMs);
          snapshot.close();
        }
        keyspace.flushAll();
        keyspace.checkIntegrity();
        expect(keyspace.arena.stats.pageBytes).toBe(0);
      }),
      { numRuns: runs(30) },
    );
  });

  it('announces each key that falls due once, in order of the deadlines', () => {
    const { keyspace, clock } = newKeyspace();
    const gone: string[] = [];
    keyspace.onRemoved = (_, removed) => gone.push(removed.toString());
    for (let i = 0; i < 100; i++) set(keyspace.databases[i % 3], `key:${i}`, 'x', NOW + 100 - i);
    clock.nowMs = NOW + 50;
    expect(keyspace.expireDue(10)).toBe(10);
    while (keyspace.expireDue(1000) > 0);
    expect(gone.length).toBe(50);
    expect(keyspace.databases.reduce((sum, db) => sum + db.size, 0)).toBe(50);
    expect(keyspace.nextDeadline()).toBe(NOW + 51);
  });

  it('gives the memory of deleted keys back to the system', () => {
    const KEYS = 100_000;
    const { keyspace } = newKeyspace();
    const db = keyspace.databases[0];
    for (let i = 0; i < KEYS; i++) set(db, `key:${i}`, 'v'.repeat(i % 300), i % 7 === 0 ? NOW + 1e9 : NO_DEADLINE);
    keyspace.arena.settle();
    const full = keyspace.arena.stats;
    for (let i = 0; i < KEYS; i++) {
      if (i % 10 !== 3) db.delete(db.lookupForWrite(Slice.of(`key:${i}`)));
      keyspace.arena.settle();
    }
    for (let rounds = 0; keyspace.compactor.step(1000) && rounds < 100_000; rounds++);
    keyspace.checkIntegrity();
    const { usedBytes, pageBytes, heldBytes } = keyspace.arena.stats;
    expect(usedBytes).toBeLessThan(full.usedBytes * 0.15);
    expect(pageBytes).toBeLessThan(usedBytes * 1.3 + 2e6);
    expect(heldBytes).toBeLessThan(pageBytes + 9 * 1024 * 1024);
    for (let i = 3; i < KEYS; i += 10) if (db.peek(Slice.of(`key:${i}`)) === 0) throw new Error(`key:${i} is gone`);
  });
});

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function run(keyspace: Keyspace, clock: { nowMs: number }, model: Model, action: Step): void {
  const alive = (db: number, name: string) => {
    const held = model[db].get(name);
    if (held !== undefined && held.deadline !== NO_DEADLINE && held.deadline <= clock.nowMs) model[db].delete(name);
    return model[db].get(name);
  };
  switch (action.do) {
    case 'set': {
      const deadline = action.ttl === null ? NO_DEADLINE : clock.nowMs + action.ttl;
      set(keyspace.databases[action.db], action.key, action.value, deadline);
      model[action.db].set(action.key, { value: action.value, deadline });
      break;
    }
    case 'keep': {
      const deadline = alive(action.db, action.key)?.deadline ?? NO_DEADLINE;
      set(keyspace.databases[action.db], action.key, action.value, KEEP_DEADLINE);
      model[action.db].set(action.key, { value: action.value, deadline });
      break;
    }
    case 'delete': {
      const db = keyspace.databases[action.db];
      const ref = db.lookupForWrite(Slice.of(action.key));
      expect(ref !== 0).toBe(alive(action.db, action.key) !== undefined);
      if (ref !== 0) db.delete(ref);
      model[action.db].delete(action.key);
      break;
    }
    case 'expire':
    case 'persist': {
      const db = keyspace.databases[action.db];
      const ref = db.lookupForWrite(Slice.of(action.key));
      const held = alive(action.db, action.key);
      if (held === undefined) break;
      const deadline = action.do === 'expire' ? clock.nowMs + action.ttl : NO_DEADLINE;
      if (action.do === 'expire') db.setDeadline(ref, deadline);
      else db.clearDeadline(ref);
      model[action.db].set(action.key, { ...held, deadline });
      break;
    }
    case 'rename':
    case 'copy': {
      const db = keyspace.databases[action.db];
      const other = keyspace.databases[action.other];
      const held = alive(action.db, action.key);
      const ref = db.lookupForWrite(Slice.of(action.key));
      if (held === undefined || (db === other && action.key === action.to)) break;
      const target = other.lookupForWrite(Slice.of(action.to));
      if (action.do === 'copy') {
        db.copy(ref, Slice.of(action.to), other, target);
      } else {
        db.rename(ref, Slice.of(action.to), other, target);
        model[action.db].delete(action.key);
      }
      model[action.other].set(action.to, held);
      break;
    }
    case 'advance':
      clock.nowMs += action.ms;
      if (action.ms % 2 === 0) keyspace.expireDue(3);
      break;
    case 'flush':
      keyspace.flush(keyspace.databases[action.db]);
      model[action.db].clear();
      break;
    case 'swap':
      keyspace.swap(action.db, action.other);
      [model[action.db], model[action.other]] = [model[action.other], model[action.db]];
      break;
    case 'compact':
      keyspace.reclaimer.step(5);
      keyspace.compactor.step(100);
      break;
  }
}
