/**
 * Lines of redis.conf, from a file, the standard input or the command line, into a Config.
 *
 * A line is empty, a comment (#), or a directive with its words. `include` reads other files in place, `rename-command`
 * and `user` are no directives with a value and go their own way.
 */

import { resolve } from 'node:path';
import { type Config, directiveNamed } from './config.js';
import { applyDefaultUser } from './default-user.js';
import { refusedLines } from './directives.js';
import { closest } from './suggestion.js';
import { ConfigError } from './value-types.js';
import { linesOf, splitWords, UnbalancedQuotesError } from './words.js';

/** Files may include files, but not in a circle. */
const MAX_INCLUDE_DEPTH = 16;

/** Where a line stood: a file's path or what the user would call it. */
export interface LineSource {
  /** `configuration file /etc/redis.conf`, `standard input`, `command line` */
  readonly name: string;
  readonly hasLineNumbers: boolean;
}

export const COMMAND_LINE: LineSource = { name: 'command line', hasLineNumbers: false };
export const STANDARD_INPUT: LineSource = { name: 'standard input', hasLineNumbers: true };

export function configurationFile(path: string): LineSource {
  return { name: `configuration file ${path}`, hasLineNumbers: true };
}

/** A line that can't be taken: where it stands, the line and the reason, as redis-server reports them. */
export class ConfigLineError extends Error {
  override name = 'ConfigLineError';

  constructor(
    readonly source: LineSource,
    readonly lineNumber: number,
    readonly line: string,
    readonly reason: string,
  ) {
    const place = source.hasLineNumbers ? `${source.name}, at line ${lineNumber}` : source.name;
    super(`Reading the ${place}\n>>> '${line}'\n${reason}`);
  }
}

/** The files that lines may name; reading them is the caller's. */
export interface ConfigFiles {
  /** The text in the manner of text/byte-text.ts. @throws an error whose message says what is wrong with the path */
  read(path: string): string;
  /** The files that a pattern names as a shell would, sorted; none is fine. */
  matching(pattern: string): readonly string[];
}

/** Called when everything is loaded. @throws ConfigLineError for a line that asks for what is refused here */
export function checkRefusals(config: Config): void {
  for (const [name, error] of config.refusals) if (config.refusalOf(name) !== null) throw error;
  for (const { rules, toError } of config.defaultUserLines) {
    const reason = applyDefaultUser(config, rules);
    if (reason !== null) throw toError(`not supported by redstart: ${reason}`);
  }
}

/** What surrounds a line. */
const EDGES = /^[ \t\r\n]+|[ \t\r\n]+$/g;

/** @throws ConfigLineError */
export function loadConfigText(config: Config, text: string, source: LineSource, files: ConfigFiles, depth = 0): void {
  linesOf(text).forEach((raw, index) => {
    const line = raw.replace(EDGES, '');
    if (line === '' || line.startsWith('#')) return;
    const toError = (reason: string) => new ConfigLineError(source, index + 1, line, reason);
    try {
      loadLine({ config, files, depth, toError }, splitWords(line));
    } catch (error) {
      if (error instanceof ConfigError) throw toError(error.message);
      if (error instanceof UnbalancedQuotesError) throw toError('Unbalanced quotes in configuration line');
      throw error;
    }
  });
}

interface LineContext {
  readonly config: Config;
  readonly files: ConfigFiles;
  readonly depth: number;
  readonly toError: (reason: string) => ConfigLineError;
}

const BAD_LINE = 'Bad directive or wrong number of arguments';

function loadLine(context: LineContext, [given = '', ...words]: readonly string[]): void {
  const { config, toError } = context;
  const name = given.toLowerCase();
  if (name === 'include') {
    include(context, words);
    return;
  }
  if (name === 'rename-command') {
    if (words.length !== 2) throw new ConfigError(BAD_LINE);
    config.renames.add(words[0], words[1]);
    return;
  }
  if (name === 'user' && words[0] === 'default') {
    config.defaultUserLines.push({ rules: words.slice(1), toError });
    return;
  }
  const refusal = Object.hasOwn(refusedLines, name) ? refusedLines[name] : undefined;
  if (refusal !== undefined) throw new ConfigError(`not supported by redstart: ${refusal}`);
  const directive = directiveNamed(name);
  if (directive === undefined) {
    const meant = closest(name);
    throw new ConfigError(meant === undefined ? BAD_LINE : `${BAD_LINE}\nDid you mean '${meant}'?`);
  }
  config.load(directive, words);
  const reason = config.refusalOf(directive);
  if (reason !== null) config.refusals.set(directive, toError(reason));
}

/** Relative paths count from `dir` as it stands at the line. */
function include({ config, files, depth }: LineContext, words: readonly string[]): void {
  if (words.length !== 1) throw new ConfigError(BAD_LINE);
  if (depth >= MAX_INCLUDE_DEPTH) throw new ConfigError('files include one another too deeply');
  const path = resolve(config.get('dir'), words[0]);
  for (const each of /[*?[]/.test(words[0]) ? files.matching(path) : [path]) {
    let text: string;
    try {
      text = files.read(each);
    } catch (error) {
      throw new ConfigError(`can't open config file '${each}': ${(error as Error).message}`);
    }
    loadConfigText(config, text, configurationFile(each), files, depth + 1);
  }
}
