/** Encoding replies into the shared buffer. */
import { Slice } from '../../.tmp/modules/memory/slice.js';
import { ReplyWriter } from '../../.tmp/modules/protocol/reply-writer.js';
import { UNITS } from './units.js';

const writer = new ReplyWriter();

function writing(write) {
  return () => {
    for (let i = 0; i < UNITS; i++) {
      write(writer, i);
      // The server flushes long before the buffer is full.
      if ((i & 31) === 31) writer.clear();
    }
    writer.clear();
  };
}

const short = Slice.of('xxx');
const kilobyte = Slice.of('x'.repeat(1024));

export default {
  ok: writing((reply) => reply.ok()),
  'integer, one digit': writing((reply) => reply.integer(1)),
  'integer, four digits': writing((reply, i) => reply.integer(1000 + i)),
  'bulk of 3 bytes': writing((reply) => reply.bulk(short)),
  'bulk of 1 KB': writing((reply) => reply.bulk(kilobyte)),
  'error text': writing((reply) => reply.error('ERR value is not an integer or out of range')),
};
