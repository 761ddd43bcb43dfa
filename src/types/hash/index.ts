/** The hash type. */

import type { DataType } from '../../keyspace/data-type.js';
import { EventClass } from '../../keyspace/events.js';
import type { Kind } from '../../keyspace/kinds.js';
import { FIELD_ENTRY } from '../../memory/entry-layout.js';
import { Table } from '../../memory/table.js';
import { hashCommands } from './commands/index.js';
import { hashExpiry } from './expiry.js';
import { hashForms } from './rdb.js';
import { HASH, HashKind, hashes } from './value.js';

const table: Kind['structure'] = (arena, seeds) => new Table(arena, FIELD_ENTRY, seeds);

const hashType: DataType = {
  id: HASH,
  name: 'hash',
  eventClass: EventClass.HASH,
  kinds: [
    { number: HashKind.LISTPACK_RUN, encoding: 'listpack', structure: null },
    { number: HashKind.LISTPACK_TABLE, encoding: 'listpack', structure: table },
    { number: HashKind.LISTPACK_EX_RUN, encoding: 'listpackex', structure: null },
    { number: HashKind.LISTPACK_EX_TABLE, encoding: 'listpackex', structure: table },
    { number: HashKind.HASHTABLE_RUN, encoding: 'hashtable', structure: null },
    { number: HashKind.HASHTABLE_TABLE, encoding: 'hashtable', structure: table },
  ],
  rdb: hashForms,
  elementParts: 2,
  isOrdered: false,
  length: (db, ref) => hashes(db).brief.open(ref).length,
  writeElements(db, ref, sink) {
    hashes(db).brief.open(ref).writeElements(sink);
  },
  checkIntegrity(db, ref) {
    hashes(db).brief.open(ref).checkIntegrity();
  },
  limits: {
    hashMaxListpackEntries: 'hash-max-listpack-entries',
    hashMaxListpackValue: 'hash-max-listpack-value',
  },
  expiry: hashExpiry,
  writeField(db, ref, field, sink) {
    const hash = hashes(db).brief.open(ref);
    if (!hash.findLive(field)) return false;
    hash.writeValueHere(sink);
    return true;
  },
};

export const hash = { type: hashType, commands: hashCommands };
