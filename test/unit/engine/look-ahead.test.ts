import { afterEach, expect, test, vi } from 'vitest';
import { allCommands } from '../../../src/commands/index.js';
import { Dict } from '../../../src/memory/dict.js';
import type { Slice } from '../../../src/memory/slice.js';
import { Args } from '../../../src/protocol/args.js';
import { testClient, testEngine } from '../../support/test-engine.js';

const ELEMENTS = 3000;
const nameOf = (i: number) => `name:${i}`.padEnd(30, '.');

afterEach(() => {
  vi.restoreAllMocks();
});

/** An engine with so many keys of so many bytes and some large values. */
function fill(keys: number, bytes: number) {
  const engine = testEngine(allCommands);
  const client = testClient(engine, {});
  const run = (...words: (string | number)[]) => {
    engine.execute(client, Args.from(words));
    const reply = engine.reply.since(0).toString('latin1');
    engine.reply.clear();
    return reply;
  };
  for (let i = 0; i < keys; i++) run('SET', nameOf(i), 'v'.repeat(bytes));
  for (let i = 0; i < ELEMENTS; i++) {
    run('HSET', 'hash', nameOf(i), i);
    run('ZADD', 'zset', i, nameOf(i));
  }
  run('RPUSH', 'list', 'a', 'b');
  return { engine, run };
}

/** What most tests only look at. */
const large = fill(50_000, 100);

/** An engine, and what its dicts are asked to look at. */
function setUp({ engine, run } = large) {
  const seen: string[][] = [];
  const { lookAhead } = Dict.prototype;
  vi.spyOn(Dict.prototype, 'lookAhead').mockImplementation(function (this: Dict, names: readonly Slice[], count) {
    seen.push(names.slice(0, count).map(({ bytes, start, end }) => bytes.toString('latin1', start, end)));
    return lookAhead.call(this, names, count);
  });
  const begin = (...requests: (string | number)[][]) => {
    seen.length = 0;
    engine.lookAhead.begin(
      requests.map((words) => Args.from(words)),
      requests.length,
      0,
    );
    return seen;
  };
  return { engine, run, begin };
}

test('keys of a pipeline are looked at, whether they are there or not', () => {
  const { begin } = setUp();
  const requests = [['GET', nameOf(1)], ['SET', nameOf(2), 'x'], ['GET', 'missing'], ['PING'], ['DEL', nameOf(4)]];
  expect(begin(...requests)).toEqual([[nameOf(1), nameOf(2), 'missing', nameOf(4)]]);
});

test('elements of one value are looked at where the commands name them', () => {
  const { begin } = setUp();
  expect(
    begin(['HGET', 'hash', 'a'], ['hset', 'hash', 'b', 'x'], ['HLEN', 'hash'], ['HINCRBY', 'hash', 'c', 1]),
  ).toEqual([['a', 'b', 'c']]);
  expect(
    begin(['ZADD', 'zset', 1, 'a'], ['GEODIST', 'zset', 'b', 'c'], ['NONE', 'zset', 'x'], ['ZSCORE', 'zset']),
  ).toEqual([['a', 'b', 'c']]);
});

test('nothing is looked at where there is nothing to wait for', () => {
  const gets = Array.from({ length: 5 }, (_, i) => ['GET', nameOf(i)]);
  const { begin } = setUp();
  expect(begin(...gets.slice(0, 3))).toEqual([]);
  expect(begin(...Array(5).fill(['LPUSH', 'list', 'x']))).toEqual([]);
  expect(begin(...Array(5).fill(['GET', 'missing']))).toEqual([]);
  expect(begin(...Array(5).fill(['PING']))).toEqual([]);
  vi.restoreAllMocks();
  expect(setUp(fill(10, 100)).begin(...gets)).toEqual([]);
  expect(setUp(fill(5000, 2000)).begin(...gets)).toEqual([]);
});

test('looking ahead changes nothing: no page that a snapshot shares is copied, and no key gets younger', () => {
  const { engine, begin } = setUp();
  const { keyspace } = engine;
  const snapshot = keyspace.snapshot();
  const pages = keyspace.arena.usedPages;
  const { hits, misses } = keyspace;
  expect(begin(...Array.from({ length: 16 }, (_, i) => ['GET', nameOf(i)]))).toHaveLength(1);
  expect(begin(...Array.from({ length: 16 }, (_, i) => ['HGET', 'hash', nameOf(i)]))).toHaveLength(1);
  expect(keyspace.arena.usedPages).toBe(pages);
  expect([keyspace.hits, keyspace.misses]).toEqual([hits, misses]);
  snapshot.close();
  keyspace.checkIntegrity();
});

test('the many keys of one command are looked at sixteen at a time', () => {
  const { run, begin } = setUp(fill(9000, 2000));
  const names = Array.from({ length: 21 }, (_, i) => nameOf(i * 3));
  const seen = begin();
  run('MGET', ...names);
  expect(seen).toEqual([names.slice(0, 16), names.slice(16)]);
  seen.length = 0;
  run('MSET', ...names.slice(0, 5).flatMap((name) => [name, 'w']));
  run('EXISTS', ...names.slice(0, 4));
  run('DEL', ...names.slice(0, 4));
  run('DEL', ...names.slice(4, 7));
  expect(seen).toEqual([names.slice(0, 5), names.slice(0, 4), names.slice(0, 4)]);
});
