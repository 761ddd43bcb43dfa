/** Redis's glob patterns on text: `*`, `?`, `[abc]`, `[^a-z]`, `\` before a character that is meant as such. */

/** The time is bounded by the product of the lengths: only the last `*` is ever tried again. */
export function matchesGlob(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  let starAt = -1;
  let starText = 0;
  while (t < text.length) {
    if (pattern[p] === '*') {
      starAt = p++;
      starText = t;
      continue;
    }
    const next = p < pattern.length ? matchOne(pattern, p, text[t]) : 0;
    if (next > 0) {
      p = next;
      t++;
    } else if (starAt >= 0) {
      p = starAt + 1;
      t = ++starText;
    } else {
      return false;
    }
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}

/** Where the pattern goes on if its element at `p` stands for this letter, else 0. */
function matchOne(pattern: string, p: number, letter: string): number {
  switch (pattern[p]) {
    case '?':
      return p + 1;
    case '[':
      return matchClass(pattern, p, letter);
    case '\\':
      if (p + 1 < pattern.length) return pattern[p + 1] === letter ? p + 2 : 0;
      return letter === '\\' ? p + 1 : 0;
    default:
      return pattern[p] === letter ? p + 1 : 0;
  }
}

/** A class that is not closed ends with the pattern, as in Redis. */
function matchClass(pattern: string, start: number, letter: string): number {
  let p = start + 1;
  const negated = pattern[p] === '^';
  if (negated) p++;
  let found = false;
  while (p < pattern.length && pattern[p] !== ']') {
    if (pattern[p] === '\\' && p + 1 < pattern.length) p++;
    const low = pattern[p];
    if (pattern[p + 1] === '-' && p + 2 < pattern.length) {
      const high = pattern[p + 2];
      const [from, to] = low <= high ? [low, high] : [high, low];
      found ||= letter >= from && letter <= to;
      p += 3;
    } else {
      found ||= low === letter;
      p++;
    }
  }
  return found === negated ? 0 : Math.min(p + 1, pattern.length);
}
