/** Finding keys of 16 bytes among few (in the cache) and many (not). */
import { Slice } from '../../dist/memory/slice.js';
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
  // Of many keys only some can be kept as slices; spread over all of them, they still miss every cache.
  const keys = Array.from({ length: 100_000 }, () =>
    Slice.of(keyName(Math.floor(Math.random() * size) + (present ? 0 : size))),
  );
  let at = 0;
  return () => {
    for (let i = 0; i < UNITS; i++) {
      if ((dict.find(keys[at++ % keys.length]) !== 0) !== present) throw new Error('wrong');
    }
  };
}

export default {
  'find one of 1,000': finding(1_000, true),
  'find one of 100,000': finding(100_000, true),
  'find one of 2 million': finding(2_000_000, true),
  'miss among 100,000': finding(100_000, false),
};
