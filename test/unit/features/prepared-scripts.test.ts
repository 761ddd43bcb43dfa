import { expect, test } from 'vitest';
import { allCommands } from '../../../src/commands/index.js';
import { Scripting } from '../../../src/features/scripting/scripting.js';
import { CommandRunner } from '../../support/command-runner.js';

const LINES = [
  'EVAL return{math.random(1000),#KEYS,#ARGV,redis.call("GET","key")} 0',
  'EVAL return{collectgarbage("setpause",5),cjson.encode(1/3)} 0',
  'DBSIZE',
  'SCRIPT EXISTS e0e1f9fabfc9d4800c877a703b823ac0578ff8db',
  'INFO errorstats',
];

test('what is prepared for scripts leaves no trace', () => {
  const prepared = new CommandRunner(allCommands);
  const steps = prepared.engine.feature(Scripting).prepare();
  while (steps.next().done !== true);
  const other = new CommandRunner(allCommands);
  expect(LINES.map((line) => prepared.line(line))).toEqual(LINES.map((line) => other.line(line)));
});

test('a script or SCRIPT FLUSH may come between the steps', () => {
  const runner = new CommandRunner(allCommands);
  const steps = runner.engine.feature(Scripting).prepare();
  while (steps.next().done !== true) {
    expect(runner.line('EVAL return{#KEYS,#ARGV} 1 a b')).toBe('*2\r\n:1\r\n:1\r\n');
    expect(runner.line('SCRIPT FLUSH')).toBe('+OK\r\n');
  }
  expect(runner.line('EVAL return{#KEYS,#ARGV} 0')).toBe('*2\r\n:0\r\n:0\r\n');
});
