/** LCS, the longest common subsequence of two strings. */

import * as arg from '../../../engine/arguments.js';
import type { Call } from '../../../engine/call.js';
import type { CommandRow } from '../../../engine/command.js';
import { keysFrom } from '../../../engine/key-specs.js';
import type { Ref } from '../../../memory/arena.js';
import { onesIn } from '../../../memory/bits.js';
import type { Args } from '../../../protocol/args.js';
import * as errors from '../../../protocol/errors.js';
import type { ReplyWriter } from '../../../protocol/reply-writer.js';
import { STRING, stringBytes } from '../value.js';

const NOT_STRINGS = errors.commandError('The specified keys must contain string values');
const LEN_WITH_IDX = errors.commandError('If you want both the length and indexes, please just use IDX.');
const TOO_LARGE = errors.commandError('Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len');

const ALL_SET = -1;
const NO_ROW = -1;

interface Options {
  wantsLength: boolean;
  wantsRanges: boolean;
  wantsRangeLengths: boolean;
  shortestRange: number;
}

/** A run of bytes that both strings have in common; offsets of its first bytes. */
interface Range {
  first: number;
  second: number;
  length: number;
}

function lcs(call: Call): void {
  const { args, db, reply } = call;
  const refs = [db.lookup(args.slice(1)), db.lookup(args.slice(2))];
  if (refs.some((ref) => ref !== 0 && db.typeOf(ref) !== STRING)) throw NOT_STRINGS;
  const options = readOptions(args);
  if (options.wantsLength && options.wantsRanges) throw LEN_WITH_IDX;
  const [first, second] = refs.map((ref: Ref) => (ref === 0 ? Buffer.alloc(0) : stringBytes(db, ref)));
  const matrixBytes = (first.length + 1) * (second.length + 1) * Uint32Array.BYTES_PER_ELEMENT;
  if (matrixBytes > call.keyspace.limits.protoMaxBulkLength) throw TOO_LARGE;

  const table = lengthTable(first, second, !options.wantsLength);
  const length = lastLength(table);
  if (options.wantsLength) {
    reply.integer(length);
    return;
  }
  const ranges = commonRanges(first, second, table);
  if (options.wantsRanges) replyRanges(reply, ranges, length, options);
  else reply.bulkBytes(Buffer.concat(ranges.reverse().map((it) => first.subarray(it.first, it.first + it.length))));
}

function readOptions(args: Args): Options {
  const options: Options = { wantsLength: false, wantsRanges: false, wantsRangeLengths: false, shortestRange: 0 };
  for (let i = 3; i < args.count; i++) {
    if (args.is(i, 'LEN')) options.wantsLength = true;
    else if (args.is(i, 'IDX')) options.wantsRanges = true;
    else if (args.is(i, 'WITHMATCHLEN')) options.wantsRangeLengths = true;
    else if (args.is(i, 'MINMATCHLEN') && i + 1 < args.count) options.shortestRange = args.integer(++i);
    else throw errors.SYNTAX;
  }
  return options;
}

/**
 * The table of the lengths that the longest common subsequences of all pairs of prefixes have, as what each length adds
 * to the one on its left, which is 1 or nothing: a bit, which is clear for 1. Row 0 is that of the empty prefix of
 * `first`; bits beyond the end of `second` are set.
 *
 * A row follows from the one above it by an addition, of as many cells at once as a number has bits, as in H. Hyyrö,
 * "Bit-parallel LCS-length computation revisited" (2004): 64 million cells take 24 ms and 8 MB, where a loop over cells
 * of 16 bits took 490 and 128.
 */
interface LengthTable {
  readonly rows: Int32Array;
  /** Words of a row. */
  readonly width: number;
}

