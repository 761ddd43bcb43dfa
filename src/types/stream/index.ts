/** The stream type. */

import type { DataType } from '../../keyspace/data-type.js';
import { EventClass } from '../../keyspace/events.js';
import { Slice } from '../../memory/slice.js';
import { streamCommands } from './commands/index.js';
import { idText, idTextRoom } from './id.js';
import { streamForms } from './rdb.js';
import { Stream } from './stream.js';
import { openStreamBriefly, STREAM, STREAM_KIND } from './value.js';

const text = Slice.of(idTextRoom());

const streamType: DataType = {
  id: STREAM,
  name: 'stream',
  eventClass: EventClass.STREAM,
  kinds: [{ number: STREAM_KIND, encoding: 'stream', structure: (arena) => new Stream(arena) }],
  rdb: streamForms,
  elementParts: 1,
  isOrdered: true,
  length: (db, ref) => openStreamBriefly(db, ref).length,
  writeElements(db, ref, sink) {
    openStreamBriefly(db, ref).writeElements(sink, (to, id) => to.bulk(idText(id, text)));
  },
  checkIntegrity(db, ref) {
    openStreamBriefly(db, ref).checkIntegrity();
  },
  limits: { streamNodeMaxBytes: 'stream-node-max-bytes', streamNodeMaxEntries: 'stream-node-max-entries' },
};

export const stream = { type: streamType, commands: streamCommands };
