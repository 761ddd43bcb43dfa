/**
 * Words as redis.conf writes them: separated by white space; "double quoted" with \n \r \t \b \a \xHH and \ before
 * anything else; 'single quoted' with \' only. A closing quote must be followed by white space or the end.
 *
 * \xHH is a byte, and several of them may be one character. So a line is looked at byte by byte, as text of one
 * character each.
 */
import { bytesOf, textOf } from '../text/byte-text.js';

/** C's white space: other characters of that kind are bytes of some word. */
const SPACE = /[ \t\n\v\f\r]/;
/** What ends a word without quotes: as in Redis not all of it. */
const END = /[ \t\n\r]/;

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', a: '\x07' };

/** Thrown for a quote that is not closed, or closed within a word. */
export class UnbalancedQuotesError extends Error {
  override name = 'UnbalancedQuotesError';
}

/** The lines of a file, without the mark that Windows puts before them. */
export function linesOf(text: string): string[] {
  return text.replace(/^\ufeff/, '').split('\n');
}

export function splitWords(text: string): string[] {
  const line = bytesOf(text).toString('latin1');
  const words: string[] = [];
  let at = 0;
  for (;;) {
    while (at < line.length && SPACE.test(line[at])) at++;
    if (at >= line.length) return words;
    let word = '';
    while (at < line.length && !END.test(line[at])) {
      const letter = line[at];
      if (letter === '"' || letter === "'") {
        const quoted = readQuoted(line, at);
        word += quoted.text;
        at = quoted.end;
        if (at < line.length && !SPACE.test(line[at])) throw new UnbalancedQuotesError();
        break;
      }
      word += letter;
      at++;
    }
    words.push(textOf(Buffer.from(word, 'latin1')));
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

/** A word as a line of redis.conf can hold it, with quotes where it needs them: all of it ASCII, as Redis writes it. */
export function quoteWord(word: string): string {
  if (/^[!-~]+$/.test(word) && !/["'\\#]/.test(word)) return word;
  const escaped = bytesOf(word)
    .toString('latin1')
    .replace(/["\\]|[^ -~]/g, (letter) => {
      if (letter === '"' || letter === '\\') return `\\${letter}`;
      const name = Object.keys(ESCAPES).find((key) => ESCAPES[key] === letter);
      return name === undefined ? `\\x${letter.charCodeAt(0).toString(16).padStart(2, '0')}` : `\\${name}`;
    });
  return `"${escaped}"`;
}
