/**
 * SORT and SORT_RO: the elements of a list by their own value or by that of other keys, and what else belongs to them.
 *
 * Everything is read before anything is written, so the destination may be among the keys that are read.
 */

import * as arg from '../../engine/arguments.js';
import type { Call } from '../../engine/call.js';
import type { ArgumentDoc, CommandRow, KeySpec } from '../../engine/command.js';
import { oneKey } from '../../engine/key-specs.js';
import type { DataType } from '../../keyspace/data-type.js';
import type { Ref } from '../../memory/arena.js';
import type { ByteSink } from '../../memory/byte-sink.js';
import { copySlice, Slice, viewOf } from '../../memory/slice.js';
import { Sorter, stable } from '../../memory/sorter.js';
import type { Args } from '../../protocol/args.js';
import * as errors from '../../protocol/errors.js';
import { parseDouble } from '../../text/numbers.js';
import { lists } from '../../types/list/value.js';
import { Elements, Strings } from './sorting.js';

interface SortOptions {
  by: Pattern | null;
  /** BY a pattern without `*`: the elements stay in the order of the list. */
  isSorted: boolean;
  isDescending: boolean;
  isAlpha: boolean;
  offset: number;
  /** Negative: all. */
  limit: number;
  gets: Pattern[];
  /** Position of the destination, 0 without one. */
  store: number;
}

// Their content belongs to the running command.
const elements = new Elements();
const weights = new Strings();
const results = new Strings();
const sorter = new Sorter();
const scratch = new Slice();

function runSort(call: Call, mayStore: boolean): void {
  try {
    sortKey(call, mayStore);
  } finally {
    // What a large one needed goes at once.
    for (const each of [elements, weights, results]) each.clear();
    sorter.begin(0);
  }
}

function sortKey(call: Call, mayStore: boolean): void {
  const options = sortOptions(call.args, mayStore);
  const { args, db } = call;
  const source = db.lookup(args.slice(1));
  const size = source === 0 ? 0 : sourceOf(call, source).length(db, source);
  if (source !== 0) sourceOf(call, source).beforeSort?.(db, source);
  if (options.isAlpha) elements.keepStrings();
  const first = Math.min(Math.max(options.offset, 0), size);
  const end = options.limit < 0 ? size : Math.min(first + options.limit, size);
  if (options.isSorted) {
    if (source !== 0) collect(call, source, first, end - first, options.isDescending);
    sorter.begin(elements.count);
    finish(call, options, 0, elements.count);
  } else {
    if (source !== 0) collect(call, source, 0, size, false);
    sorter.begin(size);
    sortElements(call, options);
    finish(call, options, first, end);
  }
}

function finish(call: Call, options: SortOptions, first: number, end: number): void {
  if (options.store > 0) store(call, options, first, end);
  else answer(call, options, first, end);
}

function sortOptions(args: Args, mayStore: boolean): SortOptions {
  const options: SortOptions = {
    by: null,
    isSorted: false,
    isDescending: false,
    isAlpha: false,
    offset: 0,
    limit: -1,
    gets: [],
    store: 0,
  };
  for (let i = 2; i < args.count; i++) {
    const left = args.count - i - 1;
    if (args.is(i, 'ASC')) {
      options.isDescending = false;
    } else if (args.is(i, 'DESC')) {
      options.isDescending = true;
    } else if (args.is(i, 'ALPHA')) {
      options.isAlpha = true;
    } else if (left >= 2 && args.is(i, 'LIMIT')) {
      options.offset = args.integer(i + 1);
      options.limit = args.integer(i + 2);
      i += 2;
    } else if (mayStore && left >= 1 && args.is(i, 'STORE')) {
      options.store = ++i;
    } else if (left >= 1 && args.is(i, 'BY')) {
      options.by = new Pattern(args.slice(++i));
      options.isSorted ||= !options.by.hasStar;
    } else if (left >= 1 && args.is(i, 'GET')) {
      options.gets.push(new Pattern(args.slice(++i)));
    } else {
      throw errors.SYNTAX;
    }
  }
  return options;
}

