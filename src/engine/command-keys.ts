/**
 * Where the keys of a command are, by the key specifications of its row: for COMMAND GETKEYS, access control and
 * routing.
 *
 * Arguments may be embedded in those of another command: `offset` is where the command's own name stands, and positions
 * are those of the whole.
 */

import type { Args } from '../protocol/args.js';
import type { CommandRow, KeySpec } from './command.js';

export interface FoundKey {
  /** Position in the arguments. */
  readonly at: number;
  /** What the command does with it, as in the key specification. */
  readonly flags: readonly string[];
}

/**
 * First and last key and the step between them, as old clients know them; zeros for a command without keys in fixed
 * places.
 */
export interface LegacyRange {
  readonly first: number;
  readonly last: number;
  readonly step: number;
}

/** The range that the specifications with fixed places form, as long as they follow one another without a gap. */
export function legacyRange(row: CommandRow): LegacyRange {
  let first = 0;
  let last = 0;
  let step = 0;
  for (const { begin, find } of row.keys ?? []) {
    if (!('index' in begin) || !('lastKey' in find)) continue;
    if (first !== 0 && begin.index !== last + 1) break;
    first ||= begin.index;
    step ||= find.step;
    last = find.lastKey >= 0 ? begin.index + find.lastKey : find.lastKey;
    if (last < 0) break;
  }
  return { first, last, step };
}

/** @returns null when the arguments don't fit the row's specifications */
export function findKeys(row: CommandRow, args: Args, offset = 0): FoundKey[] | null {
  const found: FoundKey[] = [];
  for (const spec of row.keys ?? []) {
    const begin = beginOf(spec, args, offset);
    if (begin === null) continue;
    if (begin >= args.count || !collect(row, spec, args, begin, offset, found)) return null;
  }
  if (row.moreKeys !== undefined) found.push(...row.moreKeys(args, offset));
  return found;
}

/** Position of the first key (or of the count), or null if the specification does not apply to these arguments. */
function beginOf({ begin }: KeySpec, args: Args, offset: number): number | null {
  if ('index' in begin) return offset + begin.index;
  if (!('keyword' in begin)) return null;
  const forward = begin.from > 0;
  const end = forward ? args.count - 1 : offset + 1;
  for (let i = forward ? offset + begin.from : args.count + begin.from; forward ? i <= end : i >= end; ) {
    if (args.is(i, begin.keyword)) return i + 1;
    i += forward ? 1 : -1;
  }
  return null;
}

function collect(
  row: CommandRow,
  { find, flags }: KeySpec,
  args: Args,
  begin: number,
  offset: number,
  found: FoundKey[],
): boolean {
  if ('unknown' in find) return true;
  let first = begin;
  let last: number;
  if ('keyCountAt' in find) {
    const countAt = begin + find.keyCountAt;
    if (countAt >= args.count || !args.isSafeInteger(countAt)) return false;
    const count = args.integer(countAt);
    if (count < 0) return false;
    first = begin + find.firstKey;
    last = first + (count - 1) * find.step;
  } else if (find.lastKey >= 0) {
    last = begin + find.lastKey;
  } else if (find.limit <= 1) {
    last = args.count + find.lastKey;
  } else {
    last = begin + Math.floor((args.count - begin) / find.limit) + find.lastKey;
  }
  if (last >= args.count) return false;
  const keyFlags = row.keyFlags?.(args, offset) ?? flags;
  for (let at = first; at <= last; at += find.step) found.push({ at, flags: keyFlags });
  return true;
}
