import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/engine/random.js';
import type { Database } from '../../../src/keyspace/database.js';
import { Keyspace, type KeyspaceSnapshot } from '../../../src/keyspace/keyspace.js';
import { KEEP_DEADLINE, NO_DEADLINE } from '../../../src/keyspace/types.js';
import { inlineRoom } from '../../../src/memory/entry-layout.js';
import { Slice } from '../../../src/memory/slice.js';
import { ReplyWriter } from '../../../src/protocol/reply-writer.js';
import { dataTypes } from '../../../src/types/index.js';
import {
  StringKind,
  setInteger,
  setString,
  stringBytes,
  stringLength,
  writeString,
  writeStringRange,
  writeWholeString,
} from '../../../src/types/string/value.js';
import { runs } from '../../support/runs.js';

const FUTURE = 2_000_000_000_000;

// One key each side of every border: short, at the border of the varint, long, longer than an entry takes.
const KEYS = ['k', 'k'.repeat(127), 'k'.repeat(128), 'k'.repeat(16_384), 'k'.repeat(16_385)];
const ROOM = KEYS.map((key) => inlineRoom(key.length));

const newKeyspace = () =>
  new Keyspace({
    types: dataTypes,
    clock: { now: () => 1_000_000_000_000 },
    random: new SeededRandom([1, 2, 3, 4]),
    databases: 1,
  });

const keys = fc.nat(KEYS.length - 1);
const lengths = fc.oneof(
  { weight: 3, arbitrary: fc.nat(200) },
  { weight: 1, arbitrary: fc.constantFrom(127, 128, ...ROOM, ...ROOM.map((room) => room + 1), 65_536, 65_537) },
  { weight: 1, arbitrary: fc.nat(150_000) },
);
const bytes = fc.tuple(lengths, fc.integer({ min: 1, max: 255 })).map(([length, seed]) => {
  const content = Buffer.alloc(length);
  for (let i = 0; i < length; i++) content[i] = seed + (i >>> 3) * 7 + i;
  return content;
});
const deadlines = fc.constantFrom(NO_DEADLINE, KEEP_DEADLINE, FUTURE, FUTURE + 1);

type Step =
  | { name: 'set'; key: number; content: Buffer; deadline: number }
  | { name: 'write'; key: number; position: number; content: Buffer }
  | { name: 'append'; key: number; content: Buffer }
  | { name: 'integer'; key: number; value: number | bigint }
  | { name: 'persist' | 'expire' | 'delete' | 'copy'; key: number }
  | { name: 'openSnapshot' | 'closeSnapshot' | 'restore' };

const named = <T extends string>(...names: T[]) => fc.constantFrom(...names);
const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ name: named('set'), key: keys, content: bytes, deadline: deadlines }) },
  { weight: 3, arbitrary: fc.record({ name: named('write'), key: keys, position: lengths, content: bytes }) },
  { weight: 4, arbitrary: fc.record({ name: named('append'), key: keys, content: bytes }) },
  {
    weight: 2,
    arbitrary: fc.record({
      name: named('integer'),
      key: keys,
      value: fc.oneof(fc.maxSafeInteger(), fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n)),
    }),
  },
  { weight: 3, arbitrary: fc.record({ name: named('persist', 'expire', 'delete', 'copy'), key: keys }) },
  { weight: 3, arbitrary: fc.record({ name: named('openSnapshot', 'closeSnapshot', 'restore') }) },
);

interface ModelValue {
  content: Buffer;
  deadline: number;
}
type Model = Map<string, ModelValue>;

function apply(db: Database, model: Model, step: Step & { key: number }): void {
  const name = KEYS[step.key];
  const key = Slice.of(name);
  const ref = db.lookupForWrite(key);
  const old = model.get(name);
  switch (step.name) {
    case 'set':
      setString(db, key, ref, Slice.of(step.content), step.deadline);
      model.set(name, {
        content: step.content,
        deadline: step.deadline === KEEP_DEADLINE ? (old?.deadline ?? NO_DEADLINE) : step.deadline,
      });
      break;
    case 'write':
    case 'append': {
      const position = step.name === 'write' ? step.position : (old?.content.length ?? 0);
      const length = writeString(db, key, ref, position, Slice.of(step.content));
      const content = Buffer.alloc(Math.max(old?.content.length ?? 0, position + step.content.length));
      old?.content.copy(content);
      step.content.copy(content, position);
      expect(length).toBe(content.length);
      model.set(name, { content, deadline: old?.deadline ?? NO_DEADLINE });
      break;
    }
    case 'integer': {
      // Counters only meet values that are integers, and those are short.
      if (old !== undefined && old.content.length > 100) break;
      setInteger(db, key, ref, step.value);
      model.set(name, { content: Buffer.from(String(step.value)), deadline: old?.deadline ?? NO_DEADLINE });
      break;
    }
    case 'expire':
    case 'persist':
      if (old === undefined) break;
      old.deadline = step.name === 'expire' ? FUTURE + 2 : NO_DEADLINE;
      if (step.name === 'expire') db.setDeadline(ref, old.deadline);
      else db.clearDeadline(ref);
      break;
    case 'copy': {
      if (old === undefined) break;
      const target = KEYS[(step.key + 1) % KEYS.length];
      db.copy(ref, Slice.of(target), db, db.lookupForWrite(Slice.of(target)));
      model.set(target, { ...old });
      break;
    }
    case 'delete':
      if (old === undefined) break;
      db.delete(ref);
      model.delete(name);
      break;
  }
}

