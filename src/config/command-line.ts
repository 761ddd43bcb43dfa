/**
 * The command line as redis-server takes it: `[redis.conf] [-] [--directive value…]…`, turned into lines of
 * configuration.
 *
 * A word that begins with `--` starts a directive, the words after it are its values. The first of them is a value
 * whatever it looks like (`--requirepass --abc`); only `--save` followed by another directive stands for `--save ""`.
 * One word may hold a whole line: `"--maxmemory 1gb"`.
 */

import { closest } from './suggestion.js';
import { quoteWord } from './words.js';

/** Options of the program itself, which a file cannot set. */
export interface ProgramOptions {
  readonly 'log-format'?: string;
  readonly transport?: string;
}

const PROGRAM_OPTIONS: readonly string[] = ['log-format', 'transport'] satisfies (keyof ProgramOptions)[];

export interface CommandLine {
  readonly file: string | null;
  readonly readsStandardInput: boolean;
  readonly options: ProgramOptions;
  /** As they would stand in a file. */
  readonly lines: readonly string[];
}

/** What the user can't have meant, with what to write instead. */
export class CommandLineError extends Error {
  override name = 'CommandLineError';
}

/** @throws CommandLineError */
export function parseCommandLine(argv: readonly string[]): CommandLine {
  const words = [...argv];
  // Only in first or last place: elsewhere it is a value, as in `--logfile - --port 7000`.
  const readsStandardInput = words[0] === '-' || words.at(-1) === '-';
  const file = words.length > 0 && words[0] !== '-' && !isOption(words[0]) ? (words.shift() as string) : null;
  if (file?.startsWith('-')) throw unknownOption(file, words);
  if (words[0] === '-') words.shift();
  else if (words.at(-1) === '-') words.pop();
  const lines: string[][] = [];
  const options: Record<string, string> = {};
  for (const line of directivesOf(words)) {
    const [name, ...values] = line;
    const [option, inOneWord] = name.split(' ');
    if (PROGRAM_OPTIONS.includes(option)) options[option] = values[0] ?? inOneWord ?? '';
    else lines.push(line);
  }
  return { file, readsStandardInput, options, lines: lines.map(lineOf) };
}

/** Each directive as its name and its values. */
function directivesOf(words: readonly string[]): string[][] {
  const directives: string[][] = [];
  let isValueNext = false;
  for (const [index, word] of words.entries()) {
    const last = directives.at(-1);
    if (isValueNext && !(last?.[0] === 'save' && isOption(word))) {
      last?.push(word);
      isValueNext = false;
    } else if (isOption(word)) {
      checkSpelling(word, words[index + 1]);
      directives.push([word.slice(2)]);
      isValueNext = !word.includes(' ');
    } else if (last === undefined) {
      directives.push([word]);
    } else {
      last.push(word);
    }
  }
  return directives;
}

function isOption(word: string): boolean {
  return word.startsWith('--');
}

/** `--port=7340` is no option of redis-server's; nor are those that ask for another program. */
function checkSpelling(word: string, next: string | undefined): void {
  const [, name, value] = /^--([\w-]+)=(.*)$/s.exec(word) ?? [];
  if (name === undefined) return;
  const known = PROGRAM_OPTIONS.includes(name) ? name : (closest(name) ?? name);
  throw new CommandLineError(`Unknown option '${word}'. Write --${known} ${quoteWord(value || (next ?? ''))}`);
}

/** What people know from the clients of Redis and from other servers. */
const SHORT_OPTIONS: Readonly<Record<string, string>> = {
  '-p': '--port',
  '-a': '--requirepass',
  '-h': '--bind',
  '-s': '--unixsocket',
  '-c': 'the path of the file without an option, first:',
  '-d': '--daemonize yes',
};

function unknownOption(word: string, [next = '']: readonly string[]): CommandLineError {
  const meant = SHORT_OPTIONS[word.slice(0, 2)];
  const value = word.slice(2) || next;
  const hint = meant === undefined ? 'Options are directives after two dashes: --port 7340' : `Write ${meant} ${value}`;
  return new CommandLineError(`Unknown option '${word}'. ${hint}. redstart --help tells more`);
}

function lineOf([name, ...values]: string[]): string {
  if (name === 'save' && values.length === 0) return 'save ""';
  return [name, ...values.map(quoteValue)].join(' ');
}

/** Always quoted, as redis-server shows it in its errors. */
function quoteValue(word: string): string {
  const quoted = quoteWord(word);
  return quoted.startsWith('"') ? quoted : `"${quoted}"`;
}