// --- the source

type Source = DataType & Required<Pick<DataType, 'length' | 'writeRange'>>;

function sourceOf({ db, keyspace }: Call, ref: Ref): Source {
  const type = keyspace.types.of(db, ref);
  if (type.length === undefined || type.writeRange === undefined) throw errors.WRONGTYPE;
  return type as Source;
}

/** Copies `count` elements, `from` counted from the end of a collection that is read backwards. */
function collect(call: Call, ref: Ref, from: number, count: number, backwards: boolean): void {
  if (count === 0) return;
  const { db } = call;
  const source = sourceOf(call, ref);
  const first = backwards ? source.length(db, ref) - 1 - from : from;
  source.writeRange(db, ref, first, count, backwards, elements);
}

// --- the order

function sortElements(call: Call, options: SortOptions): void {
  const { by, isAlpha, isDescending } = options;
  const { count } = elements;
  const { scores } = sorter;
  if (!isAlpha) {
    if (by === null && elements.areNumbers) {
      elements.sortNumbers(isDescending);
      return;
    }
    for (let i = 0; i < count; i++) scores[i] = by === null ? elementScore(i) : weightOf(call, by, i);
    sorter.sort(count, isDescending, compareElements);
    return;
  }
  // Redis compares C strings, which end at a NUL, unless the result is stored.
  const endsAtNul = options.store === 0;
  if (by === null && !(endsAtNul && elements.hasNul())) {
    for (let i = 0; i < count; i++) scores[i] = elements.prefix(i);
    sorter.sort(count, isDescending, compareElements);
    return;
  }
  weights.clear();
  for (let i = 0; i < count; i++) {
    const element = elements.get(i, scratch);
    if (by === null) weights.bulk(element);
    else collectValue(call, by, element, weights);
  }
  if (endsAtNul && weights.hasNul()) weights.cutAtNul();
  for (let i = 0; i < count; i++) scores[i] = weights.isMissing(i) ? -1 : weights.prefix(i);
  sorter.sort(count, isDescending, compareWeights);
}

function elementScore(index: number): number {
  const { bytes, start, end } = elements.get(index, scratch);
  return scoreOf(bytes, start, end);
}

function compareElements(a: number, b: number): number {
  return elements.compare(a, b);
}

function compareWeights(a: number, b: number): number {
  return weights.isMissing(a) ? stable() : weights.compare(a, b);
}

/** What is not there counts as 0. */
function weightOf(call: Call, by: Pattern, index: number): number {
  weight.value = 0;
  by.writeValue(call, elements.get(index, scratch), weight);
  return weight.value;
}

/** Reads a value as the number that it is the text of. */
class Weight implements ByteSink {
  value = 0;

  bulk({ bytes, start, end }: Slice): void {
    this.value = scoreOf(bytes, start, end);
  }

  bulkRange(bytes: Buffer, _view: DataView, start: number, length: number): void {
    this.value = scoreOf(bytes, start, start + length);
  }

  /**
   * No number that strtod reads is so long that it comes in pieces, unless it begins with thousands of blanks or zeros.
   */
  bulkHeader(): void {
    throw errors.SORT_NOT_DOUBLE;
  }

  rawSlice(): void {}

  bulkEnd(): void {}
}

const weight = new Weight();

/** Smaller ones are not exact, which strtod takes for a failure. */
const SMALLEST_NORMAL = 2.2250738585072014e-308;

function scoreOf(bytes: Buffer, start: number, end: number): number {
  const score = parseDouble(bytes, start, end);
  if (Number.isNaN(score)) return oddScore(bytes, start, end);
  if (score !== 0 && Math.abs(score) < SMALLEST_NORMAL) throw errors.SORT_NOT_DOUBLE;
  return score;
}

