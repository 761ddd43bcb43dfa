/** webdis's routes as data. */
import { commandSegments } from '../../neighbours.js';
import type { ApiContext, Parameter, ReplyDescription, Route } from '../../route.js';
import { EXTENSIONS } from './formats.js';
import type { Handlers } from './handlers.js';

export const WEBDIS = 'webdis';
/** What a token that has scopes needs: commands are not told apart. */
const SCOPES = ['webdis'];

const CROSS_DOMAIN =
  '<?xml version="1.0"?>\n' +
  '<!DOCTYPE cross-domain-policy SYSTEM "http://www.macromedia.com/xml/dtds/cross-domain-policy.dtd">\n' +
  '<cross-domain-policy>\n' +
  '<allow-access-from domain="*" />\n' +
  '</cross-domain-policy>\n';

const QUERY: readonly Parameter[] = [
  {
    name: 'type',
    in: 'query',
    schema: { type: 'string', examples: ['text/csv'] },
    description: 'Content type of the answer, which is then the value itself, as with `.txt`.',
  },
  {
    name: 'sep',
    in: 'query',
    schema: { type: 'string', examples: [','] },
    description: 'What stands between the elements of an array, where the answer is the value itself.',
  },
  {
    name: 'jsonp',
    in: 'query',
    schema: { type: 'string', examples: ['show'] },
    description: 'A function that JSON is wrapped into a call of (JSONP); `callback` means the same.',
  },
  {
    name: 'filename',
    in: 'query',
    schema: { type: 'string', examples: ['picture.png'] },
    description: 'The name under which a browser saves the answer.',
  },
  {
    name: 'If-None-Match',
    in: 'header',
    schema: { type: 'string' },
    description: 'The `ETag` of an answer that is known: the same one is answered with 304 and no body.',
  },
];

const COMMAND: Parameter = {
  name: 'command',
  in: 'path',
  required: true,
  schema: { type: 'string', examples: ['GET/key', '7/LRANGE/list/0/-1.txt'] },
  description:
    'The command and its arguments, percent-encoded, with slashes between them; before them the number of a database ' +
    `(0 to 15), if it is not to be the first one. The last one may have an extension: ${EXTENSIONS.join(', ')}.`,
};

const REPLIES: Readonly<Record<number, ReplyDescription>> = {
  200: {
    description:
      'The reply. In JSON an object of one field, which is named as the command was sent; a status is `[true,"OK"]`, ' +
      'and an error of the command `[false,"ERR …"]`.',
    example: { GET: 'value' },
  },
  304: { description: 'The answer is the one that `If-None-Match` names.' },
  400: { description: 'The request can not be read.' },
  403: { description: 'There is no command, or it is not allowed.' },
  404: { description: 'There is no value, where the answer would be the value itself.' },
  413: { description: 'The body is too long.' },
};

export function webdisRoutes(handlers: Handlers, context: ApiContext): readonly Route[] {
  const takes = commandSegments(WEBDIS, context);
  const put: Route = {
    method: 'PUT',
    path: '/{command...}',
    takes,
    summary: 'Runs the command in the path, with the body as its last argument',
    parameters: [COMMAND, ...QUERY],
    body: { description: 'The last argument, as it is.', type: 'application/octet-stream' },
    replies: REPLIES,
    scopes: SCOPES,
    handle: (request) => handlers.put(request),
  };
  const post: Route = {
    method: 'POST',
    path: '/{command...}',
    takes,
    summary: 'Runs the command in the body, which is written as in a path',
    parameters: QUERY,
    body: {
      description: 'The command: `SET/key/value`.',
      type: 'application/x-www-form-urlencoded',
      schema: { type: 'string', examples: ['SET/key/value'] },
    },
    replies: REPLIES,
    scopes: SCOPES,
    handle: (request) => handlers.post(request),
  };
  return [
    {
      method: 'GET',
      path: '/crossdomain.xml',
      summary: 'The policy that Flash asks for',
      replies: { 200: { description: 'Everyone may ask.', type: 'application/xml' } },
      handle: () => ({ status: 200, type: 'application/xml', body: CROSS_DOMAIN }),
    },
    { ...post, path: '/crossdomain.xml', isAlias: true },
    { ...put, path: '/crossdomain.xml', isAlias: true },
    {
      method: 'GET',
      path: '/{command...}',
      takes,
      summary: 'Runs the command in the path',
      parameters: [COMMAND, ...QUERY],
      replies: REPLIES,
      scopes: SCOPES,
      handle: (request) => handlers.get(request),
    },
    put,
    post,
  ];
}
