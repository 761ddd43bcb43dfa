/** Server CPU of scripts beside redis-server: small ones again and again, commands in a loop, Lua alone. */
import { measureGroups } from '../support/groups.js';
import { groups as commands } from './scripts/commands.js';
import { groups as language } from './scripts/language.js';
import { groups as libraries } from './scripts/libraries.js';
import { REASONS } from './scripts/reasons.js';

export const title = 'Server CPU of scripts';

export async function run(options) {
  // In a trial BENCH_CASE names the loads by how they begin.
  const wanted = options.scale === 1 ? '' : (process.env.BENCH_CASE ?? '');
  const chosen = [...commands, ...language, ...libraries].map((group) => ({
    ...group,
    loads: group.loads
      .filter(({ name }) => name.startsWith(wanted))
      .map((load) => ({ ...load, whyNot: REASONS[load.name] })),
  }));
  const { rows, table } = await measureGroups(
    chosen.filter(({ loads }) => loads.length > 0),
    options,
  );
  return {
    rows,
    how:
      'redis-benchmark with P=16 and 50 connections, or one for what takes milliseconds. utime + stime of the whole ' +
      `server process, divided by the scripts; median of ${options.rounds} rounds after one that warms up.`,
    table,
  };
}