/** strtod reads a C string: up to a NUL, with blanks in front, and 0 of nothing at all. */
function oddScore(bytes: Buffer, start: number, end: number): number {
  const nul = bytes.subarray(start, end).indexOf(0);
  if (nul >= 0) end = start + nul;
  if (start === end) return 0;
  while (start < end && (bytes[start] === 0x20 || (bytes[start] >= 0x09 && bytes[start] <= 0x0d))) start++;
  const score = parseDouble(bytes, start, end);
  if (Number.isNaN(score) || (score !== 0 && Math.abs(score) < SMALLEST_NORMAL)) throw errors.SORT_NOT_DOUBLE;
  return score;
}

// --- what comes out

function answer(call: Call, { gets }: SortOptions, first: number, end: number): void {
  const { reply } = call;
  const { order } = sorter;
  reply.array((end - first) * Math.max(1, gets.length));
  for (let at = first; at < end; at++) {
    const element = elements.get(order[at], scratch);
    if (gets.length === 0) reply.bulk(element);
    for (const get of gets) {
      if (get.isElement) reply.bulk(element);
      else if (!get.writeValue(call, element, reply)) reply.null();
    }
  }
}

function store(call: Call, options: SortOptions, first: number, end: number): void {
  const { db, keyspace } = call;
  const key = call.args.slice(options.store);
  const { order } = sorter;
  const { gets } = options;
  const isPlain = gets.length === 0;
  results.clear();
  let length = 0;
  for (let at = first; at < end; at++) {
    const element = elements.get(order[at], scratch);
    if (isPlain) length += element.end - element.start;
    for (const get of gets) {
      if (get.isElement) results.bulk(element);
      else collectValue(call, get, element, results);
    }
  }
  const count = isPlain ? end - first : results.count;
  if (!isPlain) length = results.length;
  // A byte may take four as an element, and an empty string some.
  db.arena.reserve(4 * length + 16 * count);
  const target = db.lookupForWrite(key);
  if (count > 0) {
    const list = lists(keyspace.staging).lease().openToGrow(key, 0, length, count);
    for (let i = 0; i < count; i++) list.push(isPlain ? elements.get(order[first + i], scratch) : resultAt(i), false);
    keyspace.staging.rename(list.ref, key, db, target);
    // Redis counts the elements that it stores.
    call.changed(key, 'sortstore', count);
  } else if (target !== 0) {
    db.delete(target);
    call.deleted(key);
  }
  call.reply.integer(count);
}

/** A list has no place for nothing: it becomes an empty string. */
function resultAt(index: number): Slice {
  return results.isMissing(index) ? EMPTY : results.get(index, scratch);
}

const EMPTY = new Slice();

function collectValue(call: Call, pattern: Pattern, element: Slice, into: Strings): void {
  if (!pattern.writeValue(call, element, into)) into.addMissing();
}

// --- patterns

/** A key with a `*`, for which an element is put; behind `->` the field of a hash. `#` is the element itself. */
class Pattern {
  readonly hasStar: boolean;
  readonly isElement: boolean;
  /** What is behind `->`, null if there is nothing. */
  private readonly field: Slice | null;
  private readonly prefix = new Slice();
  private readonly suffix = new Slice();

  constructor(pattern: Slice) {
    const { bytes, view, start, end } = pattern;
    const star = bytes.subarray(start, end).indexOf(STAR);
    this.hasStar = star >= 0;
    this.isElement = end - start === 1 && bytes[start] === HASH;
    this.prefix.set(bytes, view, start, start + Math.max(star, 0));
    this.suffix.set(bytes, view, start + star + 1, end);
    const arrow = this.suffix.toLatin1().indexOf('->');
    const hasField = arrow >= 0 && arrow + 2 < this.suffix.length;
    this.field = hasField ? new Slice().set(bytes, view, this.suffix.start + arrow + 2, end) : null;
    if (hasField) this.suffix.end = this.suffix.start + arrow;
  }

