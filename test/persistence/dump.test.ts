/**
 * Values cross over to a real redis-server and back by DUMP and RESTORE, and what files tell of the use of keys with
 * them.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Slice } from '../../src/memory/slice.js';
import { describeWithOracle } from '../support/oracle.js';
import { payloadOf } from '../support/payload.js';
import type { Argument, RawClient } from '../support/raw-client.js';
import { elementsOf, textOf } from '../support/reply-text.js';
import { type CrossingPair, startCrossingPair } from './crossing-pair.js';
import { fileOf, loadInto, newKeyspace, putList, putString } from './keyspace-helper.js';

/** Bytes that do not compress. */
const noise = (length: number, seed = 1): Buffer => {
  const words = new Int32Array((length + 3) >> 2);
  for (let at = 0; at < words.length; at++) words[at] = seed = Math.imul(seed ^ at, 0x9e3779b1) ^ (seed >>> 15);
  return Buffer.from(words.buffer, 0, length);
};

const NUMBERS = [
  '0',
  '1',
  '-1',
  '127',
  '128',
  '-129',
  '4095',
  '-4097',
  '32768',
  '8388608',
  '-8388609',
  '2147483648',
].concat(['9007199254740993', '9223372036854775807', '-9223372036854775808', '9223372036854775808', '-0', '007', '']);

const VALUES: (Argument | Argument[])[] = [
  ...NUMBERS,
  ...[1, 20, 21, 63, 64, 300, 16_383, 16_384, 65_536, 65_537, 300_000, 1_100_000].flatMap((length) => [
    Buffer.alloc(length, 'again and '),
    noise(length),
  ]),
  NUMBERS,
  [62, 63, 64, 126, 127, 128, 4095, 4096].map((length) => noise(length)),
  Array.from({ length: 5000 }, (_, index) => `element ${index}`),
  ['a', noise(9000), 'b', noise(20_000), 'c', noise(100_000), 'd'],
  [Buffer.alloc(50_000, 'xy'), noise(50_000, 2), Buffer.alloc(200_000, 'z')],
];

const LISTS = VALUES.filter((value) => Array.isArray(value));

