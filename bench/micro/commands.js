/** Decode, execute and encode, everything but the socket. */
import { viewOf } from '../../.tmp/modules/memory/slice.js';
import { encode } from '../support/client.js';
import { BenchEngine } from './engine.js';
import { UNITS } from './units.js';

const KEYS = 100_000;
const keyName = () => `key:${String(Math.floor(Math.random() * KEYS)).padStart(12, '0')}`;

function running(make, ...prepare) {
  const bench = new BenchEngine();
  for (const command of prepare) bench.run(encode(command));
  // Several buffers, so that the keys are not always the same ones.
  const buffers = Array.from({ length: 50 }, () => Buffer.concat(Array.from({ length: UNITS }, () => encode(make()))));
  const views = buffers.map(viewOf);
  let at = 0;
  return () => {
    const which = at++ % buffers.length;
    bench.run(buffers[which], views[which]);
  };
}

const hundred = Array(100).fill('element');

export default {
  PING: running(() => ['PING']),
  'SET, 100,000 keys': running(() => ['SET', keyName(), 'xxx']),
  'GET, missing': running(() => ['GET', keyName()]),
  'GET, one key': running(() => ['GET', 'key'], ['SET', 'key', 'value']),
  INCR: running(() => ['INCR', 'counter']),
  'LPUSH and RPOP': running(() => (Math.random() < 0.5 ? ['LPUSH', 'list', 'xxx'] : ['RPOP', 'list'])),
  'LRANGE of 100': running(() => ['LRANGE', 'list', 0, 99], ['RPUSH', 'list', ...hundred]),
};
