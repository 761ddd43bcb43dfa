/**
 * Parameters of a query as bytes, so that `%FF` is one. As forms are sent: '+' is a space, and a '%' that no two
 * digits follow stands for itself. Of several with one name the last counts.
 */

import { percentDecoded } from './percent.js';

export type Query = ReadonlyMap<string, Buffer>;

const NO_QUERY: Query = new Map();

/** `query` as the request has it: without the '?', one character a byte. */
export function parseQuery(query: string): Query {
  return query === '' ? NO_QUERY : new Map(queryPairs(query));
}

/** All of them, in their order. */
export function queryPairs(query: string): [name: string, value: Buffer][] {
  const pairs: [string, Buffer][] = [];
  for (const part of query.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = equals < 0 ? part : part.slice(0, equals);
    const value = equals < 0 ? '' : part.slice(equals + 1);
    pairs.push([percentDecoded(name, true).toString(), percentDecoded(value, true)]);
  }
  return pairs;
}
