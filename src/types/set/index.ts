/** The set type. */

import type { DataType } from '../../keyspace/data-type.js';
import { EventClass } from '../../keyspace/events.js';
import type { Kind } from '../../keyspace/kinds.js';
import { MEMBER_ENTRY } from '../../memory/entry-layout.js';
import { Table } from '../../memory/table.js';
import { setCommands } from './commands/index.js';
import { setForms } from './rdb.js';
import { openSet, SET, SetKind, sets } from './value.js';

const table: Kind['structure'] = (arena, seeds) => new Table(arena, MEMBER_ENTRY, seeds);

const setType: DataType = {
  id: SET,
  name: 'set',
  eventClass: EventClass.SET,
  kinds: [
    { number: SetKind.INTSET_RUN, encoding: 'intset', structure: null },
    { number: SetKind.INTSET_TABLE, encoding: 'intset', structure: table },
    { number: SetKind.LISTPACK_RUN, encoding: 'listpack', structure: null },
    { number: SetKind.LISTPACK_TABLE, encoding: 'listpack', structure: table },
    { number: SetKind.HASHTABLE_RUN, encoding: 'hashtable', structure: null },
    { number: SetKind.HASHTABLE_TABLE, encoding: 'hashtable', structure: table },
  ],
  rdb: setForms,
  elementParts: 1,
  isOrdered: false,
  length: (db, ref) => sets(db).brief.open(ref).length,
  writeElements(db, ref, sink) {
    sets(db).brief.open(ref).writeMembers(sink);
  },
  writeRange(db, ref, from, count, backwards, sink) {
    sets(db).brief.open(ref).writeRange(sink, from, count, backwards);
  },
  scored: openSet,
  checkIntegrity(db, ref) {
    sets(db).brief.open(ref).checkIntegrity();
  },
  limits: {
    setMaxIntsetEntries: 'set-max-intset-entries',
    setMaxListpackEntries: 'set-max-listpack-entries',
    setMaxListpackValue: 'set-max-listpack-value',
  },
};

export const set = { type: setType, commands: setCommands };
