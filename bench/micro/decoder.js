/** Decoding frames that lie whole in the read buffer, and inline requests. */
import { viewOf } from '../../.tmp/modules/memory/slice.js';
import { Args } from '../../.tmp/modules/protocol/args.js';
import { RequestDecoder } from '../../.tmp/modules/protocol/request-decoder.js';
import { encode } from '../support/client.js';
import { UNITS } from './units.js';

const decoder = new RequestDecoder({ maxBulkLength: 512 * 1024 * 1024 });
const args = new Args();

function decoding(frame) {
  const bytes = Buffer.alloc(frame.length * UNITS, frame);
  const view = viewOf(bytes);
  return () => {
    decoder.feed(bytes, view, bytes.length);
    let count = 0;
    while (decoder.next(args)) count++;
    decoder.retain();
    if (count !== UNITS) throw new Error(`${count} requests`);
  };
}

export default {
  'GET key:000000000042': decoding(encode(['GET', 'key:000000000042'])),
  'SET key:000000000042 xxx': decoding(encode(['SET', 'key:000000000042', 'xxx'])),
  'SET with 1 KB': decoding(encode(['SET', 'key:000000000042', 'x'.repeat(1024)])),
  'RPUSH with 10 elements': decoding(encode(['RPUSH', 'list', ...Array(10).fill('element')])),
  'inline PING': decoding(Buffer.from('PING\r\n')),
};