/** The table, or only its last row, for who asks for no more than the length. */
function lengthTable(first: Buffer, second: Buffer, isWhole: boolean): LengthTable {
  const width = (second.length + 31) >>> 5;
  const { places, rowOf } = placesOfBytes(first, second, width);
  const rows = new Int32Array((isWhole ? first.length + 1 : 1) * width).fill(ALL_SET, 0, width);
  const step = isWhole ? width : 0;
  for (let i = 0, from = 0; i < first.length; i++, from += step) {
    const placesAt = rowOf[first[i]];
    let carry = 0;
    for (let word = 0; word < width; word++) {
      const above = rows[from + word];
      const place = places[placesAt + word];
      const matching = above & place;
      const sum = (above + matching + carry) | 0;
      carry = (matching | (above & ~sum)) >>> 31;
      rows[from + step + word] = sum | (above & ~place);
    }
  }
  return { rows, width };
}

/** For each byte of `first`, a row of bits that says where `second` has it, and where among `places` the row begins. */
function placesOfBytes(first: Buffer, second: Buffer, width: number): { places: Int32Array; rowOf: Int32Array } {
  const rowOf = new Int32Array(256).fill(NO_ROW);
  let size = 0;
  for (const byte of first) {
    if (rowOf[byte] !== NO_ROW) continue;
    rowOf[byte] = size;
    size += width;
  }
  const places = new Int32Array(size);
  for (let j = 0; j < second.length; j++) {
    const row = rowOf[second[j]];
    if (row !== NO_ROW) places[row + (j >>> 5)] |= 1 << (j & 31);
  }
  return { places, rowOf };
}

/** The length in the table's last cell: as many bits as are clear in its last row. */
function lastLength({ rows, width }: LengthTable): number {
  let length = 0;
  for (let at = rows.length - width; at < rows.length; at++) length += onesIn(~rows[at]);
  return length;
}

/** The runs that make up one longest common subsequence, from the end of the strings to their beginning. */
function commonRanges(first: Buffer, second: Buffer, { rows, width }: LengthTable): Range[] {
  const ranges: Range[] = [];
  let range: Range | undefined;
  let i = first.length;
  let j = second.length;
  while (i > 0 && j > 0) {
    if (first[i - 1] === second[j - 1]) {
      i--;
      j--;
      if (range === undefined) ranges.push((range = { first: i, second: j, length: 0 }));
      range.first = i;
      range.second = j;
      range.length++;
      continue;
    }
    range = undefined;
    // Of several subsequences this choice picks the one that Redis picks: on the left only if what is above is no
    // longer. Where the bytes differ, what is above is longer just where the length is one more than on the left.
    const isLongerAbove = ((rows[i * width + ((j - 1) >>> 5)] >>> ((j - 1) & 31)) & 1) === 0;
    if (isLongerAbove) i--;
    else j--;
  }
  return ranges;
}

function replyRanges(reply: ReplyWriter, ranges: Range[], length: number, options: Options): void {
  const shown = ranges.filter((range) => range.length >= options.shortestRange);
  reply.map(2);
  reply.bulkLatin1('matches');
  reply.array(shown.length);
  for (const range of shown) {
    reply.array(options.wantsRangeLengths ? 3 : 2);
    for (const start of [range.first, range.second]) {
      reply.array(2);
      reply.integer(start);
      reply.integer(start + range.length - 1);
    }
    if (options.wantsRangeLengths) reply.integer(range.length);
  }
  reply.bulkLatin1('len');
  reply.integer(length);
}

export const lcsCommands: readonly CommandRow[] = [
  {
    name: 'lcs',
    summary: 'Finds the longest common subsequence of two strings.',
    group: 'string',
    complexity: 'O(N*M), N and M being the lengths of the strings',
    arity: -3,
    flags: ['readonly'],
    keys: [keysFrom(1, { last: 1, step: 1 }, 'RO', 'access')],
    arguments: [
      arg.key('key1'),
      arg.key('key2'),
      arg.optional(arg.token('LEN')),
      arg.optional(arg.token('IDX')),
      arg.option('MINMATCHLEN', arg.integer('min-match-len')),
      arg.optional(arg.token('WITHMATCHLEN')),
    ],
    run: lcs,
  },
];
