/** Keys within replies: takes a prefix off those that stand in known places, without decoding the rest. */

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

const CR = 0x0d;
const LF_LENGTH = 2;
const DOLLAR = 0x24;
const ARRAY = 0x2a;
const SET = 0x7e;
const PUSH = 0x3e;
const MAP = 0x25;
const ATTRIBUTES = 0x7c;
const VERBATIM = 0x3d;
const BLOB_ERROR = 0x21;
const MINUS = 0x2d;

/** The reply without the prefix on its keys. What has no such keys (nil, an error) comes back as it is. */
export function withoutPrefix(reply: Buffer, places: KeyPlaces, prefix: Buffer): Buffer {
  const pieces: Buffer[] = [];
  let done = 0;
  for (const at of keysIn(reply, places)) {
    if (reply[at] !== DOLLAR) continue;
    const start = lineEnd(reply, at);
    const length = numberAt(reply, at);
    if (length < prefix.length || reply.compare(prefix, 0, prefix.length, start, start + prefix.length) !== 0) continue;
    pieces.push(reply.subarray(done, at), Buffer.from(`$${length - prefix.length}\r\n`, 'latin1'));
    done = start + prefix.length;
  }
  if (done === 0) return reply;
  pieces.push(reply.subarray(done));
  return Buffer.concat(pieces);
}

/** The replies within an array, one after the other; null for what is no array. */
export function elementsOf(reply: Buffer): Buffer[] | null {
  if (reply[0] !== ARRAY || reply[1] === MINUS) return null;
  const elements: Buffer[] = [];
  let at = lineEnd(reply, 0);
  for (let left = numberAt(reply, 0); left > 0; left--) {
    const end = skip(reply, at);
    elements.push(reply.subarray(at, end));
    at = end;
  }
  return elements;
}

/** Where the replies begin that are keys. */
function* keysIn(reply: Buffer, places: KeyPlaces): Generator<number> {
  if (places === 'whole') {
    yield 0;
    return;
  }
  const isMap = reply[0] === MAP;
  if ((reply[0] !== ARRAY && !isMap) || reply[1] === MINUS) return;
  const count = numberAt(reply, 0);
  let at = lineEnd(reply, 0);
  if (count === 0) return;
  switch (places) {
    case 'first':
      yield at;
      return;
    case 'elements':
      yield* elementsAt(reply, 0);
      return;
    case 'second-elements':
      at = skip(reply, at);
      if (reply[at] === ARRAY) yield* elementsAt(reply, at);
      return;
    case 'pairs':
      for (let left = count; left > 0; left--) {
        yield isMap ? at : lineEnd(reply, at);
        at = isMap ? skip(reply, skip(reply, at)) : skip(reply, at);
      }
  }
}

function* elementsAt(reply: Buffer, array: number): Generator<number> {
  let at = lineEnd(reply, array);
  for (let left = numberAt(reply, array); left > 0; left--) {
    yield at;
    at = skip(reply, at);
  }
}

/** Where the reply ends that begins at `at`. */
function skip(reply: Buffer, at: number): number {
  // Replies that are still to be passed over: nesting costs no stack.
  let left = 1;
  while (left > 0) {
    left--;
    const end = lineEnd(reply, at);
    const isNull = reply[at + 1] === MINUS;
    switch (reply[at]) {
      case DOLLAR:
      case VERBATIM:
      case BLOB_ERROR:
        at = isNull ? end : end + numberAt(reply, at) + LF_LENGTH;
        break;
      case ARRAY:
      case SET:
      case PUSH:
        if (!isNull) left += numberAt(reply, at);
        at = end;
        break;
      case MAP:
        left += 2 * numberAt(reply, at);
        at = end;
        break;
      case ATTRIBUTES:
        left += 2 * numberAt(reply, at) + 1;
        at = end;
        break;
      default:
        at = end;
    }
  }
  return at;
}

/** Where the line ends that begins at `at`: after its CR LF. */
function lineEnd(reply: Buffer, at: number): number {
  const end = reply.indexOf(CR, at);
  if (end < 0) throw new RangeError('a reply ends within a line');
  return end + LF_LENGTH;
}

/** The number in the header at `at`. */
function numberAt(reply: Buffer, at: number): number {
  let value = 0;
  for (let i = at + 1; reply[i] !== CR; i++) value = value * 10 + reply[i] - 0x30;
  return value;
}
