/** Finding keys of 16 bytes among few (in the cache) and many (not). */
import { Slice } from '../../.tmp/modules/memory/slice.js';
import { encode } from '../support/client.js';
import { BenchEngine } from './engine.js';
import { UNITS } from './units.js';

const keyName = (number) => `key:${String(number).padStart(12, '0')}`;

function finding(size, present) {
  const bench = new BenchEngine();
  for (let from = 0; from < size; from += 1_000) {
    const frames = [];
    for (let i = from; i < Math.min(size, from + 1_000); i++) frames.push(encode(['SET', keyName(i), 'xxx']));
    bench.run(Buffer.concat(frames));
  }
  const { dict } = bench.engine.keyspace.databases[0];
  // One slice whose digits are patched: thousands of slices would miss the cache themselves.
  const key = Slice.of(keyName(0));
  let random = 1;
  return () => {
    for (let i = 0; i < UNITS; i++) {
      random = (Math.imul(random, 1_103_515_245) + 12_345) & 0x7fffffff;
      let number = present ? random % size : size + random;
      for (let at = key.end - 1; number > 0; at--) {
        key.bytes[at] = 48 + (number % 10);
        number = (number / 10) | 0;
      }
      if ((dict.find(key) !== 0) !== present) throw new Error('wrong');
      key.bytes.fill(48, 4);
    }
  };
}

export default {
  'find one of 1,000': finding(1_000, true),
  'find one of 100,000': finding(100_000, true),
  'find one of 2 million': finding(2_000_000, true),
  'miss among 100,000': finding(100_000, false),
};
