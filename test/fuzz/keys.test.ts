import fc from 'fast-check';
import { afterAll, beforeAll, test } from 'vitest';
import { describeWithOracle } from '../support/oracle.js';
import { type Pair, startPair } from '../support/pair.js';
import { type Command, RawClient } from '../support/raw-client.js';
import { fuzz, type Group } from './fuzz.js';
import { patternBytes, smallValue, value } from './values.js';

/**
 * Keys of both types in several databases, moved, copied, renamed, swapped, dumped, restored, sorted and given
 * deadlines.
 *
 * The servers read their own clocks, so a deadline is either long past or years away, and conditions (GT, LT) only
 * compare absolute deadlines. A key that SET gives a past deadline is touched at once: until then Redis still counts
 * it.
 */
const DATABASES = 4;
const STRINGS = ['s0', 's1', 's2', 's3', 'a:1', 'a:2'];
const LISTS = ['l0', 'l1', 'l2'];
// Longer than what is kept inside an entry, and long enough for two bytes of length.
const LONG_KEYS = [patternBytes(200, 1), patternBytes(20_000, 2), patternBytes(70_000, 3)];
const KEYS = [...STRINGS, ...LISTS, ...LONG_KEYS];
// Lists of their own to sort, so that few of the others' values, which are no numbers, get there.
const NUMBERS = ['n0', 'n1'];
const WORDS = ['w0', 'w1'];
const SORTABLE = [...NUMBERS, ...WORDS];

const str = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom(...STRINGS) },
  { weight: 2, arbitrary: fc.constantFrom(...LONG_KEYS) },
);
const list = fc.constantFrom(...LISTS);
const any = fc.oneof(
  { weight: 6, arbitrary: str },
  { weight: 3, arbitrary: list },
  { weight: 1, arbitrary: fc.constant('missing') },
);
const database = fc.nat(DATABASES - 1);

const relative = fc.constantFrom(1000, 20_000, 9_000_000);
const FUTURE = 4_000_000_000;
const absolute = fc.integer({ min: FUTURE, max: FUTURE + 20 });
const past = fc.constantFrom<number | string>(0, -1, -1000, '-9223372036854775');
const condition = fc.constantFrom('NX', 'XX', 'GT', 'LT', 'xx');

const one = (command: fc.Arbitrary<Command>): fc.Arbitrary<Group> => command.map((it) => [it]);
const cmd = (name: string, ...args: fc.Arbitrary<string | number | Buffer>[]): fc.Arbitrary<Group> =>
  one(fc.tuple(...args).map((rest) => [name, ...rest]));

/** RENAME and COPY fail without their source, so it is written first. */
const withSource = (command: fc.Arbitrary<Command>): fc.Arbitrary<Group> =>
  fc.tuple(command, smallValue).map(([it, v]) => {
    const source = it[1]!;
    const isList = LISTS.includes(source as string);
    return isList ? [['RPUSH', source, v], it] : [['SET', source, v, 'NX'], it];
  });

const number = fc.oneof(
  fc.integer({ min: -20, max: 20 }).map(String),
  fc.constantFrom('1.5', '-0', '1e3', '+7', '0x10', 'inf', '-inf', '', '01', ' 3', '9007199254740993'),
);
const word = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'A', 'ab', 'abcdef', 'abcdefg', 'abcdefgh', '\u00e9', '');
const weightedWords = ['a', 'b', 'c', 'd', 'e', 'A', 'ab', 'abcdef', 'abcdefg', 'abcdefgh', '\u00e9', ''];
const sortable = fc.constantFrom(...SORTABLE);
const limit = fc.oneof(
  fc.constant<Command>([]),
  fc.tuple(fc.integer({ min: -2, max: 9 }), fc.integer({ min: -2, max: 9 })).map(([from, n]) => ['LIMIT', from, n]),
);
const order = fc.constantFrom<Command>([], ['ASC'], ['DESC']);
const gets = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Command>([]) },
  { weight: 1, arbitrary: fc.constantFrom<Command>(['GET', '#'], ['GET', 'wt:*'], ['GET', 'none:*'], ['GET', 'l*']) },
  { weight: 1, arbitrary: fc.constantFrom<Command>(['GET', 's*', 'GET', '#'], ['GET', 'wt:*->f', 'GET', 'wt:*']) },
);
const destination = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Command>([]) },
  { weight: 1, arbitrary: fc.constantFrom(...LISTS, 's0', 'n1').map((k): Command => ['STORE', k]) },
);

/** The weights of all words: different ones, so that no order is left to chance. */
const weights = fc
  .shuffledSubarray([...weightedWords.keys()], { minLength: weightedWords.length })
  .map((values): Command => ['MSET', ...weightedWords.flatMap((w, at) => [`wt:${w}`, `${values[at]! - 5}`])]);

