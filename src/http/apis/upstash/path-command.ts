/**
 * A command out of a path, `/set/key/value/EX/100`, whose segments are its arguments. A body is the argument after
 * them; then come the pairs of the query: `POST /set/key?EX=100`, with the value as the body. A name without a value is
 * an argument by itself (`?NX`). The token, which may be in the query, is none.
 */
import { viewOf } from '../../../memory/slice.js';
import type { Args } from '../../../protocol/args.js';
import { decodePercent, percentDecoded } from '../../percent.js';

/** The parameter that a token may come in. */
const TOKEN_PARAMETER = '_token';
const TOKEN_PAIR = /(?:^|&)_token=([^&]*)/;

/** Fills `args`. `path`: the segments with slashes between them; of one character a byte, as the query is. */
export function readPathCommand(args: Args, path: string, body: Buffer, query: string): void {
  args.bytes = Buffer.allocUnsafe(path.length + body.length + query.length);
  args.view = viewOf(args.bytes);
  args.count = 0;
  let end = 0;
  for (let from = 0; from <= path.length; ) {
    const slash = path.indexOf('/', from);
    const to = slash < 0 ? path.length : slash;
    end = append(args, path, from, to, end, false);
    from = to + 1;
  }
  if (body.length > 0) {
    body.copy(args.bytes, end);
    end = args.append(end, end + body.length);
  }
  for (let from = 0; from < query.length; ) {
    const ampersand = query.indexOf('&', from);
    const to = ampersand < 0 ? query.length : ampersand;
    const sign = query.indexOf('=', from);
    const nameEnd = sign < 0 || sign > to ? to : sign;
    if (nameEnd > from && query.slice(from, nameEnd) !== TOKEN_PARAMETER) {
      end = append(args, query, from, nameEnd, end, true);
      if (nameEnd + 1 < to) end = append(args, query, nameEnd + 1, to, end, true);
    }
    from = to + 1;
  }
}

/** The token in a query, one character a byte. */
export function tokenIn(query: string): string | undefined {
  if (query === '') return undefined;
  const token = TOKEN_PAIR.exec(query)?.[1];
  return token === undefined ? undefined : percentDecoded(token, true).toString('latin1');
}

/** What a query holds beside the token, as it stands there. */
export function withoutToken(query: string): string {
  return query.replace(TOKEN_PAIR, '').replace(/^&/, '');
}

/** One more argument. @returns where it ends */
function append(args: Args, text: string, from: number, to: number, at: number, isQuery: boolean): number {
  return args.append(at, decodePercent(text, from, to, args.bytes, at, isQuery));
}
