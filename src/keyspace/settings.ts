/** The directives that say how keys are chosen when memory is full. */
import { bind } from '../config/binding.js';
import type { Keyspace } from './keyspace.js';

export const evictionSettings = bind(
  ['maxmemory-policy', 'maxmemory-samples', 'maxmemory-eviction-tenacity', 'lfu-log-factor', 'lfu-decay-time'],
  (get, { eviction, frequency }: Keyspace) => {
    eviction.policy = get('maxmemory-policy');
    eviction.samples = get('maxmemory-samples');
    eviction.tenacity = get('maxmemory-eviction-tenacity');
    frequency.logFactor = get('lfu-log-factor');
    frequency.decayTime = get('lfu-decay-time');
  },
);
