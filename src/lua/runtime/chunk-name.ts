/** How messages name a piece of source text. */

import { cString } from './c-string.js';

/** What fits into a message. */
const LONGEST = 79;

/** `=name` and `@name` name it; anything else is the text itself, of which the first line is shown. */
export function chunkIdentifier(chunkName: string): string {
  const name = cString(chunkName);
  if (name.startsWith('=')) return name.slice(1, LONGEST + 1);
  if (name.startsWith('@')) {
    const longest = LONGEST - " '...'".length - 1;
    return name.length - 1 > longest ? `...${name.slice(-longest)}` : name.slice(1);
  }
  const longest = LONGEST - ' [string "..."] '.length;
  const end = name.search(/[\r\n]/);
  const line = end < 0 ? name : name.slice(0, end);
  return line.length > longest || end >= 0 ? `[string "${line.slice(0, longest)}..."]` : `[string "${line}"]`;
}
