/**
 * Lines of redis.conf, from a file, the standard input or the command line, into a Config.
 *
 * A line is empty, a comment (#), or a directive with its words. `include` reads another file in place. Reading files is the
 * caller's: it passes `readFile`, which throws what is wrong with a path.
 */

import { type Config, directiveNamed } from './config.js';
import { type DirectiveName, refusedLines } from './directives.js';
import { ConfigError } from './value-types.js';
import { splitWords, UnbalancedQuotesError } from './words.js';

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

export type ReadFile = (path: string) => string;

/** Called when everything is loaded. @throws ConfigLineError for a line that asks for what is refused here */
export function checkRefusals(config: Config): void {
  for (const [name, error] of config.refusals) if (config.refusalOf(name) !== null) throw error;
}

/** @throws ConfigLineError */
export function loadConfigText(config: Config, text: string, source: LineSource, readFile: ReadFile, depth = 0): void {
  text.split('\n').forEach((raw, index) => {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) return;
    try {
      const name = loadLine(config, line, readFile, depth);
      const refusal = name === undefined ? null : config.refusalOf(name);
      if (name !== undefined && refusal !== null) {
        config.refusals.set(name, new ConfigLineError(source, index + 1, line, refusal));
      }
    } catch (error) {
      if (!(error instanceof ConfigError || error instanceof UnbalancedQuotesError)) throw error;
      const reason = error instanceof ConfigError ? error.message : 'Unbalanced quotes in configuration line';
      throw new ConfigLineError(source, index + 1, line, reason);
    }
  });
}

/** @returns the directive that was set */
function loadLine(config: Config, line: string, readFile: ReadFile, depth: number): DirectiveName | undefined {
  const [name = '', ...words] = splitWords(line);
  const keyword = name.toLowerCase();
  if (keyword === 'include') {
    include(config, words, readFile, depth);
    return undefined;
  }
  const refusal = Object.hasOwn(refusedLines, keyword) ? refusedLines[keyword] : undefined;
  if (refusal !== undefined) throw new ConfigError(`not supported by redstart: ${refusal}`);
  config.load(keyword, words);
  return directiveNamed(keyword);
}

function include(config: Config, words: readonly string[], readFile: ReadFile, depth: number): void {
  const [path] = words;
  if (words.length !== 1 || path === undefined) throw new ConfigError('wrong number of arguments');
  if (/[*?[]/.test(path)) throw new ConfigError('include takes one file, not a pattern');
  if (depth >= MAX_INCLUDE_DEPTH) throw new ConfigError('files include one another too deeply');
  let text: string;
  try {
    text = readFile(path);
  } catch (error) {
    throw new ConfigError(`can't open config file '${path}': ${(error as Error).message}`);
  }
  loadConfigText(config, text, configurationFile(path), readFile, depth + 1);
}
