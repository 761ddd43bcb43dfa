/**
 * Words as redis.conf writes them: separated by white space; "double quoted" with \n \r \t \b \a \xHH and \ before
 * anything else; 'single quoted' with \' only. A closing quote must be followed by white space or the end.
 */

const SPACE = /\s/;

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', a: '\x07' };

/** Thrown for a quote that is not closed, or closed within a word. */
export class UnbalancedQuotesError extends Error {
  override name = 'UnbalancedQuotesError';
}

export function splitWords(line: string): string[] {
  const words: string[] = [];
  let at = 0;
  for (;;) {
    while (at < line.length && SPACE.test(line[at])) at++;
    if (at >= line.length) return words;
    let word = '';
    while (at < line.length && !SPACE.test(line[at])) {
      const letter = line[at];
      if (letter === '"' || letter === "'") {
        const quoted = readQuoted(line, at);
        word += quoted.text;
        at = quoted.end;
        if (at < line.length && !SPACE.test(line[at])) throw new UnbalancedQuotesError();
      } else {
        word += letter;
        at++;
      }
    }
    words.push(word);
  }
}

/** Reads from the opening quote to behind the closing one. */
function readQuoted(line: string, start: number): { text: string; end: number } {
  const quote = line[start];
  let text = '';
  for (let at = start + 1; at < line.length; at++) {
    const letter = line[at];
    if (letter === quote) return { text, end: at + 1 };
    if (letter !== '\\' || at + 1 >= line.length) {
      text += letter;
      continue;
    }
    const next = line[at + 1];
    if (quote === "'") {
      if (next === "'") at++;
      text += next === "'" ? next : letter;
      continue;
    }
    const hex = /^x([0-9a-fA-F]{2})/.exec(line.slice(at + 1, at + 4));
    if (hex !== null) {
      text += String.fromCharCode(Number.parseInt(hex[1], 16));
      at += 3;
    } else {
      text += ESCAPES[next] ?? next;
      at++;
    }
  }
  throw new UnbalancedQuotesError();
}

/** A word as a line of redis.conf can hold it, with quotes where it needs them. */
export function quoteWord(word: string): string {
  if (/^[^\s"'\\#\x00-\x1f\x7f]+$/.test(word)) return word;
  const escaped = word.replace(/["\\\x00-\x1f\x7f]/g, (letter) => {
    if (letter === '"' || letter === '\\') return `\\${letter}`;
    const name = Object.keys(ESCAPES).find((key) => ESCAPES[key] === letter);
    return name === undefined ? `\\x${letter.charCodeAt(0).toString(16).padStart(2, '0')}` : `\\${name}`;
  });
  return `"${escaped}"`;
}
