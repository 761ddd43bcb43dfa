/** About the service itself: is it alive, does it serve, what does it offer. */
import { jsonReply } from '../../message.js';
import type { Api, ApiContext } from '../../route.js';

export function service({ gateway }: ApiContext): Api {
  return {
    name: 'service',
    title: 'Service',
    description: 'Health of the server, and the documents of what it offers.',
    mount: '/',
    isPublic: true,
    routes: [
      {
        method: 'GET',
        path: '/health',
        summary: 'Whether the server is alive',
        replies: { 200: { description: 'It is.', example: { status: 'ok' } } },
        handle: () => jsonReply(200, { status: 'ok' }),
      },
      {
        method: 'GET',
        path: '/ready',
        summary: 'Whether the server serves commands now',
        replies: {
          200: { description: 'It does.', example: { status: 'ready' } },
          503: { description: 'It loads its data.', example: { status: 'loading' } },
        },
        handle: () => {
          const isReady = gateway.run(['PING'], { database: 0, protocol: 2 }).toString('latin1').startsWith('+');
          return isReady ? jsonReply(200, { status: 'ready' }) : jsonReply(503, { status: 'loading' });
        },
      },
    ],
    refuse: ({ status, message }) => jsonReply(status, { error: message }),
  };
}
