/**
 * Random values that scripts return, as replies in both protocols, and random replies as values of Lua, whichever
 * protocol a script has chosen.
 *
 * Left out is what redis-server 7.0 dies of: a table whose __index raises an error, and error() of a table that has no
 * `err`. Doubles are such that 7.0, which prints 17 digits, prints no more than later versions; NaN, whose sign it
 * prints, is not among them. The order of a set is chance, but for integers.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, test } from 'vitest';
import { luaNumber, luaString } from '../support/lua-pair.js';
import { describeWithOracle } from '../support/oracle.js';
import { type Pair, startPair } from '../support/pair.js';
import type { Command } from '../support/raw-client.js';
import { fuzz, type Group } from './fuzz.js';

/** Values as Lua's source text has them. */
type Source = fc.Arbitrary<string>;

const byte = fc.oneof(fc.integer({ min: 32, max: 126 }), fc.integer({ min: 0, max: 255 }), fc.constantFrom(10, 13, 0));
const bytes = fc.array(byte, { maxLength: 12 }).map((codes) => String.fromCharCode(...codes));
const text: Source = fc
  .oneof(
    { weight: 6, arbitrary: bytes },
    {
      weight: 3,
      arbitrary: fc.constantFrom('', ' ', '-', 'OK', 'ERR x', '-X y', 'txt', 'a\r\nb', '\r\n', 'x y\n', '12'),
    },
    { weight: 1, arbitrary: fc.nat(300).map((length) => 'long '.repeat(length).slice(0, length)) },
  )
  .map(luaString);

const POWERS = [31, 32, 53, 63, 64].map((power) => 2 ** power);
const EDGES = [0, -0, 0.5, -0.5, 0.999, -3.999, 1e15, 1e16, 1e17, 1e300, -1e300, 1 / 0, -1 / 0];
const number: Source = fc
  .oneof(
    fc.integer({ min: -20, max: 20 }),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.double(),
    fc.constantFrom(...EDGES, ...POWERS.flatMap((power) => [power, -power, power - 1, 1 - power, power + 1])),
  )
  .map(luaNumber);
const exactDouble: Source = fc
  .oneof(
    fc.integer({ min: -(2 ** 31), max: 2 ** 31 }).map((n) => n / 16),
    fc.constantFrom(0, -0, 1 / 0, -1 / 0, 2 ** 53, 1e15),
  )
  .map(luaNumber);
const bigNumber: Source = fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }).map((n) => `'${n}'`);

const scalarKey: Source = fc.oneof(number, text, fc.constantFrom('true', 'false')).map(orOne);

const { value } = fc.letrec<{ value: string; table: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'value' },
    { weight: 4, arbitrary: fc.oneof(number, text, fc.constantFrom('nil', 'true', 'false')) },
    { weight: 5, arbitrary: tie('table') },
  ),
  table: fc.oneof(
    { depthIdentifier: 'value' },
    array(tie('value')),
    replyTable(tie('value')),
    fc.array(fieldOf(tie('value')), { maxLength: 3 }).map((fields) => `{${fields.join(',')}}`),
    fc.tuple(fc.constantFrom('error_reply', 'status_reply'), text).map(([name, word]) => `redis.${name}(${word})`),
    fc.constantFrom("redis.pcall('nope')", "redis.pcall('get')", "redis.pcall('incr','h')", "redis.pcall('get','no')"),
  ),
}));

function array(element: Source): Source {
  return fc.array(element, { maxLength: 6 }).map((elements) => `{${elements.join(',')}}`);
}

