/** Hashes and sets cross over to a real redis-server and back, as payloads of DUMP and as files. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { agree, setEncoding } from '../support/compare.js';
import { describeWithOracle } from '../support/oracle.js';
import { payloadOf } from '../support/payload.js';
import { type Argument, type Command, encodeCommands, type RawClient } from '../support/raw-client.js';
import { elementsOf } from '../support/reply-text.js';
import { type CrossingPair, startCrossingPair } from './crossing-pair.js';
import { fileOf, load } from './keyspace-helper.js';

const range = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i);
const fields = (count: number, length = 8) =>
  range(0, count).flatMap((i): Argument[] => [`field ${i}`, `${i}`.padEnd(length, 'v')]);
const members = (count: number) => range(0, count).map((i) => `member ${i}`);
const BINARY = Buffer.from(range(0, 256));
const LIMITS = ['0', '-1', '127', '128', '-129', '4095', '4096', '32767', '-32769', '8388608', '2147483648']
  .concat(['-2147483649', '9007199254740993', '9223372036854775807', '-9223372036854775808'])
  .concat(['9223372036854775808', '-0', '007', '+1', '']);

const HASHES: Record<string, Argument[]> = {
  'hash of one field': ['a', '1'],
  'hash of limits': LIMITS.flatMap((text) => [text, text]),
  'hash of bytes': [BINARY, BINARY.subarray(1), '\r\n', '\0'],
  'hash that is a full listpack': fields(512),
  'hash of one field more': fields(513),
  'hash with a value of 64': ['a', 'v'.repeat(64)],
  'hash with a value of 65': ['a', 'v'.repeat(65), 'b', '2'],
  'hash with a field of 65': ['f'.repeat(65), '1', 'b', '2'],
  'hash of long values': ['a', 'v'.repeat(16_383), 'b', 'v'.repeat(16_384), 'c', 'xyz'.repeat(100_000), 'd', ''],
  'hash in a large run': fields(700, 10),
  // In one listpack each field is compared with all before it.
  'hash of many': fields(6_000),
};

const SETS: Record<string, Argument[]> = {
  'set of one': ['a'],
  'set of 16 bits': range(-20, 40),
  'set of 24 bits': [...range(-20, 40), 2 ** 23 - 1, -(2 ** 23)],
  'set of 24 bits and a string': [...range(2 ** 23 - 40, 40), 'a'],
  'set of 32 bits': [...range(-20, 40), 2 ** 31 - 1, -(2 ** 31)],
  'set of 64 bits': ['9223372036854775807', '-9223372036854775808', '0', '4294967296'],
  'set that is a full intset': range(0, 512),
  'set of one integer more': range(0, 513),
  'set of limits': LIMITS,
  'set of bytes': [BINARY, '\r\n', '\0', ''],
  'set of 128': members(128),
  'set of 129': members(129),
  'set with a member of 65': ['m'.repeat(65), 'a'],
  'set of long members': ['m'.repeat(16_383), 'm'.repeat(16_384), 'xyz'.repeat(100_000), 'a'],
  'set of many': members(8_000),
  'set of many integers': range(-10_000, 20_000),
};

const KEYS = [...Object.keys(HASHES), ...Object.keys(SETS)];
const FAR_OFF = 4_000_000_000_000;

const FILL: Command[] = [
  ['FLUSHALL'],
  ...[HASHES, SETS].flatMap((values, name) =>
    Object.entries(values).flatMap(([key, parts]): Command[] => [
      ...range(0, Math.ceil(parts.length / 2000)).map(
        (nth): Command => [name === 0 ? 'HSET' : 'SADD', key, ...parts.slice(nth * 2000, (nth + 1) * 2000)],
      ),
      ...(key.endsWith('many') ? [['PEXPIREAT', key, FAR_OFF]] : []),
    ]),
  ),
];
const FILL_BYTES = encodeCommands(FILL);

const reads: Command[] = KEYS.flatMap((key): Command[] => [
  ...(key in HASHES
    ? [
        ['HGETALL', key],
        ['HLEN', key],
        ['HGET', key, 'a'],
      ]
    : [
        ['SMEMBERS', key],
        ['SCARD', key],
        ['SISMEMBER', key, 'a'],
      ]),
  ['OBJECT', 'ENCODING', key],
  ['PEXPIRETIME', key],
]);

/** Which directives make hashes and sets of every encoding of any content. */
const SETTINGS: Record<string, (string | number)[]> = {
  'as configured by default': [],
  'all of them hash tables': ['hash-max-listpack-entries', 0, 'set-max-intset-entries', 0],
  'all hashes listpacks, all sets of integers intsets': [
    ...['hash-max-listpack-entries', 100_000, 'hash-max-listpack-value', 1_000_000],
    ...['set-max-intset-entries', 100_000],
  ],
};
const DEFAULTS = [...['hash-max-listpack-entries', 512, 'hash-max-listpack-value', 64, 'set-max-intset-entries', 512]];

