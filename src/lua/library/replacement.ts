/** The replacement text of string.gsub(), in which `%1` stands for a group and `%0` for all of a match. */

import { charge } from '../runtime/limits.js';
import { numberToString } from '../runtime/numbers.js';
import type { Results } from '../runtime/value.js';
import { allocateBytes } from './byte-buffer.js';
import { matchEnd, type Pattern } from './pattern.js';
import type { Subject } from './subject.js';

/** The number of a group, where 0 is all of the match, or a text. */
type Part = number | string;

/** Where results are put together: bytes, because a string for each piece would take longer. */
let output = allocateBytes(4096);
let outputLength = 0;
/** A larger one goes after its use. */
const KEPT_BYTES = 1024 * 1024;

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
    const { length } = subject;
    outputLength = 0;
    let copiedTo = 0;
    let matches = 0;
    let from = 0;
    while (matches < limit && from <= length) {
      const start = pattern.search(subject, from);
      if (start < 0) break;
      const end = matchEnd;
      matches++;
      appendBytes(subject.bytes, copiedTo, start);
      this.append(pattern, subject, start, end);
      copiedTo = end;
      if (pattern.isAnchored) break;
      from = end > start ? end : end + 1;
    }
    if (matches === 0) return [subject.text, 0];
    appendBytes(subject.bytes, copiedTo, length);
    const result = output.latin1Slice(0, outputLength);
    if (output.length > KEPT_BYTES) output = allocateBytes(4096);
    return [result, matches];
  }

  private append(pattern: Pattern, subject: Subject, start: number, end: number): void {
    for (const part of this.parts) {
      if (typeof part === 'string') appendText(part);
      else if (part === 0) appendBytes(subject.bytes, start, end);
      else {
        const group = pattern.group(part - 1, subject, start, end);
        appendText(typeof group === 'number' ? numberToString(group) : (group as string));
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

function appendBytes(bytes: Uint8Array, start: number, end: number): void {
  reserve(end - start);
  if (end - start > 64) output.set(bytes.subarray(start, end), outputLength);
  else for (let from = start, to = outputLength; from < end; from++, to++) output[to] = bytes[from];
  outputLength += end - start;
}

function appendText(text: string): void {
  const { length } = text;
  reserve(length);
  if (length > 24) output.latin1Write(text, outputLength, length);
  else for (let from = 0, to = outputLength; from < length; from++, to++) output[to] = text.charCodeAt(from);
  outputLength += length;
}

function reserve(bytes: number): void {
  if (outputLength + bytes <= output.length) return;
  const size = Math.max(output.length * 2, outputLength + bytes);
  charge(size);
  const larger = allocateBytes(size);
  larger.set(output.subarray(0, outputLength));
  output = larger;
}
