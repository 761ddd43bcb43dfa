/** The replacement text of string.gsub(), in which `%1` stands for a group and `%0` for all of a match. */

import { numberToString } from '../runtime/numbers.js';
import type { Results } from '../runtime/value.js';
import { ByteWriter } from './byte-writer.js';
import { matchEnd, type Pattern } from './pattern.js';
import type { Subject } from './subject.js';

/** The number of a group, where 0 is all of the match, or a text. */
type Part = number | string;

/** Where results are put together: bytes, because a string for each piece would take longer. */
const output = new ByteWriter();

let latest: Replacement | undefined;

export class Replacement {
  private readonly parts: readonly Part[];

  private constructor(private readonly text: string) {
    this.parts = partsOf(text);
  }

  static of(text: string): Replacement {
    if (latest === undefined || latest.text !== text) latest = new Replacement(text);
    return latest;
  }

  /** The subject with at most `limit` matches replaced, and how many were. */
  replace(pattern: Pattern, subject: Subject, limit: number): Results {
    try {
      return this.replaceAll(pattern, subject, limit);
    } finally {
      output.clear();
    }
  }

  private replaceAll(pattern: Pattern, subject: Subject, limit: number): Results {
    const { length } = subject;
    let copiedTo = 0;
    let matches = 0;
    let from = 0;
    while (matches < limit && from <= length) {
      const start = pattern.search(subject, from);
      if (start < 0) break;
      const end = matchEnd;
      matches++;
      output.writeBytes(subject.bytes, copiedTo, start);
      this.append(pattern, subject, start, end);
      copiedTo = end;
      if (pattern.isAnchored) break;
      from = end > start ? end : end + 1;
    }
    if (matches === 0) return [subject.text, 0];
    output.writeBytes(subject.bytes, copiedTo, length);
    return [output.toString(), matches];
  }

  private append(pattern: Pattern, subject: Subject, start: number, end: number): void {
    for (const part of this.parts) {
      if (typeof part === 'string') output.writeText(part);
      else if (part === 0) output.writeBytes(subject.bytes, start, end);
      else {
        const group = pattern.group(part - 1, subject, start, end);
        output.writeText(typeof group === 'number' ? numberToString(group) : (group as string));
      }
    }
  }
}

/** A `%` before anything but a digit stands for that alone, at the end for a NUL. */
function partsOf(text: string): Part[] {
  const parts: Part[] = [];
  let literal = '';
  for (let position = 0; position < text.length; position++) {
    if (text[position] !== '%') {
      literal += text[position];
      continue;
    }
    const next = text[++position] ?? '\0';
    if (next < '0' || next > '9') {
      literal += next;
      continue;
    }
    if (literal !== '') parts.push(literal);
    literal = '';
    parts.push(Number(next));
  }
  if (literal !== '') parts.push(literal);
  return parts;
}
