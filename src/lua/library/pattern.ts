/**
 * Patterns: what string.find() and its relatives look for.
 *
 * A pattern is compiled to a chain of items, each of which leads to the one after it, for there are neither
 * alternatives nor repeated groups. So every item that can match in several ways is at most once among the choices
 * still open, and it keeps itself what is left to try: matching needs no stack however long the pattern is.
 *
 * What is wrong with a pattern is an error only when matching gets there, as in Lua: `x[` is no error for "abc".
 */

import { libraryError } from '../runtime/errors.js';
import { poll } from '../runtime/limits.js';
import type { Value } from '../runtime/value.js';
import {
  ANY_BYTE,
  areDisjoint,
  type ByteSet,
  bracketedSet,
  END,
  emptySet,
  escapedByte,
  include,
  singleByte,
} from './character-classes.js';
import type { Subject } from './subject.js';

const enum Kind {
  /** One character of a set. */
  One,
  /** As many as there are, and fewer if what follows does not match: `*` and `+`. */
  Many,
  /** As few as can be: `-`. */
  Few,
  /** One or none: `?`. */
  Optional,
  GroupStart,
  GroupEnd,
  /** A capture of the place: `()`. */
  Place,
  /** `%1`. */
  BackReference,
  /** `%b()`. */
  Balance,
  /** `%f[set]`. */
  Frontier,
  /** `$`. */
  SubjectEnd,
  /** An error once matching gets here. */
  Malformed,
  Success,
}

class Item {
  next!: Item;
  /** What must come after this item, a character or the subject's end, if that can be said. */
  follower: ByteSet | null = null;
  /** Taking less than it can is of no use, for what follows is no character of its own. */
  isPossessive = false;

  /** While this is an open choice: the one opened before it, what it has tried last, and how few it may take. */
  choiceBefore: Item | null = null;
  place = 0;
  leastPlace = 0;

  constructor(
    readonly kind: Kind,
    readonly set: ByteSet = ANY_BYTE,
    /** `+` takes at least one; of a group its number; of a balance both characters. */
    readonly detail = 0,
    readonly message = '',
  ) {}

  /** To be called when the items after this one are linked. */
  lookAhead(): void {
    if (this.kind !== Kind.Many && this.kind !== Kind.Few) return;
    this.follower = openingOf(this.next);
    this.isPossessive = this.kind === Kind.Many && this.follower !== null && areDisjoint(this.set, this.follower);
  }
}

const MOST_GROUPS = 32;

/** Where groups of the latest match start and end. */
const groupStarts = new Int32Array(MOST_GROUPS);
const groupEnds = new Int32Array(MOST_GROUPS);
/** Instead of an end. */
const IS_PLACE = -1;
const IS_UNFINISHED = -2;

/** Characters looked at between two polls. */
let stepsLeft = 0;

export class Pattern {
  /** Matches only where the search begins. */
  readonly isAnchored: boolean;
  /** For find() it is a text to be found as it is. */
  readonly isPlain: boolean;
  readonly groupCount: number;
  private readonly first: Item;
  /** What a match must start at, if that can be said. */
  private readonly opening: ByteSet | null;
  private readonly unfinishedGroups: readonly number[];

  constructor(text: string) {
    this.isAnchored = text.charCodeAt(0) === 0x5e; // ^
    this.isPlain = isPlainText(text);
    const compiler = new PatternCompiler(text, this.isAnchored ? 1 : 0);
    this.first = compiler.compile();
    this.opening = openingOf(this.first);
    this.groupCount = compiler.groupCount;
    this.unfinishedGroups = compiler.openGroups;
  }

  /** The start of the first match from a place on, -1 if there is none; `matchEnd` is its end. */
  search(subject: Subject, from: number): number {
    const { bytes, length } = subject;
    const set = this.isAnchored ? null : this.opening;
    const last = this.isAnchored ? from : length;
    for (let start = from; start <= last; start++) {
      if (set !== null) {
        const skippedFrom = start;
        while (start < length && set[bytes[start]] === 0) start++;
        countSteps(start - skippedFrom);
        if (start === length && set[END] === 0) return -1;
      }
      const end = this.match(subject, start);
      if (end >= 0) {
        matchEnd = end;
        return start;
      }
      countSteps(1);
    }
    return -1;
  }

