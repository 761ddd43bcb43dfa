/**
 * Upstash's REST API, as @upstash/redis and what builds on it speak it: Redis commands as JSON arrays or as paths, in
 * pipelines, in transactions, and subscriptions as events.
 */
import { Scripting } from '../../../features/scripting/scripting.js';
import { DATABASE_PARAMETER } from '../../database.js';
import { commandSegments } from '../../neighbours.js';
import type { Problem } from '../../problem.js';
import type { Api, ApiContext, Parameter, ReplyDescription, Route } from '../../route.js';
import { UpstashHandlers } from './handlers.js';
import { tokenIn } from './path-command.js';

const UPSTASH = 'upstash';

const ENCODING: Parameter = {
  name: 'Upstash-Encoding',
  in: 'header',
  schema: { type: 'string', enum: ['base64'] },
  description: 'Strings of the result come as base64, so that none loses a byte; only the status `OK` stays as it is.',
};
const FORMAT: Parameter = {
  name: 'Upstash-Response-Format',
  in: 'header',
  schema: { type: 'string', enum: ['json', 'resp2'], default: 'json' },
  description: 'With `resp2` the result comes as Redis would send it over a socket; not together with base64.',
};

const RESULT: ReplyDescription = {
  description: 'What the command answered, in the shape that it has in RESP2.',
  schema: { type: 'object', properties: { result: {} }, required: ['result'] },
  example: { result: 'value' },
};
const RESULTS: ReplyDescription = {
  description: 'Of each command its result or its error, in their order.',
  schema: { type: 'array', items: { type: 'object', properties: { result: {}, error: { type: 'string' } } } },
  example: [{ result: 'OK' }, { error: 'ERR value is not an integer or out of range' }],
};
const ERROR: ReplyDescription = {
  description: 'The command failed, is unknown or not available, or the request is not as it should be.',
  schema: { type: 'object', properties: { error: { type: 'string' } }, required: ['error'] },
  example: { error: "ERR wrong number of arguments for 'get' command" },
};
const UNAUTHORIZED: ReplyDescription = {
  ...ERROR,
  description: 'No token, or one that is not known.',
  example: { error: 'WRONGPASS invalid or missing auth token' },
};
const ONE = { 200: RESULT, 400: ERROR, 401: UNAUTHORIZED };
const EVENTS = {
  200: {
    description: 'Events, from now on.',
    type: 'text/event-stream',
    schema: { type: 'string' },
    example: 'data: message,chat,hello\n\n',
  },
  400: ERROR,
  401: UNAUTHORIZED,
} as const;

const COMMAND_SCHEMA = {
  type: 'array',
  items: { type: ['string', 'number', 'boolean'] },
  minItems: 1,
  examples: [['SET', 'key', 'value', 'EX', 100]],
} as const;
const COMMANDS_SCHEMA = {
  type: 'array',
  items: COMMAND_SCHEMA,
  minItems: 1,
  examples: [
    [
      ['SET', 'key', 'value'],
      ['INCR', 'number'],
    ],
  ],
} as const;
const COMMAND_PATH: Parameter = {
  name: 'command',
  in: 'path',
  required: true,
  schema: { type: 'string', examples: ['set/key/value/EX/100'] },
  description: 'The command and its arguments, percent-encoded, with slashes between them.',
};

function accept(name: string, what: string): Parameter {
  return { name, in: 'path', required: true, schema: { type: 'string' }, description: what };
}

/** Routes of a handler for each method; the others are what the first one is. */
function each(methods: readonly Route['method'][], route: Omit<Route, 'method'>): Route[] {
  return methods.map((method, index) => (index === 0 ? { ...route, method } : { ...route, method, isAlias: true }));
}

