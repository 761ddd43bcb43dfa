import { expect, test } from 'vitest';
import { allCommands } from '../../../src/commands/index.js';
import { tick } from '../../../src/lua/runtime/limits.js';
import { LuaState } from '../../../src/lua/state.js';
import { CommandRunner } from '../../support/command-runner.js';

/** More than Lua counts until it asks its host. */
const LOOP = 'local sum = 0 for i = 1, 100000 do sum = sum + i end return sum';

test('a script that has ended is asked nothing by what runs afterwards', () => {
  const redis = new CommandRunner(allCommands);
  expect(redis.line('EVAL return{} 0')).toBe('*0\r\n');
  // What it is asked it asks of its server.
  redis.engine.server = undefined as never;
  expect(new LuaState().load(LOOP, '@text')()).toBe(5000050000);
  expect(() => {
    for (let i = 0; i < 100_000; i++) tick();
  }).not.toThrow();
});
