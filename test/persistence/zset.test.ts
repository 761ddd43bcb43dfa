/** Sorted sets cross over to a real redis-server and back, as payloads of DUMP and as files. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Slice } from '../../src/memory/slice.js';
import { openZSet } from '../../src/types/zset/value.js';
import { describeWithOracle } from '../support/oracle.js';
import { payloadOf } from '../support/payload.js';
import type { RawClient } from '../support/raw-client.js';
import { type CrossingPair, startCrossingPair } from './crossing-pair.js';
import { fileOf, load } from './keyspace-helper.js';

type Pairs = (string | number)[];

const members = (count: number, step: number): Pairs =>
  Array.from({ length: count }, (_, i) => [((i * step) % 1000) / 4, `member:${i}`]).flat();

/** Quarters, which 7.0 prints as 7.4 does. */
const VALUES: Record<string, Pairs> = {
  one: [1, 'a'],
  numbers: [1, '1', -1, '-1', 2 ** 40, '4294967296', -32_769, '007', 0, '-0', 5, ''],
  'limits and halves': ['inf', 'p', '-inf', 'm', 0.5, 'h', -0.25, 'q', 1e15, 'l', -0, 'z'],
  'a full listpack': members(128, 7),
  'one member more': members(129, 7),
  'a long member': [1, 'a', 2, 'b'.repeat(65), 3, 'c'],
  'a very long member': [1, 'a', 2, 'b'.repeat(100_000), 3, 'c'],
  'a large run': members(400, 13),
  'a small table': members(401, 13),
  many: members(20_000, 37),
};

describeWithOracle('sorted sets and redis-server', () => {
  let pair: CrossingPair;
  let there: RawClient;
  let here: RawClient;

  beforeAll(async () => {
    pair = await startCrossingPair();
    ({ there, here } = pair);
  });

  afterAll(() => pair?.stop());

  const fill = async (client: RawClient): Promise<void> => {
    await client.call('FLUSHALL');
    for (const [key, pairs] of Object.entries(VALUES)) {
      for (let at = 0; at < pairs.length; at += 2000) await client.call('ZADD', key, ...pairs.slice(at, at + 2000));
    }
  };

  const contents = async (client: RawClient): Promise<string[]> => {
    const replies = await client.pipeline(
      Object.keys(VALUES).flatMap((key) => [
        ['ZRANGE', key, 0, -1, 'WITHSCORES'],
        ['OBJECT', 'ENCODING', key],
        ['ZRANK', key, 'a'],
        ['ZCOUNT', key, 10, 100],
      ]),
    );
    return replies.map((reply) => reply.toString('latin1'));
  };

  const cross = async (from: RawClient, to: RawClient): Promise<void> => {
    await fill(from);
    await to.call('FLUSHALL');
    for (const key of Object.keys(VALUES)) {
      const payload = bulkOf(await from.call('DUMP', key));
      expect((await to.call('RESTORE', key, 0, payload)).toString(), key).toBe('+OK\r\n');
    }
    expect(await contents(to)).toEqual(await contents(from));
  };

  test('ours are restored there', () => cross(here, there));

  test('theirs are restored here', () => cross(there, here));

  test('our payloads are theirs, where scores are whole', async () => {
    for (const pairs of [[1, 'a', 200, 'b', -5, '17'], members(300, 8).map((part) => (+part ? +part * 4 : part))]) {
      for (const client of [here, there]) {
        await client.call('DEL', 'k');
        await client.call('ZADD', 'k', ...pairs);
      }
      const [ours, theirs] = [await here.call('DUMP', 'k'), await there.call('DUMP', 'k')];
      expect(ours.toString('hex')).toBe(theirs.toString('hex'));
    }
  });

  test('their files load here, and what is loaded is saved for them', async () => {
    await fill(there);
    const before = await contents(there);
    expect((await there.call('SAVE')).toString()).toBe('+OK\r\n');
    const file = join(pair.oracle.directory, 'dump.rdb');
    for (const piece of [1_000_000, 5000]) {
      const keyspace = load(readFileSync(file), piece);
      keyspace.checkIntegrity();
      const db = keyspace.databases[0]!;
      expect(openZSet(db, db.peek(Slice.of('many'))).length).toBe(20_000);
      await there.call('FLUSHALL');
      writeFileSync(file, fileOf(keyspace));
      expect((await there.call('DEBUG', 'RELOAD', 'NOSAVE')).toString()).toBe('+OK\r\n');
      expect(await contents(there)).toEqual(before);
    }
  });

  test('the forms of older versions are restored here', async () => {
    const text = (value: string) => [value.length, ...Buffer.from(value)];
    const ziplist = [21, 0, 0, 0, 18, 0, 0, 0, 4, 0, 0, 1, 97, 3, 0xf3, 2, 1, 98, 3, 0xf4, 0xff];
    const listpack = [17, 0, 0, 0, 4, 0, 0x81, 97, 2, 2, 1, 0x81, 98, 2, 3, 1, 0xff];
    const bodies = [
      [3, 2, ...text('b'), ...text('3'), ...text('a'), ...text('2')],
      [3, 2, ...text('b'), 254, ...text('a'), 255],
      [12, ziplist.length, ...ziplist],
      [17, listpack.length, ...listpack],
    ];
    for (const body of bodies) {
      const replies: string[] = [];
      for (const client of [there, here]) {
        const payload = payloadOf(Buffer.from(body), 9);
        expect((await client.call('RESTORE', 'k', 0, payload, 'REPLACE')).toString(), String(body)).toBe('+OK\r\n');
        replies.push((await client.call('ZRANGE', 'k', 0, -1, 'WITHSCORES')).toString());
      }
      expect(replies[1]).toBe(replies[0]);
    }
  });

  test.each([
    ['a member twice', [5, 2, 1, 97, 0, 0, 0, 0, 0, 0, 0, 0, 1, 97, 0, 0, 0, 0, 0, 0, 0, 0]],
    ['a score that is no number', [5, 1, 1, 97, 0, 0, 0, 0, 0, 0, 0xf8, 0x7f]],
    ['a text for a score', [3, 1, 1, 97, 2, 97, 98]],
    ['no members', [5, 0]],
    ['fewer members than it says', [5, 2, 1, 97, 0, 0, 0, 0, 0, 0, 0, 0]],
    ['an odd listpack', [17, 9, 9, 0, 0, 0, 1, 0, 1, 1, 0xff]],
    ['an empty listpack', [17, 7, 7, 0, 0, 0, 0, 0, 0xff]],
  ])('a payload with %s is refused, and leaves the key as it is', async (_, body) => {
    await here.call('SET', 'k', 'precious');
    const reply = (await here.call('RESTORE', 'k', 0, payloadOf(Buffer.from(body)), 'REPLACE')).toString();
    expect(reply).toBe('-ERR Bad data format\r\n');
    expect((await here.call('GET', 'k')).toString()).toBe('$8\r\nprecious\r\n');
  });
});

/** The content of a bulk string's reply. */
function bulkOf(reply: Buffer): Buffer {
  return reply.subarray(reply.indexOf('\n') + 1, -2);
}
