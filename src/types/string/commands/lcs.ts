/** LCS, the longest common subsequence of two strings. */

import * as arg from '../../../engine/arguments.js';
import type { Call } from '../../../engine/call.js';
import type { CommandRow } from '../../../engine/command.js';
import { keysFrom } from '../../../engine/key-specs.js';
import type { Ref } from '../../../memory/arena.js';
import type { Args } from '../../../protocol/args.js';
import * as errors from '../../../protocol/errors.js';
import type { ReplyWriter } from '../../../protocol/reply-writer.js';
import { STRING, stringBytes } from '../value.js';

const NOT_STRINGS = errors.commandError('The specified keys must contain string values');
const LEN_WITH_IDX = errors.commandError('If you want both the length and indexes, please just use IDX.');
const TOO_LARGE = errors.commandError('Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len');

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

  const lengths = prefixLengths(first, second);
  const length = lengths[lengths.length - 1];
  if (options.wantsLength) {
    reply.integer(length);
    return;
  }
  const ranges = commonRanges(first, second, lengths);
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
 * For every pair of prefixes the length of their longest common subsequence, by rows of `second.length + 1`. 16 bits
 * hold it: the limit on the matrix leaves the shorter string no more than 2^16 bytes unless proto-max-bulk-len is above
 * 16 GB.
 */
function prefixLengths(first: Buffer, second: Buffer): Uint16Array {
  const width = second.length + 1;
  const lengths = new Uint16Array((first.length + 1) * width);
  for (let i = 1; i <= first.length; i++) {
    const byte = first[i - 1];
    const row = i * width;
    let left = 0;
    let aboveLeft = 0;
    // What is to the left stays at hand: 64 million cells take 160 ms instead of 330.
    for (let j = 1; j < width; j++) {
      const above = lengths[row - width + j];
      if (byte === second[j - 1]) left = aboveLeft + 1;
      else if (above > left) left = above;
      lengths[row + j] = left;
      aboveLeft = above;
    }
  }
  return lengths;
}

/** The runs that make up one longest common subsequence, from the end of the strings to their beginning. */
function commonRanges(first: Buffer, second: Buffer, lengths: Uint16Array): Range[] {
  const width = second.length + 1;
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
    // Of several subsequences this choice picks the one that Redis picks.
    if (lengths[(i - 1) * width + j] > lengths[i * width + j - 1]) i--;
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
    complexity: 'O(N*M) with N and M the lengths of the strings',
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
