/**
 * Searches texts for a regular expression in a time that grows with the text's length, whatever the pattern: all ways
 * to match go on at once, and sets of them that were met before are known by number (a lazy automaton). A search goes
 * on in pieces, so that a long text holds nobody up.
 */
import { Assertion, type Instruction, isWord, Op, parsePattern } from './pattern-parser.js';

/** What comes next: a class of characters, or one of these. */
const END = -1;
/** A line's end that is the text's last character. */
const LAST_LINE_END = -2;

const enum Before {
  NOTHING,
  LINE_END,
  WORD,
  OTHER,
}

/** States that are kept; when there are more, all are forgotten. */
const MAX_STATES = 1000;
/** Classes of characters that are kept. */
const MAX_CLASSES = 4096;
const LINE_FEED = 0x0a;

interface State {
  /** Where ways go on, before what costs no character. */
  readonly places: readonly number[];
  readonly before: Before;
  /** By what comes next. */
  readonly next: Map<number, State>;
}

const MATCHED: State = { places: [], before: Before.OTHER, next: new Map() };

export class PatternSearch {
  private readonly program: readonly Instruction[];
  private readonly hasWordEdges: boolean;
  /** Ends of ranges, between which characters are alike. */
  private readonly borders: readonly number[];
  private readonly hasProperties: boolean;
  private readonly ignoresCase: boolean;
  private classes = new Map<string, number>();
  private classesEver = 0;
  private readonly asciiClasses = new Int32Array(128).fill(-1);
  private states = new Map<string, State>();
  private readonly visited: Uint32Array;
  private visit = 0;

  private text = '';
  private at = 0;
  private state: State = MATCHED;

  /** @throws PatternError */
  constructor(pattern: string) {
    this.program = parsePattern(pattern);
    const sets = this.program.flatMap(({ set }) => (set === undefined ? [] : [set]));
    const borders = sets.flatMap(({ ranges }) => ranges.map((code, i) => (i % 2 === 0 ? code : code + 1)));
    this.borders = [...new Set([...borders, LINE_FEED, LINE_FEED + 1])].sort((a, b) => a - b);
    this.hasProperties = sets.some(({ properties }) => properties.length > 0);
    this.ignoresCase = sets.some(({ ignoresCase }) => ignoresCase);
    this.hasWordEdges = this.program.some(
      ({ op, assertion }) =>
        op === Op.ASSERT && (assertion === Assertion.WORD_EDGE || assertion === Assertion.NO_WORD_EDGE),
    );
    this.visited = new Uint32Array(this.program.length);
  }

  /** Turns to another text. */
  begin(text: string): void {
    this.text = text;
    this.at = 0;
    this.state = this.stateOf([], Before.NOTHING);
  }

  /**
   * Goes on for so many units of work, about a character each. @returns whether the pattern is in the text; undefined
   * where that is not known yet
   */
  run(units: number): boolean | undefined {
    const { text } = this;
    let { state } = this;
    for (let left = units; left > 0; left--) {
      if (state === MATCHED) return true;
      const isOver = this.at >= text.length;
      const code = isOver ? END : (text.codePointAt(this.at) as number);
      if (!isOver) this.at += code > 0xffff ? 2 : 1;
      const sign = code === LINE_FEED && this.at >= text.length ? LAST_LINE_END : isOver ? END : this.classOf(code);
      let next = state.next.get(sign);
      if (next === undefined) {
        next = this.follow(state, sign, code);
        left -= this.program.length;
      }
      state = next;
      if (isOver) return state === MATCHED;
    }
    this.state = state;
    return state === MATCHED ? true : undefined;
  }

  // ---- The automaton

  private follow(state: State, sign: number, code: number): State {
    const isOver = sign === END;
    const isWordNext = !isOver && this.hasWordEdges && isWord(code);
    const places: number[] = [];
    this.visit++;
    // A match may begin anywhere.
    const stack = [...state.places, 0];
    while (stack.length > 0) {
      const place = stack.pop() as number;
      if (this.visited[place] === this.visit) continue;
      this.visited[place] = this.visit;
      const { op, x, y, set, assertion } = this.program[place];
      if (op === Op.MATCH) return this.link(state, sign, MATCHED);
      if (op === Op.JUMP) stack.push(x);
      else if (op === Op.SPLIT) stack.push(x, y);
      else if (op === Op.SET) {
        if (!isOver && set?.has(code)) places.push(place + 1);
      } else if (holds(assertion, state.before, sign, code, isWordNext)) stack.push(place + 1);
    }
    return this.link(state, sign, this.stateOf(places, this.beforeAfter(code, isWordNext)));
  }

  private link(state: State, sign: number, next: State): State {
    state.next.set(sign, next);
    return next;
  }

  private beforeAfter(code: number, isWordNext: boolean): Before {
    if (isWordNext) return Before.WORD;
    return code === LINE_FEED ? Before.LINE_END : Before.OTHER;
  }

  private stateOf(places: number[], before: Before): State {
    const sorted = places.sort((a, b) => a - b);
    const key = `${before}:${sorted.join()}`;
    let state = this.states.get(key);
    if (state !== undefined) return state;
    if (this.states.size >= MAX_STATES) this.states = new Map();
    state = { places: sorted, before, next: new Map() };
    this.states.set(key, state);
    return state;
  }

  // ---- Classes of characters

  private classOf(code: number): number {
    if (code >= 128) return this.newClassOf(code);
    let found = this.asciiClasses[code];
    if (found < 0) {
      found = this.newClassOf(code);
      this.asciiClasses[code] = found;
    }
    return found;
  }

  /** Characters of one class are in the same sets. */
  private newClassOf(code: number): number {
    const key = this.classKey(code);
    let found = this.classes.get(key);
    if (found !== undefined) return found;
    if (this.classes.size >= MAX_CLASSES) {
      // States that are still in use know classes by numbers, which therefore are never given again.
      this.classes = new Map();
      this.states = new Map();
      this.asciiClasses.fill(-1);
    }
    found = this.classesEver++;
    this.classes.set(key, found);
    return found;
  }

  private classKey(code: number): string {
    if (this.ignoresCase) {
      const text = String.fromCodePoint(code);
      if (text.toLowerCase() !== text.toUpperCase()) return `=${code}`;
    }
    let low = 0;
    let high = this.borders.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.borders[middle] <= code) low = middle + 1;
      else high = middle;
    }
    if (!this.hasProperties && !this.hasWordEdges) return String(low);
    return `${low}${isWord(code) ? 'w' : ''}${/^\p{Nd}$/u.test(String.fromCodePoint(code)) ? 'd' : ''}`;
  }
}

function holds(assertion: Assertion, before: Before, sign: number, code: number, isWordNext: boolean): boolean {
  switch (assertion) {
    case Assertion.START:
      return before === Before.NOTHING;
    case Assertion.LINE_START:
      return before === Before.NOTHING || before === Before.LINE_END;
    case Assertion.END:
      return sign === END;
    case Assertion.FINAL:
      return sign === END || sign === LAST_LINE_END;
    case Assertion.LINE_END:
      return sign === END || code === LINE_FEED;
    case Assertion.WORD_EDGE:
      return (before === Before.WORD) !== isWordNext;
    case Assertion.NO_WORD_EDGE:
      // Python finds it nowhere in an empty text.
      return (before === Before.WORD) === isWordNext && (before !== Before.NOTHING || sign !== END);
  }
}
