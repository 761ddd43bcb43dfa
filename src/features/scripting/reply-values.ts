/**
 * Replies of commands as Lua's values, read where the reply writer has them.
 *
 * Replies nest as deep as commands make them, which is a few levels: reading may recurse.
 */

import { charge } from '../../lua/runtime/limits.js';
import { FieldSite } from '../../lua/runtime/shape.js';
import { Table } from '../../lua/runtime/table.js';
import type { Value } from '../../lua/runtime/value.js';
import {
  ARRAY,
  ATTRIBUTE,
  BIG_NUMBER,
  BOOLEAN,
  BULK,
  DOUBLE,
  ERROR,
  INTEGER,
  MAP,
  NULL,
  PUSH,
  SET,
  STATUS,
  VERBATIM,
} from '../../protocol/reply-types.js';
import type { ReplyWindow, ReplyWriter } from '../../protocol/reply-writer.js';
import { latin1Slice } from './latin1.js';

const CR = 0x0d;
const MINUS = 0x2d;
const DIGIT_ZERO = 0x30;
const LETTER_T = 0x74;
/** More digits may be more than a double holds exactly. */
const EXACT_DIGITS = 15;

/** What counts as memory taken: an element with its place, and the bytes of a reply that has more than some. */
const ELEMENT_BYTES = 40;
const FEW_ELEMENTS = 32;
const SHORT_REPLY = 1024;

/**
 * The strings of an array are pieces of a text of so many characters that is made at one go: to leave JavaScript for
 * each takes 75 ns, half of what an LRANGE in a script took. V8 keeps the text as long as a script keeps a piece.
 */
const TEXT_LENGTH = 4096;
const LONGEST_PIECE = 512;

/** By constant names a table keeps its shape, and has no dictionary of its own: an error takes 0.4 µs less. */
const OK = new FieldSite('ok');
const ERR = new FieldSite('err');
const IS_COUNTED = new FieldSite('ignore_error_stats_update');

export class ReplyValues {
  /** What was read last is an error. */
  isError = false;
  private readonly window: ReplyWindow = { bytes: Buffer.alloc(0), start: 0, end: 0 };
  private bytes = this.window.bytes;
  private position = 0;
  /** The reply is not one string but may hold some, which are pieces of this text; it begins at that byte. */
  private isOneOfMany = false;
  private text = '';
  private textStart = 0;

  /** The reply that begins at the mark. */
  read(reply: ReplyWriter, mark: number): Value {
    const { window } = this;
    this.isError = false;
    reply.locate(mark, window);
    this.bytes = window.bytes;
    this.position = window.start;
    const byteLength = window.end - window.start;
    // Nothing at all is the reply of a command that has none.
    if (byteLength === 0) return undefined;
    if (byteLength > SHORT_REPLY) charge(byteLength);
    const type = this.bytes[window.start];
    this.isError = type === ERROR;
    if (this.isError) return errorTable(reply.lastError);
    this.isOneOfMany = type !== BULK;
    if (this.isOneOfMany) {
      this.text = '';
      this.textStart = 0;
    }
    return this.value();
  }

  private value(): Value {
    switch (this.bytes[this.position++]) {
      case BULK:
        return this.bulk();
      case INTEGER:
        return this.integer();
      case STATUS:
        return statusTable(this.line());
      case ARRAY:
      case PUSH:
        return this.array();
      case ERROR:
        return errorTable(this.line());
      default:
        this.position--;
        return this.ofRespThree();
    }
  }

  private ofRespThree(): Value {
    switch (this.bytes[this.position++]) {
      case NULL:
        this.line();
        return undefined;
      case BOOLEAN:
        return this.line().charCodeAt(0) === LETTER_T;
      case DOUBLE:
        return single('double', doubleOf(this.line()));
      case BIG_NUMBER:
        return single('big_number', this.line());
      case VERBATIM:
        return this.verbatim();
      case MAP:
        return this.map();
      case SET:
        return this.set();
      case ATTRIBUTE:
        for (let left = 2 * this.integer(); left > 0; left--) this.value();
        return this.value();
      default:
        throw new Error('a reply of no known type');
    }
  }

  private bulk(): Value {
    const length = this.integer();
    if (length < 0) return false;
    const start = this.position;
    this.position = start + length + 2;
    if (this.isOneOfMany && length <= LONGEST_PIECE) return this.piece(start, length);
    return latin1Slice(this.bytes, start, start + length);
  }

  private piece(start: number, length: number): string {
    let from = start - this.textStart;
    if (from + length > this.text.length) {
      this.text = latin1Slice(this.bytes, start, Math.min(start + TEXT_LENGTH, this.window.end));
      this.textStart = start;
      from = 0;
    }
    return this.text.substring(from, from + length);
  }

  private array(): Value {
    const length = this.integer();
    if (length < 0) return false;
    if (length > FEW_ELEMENTS) charge(length * ELEMENT_BYTES);
    const values: Value[] = [undefined];
    for (let left = length; left > 0; left--) values.push(this.value());
    return Table.list(values, length, 0);
  }

  private map(): Table {
    const pairs = this.integer();
    const map = new Table(0, pairs);
    for (let left = pairs; left > 0; left--) {
      const key = this.value();
      const value = this.value();
      if (key !== undefined) map.set(key, value);
    }
    return single('map', map);
  }

  private set(): Table {
    const length = this.integer();
    const set = new Table(0, length);
    for (let left = length; left > 0; left--) {
      const member = this.value();
      if (member !== undefined) set.set(member, true);
    }
    return single('set', set);
  }

  private verbatim(): Table {
    const length = this.integer();
    const start = this.position;
    this.position = start + length + 2;
    const text = new Table(0, 2);
    text.setString('format', latin1Slice(this.bytes, start, start + 3));
    text.setString('string', latin1Slice(this.bytes, start + 4, start + length));
    return single('verbatim_string', text);
  }

  /** A whole number up to the end of its line. */
  private integer(): number {
    const { bytes } = this;
    const start = this.position;
    let at = start;
    const isNegative = bytes[at] === MINUS;
    if (isNegative) at++;
    let number = 0;
    for (let byte = bytes[at]; byte !== CR; byte = bytes[++at]) number = number * 10 + byte - DIGIT_ZERO;
    this.position = at + 2;
    if (at - start > EXACT_DIGITS) return Number(bytes.toString('latin1', start, at));
    return isNegative ? -number : number;
  }

  private line(): string {
    const { bytes } = this;
    const start = this.position;
    let end = start;
    while (bytes[end] !== CR) end++;
    this.position = end + 2;
    return latin1Slice(bytes, start, end);
  }
}

/** The table that Lua has for an error that is counted already, be it of a command or of what a script asked for. */
export function errorTable(text: string): Table {
  const table = new Table(0, 2);
  table.setField(ERR, text);
  table.setField(IS_COUNTED, true);
  return table;
}

/** The table that Lua has for a status. */
function statusTable(text: string): Table {
  const table = new Table(0, 1);
  table.setField(OK, text);
  return table;
}

/** A table with one field. */
export function single(name: string, value: Value): Table {
  const table = new Table(0, 1);
  table.setString(name, value);
  return table;
}

function doubleOf(text: string): number {
  if (text === 'inf') return Number.POSITIVE_INFINITY;
  return text === '-inf' ? Number.NEGATIVE_INFINITY : Number(text);
}
