/** What a script says of itself: flags, and the first line of its text that may hold them. */
import { splitWords, UnbalancedQuotesError } from '../../config/words.js';

/** Flags of scripts and functions, as bits. */
export const ScriptFlag = {
  NO_WRITES: 1,
  ALLOW_OOM: 2,
  ALLOW_STALE: 4,
  NO_CLUSTER: 8,
  ALLOW_CROSS_SLOT_KEYS: 16,
  /** It says nothing of itself, as scripts did before there were flags: each of its commands is checked instead. */
  UNKNOWN: 32,
} as const;

/** By the names that scripts give them, in the order in which they are listed. */
export const FLAG_NAMES: ReadonlyMap<string, number> = new Map([
  ['no-writes', ScriptFlag.NO_WRITES],
  ['allow-oom', ScriptFlag.ALLOW_OOM],
  ['allow-stale', ScriptFlag.ALLOW_STALE],
  ['no-cluster', ScriptFlag.NO_CLUSTER],
  ['allow-cross-slot-keys', ScriptFlag.ALLOW_CROSS_SLOT_KEYS],
]);

export function namesOfFlags(flags: number): string[] {
  return [...FLAG_NAMES].filter(([, bit]) => (flags & bit) !== 0).map(([name]) => name);
}

/** The words of a first line `#!lua name=x flags=a,b`, and the text after it, which begins with the line's end. */
export interface Shebang {
  /** null where quotes are not closed. */
  readonly words: readonly string[] | null;
  readonly rest: string;
}

/** @returns null for a text that begins otherwise, 'unfinished' where the line has no end */
export function readShebang(source: string): Shebang | null | 'unfinished' {
  if (!source.startsWith('#!')) return null;
  const end = source.indexOf('\n');
  return end < 0 ? 'unfinished' : { words: wordsOf(source.slice(0, end)), rest: source.slice(end) };
}

function wordsOf(line: string): string[] | null {
  try {
    return splitWords(line);
  } catch (error) {
    if (error instanceof UnbalancedQuotesError) return null;
    throw error;
  }
}
