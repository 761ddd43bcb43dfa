/** Inline requests: lines as people type them, in place of RESP's arrays. */
import { viewOf } from '../memory/slice.js';
import type { Args } from './args.js';
import { ProtocolError } from './errors.js';

const CR = 0x0d;
const LF = 0x0a;
const SPACE = 0x20;
const TAB = 0x09;
const BACKSLASH = 0x5c;
const QUOTE = 0x22;
const APOSTROPHE = 0x27;

/** Where unquote() begins, and where the argument ended that it copied. */
let cursor = 0;

/**
 * Splits a line into arguments as redis-cli and people with telnet write them: separated by white space; in "double
 * quotes" with \n \r \t \b \a \xHH and \anything-else, in 'single quotes' with \' only. A closing quote ends the
 * argument.
 */
export function splitInline(args: Args, bytes: Buffer, view: DataView, position: number, end: number): void {
  let count = 0;
  let target = bytes;
  let targetView = view;
  if (indexOf(bytes, QUOTE, position, end) >= 0 || indexOf(bytes, APOSTROPHE, position, end) >= 0) {
    // Quoting makes arguments shorter than they are written: they need other memory than the read buffer.
    target = Buffer.allocUnsafeSlow(end - position);
    targetView = viewOf(target);
  }
  let to = 0;
  for (;;) {
    while (position < end && isSpace(bytes[position])) position++;
    if (position === end) break;
    args.resize(count + 1);
    if (target === bytes) {
      args.starts[count] = position;
      while (position < end && !isSeparator(bytes[position])) position++;
      args.ends[count++] = position;
    } else {
      args.starts[count] = to;
      cursor = position;
      to = unquote(bytes, end, target, to);
      position = cursor;
      args.ends[count++] = to;
    }
  }
  args.count = count;
  args.bytes = target;
  args.view = targetView;
}

/** Copies one argument from `cursor` on without its quotes, returns its end in `target`, leaves `cursor` behind it. */
function unquote(bytes: Buffer, end: number, target: Buffer, to: number): number {
  let position = cursor;
  let quote = 0;
  while (position < end) {
    const byte = bytes[position];
    if (quote === 0) {
      if (isSeparator(byte)) break;
      position++;
      if (byte === QUOTE || byte === APOSTROPHE) quote = byte;
      else target[to++] = byte;
    } else if (byte === quote) {
      position++;
      if (position < end && !isSpace(bytes[position])) throw new ProtocolError('unbalanced quotes in request');
      quote = 0;
      break;
    } else if (byte === BACKSLASH && quote === APOSTROPHE && position + 1 < end && bytes[position + 1] === APOSTROPHE) {
      target[to++] = APOSTROPHE;
      position += 2;
    } else if (byte === BACKSLASH && quote === QUOTE && position + 1 < end) {
      const hex = position + 3 < end ? HEX.exec(bytes.toString('latin1', position + 1, position + 4)) : null;
      target[to++] = hex === null ? unescaped(bytes[position + 1]) : Number.parseInt(hex[1], 16);
      position += hex === null ? 2 : 4;
    } else {
      target[to++] = byte;
      position++;
    }
  }
  if (quote !== 0) throw new ProtocolError('unbalanced quotes in request');
  cursor = position;
  return to;
}

const HEX = /^x([0-9a-fA-F]{2})$/;

/** What a backslash in double quotes makes of a byte. */
function unescaped(byte: number): number {
  switch (byte) {
    case 0x6e:
      return LF;
    case 0x72:
      return CR;
    case 0x74:
      return TAB;
    case 0x62:
      return 0x08;
    case 0x61:
      return 0x07;
    default:
      return byte;
  }
}

/** C's isspace(). */
function isSpace(byte: number): boolean {
  return byte === SPACE || (byte >= TAB && byte <= CR);
}

/** What ends an argument without quotes. */
function isSeparator(byte: number): boolean {
  return byte === SPACE || byte === TAB || byte === CR || byte === LF;
}

function indexOf(bytes: Buffer, byte: number, start: number, end: number): number {
  for (let position = start; position < end; position++) if (bytes[position] === byte) return position;
  return -1;
}
