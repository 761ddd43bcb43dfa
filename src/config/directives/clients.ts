/** Directives: clients. */
import { inert, works } from '../directive.js';
import { int, LONG, MEMORY_SHARE, OUTPUT_BUFFER_LIMITS, size, UINT_MAX } from '../value-types.js';
import { NOT_YET } from './reasons.js';

export const clients = {
  ...works({
    maxclients: {
      type: int(1, UINT_MAX),
      default: '10000',
      since: '2.6.0',
      doc: 'Clients connected at once; more are told so and closed.',
    },
    'client-output-buffer-limit': {
      type: OUTPUT_BUFFER_LIMITS,
      default: 'normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60',
      since: '2.6.0',
      doc:
        'For a class of clients (`normal`, `replica`, `pubsub`): bytes of waiting output at which a ' +
        'client is closed at once, bytes at which it is closed after so many seconds, and the seconds. 0 ' +
        'sets no limit. Classes that are not named keep theirs.',
    },
    'client-query-buffer-limit': {
      type: size({ min: 1048576 }),
      default: '1gb',
      since: '4.0.0',
      doc: 'Bytes of unexecuted requests at which a client is closed.',
    },
    'maxmemory-clients': {
      type: MEMORY_SHARE,
      default: '0',
      since: '7.0.0',
      doc:
        'Memory of all clients together beyond which the largest are closed, in bytes or per cent of ' +
        '`maxmemory`; 0 sets no limit.',
    },
  }),
  ...inert(NOT_YET, {
    'tracking-table-max-keys': [
      LONG,
      '1000000',
      '6.0.0',
      'Keys remembered for client-side caching before some are invalidated early; 0 sets no limit.',
    ],
  }),
} as const;
