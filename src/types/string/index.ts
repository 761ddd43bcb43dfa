/** The string type, and HyperLogLogs, which are strings to a client that asks for their type. */

import type { DataType } from '../../keyspace/data-type.js';
import { EventClass } from '../../keyspace/events.js';
import { Rope } from '../../memory/rope.js';
import { stringCommands } from './commands/index.js';
import { hyperLogLogCommands } from './hyperloglog/commands.js';
import { stringForms } from './rdb.js';
import { referenceCount, STRING, StringKind, writeWholeString } from './value.js';

const stringType: DataType = {
  id: STRING,
  name: 'string',
  eventClass: EventClass.STRING,
  kinds: [
    { number: StringKind.INT, encoding: 'int', structure: null },
    { number: StringKind.EMBSTR, encoding: 'embstr', structure: null },
    { number: StringKind.RAW, encoding: 'raw', structure: null },
    { number: StringKind.ROPE, encoding: 'raw', structure: (arena) => new Rope(arena) },
  ],
  rdb: stringForms,
  elementParts: 1,
  isOrdered: true,
  writeElements: (db, ref, sink) => writeWholeString(sink, db, ref),
  writeText: (db, ref, sink) => writeWholeString(sink, db, ref),
  referenceCount,
  limits: { protoMaxBulkLength: 'proto-max-bulk-len', hllSparseMaxBytes: 'hll-sparse-max-bytes' },
};

export const string = { type: stringType, commands: [...stringCommands, ...hyperLogLogCommands] };
