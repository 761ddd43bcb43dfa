/**
 * Files cross over to a real redis-server and back, and every key is compared. The content is written once, as
 * commands; what the real server makes of them is what both sides must show.
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Keyspace } from '../../src/keyspace/keyspace.js';
import { Slice } from '../../src/memory/slice.js';
import { openList } from '../../src/types/list/value.js';
import { STRING, stringBytes } from '../../src/types/string/value.js';
import { describeWithOracle, Oracle } from '../support/oracle.js';
import { type Command, encodeCommands, RawClient } from '../support/raw-client.js';
import { fileOf, load, newKeyspace, putList, putString } from './keyspace-helper.js';

/** Bytes that do not compress. */
const noise = (length: number, seed = 1): Buffer => {
  const words = new Int32Array((length + 3) >> 2);
  for (let at = 0; at < words.length; at++) words[at] = seed = Math.imul(seed ^ at, 0x9e3779b1) ^ (seed >>> 15);
  return Buffer.from(words.buffer, 0, length);
};

const FAR_OFF = 4_000_000_000_000;
const BINARY = Buffer.from(Array.from({ length: 256 }, (_, index) => index));

interface Key {
  database: number;
  key: string | Buffer;
  value: string | Buffer | (string | Buffer)[];
  deadline?: number;
}

const NUMBERS = [0, 1, -1, 127, 128, -128, -129, 4095, 4096, -4096, -4097, 32767, 32768, -32768, -32769, 8388607]
  .map(String)
  .concat(['8388608', '-8388608', '-8388609', '2147483647', '2147483648', '-2147483648', '-2147483649'])
  .concat(['9007199254740993', '9223372036854775807', '-9223372036854775808', '9223372036854775808', '-0', '007', '']);

const KEYS: Key[] = [
  ...NUMBERS.map((value) => ({ database: 0, key: `number ${value}`, value })),
  { database: 0, key: '', value: 'under the empty key' },
  { database: 0, key: '12345', value: 'a number for a key' },
  { database: 0, key: BINARY, value: BINARY },
  ...[1, 20, 21, 63, 64, 300, 16383, 16384, 40_000, 65_536, 65_537, 300_000, 1_100_000].flatMap((length) => [
    { database: 1, key: `phrase ${length}`, value: Buffer.alloc(length, 'again and ') },
    { database: 1, key: `noise ${length}`, value: noise(length) },
  ]),
  { database: 2, key: Buffer.alloc(16_385, 'key '), value: 'under a long key' },
  { database: 2, key: noise(200_000), value: 'under a longer key' },
  { database: 3, key: 'deadline', value: 'x', deadline: FAR_OFF },
  { database: 3, key: 'deadline of a list', value: ['x'], deadline: FAR_OFF + 1 },
  { database: 4, key: 'numbers', value: NUMBERS },
  {
    database: 4,
    key: 'around the steps of a listpack',
    value: [62, 63, 64, 126, 127, 128, 4095, 4096].map((n) => noise(n)),
  },
  {
    database: 4,
    key: 'around its long steps',
    value: [16_376, 16_377, 16_378, 16_383, 16_384, 2_097_148].map((n) => noise(n)),
  },
  { database: 4, key: 'many', value: Array.from({ length: 12_000 }, (_, index) => `element ${index}`) },
  { database: 4, key: 'many numbers', value: Array.from({ length: 25_000 }, (_, index) => String(index * 7919)) },
  { database: 4, key: 'long between short', value: ['a', noise(9000), 'b', noise(20_000), 'c', noise(100_000), 'd'] },
  {
    database: 4,
    key: 'long ones only',
    value: [Buffer.alloc(50_000, 'xy'), noise(50_000, 2), Buffer.alloc(200_000, 'z')],
  },
  { database: 15, key: 'in the last database', value: 'x' },
];

const LISTS = KEYS.filter(({ value }) => Array.isArray(value));
/** The elements of every list, or the string alone. */
const BYTES = new Map(KEYS.map((each) => [each, [each.value].flat().map((part) => Buffer.from(part))]));

