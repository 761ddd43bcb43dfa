/** The routes of OAuth: the protocol's own two for anyone, the others for administrators. */
import type { HttpReply, HttpRequest } from '../../../message.js';
import type { Parameter, ReplyDescription, Route, Schema } from '../../../route.js';
import type { OAuth } from './index.js';
import { GRANTS } from './records.js';

type Handle = (request: HttpRequest) => HttpReply | Promise<HttpReply>;

const ADMIN = ['admin'];
const TEXT: Schema = { type: 'string' };
const TEXTS: Schema = { type: 'array', items: TEXT };

function inBody(name: string, schema: Schema, description: string, required = false): Parameter {
  return { name, in: 'body', schema, description, required };
}

const ALLOWANCE: readonly Parameter[] = [
  inBody('scopes', { ...TEXTS, examples: [['read:*', 'key:*']] }, 'what its tokens may ask for at most'),
  inBody('prefix', TEXT, 'put before all their keys, with a colon'),
  inBody('database', { type: ['integer', 'null'] }, 'the only database they reach; null for any'),
  inBody('readOnly', { type: 'boolean' }, 'they change nothing'),
];
const CLIENT: readonly Parameter[] = [
  inBody('name', TEXT, 'what users are shown'),
  inBody('description', TEXT, 'the same, at more length'),
  inBody('redirect_uris', TEXTS, 'where its users are sent back; http://localhost:8000 if it is not said'),
  inBody('grants', { type: 'array', items: { type: 'string', enum: GRANTS } }, 'how it may ask for tokens; all'),
  ...ALLOWANCE,
];
const ID: Parameter = { name: 'id', in: 'path', required: true, schema: TEXT, description: "the client's id" };
const USERNAME: Parameter = {
  name: 'username',
  in: 'path',
  required: true,
  schema: TEXT,
  description: "the user's name",
};

const REPLIES: Readonly<Record<number, ReplyDescription>> = {
  200: { description: 'What it is now.' },
  400: { description: 'A member is missing or wrong.' },
  403: { description: 'The scope `admin` is missing.' },
};
const REPLIES_OF_ONE: Readonly<Record<number, ReplyDescription>> = {
  ...REPLIES,
  404: { description: 'There is none.' },
};

export function oauthRoutes(oauth: OAuth): Route[] {
  return [...protocolRoutes(oauth), ...clientRoutes(oauth), ...userRoutes(oauth)];
}

function protocolRoutes(oauth: OAuth): Route[] {
  return [
    {
      method: 'POST',
      path: '/oauth/token',
      summary: 'A token, by the grants client_credentials, authorization_code, password and refresh_token',
      isPublic: true,
      body: {
        description: 'The form of RFC 6749; the client by Basic authentication, or by client_id and client_secret.',
        type: 'application/x-www-form-urlencoded',
        schema: { type: 'object', properties: { grant_type: { type: 'string', enum: GRANTS }, scope: TEXT } },
      },
      replies: {
        200: {
          description: 'The token, as RFC 6749 has it.',
          example: { access_token: '…', token_type: 'Bearer', expires_in: 3600, refresh_token: '…', scope: 'read:*' },
        },
        400: { description: 'RFC 6749: `error` and `error_description`.', example: { error: 'invalid_grant' } },
        401: {
          description: 'The client is not known, or its secret is another.',
          example: { error: 'invalid_client' },
        },
      },
      handle: (request) => oauth.token(request),
    },
    {
      method: 'GET',
      path: '/oauth/authorize',
      summary: 'The page on which a user lets a client act in his name',
      isPublic: true,
      parameters: ['response_type', 'client_id', 'redirect_uri', 'scope', 'state', 'code_challenge'].map((name) => ({
        name,
        in: 'query' as const,
        schema: TEXT,
        description: 'as RFC 6749 and RFC 7636 have it',
      })),
      replies: {
        200: { description: 'The page.', type: 'text/html' },
        400: { description: 'There is no such client, or it does not wait there.' },
      },
      handle: (request) => oauth.authorizationForm(request),
    },
    {
      method: 'POST',
      path: '/oauth/authorize',
      summary: "The page's form: sends the user back to the client, with a code or with what is wrong",
      isPublic: true,
      body: { description: 'What the page sends.', type: 'application/x-www-form-urlencoded' },
      replies: {
        302: { description: 'The way back.', type: '' },
        401: { description: 'The page again: user and password do not belong together.', type: 'text/html' },
      },
      handle: (request) => oauth.authorize(request),
    },
  ];
}

function clientRoutes(oauth: OAuth): Route[] {
  const parameters = CLIENT.map((each) => (each.name === 'name' ? { ...each, required: true } : each));
  return [
    admin('GET', '/clients', 'All clients', [], () => oauth.clients()),
    admin('POST', '/clients', 'Makes a client; its secret is told only now', parameters, (r) => oauth.addClient(r)),
    admin('GET', '/clients/{id}', 'A client', [ID], (request) => oauth.client(request)),
    admin('POST', '/clients/{id}', 'Changes a client, and ends its tokens', [ID, ...CLIENT], (r) =>
      oauth.changeClient(r),
    ),
    admin('DELETE', '/clients/{id}', 'Removes a client and its tokens', [ID], (r) => oauth.removeClient(r)),
    admin('GET', '/clients/{id}/tokens', "A client's tokens, without themselves", [ID], (r) => oauth.tokens(r)),
    admin('POST', '/clients/{id}/tokens', 'Makes a token of a client', [ID, ...TOKEN], (r) => oauth.addToken(r)),
  ];
}

const TOKEN: readonly Parameter[] = [
  inBody('username', TEXT, 'for whom; for the client itself where it is not said'),
  inBody('scopes', TEXTS, 'what it allows; all that client and user both may where it is not said'),
  inBody('expires_in', { type: 'integer', minimum: 1, default: 3600 }, 'seconds'),
];

function userRoutes(oauth: OAuth): Route[] {
  const password = inBody('password', TEXT, 'the password', true);
  const all = [inBody('username', TEXT, 'the name', true), password, ...ALLOWANCE];
  const change = [USERNAME, { ...password, required: false }, ...ALLOWANCE];
  return [
    admin('GET', '/users', 'All users', [], () => oauth.users()),
    admin('POST', '/users', 'Makes a user', all, (request) => oauth.addUser(request)),
    admin('GET', '/users/{username}', 'A user', [USERNAME], (request) => oauth.user(request)),
    admin('POST', '/users/{username}', 'Changes a user, and ends his tokens', change, (r) => oauth.changeUser(r)),
    admin('DELETE', '/users/{username}', 'Removes a user and his tokens', [USERNAME], (r) => oauth.removeUser(r)),
  ];
}

function admin(
  method: Route['method'],
  path: string,
  summary: string,
  parameters: readonly Parameter[],
  handle: Handle,
): Route {
  const replies = path.includes('{') ? REPLIES_OF_ONE : REPLIES;
  return { method, path, summary, parameters, scopes: ADMIN, replies, handle };
}
