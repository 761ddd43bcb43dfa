/** How messages name a piece of source text. */

import { cString } from './c-string.js';

/** What fits into messages: those about syntax have more room than those of code that runs. */
export const LONGEST_WHEN_READ = 79;
export const LONGEST_WHEN_RUN = 59;

/** `=name` and `@name` name it; anything else is the text itself, of which the first line is shown. */
export function chunkIdentifier(chunkName: string, most: number): string {
  const name = cString(chunkName);
  if (name.startsWith('=')) return name.slice(1, most + 1);
  if (name.startsWith('@')) {
    const longest = most - " '...'".length - 1;
    return name.length - 1 > longest ? `...${name.slice(-longest)}` : name.slice(1);
  }
  const longest = most - ' [string "..."] '.length;
  const end = name.search(/[\r\n]/);
  const line = end < 0 ? name : name.slice(0, end);
  return line.length > longest || end >= 0 ? `[string "${line.slice(0, longest)}..."]` : `[string "${line}"]`;
}