describeWithOracle('hashes, sets and redis-server', () => {
  let pair: CrossingPair;
  let there: RawClient;
  let here: RawClient;

  beforeAll(async () => {
    pair = await startCrossingPair();
    ({ there, here } = pair);
  });

  afterAll(() => pair?.stop());

  const configure = async (setting: readonly (string | number)[]): Promise<void> => {
    for (const client of [there, here]) {
      expect((await client.call('CONFIG', 'SET', ...DEFAULTS)).toString()).toBe('+OK\r\n');
      if (setting.length > 0) await client.call('CONFIG', 'SET', ...setting);
    }
  };

  const fill = async (client: RawClient): Promise<void> => {
    await client.pipeline(FILL, FILL_BYTES);
  };

  /** All replies to `reads` agree. */
  const expectSame = (expected: readonly Buffer[], found: readonly Buffer[]): void => {
    for (const [at, command] of reads.entries()) {
      if (!agree(command, expected[at], found[at], { 'object encoding': setEncoding })) {
        expect.unreachable(`${command.join(' ')}: ${shown(found[at])}, not ${shown(expected[at])}`);
      }
    }
  };

  /** Takes every key from one side to the other. The deadline does not come along in a payload. */
  const cross = async (from: RawClient, to: RawClient): Promise<void> => {
    await fill(from);
    await to.call('FLUSHALL');
    for (const key of KEYS) {
      const payload = bulkOf(await from.call('DUMP', key));
      expect((await to.call('RESTORE', key, 0, payload)).toString(), key).toBe('+OK\r\n');
      if (key.endsWith('many')) await to.call('PEXPIREAT', key, FAR_OFF);
    }
    expectSame(await from.pipeline(reads), await to.pipeline(reads));
  };

  for (const [it, setting] of Object.entries(SETTINGS)) {
    test(`ours are restored there, ${it}`, async () => {
      await configure(setting);
      await cross(here, there);
    });

    test(`theirs are restored here, ${it}`, async () => {
      await configure(setting);
      await cross(there, here);
    });

    test(`their files load here, and what is loaded is saved for them, ${it}`, async () => {
      await configure(setting);
      await fill(there);
      const before = await there.pipeline(reads);
      expect((await there.call('SAVE')).toString()).toBe('+OK\r\n');
      const file = join(pair.oracle.directory, 'dump.rdb');
      const theirs = readFileSync(file);
      for (const piece of [1_000_000, 5000]) {
        const keyspace = load(theirs, piece);
        keyspace.checkIntegrity();
        await there.call('FLUSHALL');
        writeFileSync(file, fileOf(keyspace));
        expect((await there.call('DEBUG', 'RELOAD', 'NOSAVE')).toString()).toBe('+OK\r\n');
        const after = await there.pipeline(reads);
        // What is called a hash table by their rules is one in our file; they name what they load by their rules.
        expectSame(before, after);
      }
    });
  }

  const text = (value: string) => [value.length, ...Buffer.from(value)];
  const bulk = (...bytes: number[]) => [bytes.length, ...bytes];
  const ziplist = [21, 0, 0, 0, 18, 0, 0, 0, 4, 0, 0, 1, 97, 3, 0xf3, 2, 1, 98, 3, 0xf4, 0xff];
  const listpack = [17, 0, 0, 0, 4, 0, 0x81, 97, 2, 2, 1, 0x81, 98, 2, 3, 1, 0xff];
  const intset = [2, 0, 0, 0, 3, 0, 0, 0, 0xff, 0xff, 1, 0, 5, 0];

  test.each([
    ['a table', [4, 2, ...text('a'), ...text('1'), ...text('b'), 0xc0, 2]],
    // With bytes that are free after a value, as HSET of a shorter one left them.
    ['a zipmap', [9, ...bulk(2, ...text('a'), 2, 0, 49, 50, ...text('b'), 1, 2, 120, 0, 0, 0xff)]],
    ['a zipmap that does not state how many', [9, ...bulk(254, ...text('a'), 1, 0, 49, 0xff)]],
    ['a ziplist', [13, ...bulk(...ziplist)]],
    ['a listpack', [16, ...bulk(...listpack)]],
  ])('hashes in the forms of older versions are restored here: %s', async (_, body) => {
    await configure([]);
    const replies: string[] = [];
    for (const client of [there, here]) {
      const payload = payloadOf(Buffer.from(body), 9);
      expect((await client.call('RESTORE', 'k', 0, payload, 'REPLACE')).toString(), String(body)).toBe('+OK\r\n');
      replies.push((await client.call('HGETALL', 'k')).toString() + (await client.call('OBJECT', 'ENCODING', 'k')));
    }
    expect(replies[1]).toBe(replies[0]);
  });

  test.each([
    ['a table', [2, 2, ...text('a'), 0xc0, 7]],
    ['an intset', [11, ...bulk(...intset)]],
  ])('sets in the forms of older versions are restored here: %s', async (_, body) => {
    const replies: string[] = [];
    for (const client of [there, here]) {
      const payload = payloadOf(Buffer.from(body), 9);
      expect((await client.call('RESTORE', 'k', 0, payload, 'REPLACE')).toString(), String(body)).toBe('+OK\r\n');
      const found = elementsOf(await client.call('SMEMBERS', 'k'))!;
      replies.push(found.map(String).sort().join());
    }
    expect(replies[1]).toBe(replies[0]);
  });

  test.each([
    ['a hash without fields', [4, 0]],
    ['a hash with a field twice', [4, 2, ...text('a'), ...text('1'), ...text('a'), ...text('2')]],
    ['a hash with fewer fields than it says', [4, 2, ...text('a'), ...text('1')]],
    ['a hash in an odd listpack', [16, 9, 9, 0, 0, 0, 1, 0, 1, 1, 0xff]],
    ['a hash in an empty listpack', [16, 7, 7, 0, 0, 0, 0, 0, 0xff]],
    ['a zipmap that ends early', [9, ...bulk(1, ...text('a'), 5, 0, 49, 0xff)]],
    ['a zipmap with a field twice', [9, ...bulk(2, ...text('a'), 1, 0, 49, ...text('a'), 1, 0, 49, 0xff)]],
    ['a set without members', [2, 0]],
    ['a set with a member twice', [2, 2, ...text('a'), ...text('a')]],
    ['an empty intset', [11, ...bulk(2, 0, 0, 0, 0, 0, 0, 0)]],
    ['an intset out of order', [11, ...bulk(2, 0, 0, 0, 2, 0, 0, 0, 5, 0, 1, 0)]],
    ['an intset of a strange width', [11, ...bulk(3, 0, 0, 0, 1, 0, 0, 0, 5, 0, 1)]],
  ])('a payload of %s is refused, and leaves the key as it is', async (_, body) => {
    await here.call('SET', 'k', 'precious');
    const reply = (await here.call('RESTORE', 'k', 0, payloadOf(Buffer.from(body)), 'REPLACE')).toString();
    expect(reply).toBe('-ERR Bad data format\r\n');
    expect((await here.call('GET', 'k')).toString()).toBe('$8\r\nprecious\r\n');
  });
});

function shown(reply: Buffer | undefined): string {
  return JSON.stringify(reply?.subarray(0, 100).toString('latin1'));
}

/** The content of a bulk string's reply. */
function bulkOf(reply: Buffer): Buffer {
  return reply.subarray(reply.indexOf('\n') + 1, -2);
}
