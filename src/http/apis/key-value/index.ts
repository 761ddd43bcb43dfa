/**
 * Keys with JSON values, and queues of them, in five routes: for programs that want no more of Redis than that.
 *
 * Values keep their types (stored-value.ts). Queues are lists, pushed at the tail; a pop takes the head.
 */
import { jsonReply } from '../../message.js';
import type { Problem } from '../../problem.js';
import type { Api, ApiContext } from '../../route.js';
import { keyValueRoutes } from './routes.js';

export function keyValue({ config }: ApiContext): Api {
  return {
    name: 'key-value',
    title: 'Key-value and queue',
    description:
      'JSON values under keys, with expiry, and queues of them whose pops can wait. What is stored is what any Redis ' +
      'client sees: strings as they are, other values as their JSON, queues as lists.',
    mount: '/kv',
    routes: keyValueRoutes({
      get maxWaitSeconds() {
        return config.get('http-kv-max-wait');
      },
    }),
    refuse: ({ kind, status, message }: Problem) => jsonReply(status, { error: TEXTS[kind] ?? message }),
  };
}

const TEXTS: { readonly [Kind in Problem['kind']]?: string } = {
  'not-found': 'Not found',
  'method-not-allowed': 'Method not allowed',
};