describeWithOracle('values and redis-server', () => {
  let pair: CrossingPair;
  let there: RawClient;
  let here: RawClient;

  beforeAll(async () => {
    pair = await startCrossingPair();
    ({ there, here } = pair);
  });

  beforeEach(async () => {
    await there.call('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
    await here.call('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
    await there.call('FLUSHALL');
    await here.call('FLUSHALL');
  });

  afterAll(() => pair?.stop());

  const put = (client: RawClient, value: Argument | Argument[]) =>
    Array.isArray(value) ? client.call('RPUSH', 'from', ...value) : client.call('SET', 'from', value);

  /** Takes every value from one side to the other and compares what both say of it. */
  const cross = async (from: RawClient, to: RawClient, values = VALUES): Promise<void> => {
    for (const value of values) {
      await from.call('DEL', 'from');
      await put(from, value);
      const payload = bulkOf(await from.call('DUMP', 'from'));
      expect((await to.call('RESTORE', 'to', 0, payload, 'REPLACE')).toString()).toBe('+OK\r\n');
      const read = (key: string) => (Array.isArray(value) ? ['LRANGE', key, 0, -1] : ['GET', key]);
      const [sent, received] = [await from.call(...read('from')), await to.call(...read('to'))];
      if (!sent.equals(received)) {
        expect.unreachable(`${String(value).slice(0, 60)} arrived as ${received.subarray(0, 60).toString('latin1')}`);
      }
    }
  };

  test('ours are restored there', () => cross(here, there));

  test('theirs are restored here', () => cross(there, here));

  test('theirs with list nodes of every size and kind are restored here', async () => {
    for (const size of [-1, -3, -5, 3, 10_000]) {
      await there.call('CONFIG', 'SET', 'list-max-listpack-size', size);
      await cross(there, here, LISTS);
    }
    await there.call('CONFIG', 'SET', 'list-compress-depth', 1);
    await there.call('DEBUG', 'QUICKLIST-PACKED-THRESHOLD', '1kb');
    await cross(there, here, LISTS);
    await there.call('DEBUG', 'QUICKLIST-PACKED-THRESHOLD', '0');
    await there.call('CONFIG', 'SET', 'list-compress-depth', 0, 'list-max-listpack-size', -2);
  });

  test('lists in the forms of older versions are restored here', async () => {
    const ziplist = Buffer.from([21, 0, 0, 0, 17, 0, 0, 0, 3, 0, 0, 3, 97, 98, 99, 5, 0xf3, 2, 1, 120, 0xff]);
    for (const body of [
      Buffer.from([1, 3, 3, 97, 98, 99, 1, 50, 1, 120]),
      Buffer.concat([Buffer.from([10, ziplist.length]), ziplist]),
      Buffer.concat([Buffer.from([14, 1, ziplist.length]), ziplist]),
    ]) {
      for (const client of [there, here]) {
        expect((await client.call('RESTORE', 'l', 0, payloadOf(body, 9), 'REPLACE')).toString()).toBe('+OK\r\n');
        const elements = elementsOf(await client.call('LRANGE', 'l', 0, -1))!;
        expect(elements.map((element) => bulkOf(element).toString())).toEqual(['abc', '2', 'x']);
      }
    }
  });

  test('what their files tell of the use of keys is known here', async () => {
    await there.call('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
    const payload = payloadOf(Buffer.from('\0\x01v'));
    await there.call('RESTORE', 'idle', 0, payload, 'IDLETIME', 100_000);
    await there.call('SAVE');
    const idle = newKeyspace();
    loadInto(idle, readFileSync(join(pair.oracle.directory, 'dump.rdb')), 100);
    expect(idle.databases[0]!.idleSeconds(idle.databases[0]!.dict.find(Slice.of('idle')))).toBeGreaterThanOrEqual(
      100_000,
    );
    await there.call('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lfu');
    await there.call('RESTORE', 'often', 0, payload, 'FREQ', 200);
    await there.call('SAVE');
    const often = newKeyspace();
    often.eviction.policy = 'volatile-lfu';
    loadInto(often, readFileSync(join(pair.oracle.directory, 'dump.rdb')), 100);
    expect(often.databases[0]!.frequencyOf(often.databases[0]!.dict.find(Slice.of('often')))).toBe(200);
  });

  test('what our files tell of it is known there', async () => {
    const keyspace = newKeyspace();
    putString(keyspace, 0, 'k', 'v');
    const db = keyspace.databases[0]!;
    db.setUse(db.at(0), 5000, -1);
    await there.call('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
    await loadThere(fileOf(keyspace, { use: 'idle time' }));
    expect(Number(textOf(await there.call('OBJECT', 'IDLETIME', 'k')))).toBeGreaterThanOrEqual(5000);
    expect(Number(textOf(await there.call('OBJECT', 'IDLETIME', 'k')))).toBeLessThan(5100);
    keyspace.eviction.policy = 'allkeys-lfu';
    db.setUse(db.at(0), -1, 77);
    await there.call('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lfu');
    await loadThere(fileOf(keyspace, { use: 'frequency' }));
    expect(textOf(await there.call('OBJECT', 'FREQ', 'k'))).toBe('77');
  });

  const loadThere = async (file: Buffer): Promise<void> => {
    writeFileSync(join(pair.oracle.directory, 'dump.rdb'), file);
    expect((await there.call('DEBUG', 'RELOAD', 'NOSAVE')).toString()).toBe('+OK\r\n');
  };
});

describe('what files tell of the use of keys', () => {
  test('comes back with the keys, and is not told where nobody asks', () => {
    const keyspace = newKeyspace();
    const db = keyspace.databases[0]!;
    putString(keyspace, 0, 'string', 'v', 4_000_000_000_000);
    putString(keyspace, 0, 'long', noise(200_000));
    putList(keyspace, 0, 'list', ['a', 'b']);
    for (let at = 0; at < db.size; at++) db.setUse(db.at(at), 1000 * (at + 1), -1);
    const idle = (file: Buffer) => {
      const loaded = newKeyspace();
      loadInto(loaded, file, 70_000);
      const database = loaded.databases[0]!;
      return ['string', 'long', 'list'].map((key) => database.idleSeconds(database.dict.find(Slice.of(key))));
    };
    expect(idle(fileOf(keyspace, { use: 'idle time' }))).toEqual([1000, 2000, 3000]);
    expect(idle(fileOf(keyspace))).toEqual([0, 0, 0]);
    keyspace.eviction.policy = 'allkeys-lfu';
    for (let at = 0; at < db.size; at++) db.setUse(db.at(at), -1, 10 * (at + 1));
    const loaded = newKeyspace();
    loaded.eviction.policy = 'volatile-lfu';
    loadInto(loaded, fileOf(keyspace, { use: 'frequency' }), 1000);
    const database = loaded.databases[0]!;
    const counts = ['string', 'long', 'list'].map((key) => database.frequencyOf(database.dict.find(Slice.of(key))));
    expect(counts).toEqual([10, 20, 30]);
  });
});

function bulkOf(reply: Buffer): Buffer {
  const end = reply.indexOf('\r\n');
  return reply.subarray(end + 2, -2);
}
