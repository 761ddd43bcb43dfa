/** string.find(), match(), gmatch() and gsub(): patterns at work. */

import { call } from '../runtime/calls.js';
import { argumentError, libraryError } from '../runtime/errors.js';
import { charge } from '../runtime/limits.js';
import { numberToString } from '../runtime/numbers.js';
import { index } from '../runtime/operations.js';
import { Table } from '../runtime/table.js';
import { first, type LuaFunction, NO_RESULTS, type Results, typeName, type Value } from '../runtime/value.js';
import { checkString, optionalInt, optionalInteger } from './arguments.js';
import { compilePattern, matchEnd, type Pattern } from './pattern.js';
import { searchPlainly } from './plain-search.js';
import { Replacement } from './replacement.js';
import { lastingSubjectOf, type Subject, subjectOf } from './subject.js';

/** What makes a text a pattern and not just a text to be found. */
const SPECIAL_CHARACTERS = /[\^$*+?.([%-]/;

export function find(text: Value, pattern: Value, from?: Value, isPlain?: Value): Results {
  const count = arguments.length;
  const subjectText = checkString(text, 1, count);
  const patternText = checkString(pattern, 2, count);
  const start = startOfSearch(from, count, subjectText.length);
  if ((isPlain !== undefined && isPlain !== false) || isPlainText(patternText)) {
    const place = searchPlainly(subjectText, patternText, start);
    return place < 0 ? undefined : [place + 1, place + patternText.length];
  }
  const compiled = compilePattern(patternText);
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

/** The text that was searched for last without special characters, as it is mostly the next one, too. */
let latestPlainText = '';

/** As in C only what is before the first NUL counts. */
function isPlainText(pattern: string): boolean {
  if (pattern === latestPlainText) return true;
  const special = pattern.search(SPECIAL_CHARACTERS);
  if (special >= 0) {
    const nul = pattern.indexOf('\0');
    if (nul < 0 || nul > special) return false;
  }
  latestPlainText = pattern;
  return true;
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
  const results: Value[] = [];
  for (let n = 0; n < pattern.groupCount; n++) results.push(pattern.group(n, subject, start, end));
  return results;
}

export function gmatch(text: Value, pattern: Value): Results {
  const count = arguments.length;
  const subject = lastingSubjectOf(checkString(text, 1, count));
  const patternText = checkString(pattern, 2, count);
  // Here ^ is a character like others.
  const compiled = compilePattern(patternText.startsWith('^') ? `%${patternText}` : patternText);
  let from = 0;
  return () => {
    if (from > subject.length) return NO_RESULTS;
    const start = compiled.search(subject, from);
    if (start < 0) {
      from = subject.length + 1;
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
      return replaceByCalls(compiled, lastingSubjectOf(subjectText), replacement as LuaFunction, limit);
    default:
      if (!(replacement instanceof Table)) argumentError(3, 'string/function/table expected');
      return replaceByTable(compiled, lastingSubjectOf(subjectText), replacement, limit);
  }
}

function replaceByCalls(pattern: Pattern, subject: Subject, callee: LuaFunction, limit: number): Results {
  return replaceEach(pattern, subject, limit, (start, end) => {
    if (pattern.groupCount <= 1) return first(call(callee, pattern.group(0, subject, start, end)));
    return first(call(callee, ...(groups(pattern, subject, start, end) as Value[])));
  });
}

function replaceByTable(pattern: Pattern, subject: Subject, table: Table, limit: number): Results {
  return replaceEach(pattern, subject, limit, (start, end) =>
    index(undefined, undefined, table, pattern.group(0, subject, start, end)),
  );
}

/** Replaces matches by what `replace` gives for them; nil and false leave a match as it is. */
function replaceEach(
  pattern: Pattern,
  subject: Subject,
  limit: number,
  replace: (start: number, end: number) => Value,
): Results {
  const { text, length } = subject;
  let result = '';
  let copiedTo = 0;
  let matches = 0;
  let from = 0;
  while (matches < limit && from <= length) {
    const start = pattern.search(subject, from);
    if (start < 0) break;
    const end = matchEnd;
    matches++;
    const value = replace(start, end);
    if (value !== undefined && value !== false) {
      const piece = typeof value === 'number' ? numberToString(value) : value;
      if (typeof piece !== 'string') libraryError(`invalid replacement value (a ${typeName(value)})`);
      result += text.slice(copiedTo, start) + piece;
      copiedTo = end;
      charge(piece.length + PIECE_BYTES);
    }
    if (pattern.isAnchored) break;
    from = end > start ? end : end + 1;
  }
  return [copiedTo === 0 && result === '' ? text : result + text.slice(copiedTo), matches];
}

/** What a piece takes beside its characters. */
const PIECE_BYTES = 64;
