/** What a misspelt name was meant to be. */

import { allDirectiveNames } from './directives.js';

/** More wrong letters than these, and it is another name. */
const MOST_WRONG = 3;

/** The directive whose name is most like this one, or undefined when none is much like it. */
export function closest(name: string): string | undefined {
  const given = name.toLowerCase().replaceAll('_', '-');
  const known = ['include', 'rename-command', ...allDirectiveNames()];
  // Without dashes and in one case: maxMemory, max-memory, max_memory.
  const plain = (text: string) => text.replaceAll('-', '');
  const same = known.find((each) => plain(each) === plain(given));
  if (same !== undefined) return same;
  let best: string | undefined;
  let fewest = Math.min(MOST_WRONG, Math.floor(given.length / 3)) + 1;
  for (const each of known) {
    const wrong = distance(given, each);
    if (wrong < fewest) {
      fewest = wrong;
      best = each;
    }
  }
  return best;
}

/**
 * Letters to add, take away, change or swap with their neighbour (Damerau and Levenshtein's distance of aligned
 * strings).
 */
function distance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const change = from[i - 1] === to[j - 1] ? 0 : 1;
      row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + change);
      const isSwap = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      if (isSwap) row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
    }
    [beforeLast, last] = [last, row];
  }
  return last[to.length];
}