/** A table that stands for a reply of a kind of its own, and which is what it should be. */
function replyTable(element: Source): Source {
  return fc.oneof(
    text.map((word) => `{err=${word}}`),
    text.map((word) => `{ok=${word}}`),
    exactDouble.map((double) => `{double=${double}}`),
    bigNumber.map((digits) => `{big_number=${digits}}`),
    fc.tuple(text, text).map(([format, word]) => `{verbatim_string={format=${format},string=${word}}}`),
    pairs(element).map((list) => `{map=${list}}`),
    fc.array(scalarKey, { maxLength: 6 }).map((keys) => `{set={${keys.map((key) => `[${key}]=true`).join(',')}}}`),
    element.map((key) => `{set={[${orOne(key)}]=true}}`),
  );
}

/** A field that means something, with any value, as likely as not one of the wrong type. */
function fieldOf(element: Source): Source {
  const name = fc.constantFrom('err', 'ok', 'double', 'big_number', 'verbatim_string', 'map', 'set', 'format', 'x');
  return fc.oneof(
    fc.tuple(name, fc.oneof(element, exactDouble, text)).map(([field, it]) => withoutDigits(field, it)),
    element,
    pairs(element).map((list) => `map=${list}`),
  );
}

/** A double that is not chosen may have any number of digits. */
function withoutDigits(field: string, it: string): string {
  return field === 'double' &&
    /^\(?[\d.e+-]+\)?$/.test(it) &&
    !Number.isSafeInteger(Number(it.replace(/[()]/g, '')) * 16)
    ? 'double=1'
    : `${field}=${it}`;
}

function pairs(element: Source): Source {
  const several = fc.array(fc.tuple(scalarKey, element), { maxLength: 5 });
  // Where a table as a key stands among others depends on its address.
  const one = fc.tuple(element, element).map(([key, it]): [string, string][] => [[orOne(key), it]]);
  return fc
    .oneof({ weight: 4, arbitrary: several }, { weight: 1, arbitrary: one })
    .map((list) => `{${list.map(([key, it]) => `[${key}]=${it}`).join(',')}}`);
}

/** Neither nil nor NaN can be a key. */
function orOne(key: string): string {
  return key === 'nil' || key === '(0/0)' || key.startsWith('redis.pcall') ? '1' : key;
}

const protocol = fc.constantFrom('', '', 'redis.setresp(2) ', 'redis.setresp(3) ', 'redis.setresp(3) ');

// What commands reply

const KEYS = ['h', 'l', 's', 'z', 'x', 'str', 'n', 'none'];
const key = fc.constantFrom(...KEYS).map((name) => `'${name}'`);
const READS = [
  "'hgetall',K",
  "'hkeys',K",
  "'hmget',K,'f1','f2','f3','f4'",
  "'hrandfield',K,100000,'withvalues'",
  "'lrange',K,0,-1",
  "'lpop',K",
  "'lpop',K,2",
  "'lmpop',2,K,'l','left','count',2",
  "'smembers',K",
  "'sinter',K,'s'",
  "'smismember',K,1,2,3",
  "'zrange',K,0,-1,'withscores'",
  "'zrevrange',K,0,2",
  "'zscore',K,'m1'",
  "'zmscore',K,'m1','m9','m2'",
  "'zpopmin',K",
  "'zpopmax',K,2",
  "'zmpop',2,K,'z','min'",
  "'zincrby',K,0.5,'m1'",
  "'zrank',K,'m2'",
  "'zadd',K,'incr','0.25','m3'",
  "'xrange',K,'-','+'",
  "'xread','streams',K,'x','0','1-1'",
  "'xreadgroup','group','g','c','count',1,'streams',K,'>'",
  "'xpending',K,'g'",
  "'get',K",
  "'mget',K,'str','none'",
  "'incrby',K,N",
  "'incrbyfloat',K,'0.5'",
  "'strlen',K",
  "'type',K",
  "'exists',K,'h','none'",
  "'set',K,N,'get'",
  "'append',K,T",
  "'getrange',K,0,2",
  "'lcs','str',K",
  "'lcs','str','str','idx'",
  "'sort',K,'by','nosort'",
  "'echo',N",
  "'echo',T",
  "'ping',T",
  "'ping'",
  "'command','getkeys','get',T",
  "'geopos',K,'nobody'",
  "'bitfield',K,'get','u8',0,'overflow','fail','incrby','u2',0,9",
  "'nope',T",
  "'get'",
];
const read: Source = fc.tuple(fc.constantFrom(...READS), key, number, text).map(([words, name, n, word]) =>
  words
    .replace('K', () => name)
    .replace('N', () => n)
    .replace('T', () => word),
);

