/**
 * What a request says, from its query and its JSON body: where both name something, the body counts. A key in the query
 * may be any bytes.
 */
import { objectSources } from '../../json-source.js';
import type { HttpRequest } from '../../message.js';
import { HttpProblem } from '../../problem.js';
import { parseQuery, type Query } from '../../query.js';

import { hasLoneSurrogate, type ValueForm } from './stored-value.js';

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

export class Fields {
  constructor(
    private readonly query: Query,
    private readonly body: ReadonlyMap<string, string> | undefined,
  ) {}

  /** The JSON text of a member of the body. */
  member(name: string): string | undefined {
    return this.body?.get(name);
  }

  /** A word or number; undefined for null. @throws HttpProblem for an object or an array */
  text(name: string): string | undefined {
    const source = this.body?.get(name);
    if (source === 'null') return undefined;
    if (source === undefined) return this.query.get(name)?.toString();
    if (source[0] === '{' || source[0] === '[') throw badRequest(`${name} is neither text nor a number`);
    return source[0] === '"' ? JSON.parse(source) : source;
  }

  /** A key; undefined for none, and for an empty one. @throws HttpProblem for what is no text */
  key(): Buffer | undefined {
    const source = this.body?.get('key') ?? 'null';
    if (source === 'null') {
      const bytes = this.query.get('key');
      return bytes === undefined || bytes.length === 0 ? undefined : bytes;
    }
    const text: unknown = JSON.parse(source);
    if (typeof text !== 'string' || hasLoneSurrogate(text)) throw badRequest('key is not a string');
    return text === '' ? undefined : Buffer.from(text);
  }
}

/** @throws HttpProblem for a body that is no JSON object */
export function readFields(request: HttpRequest): Fields {
  const query = parseQuery(request.query);
  if (request.body.length === 0 || request.method === 'GET') return new Fields(query, undefined);
  const members = objectSources(request.body);
  if (members === undefined) throw badRequest('The body is not a JSON object');
  return new Fields(query, members);
}

export function valueFormOf(fields: Fields): ValueForm {
  const encoding = fields.text('encoding') ?? '';
  if (encoding !== '' && encoding !== 'base64') throw badRequest('encoding is not base64');
  const json = fields.text('json') ?? '1';
  if (!TRUE.has(json) && !FALSE.has(json)) throw badRequest('json is neither 1 nor 0');
  return { isBase64: encoding === 'base64', isText: FALSE.has(json) };
}

const TRUE: ReadonlySet<string> = new Set(['1', 'true', '']);
const FALSE: ReadonlySet<string> = new Set(['0', 'false']);

export function orderOf(fields: Fields): 'fifo' | 'lifo' {
  const order = fields.text('order') ?? 'fifo';
  if (order !== 'fifo' && order !== 'lifo') throw badRequest('order is neither fifo nor lifo');
  return order;
}

/** The time-out, 0 where there is none. @throws HttpProblem */
export function timeoutSecondsOf(fields: Fields): number {
  const text = fields.text('timeout') ?? '0';
  const seconds = NUMBER.test(text) ? Number(text) : Number.NaN;
  if (!(seconds >= 0 && seconds <= MAX_SECONDS)) throw badRequest('timeout is not a float or out of range');
  return seconds;
}

/** Beyond it there is no time in ms. */
const MAX_SECONDS = 2 ** 43;

function badRequest(message: string): HttpProblem {
  return new HttpProblem('bad-request', 400, message);
}
