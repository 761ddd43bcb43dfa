/**
 * Parameters of a query as bytes, so that `%FF` is one. As forms are sent: '+' is a space, and a '%' that no two
 * digits follow stands for itself. Of several with one name the last counts.
 */

import { decodePercent } from './percent.js';

export type Query = ReadonlyMap<string, Buffer>;

const NO_QUERY: Query = new Map();

/** `query` as the request has it: without the '?', one character a byte. */
export function parseQuery(query: string): Query {
  if (query === '') return NO_QUERY;
  const parameters = new Map<string, Buffer>();
  for (const part of query.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = equals < 0 ? part : part.slice(0, equals);
    const value = equals < 0 ? '' : part.slice(equals + 1);
    parameters.set(decoded(name).toString(), decoded(value));
  }
  return parameters;
}

function decoded(text: string): Buffer {
  const bytes = Buffer.allocUnsafe(text.length);
  return bytes.subarray(0, decodePercent(text, 0, text.length, bytes, 0, true));
}