  /** The end of the match that starts at a place, -1 if there is none. */
  match(subject: Subject, start: number): number {
    const end = run(this.first, subject, start);
    if (end >= 0) for (const group of this.unfinishedGroups) groupEnds[group] = IS_UNFINISHED;
    return end;
  }

  /** A group of the latest match, which is from `start` to `end`: without any groups the first one is all of it. */
  group(n: number, subject: Subject, start: number, end: number): Value {
    if (n >= this.groupCount) {
      if (n > 0) libraryError('invalid capture index');
      return subject.text.slice(start, end);
    }
    const groupEnd = groupEnds[n];
    if (groupEnd >= 0) return subject.text.slice(groupStarts[n], groupEnd);
    if (groupEnd === IS_UNFINISHED) libraryError('unfinished capture');
    return groupStarts[n] + 1;
  }
}

/** Where the match ends that search() has found. */
export let matchEnd = 0;

/** Matches an item and all after it at a place: the end of the match, or -1. */
function run(item: Item, subject: Subject, at: number): number {
  const { bytes, length } = subject;
  let choice: Item | null = null;
  for (;;) {
    switch (item.kind) {
      case Kind.One:
        if (at >= length || item.set[bytes[at]] === 0) break;
        at++;
        item = item.next;
        continue;
      case Kind.Many: {
        const reached = endOfRun(item.set, bytes, at, length);
        if (item.isPossessive) {
          if (reached < at + item.detail || !canFollow(item, bytes, reached, length)) break;
          at = reached;
          item = item.next;
          continue;
        }
        item.choiceBefore = choice;
        item.leastPlace = at + item.detail;
        item.place = reached + 1;
        choice = item;
        break;
      }
      case Kind.Few:
        item.choiceBefore = choice;
        item.place = at;
        choice = item;
        if (!canFollow(item, bytes, at, length)) break;
        item = item.next;
        continue;
      case Kind.Optional:
        if (at < length && item.set[bytes[at]] !== 0) {
          item.choiceBefore = choice;
          item.place = at++;
          choice = item;
        }
        item = item.next;
        continue;
      case Kind.GroupStart:
        groupStarts[item.detail] = at;
        item = item.next;
        continue;
      case Kind.GroupEnd:
        groupEnds[item.detail] = at;
        item = item.next;
        continue;
      case Kind.SubjectEnd:
        if (at !== length) break;
        item = item.next;
        continue;
      case Kind.Success:
        return at;
      default:
        at = matchOddItem(item, subject, at);
        if (at < 0) break;
        item = item.next;
        continue;
    }
    // Nothing matches this way: the latest choice is made anew, or, if nothing is left of it, the one before it.
    for (;;) {
      if (choice === null) return -1;
      at = nextPlace(choice, bytes, length);
      if (at >= 0) break;
      choice = choice.choiceBefore;
    }
    item = choice.next;
    if (choice.kind === Kind.Optional) choice = choice.choiceBefore;
  }
}

/** How far the characters of a set go. */
function endOfRun(set: ByteSet, bytes: Uint8Array, at: number, length: number): number {
  const start = at;
  while (at < length && set[bytes[at]] !== 0) at++;
  countSteps(at - start);
  return at;
}

/** False where what comes after an item surely does not match. */
function canFollow({ follower }: Item, bytes: Uint8Array, at: number, length: number): boolean {
  return follower === null || follower[at < length ? bytes[at] : END] !== 0;
}

/** Where the items after an open choice are to be tried next, -1 if nothing is left to try. */
function nextPlace(choice: Item, bytes: Uint8Array, length: number): number {
  let place = choice.place;
  if (choice.kind === Kind.Many) {
    const least = choice.leastPlace;
    do place--;
    while (place >= least && !canFollow(choice, bytes, place, length));
    if (place < least) place = -1;
  } else if (choice.kind === Kind.Few) {
    const { set } = choice;
    do {
      if (place >= length || set[bytes[place]] === 0) {
        place = -1;
        break;
      }
      place++;
    } while (!canFollow(choice, bytes, place, length));
  }
  countSteps(1 + Math.abs(place - choice.place));
  choice.place = place;
  return place;
}

