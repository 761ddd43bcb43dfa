/** What every kind of every registered type must do. The walk goes over the registry, so no kind is left out. */

import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { digestOfValue } from '../../../src/commands/server/debug-digest.js';
import { SeededRandom } from '../../../src/engine/random.js';
import { dumpValue, readPayload, verifyPayload } from '../../../src/features/persistence/dump.js';
import { RdbLoader } from '../../../src/features/persistence/rdb-loader.js';
import { RdbWriter } from '../../../src/features/persistence/rdb-writer.js';
import type { Database } from '../../../src/keyspace/database.js';
import { Keyspace } from '../../../src/keyspace/keyspace.js';
import { PAGE_SIZE } from '../../../src/memory/arena.js';
import { Slice } from '../../../src/memory/slice.js';
import { registryOf, typeFolders } from '../../../src/types/index.js';
import { elementsOf } from '../../support/elements.js';
import { alarm } from './alarm/index.js';
import { SAMPLE_LIMITS, SAMPLES } from './samples.js';

const types = registryOf([...typeFolders, alarm]);
const kinds = types.all.flatMap((type) =>
  type.kinds.map((kind) => ({ name: `${type.name} ${kind.number}`, kind, type })),
);

const KEY = Slice.of('key');
const NOW = 1_000_000;
const EVACUATED_PAGES = 8;
const LEAST_VALUES = 24;
const MOST_VALUES = 4_000;

function newKeyspace(): Keyspace {
  const random = new SeededRandom([1, 2, 3, 4]);
  const keyspace = new Keyspace({ clock: { now: () => NOW }, random, databases: 3, types });
  Object.assign(keyspace.limits, SAMPLE_LIMITS);
  return keyspace;
}