function routesOf(handlers: UpstashHandlers, takes: (segment: string) => boolean): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/',
      summary: 'A greeting: shows that the server is there.',
      replies: { 200: { description: 'The greeting.', type: 'text/plain', example: GREETING } },
      handle: () => ({ status: 200, type: 'text/plain', body: GREETING }),
    },
    ...each(['POST', 'PUT'], {
      path: '/',
      summary: 'Runs a command, which is a JSON array.',
      parameters: [ENCODING, FORMAT, DATABASE_PARAMETER],
      body: { description: 'The command and its arguments.', schema: COMMAND_SCHEMA },
      replies: ONE,
      handle: handlers.command,
    }),
    ...each(['POST', 'PUT'], {
      path: '/pipeline',
      summary: 'Runs commands one after the other; others may come between them.',
      parameters: [ENCODING, FORMAT, DATABASE_PARAMETER],
      body: { description: 'The commands.', schema: COMMANDS_SCHEMA },
      replies: { 200: RESULTS, 400: ERROR, 401: UNAUTHORIZED },
      handle: handlers.pipeline,
    }),
    ...each(['POST', 'PUT'], {
      path: '/multi-exec',
      summary: 'Runs commands as one transaction: all of them or, if one can not be queued, none.',
      parameters: [ENCODING, DATABASE_PARAMETER],
      body: { description: 'The commands.', schema: COMMANDS_SCHEMA },
      replies: { 200: RESULTS, 400: ERROR, 401: UNAUTHORIZED },
      handle: handlers.transaction,
    }),
    ...each(['GET', 'POST'], {
      path: '/subscribe/{channels...}',
      summary: 'Sends the messages of channels as events.',
      parameters: [accept('channels', 'Channels, with slashes between them.')],
      replies: EVENTS,
      handle: (request) => handlers.stream(request, 'subscribe', request.pathValues['channels']),
    }),
    ...each(['GET', 'POST'], {
      path: '/psubscribe/{patterns...}',
      summary: 'Sends the messages of all channels whose names match a pattern as events.',
      parameters: [accept('patterns', 'Patterns, with slashes between them.')],
      replies: EVENTS,
      handle: (request) => handlers.stream(request, 'psubscribe', request.pathValues['patterns']),
    }),
    ...each(['GET', 'POST'], {
      path: '/monitor',
      summary: 'Sends every command that the server runs as an event.',
      replies: EVENTS,
      handle: (request) => handlers.stream(request, 'monitor', ''),
    }),
    ...each(['GET', 'POST', 'PUT'], {
      path: '/{command...}',
      takes,
      summary:
        'Runs a command, which is the path; a body is its last argument, and what the query holds comes after it.',
      parameters: [COMMAND_PATH, ENCODING, FORMAT, DATABASE_PARAMETER],
      replies: ONE,
      handle: handlers.path,
    }),
  ];
}

/**
 * Scripts that only touch the keys they name may run beside others at Upstash, and say so by this. Here one runs at a
 * time anyhow, and @upstash/ratelimit says it of all of its scripts.
 */
const KEY_LOCKING = 'allow-key-locking';

const GREETING = 'Welcome to the REST API of redstart, as Upstash speaks it.\n';

/** Upstash's words where there are any. */
function messageOf({ kind, message }: Problem): string {
  if (kind === 'unauthorized') return 'WRONGPASS invalid or missing auth token';
  return `${kind === 'forbidden' ? 'NOPERM' : 'ERR'} ${message}`;
}

export function upstash(context: ApiContext): Api {
  const handlers = new UpstashHandlers(context);
  const { engine } = context.gateway;
  engine.feature(Scripting).ignoredFlags.add(KEY_LOCKING);
  context.access.addSource(handlers.tokens.accessOf);
  return {
    name: UPSTASH,
    title: 'Upstash REST',
    description: 'Redis commands over HTTP, as @upstash/redis, @upstash/ratelimit and @vercel/kv send them.',
    mount: '/',
    routes: routesOf(handlers, commandSegments(UPSTASH, context)),
    tokenOf: (request) => tokenIn(request.query),
    refuse: (problem) => handlers.refused(problem.status, messageOf(problem)),
    close: () => handlers.close(),
  };
}
