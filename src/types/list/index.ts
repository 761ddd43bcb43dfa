/** The list type. */

import type { DataType } from '../../keyspace/data-type.js';
import { EventClass } from '../../keyspace/events.js';
import { Deque } from '../../memory/deque.js';
import { listCommands } from './commands/index.js';
import { listForms } from './rdb.js';
import { LIST, ListKind, lists } from './value.js';

const listType: DataType = {
  id: LIST,
  name: 'list',
  eventClass: EventClass.LIST,
  kinds: [
    { number: ListKind.PACKED, encoding: 'listpack', structure: null },
    { number: ListKind.DEQUE, encoding: 'quicklist', structure: (arena) => new Deque(arena) },
  ],
  rdb: listForms,
  elementParts: 1,
  isOrdered: true,
  length: (db, ref) => lists(db).brief.open(ref).length,
  writeElements(db, ref, sink) {
    const list = lists(db).brief.open(ref);
    list.writeElements(sink, 0, list.length, false);
  },
  writeRange(db, ref, from, count, backwards, sink) {
    lists(db).brief.open(ref).writeElements(sink, from, count, backwards);
  },
  limits: { listMaxListpackSize: 'list-max-listpack-size' },
};

export const list = { type: listType, commands: listCommands };
