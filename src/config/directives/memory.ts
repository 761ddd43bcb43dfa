/** Directives: memory. */
import { inert, works } from '../directive.js';
import { BOOL, INT, INT_MAX, int, oneOf, size, ULONG_MAX } from '../value-types.js';
import { JAVASCRIPT } from './reasons.js';

export const memory = {
  ...works({
    maxmemory: {
      type: size({ max: ULONG_MAX }),
      default: '0',
      since: '1.0.0',
      doc:
        'Bytes of data beyond which `maxmemory-policy` decides what happens; 0 sets no limit. The blocks ' +
        'that hold the data count, and 256 bytes for each of their pages of 64 KiB; what JavaScript and ' +
        'connections take does not.',
    },
    'maxmemory-policy': {
      type: oneOf(
        'volatile-lru',
        'volatile-lfu',
        'volatile-random',
        'volatile-ttl',
        'allkeys-lru',
        'allkeys-lfu',
        'allkeys-random',
        'noeviction',
      ),
      default: 'noeviction',
      since: '2.0.0',
      doc:
        'Which keys go when memory is full: least recently or frequently used, at random, or soonest to ' +
        'expire, among all keys or those that expire; or none, and writes fail.',
    },
    'maxmemory-samples': {
      type: int(1, INT_MAX),
      default: '5',
      since: '2.0.0',
      doc: 'Keys looked at to find one to evict; more finds a better one, more slowly.',
    },
    'maxmemory-eviction-tenacity': {
      type: int(0, 100),
      default: '10',
      since: '6.2.0',
      doc: 'How much delay eviction may cause, from little (0) to any (100).',
    },
    'lfu-log-factor': {
      type: INT,
      default: '10',
      since: '4.0.0',
      doc: 'How slowly the frequency counter of a key grows.',
    },
    'lfu-decay-time': {
      type: INT,
      default: '1',
      since: '4.0.0',
      doc: 'Minutes after which the frequency counter of an idle key falls by one; 0 keeps it.',
    },
  }),
  ...inert('keys are removed as they fall due', {
    'active-expire-effort': [int(1, 10), '1', '6.0.0', 'How hard the server looks for expired keys.'],
  }),
  ...inert('the index grows a page at a time, without rehashing', {
    activerehashing: [BOOL, 'yes', '2.0.0', 'Rehashes tables in idle time.'],
  }),
  ...inert(JAVASCRIPT, {
    'jemalloc-bg-thread': [BOOL, 'yes', '6.0.0', 'Gives memory back to the system from a thread of the allocator.'],
  }),
} as const;
