/** A library of functions, as FUNCTION LOAD brought it, and what its text says at the beginning. */

import type { LuaFunction } from '../../lua/runtime/value.js';
import type { Slice } from '../../memory/slice.js';
import * as errors from '../../protocol/errors.js';
import { readShebang } from './script-flags.js';

export interface ScriptFunction {
  readonly name: string;
  readonly library: FunctionLibrary;
  readonly body: LuaFunction;
  readonly description: string | null;
  /** Bits of ScriptFlag. */
  readonly flags: number;
  /** The library's. */
  readonly keepsState: boolean;
}

export class FunctionLibrary {
  /** By name. */
  readonly functions = new Map<string, ScriptFunction>();
  /** Functions of it may keep something from one call to the next. */
  keepsState = true;
  /** The same as functions that can be suspended, if one of them had to be begun anew. */
  inSteps: FunctionLibrary | null = null;

  constructor(
    readonly name: string,
    /** All of its text. */
    readonly source: Slice,
  ) {}
}

const NAME = /^[A-Za-z0-9_]+$/;
const NAME_OPTION = 'name=';
const SHEBANG_LENGTH = 2;

/** What may be the name of a library or a function. */
export function isName(name: string): boolean {
  return NAME.test(name);
}

/**
 * Reads the first line of a library's text.
 * @returns its name, and the text that is to be compiled
 * @throws CommandError
 */
export function readLibraryHead(source: Slice): { name: string; text: string } {
  const shebang = readShebang(source.toLatin1());
  if (shebang === null) throw errors.commandError('Missing library metadata');
  if (shebang === 'unfinished' || shebang.words === null) throw errors.commandError('Invalid library metadata');
  const [engine, ...options] = shebang.words;
  let name: string | null = null;
  for (const option of options) {
    if (!option.startsWith(NAME_OPTION)) throw errors.commandError(`Invalid metadata value given: ${option}`);
    if (name !== null) {
      throw errors.commandError('Invalid metadata value, name argument was given multiple times');
    }
    name = option.slice(NAME_OPTION.length);
  }
  if (name === null) throw errors.commandError('Library name was not given');
  if (!isName(name)) throw errors.INVALID_LIBRARY_NAME;
  const engineName = engine.slice(SHEBANG_LENGTH);
  if (engineName.toLowerCase() !== 'lua') throw errors.commandError(`Engine '${engineName}' not found`);
  return { name, text: shebang.rest };
}
