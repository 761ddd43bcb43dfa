/**
 * The command line as redis-server takes it: `[redis.conf] [-] [--directive value…]…`, turned into lines of configuration.
 *
 * A word that begins with `--` starts a directive, the words behind it are its values; `--save` without any stands for
 * `--save ""`. One word may hold a whole line: `"--maxmemory 1gb"`.
 */

import { quoteWord } from './words.js';

export interface CommandLine {
  readonly file: string | null;
  readonly readsStandardInput: boolean;
  /** As they would stand in a file. */
  readonly lines: readonly string[];
}

export function parseCommandLine(argv: readonly string[]): CommandLine {
  const words = [...argv];
  // Only in first or last place: elsewhere it is a value, as in `--logfile - --port 7000`.
  const readsStandardInput = words[0] === '-' || words.at(-1) === '-';
  const file = words.length > 0 && words[0] !== '-' && !isOption(words[0]) ? (words.shift() as string) : null;
  if (words[0] === '-') words.shift();
  else if (words.at(-1) === '-') words.pop();
  const lines: string[][] = [];
  for (const word of words) {
    if (isOption(word)) lines.push([word.slice(2)]);
    else if (lines.length === 0) lines.push([word]);
    else lines.at(-1)?.push(quoteValue(word));
  }
  return { file, readsStandardInput, lines: lines.map(lineOf) };
}

function isOption(word: string): boolean {
  return word.startsWith('--') && word.length > 2;
}

function lineOf(words: string[]): string {
  return words.length === 1 && words[0] === 'save' ? 'save ""' : words.join(' ');
}

/** Always quoted, as redis-server shows it in its errors. */
function quoteValue(word: string): string {
  const quoted = quoteWord(word);
  return quoted.startsWith('"') ? quoted : `"${quoted}"`;
}
