/** A data type is one folder and one line: everything that asks what a key holds knows it then. */

import { beforeEach, expect, test } from 'vitest';
import { allCommands } from '../../../src/commands/index.js';
import { DataTypes } from '../../../src/keyspace/data-type.js';
import { dataTypes, registryOf, typeFolders } from '../../../src/types/index.js';
import { CommandRunner } from '../../support/command-runner.js';
import { alarm } from './alarm/index.js';

// The one line that a type in src/types has in src/types/index.ts.
const folders = [...typeFolders, alarm];

const SOON = 1_700_000_000_500;
const LATER = 1_800_000_000_000;
let redis: CommandRunner;

beforeEach(() => {
  redis = new CommandRunner([...allCommands, ...alarm.commands], registryOf(folders));
});

const add = (key: string, ...times: number[]) => redis.run('ALARM.ADD', key, ...times);

test('commands that are not its own know its values', () => {
  add('a', LATER, LATER + 1);
  add('many', ...Array.from({ length: 100 }, (_, i) => LATER + i));
  expect(redis.line('TYPE a')).toBe('+alarm\r\n');
  expect(redis.bulk('OBJECT', 'ENCODING', 'a')).toBe('few');
  expect(redis.bulk('OBJECT', 'ENCODING', 'many')).toBe('many');
  expect(redis.line('SCAN 0 TYPE Alarm COUNT 100')).toContain('$4\r\nmany');
  expect(redis.line('SCAN 0 TYPE list COUNT 100')).toBe('*2\r\n$1\r\n0\r\n*0\r\n');
  expect(redis.line('GET a')).toMatch(/^-WRONGTYPE/);
  expect(redis.line('LPUSH a x')).toMatch(/^-WRONGTYPE/);
  expect(redis.line('COPY many b')).toBe(':1\r\n');
  expect(redis.line('RENAME b c')).toBe('+OK\r\n');
  expect(redis.line('SORT a DESC')).toBe(`*2\r\n$13\r\n${LATER + 1}\r\n$13\r\n${LATER}\r\n`);
  expect(redis.line('MEMORY USAGE many')).toMatch(/^:\d{3,}\r\n$/);
  const payload = redis.bulk('DUMP', 'c') as string;
  expect(redis.run('RESTORE', 'd', 0, Buffer.from(payload, 'latin1'))).toBe('+OK\r\n');
  expect(redis.bulk('OBJECT', 'ENCODING', 'd')).toBe('many');
  expect(redis.line('SET many text')).toBe('+OK\r\n');
  expect(redis.line('DEL a c d')).toBe(':3\r\n');
  redis.engine.keyspace.checkIntegrity();
});

test('its elements expire by themselves, whatever becomes of the key', () => {
  const { keyspace } = redis.engine;
  const [db] = keyspace.databases;
  add('a', SOON, SOON + 10, LATER);
  add('gone', SOON);
  redis.run('PEXPIREAT', 'a', LATER - 1);
  redis.line('PERSIST a');
  expect(redis.line('TTL a')).toBe(':-1\r\n');
  expect(db.expiring).toBe(0);
  redis.line('RENAME a b');
  redis.line('COPY b c DB 1');
  expect(keyspace.nextDeadline()).toBe(SOON);
  redis.now = SOON;
  expect(redis.line('EXISTS b gone')).toBe(':2\r\n');
  while (keyspace.nextDeadline() <= redis.now) keyspace.expireDue(1);
  keyspace.checkIntegrity();
  expect(redis.line('EXISTS b gone')).toBe(':1\r\n');
  expect(redis.line('SORT b')).toBe(`*2\r\n$13\r\n${SOON + 10}\r\n$13\r\n${LATER}\r\n`);
  redis.run('PEXPIREAT', 'b', SOON + 5);
  expect(db.expiring).toBe(1);
  redis.now = SOON + 10;
  while (keyspace.nextDeadline() <= redis.now) keyspace.expireDue(1);
  keyspace.checkIntegrity();
  expect(redis.line('EXISTS b')).toBe(':0\r\n');
  expect(keyspace.databases[1].size).toBe(1);
  expect(db.expiring).toBe(0);
});

test.each(['volatile-ttl', 'volatile-random', 'volatile-lru'] as const)(
  '%s spares keys of which only elements expire',
  (policy) => {
    const { keyspace } = redis.engine;
    for (let i = 0; i < 20; i++) add(`alarm${i}`, SOON + i);
    for (let i = 0; i < 5; i++) redis.run('SET', `key${i}`, 'value', 'PX', 5000 + i);
    keyspace.eviction.policy = policy;
    keyspace.eviction.limit(1);
    for (let i = 0; i < 10; i++) keyspace.eviction.makeRoom();
    expect(keyspace.evictedKeys).toBe(5);
    expect(keyspace.databases[0].size).toBe(20);
    keyspace.checkIntegrity();
  },
);

test('numbers and names that two types share fail at once', () => {
  const [string] = dataTypes.all;
  const other = alarm.type!;
  expect(() => new DataTypes([string, { ...other, id: string.id }])).toThrow('one id');
  expect(() => new DataTypes([string, { ...other, name: 'String' }])).toThrow('the name');
  expect(() => new DataTypes([string, { ...other, kinds: string.kinds }])).toThrow('kinds have the number');
  expect(() => new DataTypes([string, { ...other, rdb: string.rdb }])).toThrow('RDB type');
});