function check(db: Database, model: Model): void {
  expect(db.size).toBe(model.size);
  for (const [name, { content, deadline }] of model) {
    const ref = db.peek(Slice.of(name));
    expect(ref).not.toBe(0);
    expect(stringLength(db, ref)).toBe(content.length);
    expect(stringBytes(db, ref).equals(content)).toBe(true);
    expect(db.deadlineOf(ref)).toBe(deadline);
  }
}

const copyOf = (model: Model): Model => new Map([...model].map(([key, value]) => [key, { ...value }]));

describe('strings in a database', () => {
  it('agree with Buffers through growth, deadlines, copies, snapshots and restores', () => {
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 40 }), (list) => {
        const keyspace = newKeyspace();
        const [db] = keyspace.databases;
        let model: Model = new Map();
        const snapshots: { taken: KeyspaceSnapshot; model: Model }[] = [];
        for (const step of list) {
          if (step.name === 'openSnapshot') {
            snapshots.push({ taken: keyspace.snapshot(), model: copyOf(model) });
          } else if (step.name === 'closeSnapshot') {
            snapshots.shift()?.taken.close();
          } else if (step.name === 'restore') {
            const snapshot = snapshots.at(-1);
            if (snapshot === undefined) continue;
            keyspace.restore(snapshot.taken);
            model = copyOf(snapshot.model);
          } else {
            apply(db, model, step as Step & { key: number });
          }
          keyspace.checkIntegrity();
          check(db, model);
          for (const snapshot of snapshots) check(snapshot.taken.databases[0], snapshot.model);
        }
      }),
      { numRuns: runs(50) },
    );
  });

  it('are ropes as soon as they do not fit an entry, whatever the length of the key', () => {
    const [db] = newKeyspace().databases;
    KEYS.forEach((name, index) => {
      const key = Slice.of(name);
      const fits = setString(db, key, db.lookupForWrite(key), Slice.of(Buffer.alloc(ROOM[index])));
      expect(db.kindOf(fits)).toBe(StringKind.RAW);
      writeString(db, key, fits, 0, Slice.of('x'));
      expect(db.kindOf(db.lookupForWrite(key))).toBe(StringKind.RAW);
      writeString(db, key, db.lookupForWrite(key), ROOM[index], Slice.of('x'));
      expect(db.kindOf(db.lookupForWrite(key))).toBe(StringKind.ROPE);
      // An entry that is full to the last byte has room for a deadline all the same.
      const shrunk = setString(db, key, db.lookupForWrite(key), Slice.of(Buffer.alloc(ROOM[index])));
      expect(db.deadlineOf(db.setDeadline(shrunk, FUTURE))).toBe(FUTURE);
    });
  });

  it('are replied whole and in parts', () => {
    const [db] = newKeyspace().databases;
    const reply = new ReplyWriter();
    fc.assert(
      fc.property(keys, bytes, fc.nat(), fc.nat(), (index, content, a, b) => {
        const key = Slice.of(KEYS[index]);
        const ref = setString(db, key, db.lookupForWrite(key), Slice.of(content));
        const from = a % (content.length + 1);
        const to = from + (b % (content.length - from + 1));
        writeWholeString(reply, db, ref);
        writeStringRange(reply, db, ref, from, to);
        const part = content.subarray(from, to);
        const frames = [`$${content.length}\r\n`, content, `\r\n$${part.length}\r\n`, part, '\r\n'];
        expect(reply.take(0).equals(Buffer.concat(frames.map((frame) => Buffer.from(frame))))).toBe(true);
        reply.clear();
        db.arena.settle();
      }),
    );
  });
});
