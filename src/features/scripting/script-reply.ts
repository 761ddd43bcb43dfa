/**
 * What a script returned, as a reply.
 *
 * Tables may nest as deep as a script likes, so what is open lies on a stack of this file's own. Redis keeps it on
 * Lua's, which holds some thousand levels: what lies deeper is an error in its place, here too.
 */

import { cString } from '../../lua/runtime/c-string.js';
import { Table } from '../../lua/runtime/table.js';
import type { Value } from '../../lua/runtime/value.js';
import type { ReplyWriter } from '../../protocol/reply-writer.js';

/** Places of Redis's Lua stack. An array takes one while it is open, a map or a set three. */
const STACK_LIMIT = 7995;
const PLACES_OF_PAIRS = 3;

const INT64_LIMIT = 2 ** 63;
const LEAST_INT64 = -(2n ** 63n);
const LINE_BREAK = /[\r\n]/g;
const LAST_LINE_BREAKS = /[\r\n]+$/;

/** A table whose elements are being written. */
class OpenTable {
  /** Of an array the index that was written last, of others the key. */
  at: Value = 0;
  constructor(
    readonly table: Table,
    readonly kind: 'array' | 'map' | 'set',
    /** Elements of an array. */
    readonly length: number,
  ) {}
}

/** Told of errors among what a script returned, unless a command was the first to report them. */
export type ErrorListener = (text: string) => void;

export class ScriptReply {
  /** The reply was an error, or holds one. */
  hasErrors = false;
  private readonly open: OpenTable[] = [];
  private places = 0;
  /** The protocol that the script has chosen: it tells what becomes of booleans. */
  private protocol: 2 | 3 = 2;

  constructor(
    private readonly reply: ReplyWriter,
    private readonly onError: ErrorListener,
  ) {}

  write(value: Value, protocol: 2 | 3): void {
    this.protocol = protocol;
    this.hasErrors = false;
    this.places = 0;
    // To set a length takes time, also where it stays the same.
    if (this.open.length > 0) this.open.length = 0;
    this.element(value);
    while (this.open.length > 0) {
      const top = this.open[this.open.length - 1];
      if (top.kind === 'array') this.nextOfArray(top);
      else this.nextPair(top);
    }
  }

  /** Writes elements up to the first that is a table, which is opened, or to the end. */
  private nextOfArray(array: OpenTable): void {
    const { table, length } = array;
    for (let i = (array.at as number) + 1; i <= length; i++) {
      array.at = i;
      const value = table.getNumber(i);
      this.element(value);
      if (value instanceof Table) return;
    }
    if (this.open[this.open.length - 1] === array) this.close(1);
  }

  private nextPair(pairs: OpenTable): void {
    const { table, kind } = pairs;
    const key = table.nextKey(pairs.at);
    if (key === undefined) {
      this.close(PLACES_OF_PAIRS);
      return;
    }
    pairs.at = key;
    // The value is opened first, so that the key, which comes before it, is on top of it.
    if (kind === 'set') this.element(key);
    else this.pair(key, table.get(key));
  }

  private pair(key: Value, value: Value): void {
    if (!(key instanceof Table)) {
      this.element(key);
      this.element(value);
      return;
    }
    this.open.push(new OpenTable(arrayOfOne(value), 'array', 1));
    this.places++;
    this.element(key);
  }

  private close(places: number): void {
    this.open.pop();
    this.places -= places;
  }

  /** Writes a value; of a table that holds others, the header. */
  private element(value: Value): void {
    const { reply } = this;
    if (this.places >= STACK_LIMIT) {
      this.error('ERR reached lua stack limit', true);
      return;
    }
    switch (typeof value) {
      case 'string':
        reply.bulkLatin1(value);
        return;
      case 'number':
        reply.integer(toInt64(value));
        return;
      case 'boolean':
        if (this.protocol === 3) reply.boolean(value);
        else if (value) reply.integer(1);
        else reply.null();
        return;
      default:
        if (value instanceof Table) this.table(value);
        else reply.null();
    }
  }

  /** A table: what its fields say that it stands for, or else an array. */
  private table(table: Table): void {
    const { reply } = this;
    const error = table.getString('err');
    if (typeof error === 'string') {
      this.error(error, table.getString('ignore_error_stats_update') !== undefined);
      return;
    }
    const status = table.getString('ok');
    if (typeof status === 'string') {
      reply.status(cString(status).replace(LINE_BREAK, ' '));
      return;
    }
    const double = table.getString('double');
    if (typeof double === 'number') {
      reply.double(double);
      return;
    }
    if (!this.ofRespThree(table)) this.array(table);
  }

  private ofRespThree(table: Table): boolean {
    const { reply } = this;
    const digits = table.getString('big_number');
    if (typeof digits === 'string') {
      reply.bigNumber(digits.replace(LINE_BREAK, ' '));
      return true;
    }
    const verbatim = table.getString('verbatim_string');
    if (verbatim instanceof Table && this.verbatim(verbatim)) return true;
    const map = table.getString('map');
    if (map instanceof Table) {
      reply.map(countOf(map));
      this.pairs(map, 'map');
      return true;
    }
    const set = table.getString('set');
    if (set instanceof Table) {
      reply.set(countOf(set));
      this.pairs(set, 'set');
      return true;
    }
    return false;
  }

  private verbatim(table: Table): boolean {
    const format = table.getString('format');
    const text = table.getString('string');
    if (typeof format !== 'string' || typeof text !== 'string') return false;
    this.reply.verbatimLatin1(cString(format).slice(0, 3).padEnd(3), text);
    return true;
  }

  private array(table: Table): void {
    let length = 0;
    while (table.getNumber(length + 1) !== undefined) length++;
    this.reply.array(length);
    if (length === 0) return;
    this.open.push(new OpenTable(table, 'array', length));
    this.places++;
  }

  private pairs(table: Table, kind: 'map' | 'set'): void {
    const open = new OpenTable(table, kind, 0);
    open.at = undefined;
    this.open.push(open);
    this.places += PLACES_OF_PAIRS;
  }

  private error(message: string, isCounted: boolean): void {
    const text = cString(message).replace(LAST_LINE_BREAKS, '');
    this.hasErrors = true;
    this.reply.errorText(text);
    if (!isCounted) this.onError(text);
  }
}

function countOf(table: Table): number {
  let count = 0;
  for (let key = table.nextKey(undefined); key !== undefined; key = table.nextKey(key)) count++;
  return count;
}

function arrayOfOne(value: Value): Table {
  const table = new Table(1, 0);
  table.setNumber(1, value);
  return table;
}

/** Cut to a whole number as C does it on x86: what no int64 holds, NaN too, is the least of them. */
function toInt64(number: number): number | bigint {
  const small = number | 0;
  if (small === number) return small;
  if (number >= -INT64_LIMIT && number < INT64_LIMIT) {
    return Math.abs(number) <= Number.MAX_SAFE_INTEGER ? Math.trunc(number) + 0 : BigInt(number);
  }
  return LEAST_INT64;
}
