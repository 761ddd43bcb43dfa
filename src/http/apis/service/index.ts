/** About the service itself: is it alive, does it serve, what does it offer. */
import { type HttpReply, jsonReply, problemReply } from '../../message.js';
import { docsPage } from '../../openapi/docs-page.js';
import { openApiDocument } from '../../openapi/document.js';
import type { Api, ApiContext, Route } from '../../route.js';

const HTML = 'text/html; charset=utf-8';
/** The page has its own script and style in it, and asks nobody but this server. */
const PAGE_POLICY =
  "Content-Security-Policy: default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; " +
  "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n";

export function service({ gateway, mounts }: ApiContext): Api {
  let document: string | undefined;
  const ready = (): HttpReply => {
    const isReady = gateway.run(['PING'], { database: 0, protocol: 2 }).toString('latin1').startsWith('+');
    return isReady ? jsonReply(200, { status: 'ready' }) : jsonReply(503, { status: 'not ready' });
  };
  const prefix = (): string => mounts.find(({ api }) => api === made)?.prefix ?? '';
  const docs: Route = {
    method: 'GET',
    path: '/docs',
    summary: 'The same as a page, to read and to try',
    replies: { 200: { description: 'The page.', type: 'text/html' } },
    handle: () => ({ status: 200, type: HTML, body: docsPage(`${prefix()}/openapi.json`), headers: PAGE_POLICY }),
  };
  const made: Api = {
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
        summary: 'Whether the server runs commands now',
        replies: {
          200: { description: 'It does.', example: { status: 'ready' } },
          503: { description: 'It loads its data, or a script keeps it busy.', example: { status: 'not ready' } },
        },
        handle: ready,
      },
      {
        method: 'GET',
        path: '/openapi.json',
        summary: 'OpenAPI 3.1 of all that is served',
        replies: { 200: { description: 'The document.' } },
        handle: () => {
          document ??= JSON.stringify(openApiDocument(mounts));
          return { status: 200, type: 'application/json', body: document };
        },
      },
      docs,
      // Where services that FastAPI serves have another page of the same.
      { ...docs, path: '/redoc', isAlias: true },
    ],
    refuse: problemReply,
  };
  return made;
}
