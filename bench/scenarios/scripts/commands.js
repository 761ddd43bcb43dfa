/** Scripts that call commands: small ones again and again, many calls in a loop, replies of many elements, errors. */
import { createHash } from 'node:crypto';
import { load, padded, R, range, withClient } from '../collections/shared.js';
import { long, script } from './shared.js';

const GET = "return redis.call('GET', KEYS[1])";
const COMPARE_AND_INCREMENT = `
local value = tonumber(redis.call('GET', KEYS[1]) or '0')
if value < tonumber(ARGV[1]) then
  redis.call('SET', KEYS[1], value + tonumber(ARGV[2]))
  redis.call('INCR', KEYS[2])
end
return {value, ARGV[1]}`;
const KEYS = range(100, (n) => `'key:${padded(n)}'`).join(', ');

const sha1 = (text) => createHash('sha1').update(text).digest('hex');
const inLoop = (count, call) => `for i = 1, ${count} do ${call} end`;

/** Twenty lines of what scripts mostly do. One name is new each time, so that V8 compiles each. */
const FRESH = `
local name${R} = 'user'
local key = 'limit:' .. 'user'
local now = tonumber('1700000000')
local window = 60
local limit = 100
local count = 0
local function bucket(time, size)
  return math.floor(time / size) * size
end
local from = bucket(now, window)
local parts = {}
for i = 1, 3 do
  parts[#parts + 1] = key .. ':' .. (from - i * window)
  count = count + i
end
if count >= limit then
  return {0, limit, table.concat(parts, ',')}
end
local state = {left = limit - count, key = key, from = from}
return {1, state.left, state.key, parts[1]}`;

export const groups = [
  {
    prepare: (port) =>
      withClient(port, async (client) => {
        for (const text of [GET, COMPARE_AND_INCREMENT]) await client.call('SCRIPT', 'LOAD', text);
        await client.call('SET', 'key', 'value');
        await client.call('SET', 'number', '1');
        await client.send(['RPUSH', 'list', ...range(1000, (n) => `element:${n}`)]);
        await client.send(['MSET', ...range(100, (n) => [`key:${padded(n)}`, `value:${n}`]).flat()]);
      }),
    loads: [
      script('EVAL "return 1"', 0.7, 200_000, 'return 1'),
      { ...script('EVAL "return 1", P=1', 1.05, 50_000, 'return 1'), args: ['-P', '1'] },
      { ...load('EVALSHA of a GET', 0.8, 200_000, ''), command: ['EVALSHA', sha1(GET), '1', `key:${R}`] },
      {
        ...load('EVALSHA of compare and increment', 0.7, 80_000, ''),
        command: ['EVALSHA', sha1(COMPARE_AND_INCREMENT), '2', 'number', 'count', '1000000', '1'],
      },
      long('100,000 x GET in a loop', 0.9, inLoop(100_000, "redis.call('GET', 'key')")),
      long('100,000 x SET in a loop', 0.9, inLoop(100_000, "redis.call('SET', 'key', 'value')")),
      long('100,000 x INCR in a loop', 0.9, inLoop(100_000, "redis.call('INCR', 'count')")),
      script('MGET of 100 in a script', 0.9, 30_000, `return #redis.call('MGET', ${KEYS})`),
      script('LRANGE of 1000 in a script', 0.9, 6_000, "return #redis.call('LRANGE', 'list', 0, -1)"),
      long('20,000 x redis.pcall() that fails', 1.5, inLoop(20_000, "redis.pcall('RPUSH', 'key', 'value')")),
      {
        ...script('a script of 20 lines, seen first', { microseconds: 200 }, 4_000, FRESH),
        args: ['-P', '16', '-r', '1000000000'],
      },
    ],
  },
];