function countSteps(steps: number): void {
  stepsLeft -= steps;
  if (stepsLeft < 0) stepsLeft = poll();
}

/** What patterns seldom have. */
function matchOddItem(item: Item, subject: Subject, at: number): number {
  const { bytes, length } = subject;
  switch (item.kind) {
    case Kind.Place:
      groupStarts[item.detail] = at;
      groupEnds[item.detail] = IS_PLACE;
      return at;
    case Kind.Frontier: {
      // Before the first character and after the last one it is as if there were a NUL.
      const before = at === 0 ? 0 : bytes[at - 1];
      const after = at === length ? 0 : bytes[at];
      return item.set[before] === 0 && item.set[after] !== 0 ? at : -1;
    }
    case Kind.Balance:
      return endOfBalance(bytes, length, at, item.detail >> 8, item.detail & 0xff);
    case Kind.BackReference: {
      // A capture of a place never comes again.
      const size = groupEnds[item.detail] - groupStarts[item.detail];
      return size >= 0 && recurs(bytes, groupStarts[item.detail], size, at, length) ? at + size : -1;
    }
    default:
      libraryError(item.message);
  }
}

function endOfBalance(bytes: Uint8Array, length: number, at: number, opening: number, closing: number): number {
  if (at >= length || bytes[at] !== opening) return -1;
  let depth = 1;
  let place = at + 1;
  for (; place < length; place++) {
    if (bytes[place] === closing) {
      if (--depth === 0) break;
    } else if (bytes[place] === opening) depth++;
  }
  countSteps(place - at);
  return place === length ? -1 : place + 1;
}

function recurs(bytes: Uint8Array, start: number, size: number, at: number, length: number): boolean {
  if (size > length - at) return false;
  let same = 0;
  while (same < size && bytes[start + same] === bytes[at + same]) same++;
  countSteps(same);
  return same === size;
}

/** The set of what a match of an item and those after it can start at; null if it can be anything. */
function openingOf(item: Item): ByteSet | null {
  const set = emptySet();
  for (; ; item = item.next) {
    switch (item.kind) {
      case Kind.GroupStart:
      case Kind.GroupEnd:
      case Kind.Place:
        break;
      case Kind.Optional:
      case Kind.Few:
        include(set, item.set);
        break;
      case Kind.Many:
        include(set, item.set);
        if (item.detail > 0) return set;
        break;
      case Kind.One:
        include(set, item.set);
        return set;
      case Kind.SubjectEnd:
        set[END] = 1;
        return set;
      default:
        return null;
    }
  }
}

class PatternCompiler {
  groupCount = 0;
  /** The groups that have started and not ended, the innermost last. */
  readonly openGroups: number[] = [];
  private readonly items: Item[] = [];

  constructor(
    private readonly text: string,
    private position: number,
  ) {}

  compile(): Item {
    const end = endOfText(this.text);
    let isWellFormed = true;
    while (this.position < end && isWellFormed) {
      const item = this.readItem(end);
      this.items.push(item);
      isWellFormed = item.kind !== Kind.Malformed;
    }
    this.items.push(new Item(Kind.Success));
    for (let at = this.items.length - 2; at >= 0; at--) {
      this.items[at].next = this.items[at + 1];
      this.items[at].lookAhead();
    }
    return this.items[0];
  }

  private readItem(end: number): Item {
    const { text } = this;
    switch (text[this.position]) {
      case '(':
        return this.startGroup(end);
      case ')':
        this.position++;
        return this.endGroup();
      case '$':
        if (this.position + 1 < end) break;
        this.position++;
        return new Item(Kind.SubjectEnd);
      case '%':
        if (this.position + 1 === end) return malformed("malformed pattern (ends with '%')");
        switch (text[this.position + 1]) {
          case 'b':
            return this.readBalance(end);
          case 'f':
            return this.readFrontier(end);
          default:
            if (text[this.position + 1] >= '0' && text[this.position + 1] <= '9') return this.readBackReference();
        }
    }
    return this.readCharacters(end);
  }

  private startGroup(end: number): Item {
    this.position++;
    if (this.groupCount === MOST_GROUPS) return malformed('too many captures');
    const group = this.groupCount++;
    if (this.position < end && this.text[this.position] === ')') {
      this.position++;
      return new Item(Kind.Place, ANY_BYTE, group);
    }
    this.openGroups.push(group);
    return new Item(Kind.GroupStart, ANY_BYTE, group);
  }

