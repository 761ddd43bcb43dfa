/** Server CPU of scripts beside redis-server: small ones again and again, commands in a loop, Lua alone. */
import { createHash } from 'node:crypto';
import { measureGroups } from '../support/groups.js';
import { load, padded, R, range, withClient } from './collections/shared.js';

export const title = 'Server CPU of scripts';

const GET = "return redis.call('GET', KEYS[1])";
const COMPARE_AND_INCREMENT = `
local value = tonumber(redis.call('GET', KEYS[1]) or '0')
if value < tonumber(ARGV[1]) then
  redis.call('SET', KEYS[1], value + tonumber(ARGV[2]))
  redis.call('INCR', KEYS[2])
end
return {value, ARGV[1]}`;

const sha1 = (text) => createHash('sha1').update(text).digest('hex');
const script = (name, bar, requests, text, ...rest) => ({
  ...load(name, bar, requests, ''),
  command: ['EVAL', text, `${rest.length === 0 ? 0 : 1}`, ...rest],
});
const inLoop = (call) => `for i = 1, 100000 do ${call} end`;
const oneByOne = (each) => ({ ...each, args: ['-P', '1'], atLeast: 16 });
const single = (each) => ({ ...each, args: ['-c', '1', '-P', '1'], atLeast: 16 });

const groups = [
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
      script('EVAL "return 1"', 0.7, 600_000, 'return 1'),
      oneByOne(script('EVAL "return 1", P=1', 1.05, 100_000, 'return 1')),
      { ...load('EVALSHA of a GET', 0.8, 400_000, ''), command: ['EVALSHA', sha1(GET), '1', `key:${R}`] },
      {
        ...load('EVALSHA of compare and increment', 0.7, 200_000, ''),
        command: ['EVALSHA', sha1(COMPARE_AND_INCREMENT), '2', 'number', 'count', '1000000', '1'],
      },
      single(script('100,000 x GET in a loop', 0.9, 32, inLoop("redis.call('GET', 'key')"))),
      single(script('100,000 x SET in a loop', 0.9, 32, inLoop("redis.call('SET', 'key', 'value')"))),
      single(script('100,000 x INCR in a loop', 0.9, 32, inLoop("redis.call('INCR', 'count')"))),
      script('LRANGE of 1000 in a script', 0.9, 8_000, "return #redis.call('LRANGE', 'list', 0, -1)"),
      single(
        script(
          'fib(27)',
          0.5,
          32,
          'local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end return fib(27)',
        ),
      ),
    ],
  },
];

export async function run(options) {
  const { rows, table } = await measureGroups(groups, options);
  return {
    rows,
    how:
      'redis-benchmark with P=16 and 50 connections, or one for what takes milliseconds. utime + stime of the whole ' +
      `server process, divided by the scripts; median of ${options.rounds} rounds after one that warms up.`,
    table,
  };
}
