/** The routes as data: GET pops as the original has it, and POST because they change something. */
import { DATABASE_PARAMETER } from '../../database.js';
import type { Parameter, ReplyDescription, Route } from '../../route.js';
import { awaitValue, getKey, type KeyValueSettings, popValue, pushValues, setKey } from './handlers.js';

const KEY: Parameter = {
  name: 'key',
  in: ['query', 'body'],
  required: true,
  schema: { type: 'string', examples: ['jobs'] },
  description: 'The key. In the query it may be any bytes, percent-encoded.',
};

const QUERY_KEY: Parameter = { ...KEY, in: 'query' };

const ENCODING: Parameter = {
  name: 'encoding',
  in: ['query', 'body'],
  schema: { type: 'string', enum: ['base64'] },
  description: 'With `base64`, values stand in the request and in its reply as base64 of the bytes that are stored.',
};

const JSON_READING: Parameter = {
  name: 'json',
  in: ['query', 'body'],
  schema: { type: 'string', enum: ['1', '0'], default: '1' },
  description: 'With `0`, the reply is the stored text as a string, also where it is JSON.',
};

const ORDER: Parameter = {
  name: 'order',
  in: ['query', 'body'],
  schema: { type: 'string', enum: ['fifo', 'lifo'], default: 'fifo' },
  description: 'Which end the value comes from: `fifo` takes the one that was pushed first, `lifo` the last.',
};

const TIMEOUT: Parameter = {
  name: 'timeout',
  in: ['query', 'body'],
  schema: { type: 'number', minimum: 0, default: 0 },
  description: 'For how many seconds to wait, fractions too; 0 for as long as the server allows (http-kv-max-wait).',
};

const BAD_REQUEST: ReplyDescription = {
  description: 'Something is missing or is not what it should be.',
  example: { error: 'Missing key' },
};
const READ_ONLY: ReplyDescription = { description: 'The token may only read.' };
const WRONG_TYPE: ReplyDescription = {
  description: 'The key holds another type.',
  example: { error: 'WRONGTYPE Operation against a key holding the wrong kind of value' },
};

const value = (description: string): ReplyDescription => ({ description, example: { result: { task: 'resize' } } });

const set: Route = {
  method: 'POST',
  path: '/set',
  summary: 'Stores a value under a key.',
  scopes: ['admin', 'write:*', 'write:set', 'kv:*'],
  parameters: [
    KEY,
    { name: 'value', in: 'body', required: true, schema: {}, description: 'Any JSON value.' },
    {
      name: 'expiry',
      in: 'body',
      schema: { type: ['number', 'null'], minimum: 0 },
      description: 'Seconds until the key expires, fractions too; absent, null or 0: never.',
    },
    {
      name: 'condition',
      in: ['query', 'body'],
      schema: { type: 'string', enum: ['NX', 'XX'] },
      description: 'Only if the key does not exist (`NX`), or only if it does (`XX`).',
    },
    ENCODING,
    DATABASE_PARAMETER,
  ],
  replies: {
    200: { description: 'It is stored.', example: { success: true, message: 'Key set successfully.' } },
    400: BAD_REQUEST,
    403: READ_ONLY,
    404: { description: 'With `XX`.', example: { success: false, message: 'Key does not exist.' } },
    409: { description: 'With `NX`.', example: { success: false, message: 'Key already exists.' } },
  },
  handle: setKey,
};

const get: Route = {
  method: 'GET',
  path: '/get',
  summary: 'Gives the value under a key.',
  scopes: ['admin', 'read:*', 'read:get', 'kv:*'],
  parameters: [QUERY_KEY, ENCODING, JSON_READING, DATABASE_PARAMETER],
  replies: {
    200: value('The value, with its type.'),
    400: BAD_REQUEST,
    404: { description: 'There is no such key.', example: { error: 'Key not found' } },
    409: WRONG_TYPE,
  },
  handle: getKey,
};

const qpush: Route = {
  method: 'POST',
  path: '/qpush',
  summary: 'Appends values to a queue.',
  scopes: ['admin', 'write:*', 'write:rpush', 'kv:*'],
  parameters: [
    KEY,
    {
      name: 'values',
      in: 'body',
      required: true,
      schema: { type: 'array', items: {}, minItems: 1 },
      description: 'JSON values; the first is popped first.',
    },
    ENCODING,
    DATABASE_PARAMETER,
  ],
  replies: {
    200: { description: 'How long the queue is now.', example: { result: 3 } },
    400: { ...BAD_REQUEST, example: { error: 'Missing key or values' } },
    403: READ_ONLY,
    409: WRONG_TYPE,
  },
  handle: pushValues,
};

const qpop: Route = {
  method: 'GET',
  path: '/qpop',
  summary: 'Takes a value from a queue.',
  scopes: ['admin', 'write:*', 'write:lpop', 'kv:*'],
  parameters: [KEY, ORDER, ENCODING, JSON_READING, DATABASE_PARAMETER],
  replies: {
    200: value('The value, which is in the queue no more.'),
    400: BAD_REQUEST,
    403: READ_ONLY,
    404: { description: 'The queue is empty.', example: { error: 'Key not found or not a list' } },
  },
  handle: popValue,
};

function bqpop(settings: KeyValueSettings): Route {
  return {
    method: 'GET',
    path: '/bqpop',
    summary: 'Takes a value from a queue, and waits for one while there is none.',
    scopes: ['admin', 'write:*', 'write:blpop', 'kv:*'],
    parameters: [KEY, TIMEOUT, ORDER, ENCODING, JSON_READING, DATABASE_PARAMETER],
    replies: {
      200: value('The value, which is in the queue no more. Who has waited longest is served first.'),
      400: { ...BAD_REQUEST, example: { error: 'timeout is not a float or out of range' } },
      403: READ_ONLY,
      404: {
        description: 'The time is over, or the key holds another type.',
        example: { error: 'Key not found or not a list or timed out' },
      },
    },
    handle: (request) => awaitValue(request, settings),
  };
}

export function keyValueRoutes(settings: KeyValueSettings): readonly Route[] {
  const pops = [qpop, bqpop(settings)];
  return [set, get, qpush, ...pops, ...pops.map((route): Route => ({ ...route, method: 'POST' }))];
}