/** In one line, with pairs() in its order. */
const SHOW = `local function show(v)
  if type(v) == 'string' then return '"' .. v .. '"' end
  if type(v) == 'number' then return string.format('%.17g', v) end
  if type(v) ~= 'table' then return tostring(v) end
  local out = {}
  for k, e in pairs(v) do out[#out + 1] = show(k) .. '=' .. show(e) end
  return '{' .. table.concat(out, ',') .. '}'
end `.replaceAll('\n', ' ');

function run(script: string, ...args: string[]): Group {
  return [['EVAL', Buffer.from(script, 'latin1'), 0, ...args.map((it) => Buffer.from(it, 'latin1'))]];
}

const DATA: Group = [
  ['DEL', ...KEYS],
  ['HSET', 'h', 'f1', 'v1', 'f2', '', 'f3', '3'],
  ['RPUSH', 'l', 'a', 'b', 'c', '4'],
  ['SADD', 's', 1, 2, 3, 500],
  ['ZADD', 'z', '1.5', 'm1', '-2', 'm2', 'inf', 'm3'],
  ['XADD', 'x', '1-1', 'f', 'v'],
  ['XADD', 'x', '2-1', 'f', 'v', 'g', ''],
  ['XGROUP', 'CREATE', 'x', 'g', 0],
  ['SET', 'str', 'some text'],
  ['SET', 'n', '9007199254740990'],
];

const groups: fc.Arbitrary<Group> = fc.oneof(
  { weight: 20, arbitrary: fc.tuple(protocol, value).map(([p, v]) => run(`${p}return ${v}`)) },
  // Of what several values are returned, the first counts.
  { weight: 1, arbitrary: fc.tuple(protocol, value, value).map(([p, v, w]) => run(`${p}return ${v},${w}`)) },
  { weight: 2, arbitrary: fc.tuple(bytes, bytes).map(([a, b]) => run('return {ARGV,ARGV[1],KEYS}', a, b)) },
  { weight: 12, arbitrary: fc.tuple(protocol, read).map(([p, r]) => run(`${p}return redis.call(${r})`)) },
  { weight: 12, arbitrary: fc.tuple(protocol, read).map(([p, r]) => run(`${SHOW}${p}return show(redis.pcall(${r}))`)) },
  { weight: 2, arbitrary: fc.tuple(protocol, read).map(([p, r]) => run(`${p}return {redis.pcall(${r}),7}`)) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(protocol, text, text, read)
      .map(([p, k, w, r]) => run(`${p}local t=redis.pcall(${r}) if type(t)=='table' then t[${k}]=${w} end return t`)),
  },
  { weight: 2, arbitrary: text.map((word) => run(`error({err=${word}})`)) },
  { weight: 1, arbitrary: text.map((word) => run(`error(${word})`)) },
  { weight: 1, arbitrary: read.map((r) => run(`local ok,e=pcall(redis.call,${r}) return {tostring(ok),e}`)) },
  { weight: 3, arbitrary: fc.constant(DATA) },
);

const finale: Command[] = [['DBSIZE'], ['TYPE', 'str'], ['LRANGE', 'l', 0, -1], ['XRANGE', 'x', '-', '+']];

describeWithOracle('random values of scripts', () => {
  let pair: Pair;

  beforeAll(async () => {
    pair = await startPair();
  });

  afterAll(() => pair?.stop());

  test('are what redis-server makes of them', { timeout: 3_600_000 }, () => fuzz(pair, { groups, finale }));
});
