/** Server CPU of scripts beside redis-server: small ones again and again, commands in a loop, Lua alone. */
import { chosenGroups, measureGroups } from '../support/groups.js';
import { groups as commands } from './scripts/commands.js';
import { groups as language } from './scripts/language.js';
import { groups as libraries } from './scripts/libraries.js';
import { REASONS } from './scripts/reasons.js';

export const title = 'Server CPU of scripts';

export async function run(options) {
  const groups = [...commands, ...language, ...libraries];
  const { rows, table } = await measureGroups(chosenGroups(groups, REASONS, options), options);
  return {
    rows,
    how:
      'redis-benchmark with P=16 and 50 connections, or one for what takes milliseconds. utime + stime of the whole ' +
      `server process, divided by the scripts; median of ${options.rounds} rounds after one that warms up.`,
    table,
  };
}