  private endGroup(): Item {
    const group = this.openGroups.pop();
    return group === undefined ? malformed('invalid pattern capture') : new Item(Kind.GroupEnd, ANY_BYTE, group);
  }

  private readBalance(end: number): Item {
    this.position += 4;
    if (this.position > end) return malformed('unbalanced pattern');
    const opening = this.text.charCodeAt(this.position - 2);
    return new Item(Kind.Balance, ANY_BYTE, (opening << 8) | this.text.charCodeAt(this.position - 1));
  }

  private readFrontier(end: number): Item {
    this.position += 2;
    if (this.position >= end || this.text[this.position] !== '[') {
      return malformed("missing '[' after '%f' in pattern");
    }
    const set = this.readSet(end);
    return set === undefined ? malformed("malformed pattern (missing ']')") : new Item(Kind.Frontier, set);
  }

  private readBackReference(): Item {
    const group = this.text.charCodeAt(this.position + 1) - 0x31;
    this.position += 2;
    const isUsable = group >= 0 && group < this.groupCount && !this.openGroups.includes(group);
    return isUsable ? new Item(Kind.BackReference, ANY_BYTE, group) : malformed('invalid capture index');
  }

  /** A character or a set of them, and how often it comes. */
  private readCharacters(end: number): Item {
    const set = this.readSet(end);
    if (set === undefined) return malformed("malformed pattern (missing ']')");
    switch (this.position < end ? this.text[this.position++] : '') {
      case '*':
        return new Item(Kind.Many, set, 0);
      case '+':
        return new Item(Kind.Many, set, 1);
      case '-':
        return new Item(Kind.Few, set);
      case '?':
        return new Item(Kind.Optional, set);
      case '':
        return new Item(Kind.One, set);
      default:
        this.position--;
        return new Item(Kind.One, set);
    }
  }

  /** Undefined if a bracket does not close. */
  private readSet(end: number): ByteSet | undefined {
    const { text, position } = this;
    const byte = text.charCodeAt(position);
    this.position++;
    if (byte === 0x2e /* . */) return ANY_BYTE;
    if (byte === 0x25 /* % */) return escapedByte(text.charCodeAt(this.position++));
    if (byte !== 0x5b /* [ */) return singleByte(byte);
    const close = closingBracket(text, position, end);
    this.position = close + 1;
    return close === end ? undefined : bracketedSet(text, position, close);
  }
}

function malformed(message: string): Item {
  return new Item(Kind.Malformed, ANY_BYTE, 0, message);
}

/** Where the bracket closes that opens at a position, `end` if nowhere; a `]` that comes first is one of the set. */
function closingBracket(text: string, opening: number, end: number): number {
  let position = opening + 1;
  if (position < end && text[position] === '^') position++;
  do {
    if (position >= end) return end;
    if (text[position++] === '%' && position < end) position++;
  } while (position >= end || text[position] !== ']');
  return position;
}

/** As in C a pattern ends at its first NUL. */
function endOfText(text: string): number {
  const nul = text.indexOf('\0');
  return nul < 0 ? text.length : nul;
}

/** What makes a text a pattern. */
const SPECIAL_CHARACTERS = /[\^$*+?.([%-]/;

/** As in C only what is before the first NUL counts. */
export function isPlainText(text: string): boolean {
  const special = text.search(SPECIAL_CHARACTERS);
  return special < 0 || text.lastIndexOf('\0', special) >= 0;
}

/** Patterns compiled of late, by their text. */
const compiled = new Map<string, Pattern>();
const MOST_COMPILED = 500;
let latest = new Pattern('');
let latestText = '';

export function isCompiled(text: string): boolean {
  return text === latestText || compiled.has(text);
}

export function compilePattern(text: string): Pattern {
  if (text === latestText) return latest;
  let pattern = compiled.get(text);
  if (pattern === undefined) {
    pattern = new Pattern(text);
    if (compiled.size === MOST_COMPILED) compiled.clear();
    compiled.set(text, pattern);
  }
  latestText = text;
  latest = pattern;
  return pattern;
}
