/** Keys within replies: takes a prefix off those that stand in known places, without decoding the rest. */
import { ARRAY, BULK, MAP } from '../../protocol/reply-types.js';
import { ReplyCursor } from '../reply-cursor.js';

/**
 * Where keys stand in a reply:
 *
 * - `elements`: the array's elements (KEYS)
 * - `second-elements`: those of the array that is the second element (SCAN)
 * - `first`: the first element (BLPOP, LMPOP)
 * - `pairs`: the first of each pair, or the keys of a map (XREAD)
 * - `whole`: the reply itself (RANDOMKEY)
 */
export type KeyPlaces = 'elements' | 'second-elements' | 'first' | 'pairs' | 'whole';

const cursor = new ReplyCursor();

/** The reply without the prefix on its keys. What has no such keys (nil, an error) comes back as it is. */
export function withoutPrefix(reply: Buffer, places: KeyPlaces, prefix: Buffer): Buffer {
  const pieces: Buffer[] = [];
  let done = 0;
  for (const at of keysIn(reply, places)) {
    cursor.reset(reply, at);
    cursor.next();
    const { start, end } = cursor;
    const isKey = cursor.sign === BULK && end - start >= prefix.length;
    if (!isKey || reply.compare(prefix, 0, prefix.length, start, start + prefix.length) !== 0) continue;
    pieces.push(reply.subarray(done, at), Buffer.from(`$${end - start - prefix.length}\r\n`, 'latin1'));
    done = start + prefix.length;
  }
  if (done === 0) return reply;
  pieces.push(reply.subarray(done));
  return Buffer.concat(pieces);
}

/** The replies within an array, one after the other; null for what is no array. */
export function elementsOf(reply: Buffer): Buffer[] | null {
  cursor.reset(reply);
  cursor.next();
  if (reply[0] !== ARRAY || cursor.sign !== ARRAY) return null;
  return positions(cursor.count).map((at, i, all) => reply.subarray(at, all[i + 1] ?? cursor.position));
}

/** Where the replies begin that are keys. */
function keysIn(reply: Buffer, places: KeyPlaces): number[] {
  if (places === 'whole') return [0];
  const isMap = reply[0] === MAP;
  cursor.reset(reply);
  cursor.next();
  const { sign, count } = cursor;
  if ((reply[0] !== ARRAY && !isMap) || sign !== ARRAY || count === 0) return [];
  switch (places) {
    case 'first':
      return [cursor.position];
    case 'elements':
      return positions(count);
    case 'second-elements':
      cursor.skip();
      cursor.next();
      return cursor.sign === ARRAY ? positions(cursor.count) : [];
    case 'pairs':
      // Those of a map follow one another, key and value; others are arrays of two.
      return isMap ? positions(count).filter((_, i) => i % 2 === 0) : positions(count).map((at) => inside(reply, at));
  }
}

/** Where the next elements begin; passes them over. */
function positions(count: number): number[] {
  const found: number[] = [];
  for (let i = 0; i < count; i++) {
    found.push(cursor.position);
    cursor.skip();
  }
  return found;
}

/** Where the first element begins of the array that begins at `at`. */
function inside(reply: Buffer, at: number): number {
  cursor.reset(reply, at);
  cursor.next();
  return cursor.position;
}
