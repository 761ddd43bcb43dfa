/** Server CPU of commands on collections beside redis-server: a group for each type; and redis-benchmark's own list. */
import { chosenGroups, measureGroups } from '../support/groups.js';
import { groups as defaultList } from './collections/default-list.js';
import { groups as geo } from './collections/geo.js';
import { groups as hash } from './collections/hash.js';
import { groups as hyperLogLog } from './collections/hyperloglog.js';
import { REASONS } from './collections/reasons.js';
import { groups as set } from './collections/set.js';
import { groups as stream } from './collections/stream.js';
import { groups as zset } from './collections/zset.js';

export const title = 'Server CPU of commands on collections';

export async function run(options) {
  const groups = [...hash, ...set, ...zset, ...stream, ...hyperLogLog, ...geo, ...defaultList];
  const { rows, table } = await measureGroups(chosenGroups(groups, REASONS, options), options);
  return {
    rows,
    how:
      'redis-benchmark with 50 connections, P=16. Small is one of 100,000 collections of 10, big one of 100,000. ' +
      `utime + stime of the whole server process, divided by the commands, and stime alone; median of ${options.rounds} ` +
      'rounds.',
    table,
  };
}
