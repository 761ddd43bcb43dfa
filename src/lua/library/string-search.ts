/** string.find(), match(), gmatch() and gsub(): patterns at work. */

import { call } from '../runtime/calls.js';
import { argumentError, libraryError } from '../runtime/errors.js';
import { numberToString } from '../runtime/numbers.js';
import { index } from '../runtime/operations.js';
import { Table } from '../runtime/table.js';
import { first, type LuaFunction, NO_RESULTS, type Results, typeName, type Value } from '../runtime/value.js';
import { checkString, optionalInt, optionalInteger } from './arguments.js';
import { type ByteWriter, giveBackWriter, takeWriter } from './byte-writer.js';
import { compilePattern, isCompiled, isPlainText, matchEnd, type Pattern } from './pattern.js';
import { searchPlainly } from './plain-search.js';
import { Replacement } from './replacement.js';
import { LastingSubject, type Subject, subjectOf } from './subject.js';

export function find(text: Value, pattern: Value, from?: Value, isPlain?: Value): Results {
  const count = arguments.length;
  const subjectText = checkString(text, 1, count);
  const patternText = checkString(pattern, 2, count);
  const start = startOfSearch(from, count, subjectText.length);
  const compiled = isPlain === undefined || isPlain === false ? patternUnlessPlain(patternText) : undefined;
  if (compiled === undefined) {
    const place = searchPlainly(subjectText, patternText, start);
    return place < 0 ? undefined : [place + 1, place + patternText.length];
  }
  const subject = subjectOf(subjectText);
  const place = compiled.search(subject, start);
  if (place < 0) return undefined;
  const results: Value[] = [place + 1, matchEnd];
  for (let n = 0; n < compiled.groupCount; n++) results.push(compiled.group(n, subject, place, matchEnd));
  return results;
}

export function match(text: Value, pattern: Value, from?: Value): Results {
  const count = arguments.length;
  const subjectText = checkString(text, 1, count);
  const compiled = compilePattern(checkString(pattern, 2, count));
  const start = startOfSearch(from, count, subjectText.length);
  const subject = subjectOf(subjectText);
  const place = compiled.search(subject, start);
  return place < 0 ? undefined : groups(compiled, subject, place, matchEnd);
}

/** What was searched for last without special characters, as it is mostly the next, too. */
let latestPlainText = '';

/** Undefined for a text without special characters, which is only to be found as it is. */
function patternUnlessPlain(text: string): Pattern | undefined {
  if (text === latestPlainText) return undefined;
  if (!isCompiled(text) && isPlainText(text)) {
    latestPlainText = text;
    return undefined;
  }
  const pattern = compilePattern(text);
  return pattern.isPlain ? undefined : pattern;
}

/** Argument 3 of find() and match() as an offset into a text: negative ones count from its end. */
function startOfSearch(from: Value, count: number, length: number): number {
  if (from === undefined) return 0;
  let start = optionalInteger(from, 3, count, 1);
  if (start < 0) start += length + 1;
  return start <= 0 ? 0 : Math.min(start - 1, length);
}

/** What a match gives: its groups, or all of it. */
function groups(pattern: Pattern, subject: Subject, start: number, end: number): Results {
  if (pattern.groupCount <= 1) return pattern.group(0, subject, start, end);
  const results = [pattern.group(0, subject, start, end), pattern.group(1, subject, start, end)];
  for (let n = 2; n < pattern.groupCount; n++) results.push(pattern.group(n, subject, start, end));
  return results;
}

export function gmatch(text: Value, pattern: Value): Value {
  const count = arguments.length;
  const subjectText = checkString(text, 1, count);
  const patternText = checkString(pattern, 2, count);
  // Here ^ is a character like others.
  const compiled = compilePattern(patternText.startsWith('^') ? `%${patternText}` : patternText);
  const { length } = subjectText;
  const lasting = new LastingSubject(subjectText);
  let from = 0;
  return () => {
    if (from > length) return NO_RESULTS;
    const subject = lasting.bytes;
    const start = compiled.search(subject, from);
    if (start < 0) {
      from = length + 1;
      return NO_RESULTS;
    }
    from = matchEnd === start ? start + 1 : matchEnd;
    return groups(compiled, subject, start, matchEnd);
  };
}

export function gsub(text: Value, pattern: Value, replacement: Value, most?: Value): Results {
  const count = arguments.length;
  const subjectText = checkString(text, 1, count);
  const compiled = compilePattern(checkString(pattern, 2, count));
  const limit = most === undefined ? Number.POSITIVE_INFINITY : optionalInt(most, 4, count, 0);
  switch (typeof replacement) {
    case 'number':
      return Replacement.of(numberToString(replacement)).replace(compiled, subjectOf(subjectText), limit);
    case 'string':
      return Replacement.of(replacement).replace(compiled, subjectOf(subjectText), limit);
    case 'function':
    case 'object':
      if (typeof replacement === 'function' || replacement instanceof Table) {
        return replaceByValues(compiled, new LastingSubject(subjectText), replacement as LuaFunction | Table, limit);
      }
  }
  return argumentError(3, 'string/function/table expected');
}

/** Replaces matches by what a function or a table has for them; nil and false leave a match as it is. */
function replaceByValues(
  pattern: Pattern,
  lasting: LastingSubject,
  replacement: LuaFunction | Table,
  limit: number,
): Results {
  const output = takeWriter();
  try {
    const matches = writeReplaced(output, pattern, lasting, replacement, limit);
    return [matches === 0 ? lasting.text : output.toString(), matches];
  } finally {
    giveBackWriter(output);
  }
}

function writeReplaced(
  output: ByteWriter,
  pattern: Pattern,
  lasting: LastingSubject,
  replacement: LuaFunction | Table,
  limit: number,
): number {
  const { length } = lasting.text;
  let copiedTo = 0;
  let matches = 0;
  let from = 0;
  while (matches < limit && from <= length) {
    const subject = lasting.bytes;
    const start = pattern.search(subject, from);
    if (start < 0) break;
    const end = matchEnd;
    matches++;
    output.writeBytes(subject.bytes, copiedTo, start);
    copiedTo = start;
    const value = replacementFor(replacement, pattern, subject, start, end);
    if (value !== undefined && value !== false) {
      const piece = typeof value === 'number' ? numberToString(value) : value;
      if (typeof piece !== 'string') libraryError(`invalid replacement value (a ${typeName(value)})`);
      output.writeText(piece);
      copiedTo = end;
    }
    if (pattern.isAnchored) break;
    from = end > start ? end : end + 1;
  }
  output.writeBytes(lasting.bytes.bytes, copiedTo, length);
  return matches;
}

function replacementFor(
  replacement: LuaFunction | Table,
  pattern: Pattern,
  subject: Subject,
  start: number,
  end: number,
): Value {
  const group = pattern.group(0, subject, start, end);
  if (replacement instanceof Table) return index(0, replacement, group);
  if (pattern.groupCount <= 1) return first(call(replacement, group));
  return first(call(replacement, ...(groups(pattern, subject, start, end) as Value[])));
}
