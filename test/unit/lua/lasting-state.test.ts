import { expect, test } from 'vitest';
import { LuaState } from '../../../src/lua/state.js';

const REGISTERS = new Map([['redis', 'register_function']]);

function keepsState(text: string): boolean {
  return new LuaState().keepsState(text, '@text', REGISTERS);
}

test.each([
  "redis.register_function('f', function(keys, args) return args[1] end)",
  "local call, limit = redis.call, 10 local function f() return limit end redis.register_function('f', f)",
  "redis.register_function{function_name = 'f', callback = function() return 1 end, flags = {'no-writes'}}",
  'local f = function() local n = 0 n = n + 1 return n end',
])('nothing is kept by %j', (text) => {
  expect(keepsState(text)).toBe(false);
});

test.each([
  "local n = 0 redis.register_function('f', function() n = n + 1 return n end)",
  "local t = {} redis.register_function('f', function() t[1] = 1 end)",
  'local function make() local n = 0 return function() n = n + 1 return n end end local f = make()',
  "redis.register_function('f', make({}))",
  "redis.log(redis.LOG_NOTICE, 'loaded')",
  'local f f = function() end',
  'do local n = 0 end',
  'local x = -limit',
  't.x = 1',
])('something may be kept by %j', (text) => {
  expect(keepsState(text)).toBe(true);
});
