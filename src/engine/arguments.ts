/** Builders for what a row says of its arguments: COMMAND DOCS, HELP and docs/commands.md derive from it. */

import type { ArgumentDoc } from './command.js';

type More = Partial<ArgumentDoc>;

/** A key, of the first key specification unless `keySpec` says otherwise. */
export function key(name = 'key', more: More = {}): ArgumentDoc {
  return { name, type: 'key', keySpec: 0, ...more };
}

/** A word that stands for itself. */
export function token(word: string, more: More = {}): ArgumentDoc {
  return { name: word.toLowerCase(), type: 'pure-token', token: word, ...more };
}

export function string(name: string, more: More = {}): ArgumentDoc {
  return { name, type: 'string', ...more };
}

export function integer(name: string, more: More = {}): ArgumentDoc {
  return { name, type: 'integer', ...more };
}

export function double(name: string, more: More = {}): ArgumentDoc {
  return { name, type: 'double', ...more };
}

export function pattern(name: string, more: More = {}): ArgumentDoc {
  return { name, type: 'pattern', ...more };
}

export function unixTime(name: string, more: More = {}): ArgumentDoc {
  return { name, type: 'unix-time', ...more };
}

export function oneOf(name: string, choices: readonly ArgumentDoc[], more: More = {}): ArgumentDoc {
  return { name, type: 'oneof', arguments: choices, ...more };
}

/** Arguments that come together. */
export function block(name: string, parts: readonly ArgumentDoc[], more: More = {}): ArgumentDoc {
  return { name, type: 'block', arguments: parts, ...more };
}

export function optional(argument: ArgumentDoc): ArgumentDoc {
  return { ...argument, optional: true };
}

export function multiple(argument: ArgumentDoc): ArgumentDoc {
  return { ...argument, multiple: true };
}

/** An argument that follows a word, which may be left out with it. */
export function option(word: string, argument: ArgumentDoc): ArgumentDoc {
  return { ...argument, token: word, optional: true };
}