describe.each(kinds)('$name', ({ kind, type }) => {
  const write = (db: Database, key: Slice, n = 1): number => {
    const sample = SAMPLES.get(kind.number);
    if (sample === undefined) throw new Error(`samples.ts has no value of kind ${kind.number}`);
    sample(db, key, n);
    db.arena.settle();
    const ref = db.peek(key);
    // expect() would take longer than thousands of small values.
    if (db.kindOf(ref) !== kind.number) throw new Error(`it was written as kind ${db.kindOf(ref)}`);
    return ref;
  };
  const contents = (db: Database, key = KEY) => elementsOf(types, db, db.peek(key));

  it('is copied: neither value knows of the other', () => {
    const keyspace = newKeyspace();
    const [db, other] = keyspace.databases;
    const ref = write(db, KEY);
    const before = contents(db);
    db.copy(ref, Slice.of('copy'), other, 0);
    keyspace.checkIntegrity();
    db.delete(db.peek(KEY));
    write(db, KEY, 2);
    expect(contents(other, Slice.of('copy'))).toEqual(before);
    other.copy(other.peek(Slice.of('copy')), KEY, db, db.peek(KEY));
    expect(contents(db)).toEqual(before);
    keyspace.checkIntegrity();
  });

  it('tells how many bytes it takes, exactly or by samples', () => {
    const keyspace = newKeyspace();
    const [db] = keyspace.databases;
    const ref = write(db, KEY);
    let bytes = 0;
    for (const block of db.blocksOf(ref)) bytes += db.arena.capacity(block);
    expect(db.blockBytesOf(ref, Number.POSITIVE_INFINITY)).toBe(bytes);
    // As many as MEMORY USAGE looks at, whatever it is told: one long member among thousands does not stand for many.
    const estimate = db.blockBytesOf(ref, 100);
    expect(Number.isInteger(estimate)).toBe(true);
    expect(Math.abs(estimate - bytes)).toBeLessThan(bytes / 2);
  });

  it('comes back from its payload', () => {
    const keyspace = newKeyspace();
    const [db] = keyspace.databases;
    const ref = write(db, KEY);
    const before = contents(db);
    const payload = Slice.of(Buffer.concat(dumpValue(types, db, ref)));
    verifyPayload(payload);
    const restored = readPayload(keyspace, payload, KEY, NOW + 5);
    keyspace.staging.rename(restored, KEY, db, ref);
    expect(contents(db)).toEqual(before);
    expect(db.deadlineOf(db.peek(KEY))).toBe(NOW + 5);
    keyspace.checkIntegrity();
  });

  it('comes back from a file that is written in slices and read in pieces', () => {
    const keyspace = newKeyspace();
    write(keyspace.databases[1], KEY);
    const snapshot = keyspace.snapshot();
    const writer = new RdbWriter(snapshot, { compression: true, checksum: true, aux: [] });
    const chunks: Buffer[] = [];
    for (let done = false; !done; ) {
      done = writer.run(1);
      for (let chunk = writer.take(); chunk !== undefined; chunk = writer.take()) chunks.push(Buffer.from(chunk));
    }
    snapshot.close();
    const file = Buffer.concat(chunks);
    expect(file.toString('latin1', 5, 9)).toBe(keyspace.databases[1].hasElementDeadlines ? '0012' : '0010');
    const loaded = newKeyspace();
    const loader = new RdbLoader(loaded, file.length, { checksum: true, nowMs: NOW, replace: false });
    for (let at = 0; at < file.length; at += 1000) loader.feed(file.subarray(at, at + 1000));
    loader.finish();
    expect(contents(loaded.databases[1])).toEqual(contents(keyspace.databases[1]));
    expect(loaded.databases[1].kindOf(loaded.databases[1].peek(KEY))).toBe(kind.number);
    loaded.checkIntegrity();
  });

  it('is renamed, within a database and into another, also onto a value of its kind', () => {
    const keyspace = newKeyspace();
    const [db, other] = keyspace.databases;
    write(db, KEY);
    const before = contents(db);
    const target = write(other, Slice.of('target'), 2);
    db.rename(db.peek(KEY), Slice.of('target'), other, target);
    expect(contents(other, Slice.of('target'))).toEqual(before);
    other.rename(other.peek(Slice.of('target')), Slice.of('k'.repeat(20_000)));
    expect(contents(other, Slice.of('k'.repeat(20_000)))).toEqual(before);
    expect(db.size + other.size).toBe(1);
    keyspace.checkIntegrity();
  });

  it('moves out of pages that are evacuated, in slices of budget 1', () => {
    const keyspace = newKeyspace();
    const [db] = keyspace.databases;
    const count = valuesToFillPages();
    const keys = Array.from({ length: count }, (_, i) => Slice.of(`key ${i}`));
    keys.forEach((key, i) => void write(db, key, i));
    for (let i = 0; i < count; i++) if (i % 4 !== 0) db.delete(db.peek(keys[i]));
    while (keyspace.reclaimer.step(1000));
    const kept = keys.filter((_, i) => i % 4 === 0);
    const before = kept.map((key) => contents(db, key));
    expect(db.arena.beginEvacuation()).toBeGreaterThan(0);
    let slices = 0;
    const progress = new Int32Array(4);
    for (let position = db.size - 1; position >= 0; position--) {
      progress.fill(0);
      while (!db.relocateAt(position, progress, { left: 1 })) {
        if (slices++ % 500 === 0) {
          db.arena.settle();
          db.arena.checkIntegrity(db.blocks());
        }
      }
    }
    db.arena.endEvacuation();
    keyspace.checkIntegrity();
    expect(kept.map((key) => contents(db, key))).toEqual(before);
  });

  /** How many values fill EVACUATED_PAGES: of small ones MOST_VALUES do. */
  function valuesToFillPages(): number {
    const [db] = newKeyspace().databases;
    const bytes = db.blockBytesOf(write(db, KEY), Number.POSITIVE_INFINITY);
    return Math.max(LEAST_VALUES, Math.min(MOST_VALUES, Math.ceil((EVACUATED_PAGES * PAGE_SIZE) / bytes)));
  }

  it('is freed in slices of budget 1, and a restored snapshot goes on with it', () => {
    const keyspace = newKeyspace();
    const [db, other] = keyspace.databases;
    const empty = db.arena.stats.usedBytes;
    write(other, KEY);
    write(other, Slice.of('second'), 2);
    write(db, KEY);
    keyspace.flush(other);
    db.delete(db.peek(KEY));
    db.arena.settle();
    const snapshot = keyspace.snapshot();
    for (let round = 0; round < 2; round++) {
      for (let slice = 0; keyspace.reclaimer.step(1); slice++) if (slice % 40 === 0) keyspace.checkIntegrity();
      keyspace.checkIntegrity();
      expect(db.arena.stats.usedBytes).toBe(empty);
      if (round === 0) keyspace.restore(snapshot);
    }
    snapshot.close();
  });

  it('stays in a snapshot as it was, whatever happens to the key', () => {
    const keyspace = newKeyspace();
    const [db] = keyspace.databases;
    write(db, KEY);
    const before = contents(db);
    const snapshot = keyspace.snapshot();
    db.setDeadline(db.peek(KEY), NOW + 1000);
    db.delete(db.peek(KEY));
    write(db, KEY, 2);
    keyspace.checkIntegrity();
    expect(contents(snapshot.databases[0])).toEqual(before);
    expect(contents(db)).not.toEqual(before);
    keyspace.restore(snapshot);
    expect(contents(db)).toEqual(before);
    keyspace.checkIntegrity();
    snapshot.close();
  });

  it('has a digest that tells its elements, and nothing else', () => {
    const [db] = newKeyspace().databases;
    const ref = write(db, KEY);
    const digest = digestOfValue(types, db, ref);
    const same = write(db, Slice.of('same'));
    expect(digestOfValue(types, db, same)).toEqual(digest);
    expect(digestOfValue(types, db, write(db, Slice.of('other'), 2))).not.toEqual(digest);
    expect(digest).toEqual(modelDigest(elementsOf(types, db, db.peek(KEY))));
  });

  function modelDigest(elements: readonly string[]): Buffer {
    const withLength = (element: string) => {
      const length = Buffer.alloc(8);
      length.writeDoubleLE(element.length);
      return Buffer.concat([length, Buffer.from(element, 'latin1')]);
    };
    const value = createHash('sha1').update(type.name);
    if (type.isOrdered) return value.update(Buffer.concat(elements.map(withLength))).digest();
    const sum = Buffer.alloc(20);
    for (let i = 0; i < elements.length; i += type.elementParts) {
      const parts = elements.slice(i, i + type.elementParts).map(withLength);
      const digest = createHash('sha1').update(Buffer.concat(parts)).digest();
      for (let at = 0; at < 20; at++) sum[at] ^= digest[at];
    }
    return value.update(sum).digest();
  }
});