/** Commands that make the keys, and their bytes. */
function filling(keys: readonly Key[]): [Command[], Buffer] {
  const commands: Command[] = [['FLUSHALL']];
  for (const { database, key, value, deadline } of keys) {
    commands.push(['SELECT', database]);
    if (Array.isArray(value)) {
      for (let at = 0; at < value.length; at += 1000) commands.push(['RPUSH', key, ...value.slice(at, at + 1000)]);
    } else {
      commands.push(['SET', key, value]);
    }
    if (deadline !== undefined) commands.push(['PEXPIREAT', key, deadline]);
  }
  return [commands, encodeCommands(commands)];
}

const FILL = new Map([KEYS, LISTS].map((keys) => [keys, filling(keys)]));

/** More than a segment of memory (32 MiB) holds. */
const LARGE = 33 * 1024 * 1024;

describeWithOracle('RDB files and redis-server', () => {
  let oracle: Oracle;
  let client: RawClient;
  let expected: Buffer[];

  /** What reads each key back, on the real server. */
  const reads = ({ database, key, value }: Key): Command[] => [
    ['SELECT', database],
    Array.isArray(value) ? ['LRANGE', key, 0, -1] : ['GET', key],
    ['PEXPIRETIME', key],
    ['OBJECT', 'ENCODING', key],
  ];
  const everyRead: Command[] = [
    ...KEYS.flatMap(reads),
    ...[0, 1, 2, 3, 4, 15].flatMap((n) => [['SELECT', n], ['DBSIZE']]),
  ];

  const fill = async (keys = KEYS): Promise<void> => {
    await client.pipeline(...FILL.get(keys)!);
  };

  const ours = (): Keyspace => {
    const keyspace = newKeyspace();
    for (const { database, key, value, deadline } of KEYS) {
      if (Array.isArray(value)) putList(keyspace, database, key, value, deadline);
      else putString(keyspace, database, key, value, deadline);
    }
    return keyspace;
  };

  /** Compares each key of a keyspace with what was put under it. */
  const expectAll = (keyspace: Keyspace, keys = KEYS): void => {
    for (const each of keys) {
      const { database, key, value, deadline } = each;
      const bytes = BYTES.get(each)!;
      const db = keyspace.databases[database]!;
      const name = key.toString('latin1').slice(0, 40);
      const ref = db.dict.find(Slice.of(key));
      expect(ref, name).not.toBe(0);
      expect(db.deadlineOf(ref), name).toBe(deadline ?? -1);
      if (!Array.isArray(value)) {
        expect(db.typeOf(ref), name).toBe(STRING);
        expect(stringBytes(db, ref).equals(bytes[0]!), name).toBe(true);
        continue;
      }
      const list = openList(db, ref);
      expect(list.length, name).toBe(bytes.length);
      for (const [index, element] of bytes.entries()) {
        if (index === 0) list.seek(0);
        else list.next();
        const pieces: Buffer[] = [];
        list.piecesHere((piece) => pieces.push(piece.toBuffer()));
        if (!Buffer.concat(pieces).equals(element)) expect.unreachable(`${name}: element ${index} differs`);
      }
    }
    expect(keyspace.databases.reduce((sum, db) => sum + db.size, 0)).toBe(keys.length);
    keyspace.checkIntegrity();
  };

  /** The real server loads a file in place of what it has. */
  const loadThere = async (file: Buffer): Promise<void> => {
    await client.call('FLUSHALL');
    writeFileSync(join(oracle.directory, 'dump.rdb'), file);
    expect((await client.call('DEBUG', 'RELOAD', 'NOSAVE')).toString()).toBe('+OK\r\n');
  };

  const saveThere = async (): Promise<Buffer> => {
    expect((await client.call('SAVE')).toString()).toBe('+OK\r\n');
    return readFileSync(join(oracle.directory, 'dump.rdb'));
  };

  beforeAll(async () => {
    oracle = await Oracle.start('--proto-max-bulk-len', '1gb');
    client = await RawClient.connect(oracle);
    await fill();
    expected = await client.pipeline(everyRead);
  });

  afterAll(async () => {
    await client?.close();
    await oracle?.stop();
  });

  test.each([
    { compression: true, checksum: true },
    { compression: false, checksum: false },
  ])('ours load there, key by key (%o)', async (options) => {
    await loadThere(
      fileOf(ours(), {
        ...options,
        aux: [
          ['redis-ver', '7.4.0'],
          ['redis-bits', '64'],
          ['ctime', '1800000000'],
          ['used-mem', '1000000'],
          ['aof-base', '0'],
        ],
      }),
    );
    const replies = await client.pipeline(everyRead);
    everyRead.forEach((command, index) => {
      if (!replies[index]!.equals(expected[index]!)) {
        const shown = (reply: Buffer) => reply.subarray(0, 100).toString('latin1');
        expect.unreachable(
          `${command.join(' ').slice(0, 80)}: ${shown(replies[index]!)}, not ${shown(expected[index]!)}`,
        );
      }
    });
    // Lists that were loaded can be changed at both ends and read backwards.
    await client.call('SELECT', 4);
    for (const { key, value } of KEYS.filter(({ database }) => database === 4)) {
      expect((await client.call('LPUSH', key, 'front')).toString()).toBe(`:${(value as []).length + 1}\r\n`);
      expect((await client.call('RPUSH', key, 'back')).toString()).toBe(`:${(value as []).length + 2}\r\n`);
      expect((await client.call('LINDEX', key, -2)).toString('latin1')).toContain(
        Buffer.from((value as string[]).at(-1)!).toString('latin1'),
      );
    }
  });

  test.each(['yes', 'no'])('theirs load here, key by key (rdbcompression %s)', async (compression) => {
    await client.call('CONFIG', 'SET', 'rdbcompression', compression);
    await fill();
    const file = await saveThere();
    expectAll(load(file));
    expectAll(load(file, 5000));
  });

  test('theirs with list nodes of every size and kind load here', async () => {
    for (const size of [-1, -3, -5, 3, 10_000]) {
      await client.call('CONFIG', 'SET', 'list-max-listpack-size', size);
      await fill(LISTS);
      expectAll(load(await saveThere()), LISTS);
    }
    await client.call('CONFIG', 'SET', 'list-compress-depth', 1);
    // Elements above the threshold become nodes without a listpack.
    await client.call('DEBUG', 'QUICKLIST-PACKED-THRESHOLD', '1kb');
    await fill(LISTS);
    expectAll(load(await saveThere()), LISTS);
    await client.call('DEBUG', 'QUICKLIST-PACKED-THRESHOLD', '0');
    await client.call('CONFIG', 'SET', 'list-compress-depth', 0, 'list-max-listpack-size', -2);
  });

  test('IDLE and FREQ beside the keys do no harm', async () => {
    for (const policy of ['allkeys-lru', 'allkeys-lfu', 'noeviction']) {
      await client.call('CONFIG', 'SET', 'maxmemory-policy', policy);
      await fill();
      expectAll(load(await saveThere()));
    }
  });

  test('their functions are refused by name', async () => {
    const refused: [Command, string][] = [
      [['FUNCTION', 'LOAD', "#!lua name=l\nredis.register_function('f', function() end)"], 'functions'],
    ];
    for (const [command, message] of refused) {
      await client.pipeline([['FLUSHALL'], ['FUNCTION', 'FLUSH'], ['SELECT', 0]]);
      await client.call(...command);
      const file = await saveThere();
      expect(() => load(file)).toThrow(message);
    }
    await client.call('FUNCTION', 'FLUSH');
  });

  test('values that are larger than a segment of memory go both ways', async () => {
    const phrase = Buffer.alloc(LARGE, 'forty megabytes of this. ');
    const random = Buffer.alloc(LARGE, noise(1_000_001));
    await client.call('FLUSHALL');
    await client.call('SELECT', 0);
    await client.call('SET', 'string', phrase);
    await client.call('RPUSH', 'list', 'a', random, 'b');
    const keyspace = load(await saveThere());
    const db = keyspace.databases[0]!;
    expect(stringBytes(db, db.dict.find(Slice.of('string'))).equals(phrase)).toBe(true);
    await loadThere(fileOf(keyspace));
    const digestOf = async (...command: string[]) =>
      (await client.call('EVAL', 'return redis.sha1hex(redis.call(unpack(ARGV)))', 0, ...command)).toString();
    const digest = (value: Buffer) => `$40\r\n${createHash('sha1').update(value).digest('hex')}\r\n`;
    expect(await digestOf('GET', 'string')).toBe(digest(phrase));
    expect(await digestOf('LINDEX', 'list', '1')).toBe(digest(random));
    expect((await client.call('LINDEX', 'list', -1)).toString()).toBe('$1\r\nb\r\n');
  });
});