const sort = fc
  .tuple(sortable, order, limit, gets, destination, fc.nat(9), weights)
  .map(([k, ascending, some, get, store, form, weigh]): Group => {
    const rest = [...ascending, ...some, ...get, ...store];
    const alpha = WORDS.includes(k) ? ['ALPHA'] : [];
    if (form < 2) return [['SORT', k, 'BY', 'nosort', ...rest]];
    if (form < 4) return [weigh, ['SORT', k, 'BY', 'wt:*', ...rest]];
    // Numbers have no weights, and what has none comes in any order.
    if (form === 4 && alpha.length > 0) return [weigh, ['SORT', k, 'BY', 'wt:*', ...alpha, ...rest]];
    if (form === 5) return [['SORT_RO', k, ...alpha, ...ascending, ...some, ...get]];
    return [['SORT', k, ...alpha, ...rest]];
  });

/** What DUMP said of some values; some of it is spoiled later. */
const payloads: Buffer[] = [];
const payload = fc.tuple(fc.nat(), fc.nat(19), fc.nat()).map(([index, spoils, at]) => {
  const whole = payloads[index % payloads.length]!;
  if (spoils > 0) return whole;
  const spoiled = Buffer.from(whole);
  spoiled[at % whole.length]! ^= 1 << (at % 8);
  return spoiled;
});
const restoreOptions = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Command>(['REPLACE']) },
  { weight: 1, arbitrary: fc.constant<Command>([]) },
  { weight: 1, arbitrary: fc.constantFrom<Command>(['REPLACE', 'IDLETIME', 5000], ['REPLACE', 'FREQ', 7]) },
);
/** An integer of 8 or 16 bits: Redis keeps one object for all keys with the same small one, and so one idle time. */
const isSharedInteger = (bytes: Buffer) => bytes[0] === 0 && (bytes[1] === 0xc0 || bytes[1] === 0xc1);
const restore = fc.tuple(any, payload, restoreOptions, fc.nat(3)).map(([k, bytes, allOptions, form]): Group => {
  const options: Command = isSharedInteger(bytes) && allOptions.includes('IDLETIME') ? ['REPLACE'] : allOptions;
  if (form === 0) return [['RESTORE', k, FUTURE * 1000 + 5, bytes, ...options, 'ABSTTL']];
  if (form === 1) return [['RESTORE', k, 9_000_000, bytes, ...options]];
  return [['RESTORE', k, 0, bytes, ...options]];
});