  /** Writes the string, or the value of the field, at the key that belongs to an element; false if there is none. */
  writeValue({ db, keyspace }: Call, element: Slice, sink: ByteSink): boolean {
    if (!this.hasStar) return false;
    const { prefix, suffix } = this;
    const length = prefix.length + element.length + suffix.length;
    if (length > keyBytes.length) {
      keyBytes = Buffer.allocUnsafeSlow(length * 2);
      keyView = viewOf(keyBytes);
    }
    copySlice(prefix, keyBytes, keyView, 0);
    copySlice(element, keyBytes, keyView, prefix.length);
    copySlice(suffix, keyBytes, keyView, prefix.length + element.length);
    const ref = db.lookup(key.set(keyBytes, keyView, 0, length));
    if (ref === 0) return false;
    const type = keyspace.types.of(db, ref);
    if (this.field !== null) return type.writeField?.(db, ref, this.field, sink) ?? false;
    if (type.writeText === undefined) return false;
    type.writeText(db, ref, sink);
    return true;
  }
}

const STAR = 0x2a;
const HASH = 0x23;
const key = new Slice();
let keyBytes = Buffer.allocUnsafeSlow(256);
let keyView = viewOf(keyBytes);

// --- rows

/** Where the key that SORT writes to stands: behind the last STORE. */
function storeKey(args: Args, offset: number): { at: number; flags: readonly string[] }[] {
  let at = 0;
  for (let i = offset + 2; i < args.count - 1; i++) {
    if (args.is(i, 'LIMIT')) i += 2;
    else if (args.is(i, 'BY') || args.is(i, 'GET')) i++;
    else if (args.is(i, 'STORE')) at = ++i;
  }
  return at === 0 ? [] : [{ at, flags: ['OW', 'update'] }];
}

const SOURCE: KeySpec = oneKey(1, 'RO', 'access');
const PATTERNS: KeySpec = { flags: ['RO', 'access'], begin: { unknown: true }, find: { unknown: true } };
const DESTINATION: KeySpec = { flags: ['OW', 'update'], begin: { unknown: true }, find: { unknown: true } };

const ARGUMENTS: readonly ArgumentDoc[] = [
  arg.key(),
  arg.option('BY', arg.pattern('by-pattern', { displayText: 'pattern', keySpec: 1 })),
  arg.option('LIMIT', arg.block('limit', [arg.integer('offset'), arg.integer('count')])),
  arg.option(
    'GET',
    arg.multiple(arg.pattern('get-pattern', { displayText: 'pattern', keySpec: 1, multipleToken: true })),
  ),
  arg.optional(arg.oneOf('order', [arg.token('ASC'), arg.token('DESC')])),
  arg.optional(arg.token('ALPHA', { name: 'sorting' })),
];

export const sortCommands: readonly CommandRow[] = [
  {
    name: 'sort',
    summary: 'Sorts the elements of a list, and returns or stores them.',
    group: 'generic',
    complexity: 'O(N*log(N)), N being the elements, and a lookup for each BY and GET of each',
    arity: -2,
    flags: ['write', 'denyoom', 'movablekeys'],
    alsoIn: ['@set', '@sortedset', '@list', '@dangerous'],
    notIn: ['@keyspace'],
    keys: [SOURCE, PATTERNS, DESTINATION],
    moreKeys: storeKey,
    arguments: [...ARGUMENTS, arg.optional(arg.key('destination', { keySpec: 2, token: 'STORE' }))],
    run: (call) => runSort(call, true),
  },
  {
    name: 'sort_ro',
    summary: 'Sorts the elements of a list and returns them.',
    group: 'generic',
    complexity: 'O(N*log(N)), N being the elements, and a lookup for each BY and GET of each',
    arity: -2,
    flags: ['readonly', 'movablekeys'],
    alsoIn: ['@set', '@sortedset', '@list', '@dangerous'],
    notIn: ['@keyspace'],
    keys: [SOURCE, PATTERNS],
    arguments: ARGUMENTS,
    run: (call) => runSort(call, false),
  },
];
