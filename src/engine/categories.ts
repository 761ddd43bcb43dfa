/**
 * The ACL categories of a command. They follow from its flags and its group, as in Redis; a row names only what departs
 * from that. A container has none of its group's: its subcommands have.
 */

import type { Category, CommandRow, Flag, Group } from './command.js';

const OF_GROUP: Readonly<Partial<Record<Group, Category>>> = {
  bitmap: '@bitmap',
  connection: '@connection',
  generic: '@keyspace',
  geo: '@geo',
  hash: '@hash',
  hyperloglog: '@hyperloglog',
  list: '@list',
  pubsub: '@pubsub',
  scripting: '@scripting',
  set: '@set',
  'sorted-set': '@sortedset',
  stream: '@stream',
  string: '@string',
  transactions: '@transaction',
};

const OF_FLAG: Readonly<Partial<Record<Flag, readonly Category[]>>> = {
  write: ['@write'],
  readonly: ['@read'],
  admin: ['@admin', '@dangerous'],
  pubsub: ['@pubsub'],
  fast: ['@fast'],
  blocking: ['@blocking'],
};

/** In the order in which Redis tells them. */
export const CATEGORIES: readonly Category[] = [
  '@keyspace',
  '@read',
  '@write',
  '@set',
  '@sortedset',
  '@list',
  '@hash',
  '@string',
  '@bitmap',
  '@hyperloglog',
  '@geo',
  '@stream',
  '@pubsub',
  '@admin',
  '@fast',
  '@slow',
  '@blocking',
  '@dangerous',
  '@connection',
  '@transaction',
  '@scripting',
];

export function categoriesOf(row: CommandRow): readonly Category[] {
  const found = new Set<Category>(row.alsoIn);
  const ofGroup = OF_GROUP[row.group];
  if (ofGroup !== undefined && row.subcommands === undefined) found.add(ofGroup);
  // What runs a script is no read, whatever the script does.
  for (const flag of row.flags) {
    if (flag !== 'readonly' || row.group !== 'scripting') for (const each of OF_FLAG[flag] ?? []) found.add(each);
  }
  if (!found.has('@fast')) found.add('@slow');
  for (const category of row.notIn ?? []) found.delete(category);
  return CATEGORIES.filter((category) => found.has(category));
}