const groups: fc.Arbitrary<Group> = fc.oneof(
  { weight: 10, arbitrary: cmd('SET', str, value) },
  { weight: 2, arbitrary: one(fc.tuple(str, smallValue).map(([k, v]) => ['SET', k, v, 'KEEPTTL'])) },
  { weight: 3, arbitrary: one(fc.tuple(str, smallValue, relative).map(([k, v, s]) => ['SET', k, v, 'EX', s])) },
  {
    weight: 2,
    arbitrary: fc.tuple(str, smallValue).map(([k, v]) => [
      ['SET', k, v, 'PXAT', 1],
      ['EXISTS', k],
    ]),
  },
  { weight: 8, arbitrary: cmd('RPUSH', list, smallValue, value) },
  { weight: 2, arbitrary: cmd('LPOP', list) },
  { weight: 2, arbitrary: cmd('APPEND', str, smallValue) },
  { weight: 4, arbitrary: cmd('GET', str) },
  { weight: 6, arbitrary: one(database.map((db) => ['SELECT', db])) },
  { weight: 4, arbitrary: cmd('EXPIRE', any, relative) },
  {
    weight: 2,
    arbitrary: cmd(
      'PEXPIRE',
      any,
      relative.map((s) => s * 1000),
    ),
  },
  { weight: 4, arbitrary: cmd('EXPIREAT', any, absolute, condition) },
  {
    weight: 3,
    arbitrary: cmd(
      'PEXPIREAT',
      any,
      absolute.map((s) => s * 1000),
      condition,
    ),
  },
  { weight: 2, arbitrary: cmd('EXPIREAT', any, absolute) },
  { weight: 1, arbitrary: cmd('EXPIRE', any, relative, fc.constantFrom('NX', 'XX')) },
  { weight: 1, arbitrary: cmd('EXPIRE', any, past) },
  { weight: 1, arbitrary: cmd('PEXPIREAT', any, fc.constantFrom(0, 1, -5)) },
  { weight: 4, arbitrary: cmd('PERSIST', any) },
  { weight: 3, arbitrary: cmd('TTL', any) },
  { weight: 2, arbitrary: cmd('PTTL', any) },
  { weight: 3, arbitrary: cmd('EXPIRETIME', any) },
  { weight: 3, arbitrary: cmd('PEXPIRETIME', any) },
  { weight: 2, arbitrary: one(fc.tuple(str, absolute).map(([k, at]) => ['GETEX', k, 'EXAT', at])) },
  { weight: 1, arbitrary: one(str.map((k) => ['GETEX', k, 'PERSIST'])) },
  { weight: 1, arbitrary: one(str.map((k) => ['GETEX', k, 'PXAT', 1])) },
  { weight: 3, arbitrary: cmd('DEL', any, any) },
  { weight: 2, arbitrary: cmd('UNLINK', any, any, any) },
  { weight: 3, arbitrary: cmd('EXISTS', any, any, any) },
  { weight: 3, arbitrary: cmd('TYPE', any) },
  { weight: 2, arbitrary: cmd('TOUCH', any, any) },
  { weight: 4, arbitrary: withSource(fc.tuple(any, any).map(([from, to]) => ['RENAME', from, to])) },
  { weight: 3, arbitrary: withSource(fc.tuple(any, any).map(([from, to]) => ['RENAMENX', from, to])) },
  { weight: 3, arbitrary: withSource(fc.tuple(any, any).map(([from, to]) => ['COPY', from, `${to}2`])) },
  {
    weight: 4,
    arbitrary: cmd('COPY', any, fc.constantFrom(...KEYS), fc.constant('DB'), database, fc.constant('REPLACE')),
  },
  { weight: 2, arbitrary: cmd('COPY', any, fc.constantFrom(...KEYS), fc.constant('DB'), database) },
  { weight: 5, arbitrary: cmd('MOVE', any, database) },
  { weight: 2, arbitrary: cmd('SWAPDB', database, database) },
  { weight: 3, arbitrary: cmd('DBSIZE') },
  { weight: 1, arbitrary: cmd('RANDOMKEY') },
  { weight: 5, arbitrary: cmd('RPUSH', fc.constantFrom(...NUMBERS), number, number, number) },
  { weight: 4, arbitrary: cmd('LPUSH', fc.constantFrom(...WORDS), word, word, word) },
  { weight: 1, arbitrary: cmd('DEL', sortable) },
  { weight: 1, arbitrary: cmd('EXPIRE', sortable, relative) },
  { weight: 8, arbitrary: sort },
  { weight: 1, arbitrary: one(any.map((k) => ['SORT_RO', k, 'BY', 'nosort', 'GET', '#'])) },
  { weight: 6, arbitrary: restore },
  { weight: 2, arbitrary: cmd('DUMP', any) },
  { weight: 2, arbitrary: one(any.map((k) => ['RESTORE', k, 1, payloads[0]!, 'ABSTTL', 'REPLACE'])) },
  { weight: 2, arbitrary: one(any.map((k) => ['OBJECT', 'IDLETIME', k])) },
  { weight: 1, arbitrary: one(fc.constantFrom('0', '-1').map((n) => ['WAIT', n, '0'])) },
  {
    weight: 2,
    arbitrary: cmd(
      'KEYS',
      fc.constantFrom('*', '**', 's*', 'a:?', '[ls]0', '[^l]*', '*[0-2]', '\\*', 'a*b*c', '', '[n-w]?', '*[^0]'),
    ),
  },
  { weight: 2, arbitrary: one(fc.constant(['SCAN', 0, 'COUNT', 100_000])) },
  { weight: 1, arbitrary: one(fc.constantFrom('s*', '*:*').map((p) => ['SCAN', 0, 'COUNT', 100_000, 'MATCH', p])) },
  { weight: 1, arbitrary: one(fc.constantFrom('list', 'string').map((t) => ['SCAN', 0, 'TYPE', t, 'COUNT', 100_000])) },
  { weight: 3, arbitrary: one(any.map((k) => ['OBJECT', 'ENCODING', k])) },
  { weight: 1, arbitrary: fc.constantFrom<Group>([['FLUSHDB']], [['FLUSHDB', 'ASYNC']], [['FLUSHDB', 'SYNC']]) },
);

const finale: Command[] = [];
for (let db = 0; db < DATABASES; db++) {
  // A past deadline may have been given last of all.
  finale.push(['SELECT', db], ['EXISTS', ...KEYS, ...SORTABLE], ['DBSIZE'], ['KEYS', '*']);
  for (const key of [...KEYS, ...SORTABLE])
    finale.push(['TYPE', key], ['GET', key], ['LRANGE', key, 0, -1], ['PEXPIRETIME', key]);
}

describeWithOracle('random commands on keys and deadlines', () => {
  let pair: Pair;

  beforeAll(async () => {
    pair = await startPair();
    payloads.push(...(await dumps(pair)));
  });

  afterAll(() => pair?.stop());

  test('answer as redis-server does', { timeout: 3_600_000 }, () => fuzz(pair, { groups, finale }));
});

/** Payloads that both servers take: ours, of values such as the commands write. */
async function dumps({ subject }: Pair): Promise<Buffer[]> {
  const values = fc.sample(value, { seed: 1, numRuns: 60 });
  const lists = fc.sample(fc.array(value, { minLength: 1, maxLength: 30 }), { seed: 1, numRuns: 30 });
  const found: Buffer[] = [];
  const client = await RawClient.connect(subject);
  for (const content of [...values, ...lists]) {
    await client.call('DEL', 'k');
    if (Array.isArray(content)) await client.call('RPUSH', 'k', ...content);
    else await client.call('SET', 'k', content);
    const reply = await client.call('DUMP', 'k');
    found.push(reply.subarray(reply.indexOf('\n') + 1, -2));
  }
  await client.close();
  return found;
}
