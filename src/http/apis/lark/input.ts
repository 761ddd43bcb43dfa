/**
 * What a request says to a method. A name may be given in several places, of which the later one wins: the query, the
 * path, the JSON body, and for lists what the query repeats.
 */
import { isUtf8 } from 'node:buffer';
import { type Json, parseJson } from '../../json.js';
import type { HttpRequest } from '../../message.js';
import { percentDecoded } from '../../percent.js';
import { HttpProblem } from '../../problem.js';
import { queryPairs } from '../../query.js';
import { FieldError, type Raw, type Word } from './fields.js';
import type { Method, Values } from './method.js';
import { problemsText } from './python.js';

/** The query's values by name, in their order; what is empty is as if it were not there. */
export type Query = ReadonlyMap<string, readonly Raw[]>;

export function queryOf({ query }: HttpRequest): Query {
  const values = new Map<string, Raw[]>();
  if (query === '') return values;
  for (const [name, bytes] of queryPairs(query)) {
    if (name === '' || bytes.length === 0) continue;
    const given = values.get(name);
    if (given === undefined) values.set(name, [textOrBytes(bytes)]);
    else given.push(textOrBytes(bytes));
  }
  return values;
}

/** Text, or bytes where it is none. */
function textOrBytes(bytes: Buffer): string | Buffer {
  return isUtf8(bytes) ? bytes.toString() : bytes;
}

/**
 * The words of a method's fields.
 * @param places where the path's segments stand that are parameters
 * @throws HttpProblem
 */
export function valuesOf(
  method: Method,
  request: HttpRequest,
  query: Query,
  places: ReadonlyMap<string, number>,
): Values {
  const body = bodyOf(method, request.body);
  const segments = places.size === 0 ? [] : request.path.split('/');
  const values = new Map<string, Word | readonly Word[]>();
  let problems: Map<string, string> | undefined;
  for (const [name, field] of Object.entries(method.fields)) {
    const place = places.get(name);
    let raw: Raw | undefined = query.get(name)?.at(-1);
    if (place !== undefined) raw = textOrBytes(percentDecoded(segments[place], false));
    raw = body.get(name) ?? raw;
    if (field.isList === true) raw = listOf(raw, query.get(name));
    if (raw === undefined || (raw === null && field.isOptional)) {
      if (field.fallback !== undefined) values.set(name, field.fallback);
      else if (!field.isOptional) (problems ??= new Map()).set(name, 'Required');
      continue;
    }
    try {
      values.set(name, field.read(raw));
    } catch (error) {
      if (!(error instanceof FieldError)) throw error;
      (problems ??= new Map()).set([name, ...error.path].join('.'), error.message);
    }
  }
  if (problems !== undefined) throw new HttpProblem('bad-request', 400, problemsText(problems));
  const wrong = method.check?.(values);
  if (wrong !== undefined) throw new HttpProblem('bad-request', 400, wrong);
  return values;
}

/** What the query repeats wins; one value in the path is a list of one. */
function listOf(raw: Raw | undefined, repeated: readonly Raw[] | undefined): Raw | undefined {
  if (repeated !== undefined) return repeated as Json[];
  return typeof raw === 'string' || Buffer.isBuffer(raw) ? ([raw] as Json[]) : raw;
}

const NO_BODY: ReadonlyMap<string, Json> = new Map();

/** The body's members by name. */
function bodyOf(method: Method, bytes: Buffer): ReadonlyMap<string, Json> {
  if (bytes.length === 0) return NO_BODY;
  if (!isUtf8(bytes)) throw new HttpProblem('bad-request', 400, 'the body is no UTF-8');
  let body: Json;
  try {
    body = parseJson(bytes.toString());
  } catch (error) {
    throw new HttpProblem('bad-request', 400, `the body is no JSON: ${(error as Error).message}`);
  }
  if (body instanceof Map) return body;
  if (method.bodyIs !== undefined && Array.isArray(body)) return new Map([[method.bodyIs, body]]);
  throw new HttpProblem('bad-request', 400, 'the body must be a JSON object');
}
