/** The sorted set type. */

import type { DataType } from '../../keyspace/data-type.js';
import { EventClass } from '../../keyspace/events.js';
import { ScoreTable } from '../../memory/score-table.js';
import { zsetCommands } from './commands/index.js';
import { zsetForms } from './rdb.js';
import { openZSet, ZSET, ZSetKind, zsets } from './value.js';

const zsetType: DataType = {
  id: ZSET,
  name: 'zset',
  eventClass: EventClass.ZSET,
  kinds: [
    { number: ZSetKind.LISTPACK_RUN, encoding: 'listpack', structure: null },
    {
      number: ZSetKind.LISTPACK_TABLE,
      encoding: 'listpack',
      structure: (arena, seeds) => new ScoreTable(arena, seeds),
    },
    { number: ZSetKind.SKIPLIST_RUN, encoding: 'skiplist', structure: null },
    {
      number: ZSetKind.SKIPLIST_TABLE,
      encoding: 'skiplist',
      structure: (arena, seeds) => new ScoreTable(arena, seeds),
    },
  ],
  rdb: zsetForms,
  elementParts: 2,
  isOrdered: true,
  length: (db, ref) => zsets(db).brief.open(ref).length,
  writeElements(db, ref, sink) {
    zsets(db).brief.open(ref).writeElements(sink);
  },
  writeRange(db, ref, from, count, backwards, sink) {
    zsets(db).brief.open(ref).writeMembers(sink, from, count, backwards);
  },
  beforeSort(db, ref) {
    zsets(db).brief.open(ref).becomeSkiplist();
  },
  scored: openZSet,
  checkIntegrity(db, ref) {
    zsets(db).brief.open(ref).checkIntegrity();
  },
  limits: {
    zsetMaxListpackEntries: 'zset-max-listpack-entries',
    zsetMaxListpackValue: 'zset-max-listpack-value',
  },
};

export const zset = { type: zsetType, commands: zsetCommands };
