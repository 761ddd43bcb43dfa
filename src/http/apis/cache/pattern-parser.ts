/**
 * Reads regular expressions as Python writes them, into a program for pattern-search.ts.
 *
 * All of Python's syntax is known that a search in linear time can do. References to groups, conditions and looking
 * around can't be, and are refused; so are patterns that are too long once their repetitions are written out.
 */

/** What is wrong with a pattern, in words for its author. */
export class PatternError extends Error {
  override name = 'PatternError';
}

export const enum Op {
  /** Takes a character of `set`. */
  SET,
  /** Goes on at `x` and at `y`. */
  SPLIT,
  JUMP,
  /** Goes on where `assertion` holds. */
  ASSERT,
  MATCH,
}

export const enum Assertion {
  START,
  LINE_START,
  END,
  /** Before the last line's end, too. */
  FINAL,
  LINE_END,
  WORD_EDGE,
  NO_WORD_EDGE,
}

export interface Instruction {
  op: Op;
  x: number;
  y: number;
  set: CharacterSet | undefined;
  assertion: Assertion;
}

/** Characters with a property: `\d` or `\w` beyond ASCII, which no list of ranges says. */
interface Property {
  readonly pattern: RegExp;
  readonly isNegated: boolean;
}

const DIGIT = /^\p{Nd}$/u;
const WORD = /^[\p{L}\p{N}_]$/u;
const ASCII_DIGITS = [0x30, 0x39];
const ASCII_WORD = [0x30, 0x39, 0x41, 0x5a, 0x5f, 0x5f, 0x61, 0x7a];
const ASCII_SPACE = [0x09, 0x0d, 0x20, 0x20];
/** What str.isspace() takes. */
const SPACE = [
  0x09, 0x0d, 0x1c, 0x20, 0x85, 0x85, 0xa0, 0xa0, 0x1680, 0x1680, 0x2000, 0x200a, 0x2028, 0x2029, 0x202f, 0x202f,
  0x205f, 0x205f, 0x3000, 0x3000,
];
const MAX_CODE = 0x10ffff;

export function isWord(code: number): boolean {
  return code < 0x80 ? inRanges(ASCII_WORD, code) : WORD.test(String.fromCodePoint(code));
}

export class CharacterSet {
  /** Firsts and lasts. */
  readonly ranges: number[] = [];
  readonly properties: Property[] = [];
  isNegated = false;

  constructor(readonly ignoresCase: boolean) {}

  add(first: number, last = first): void {
    this.ranges.push(first, last);
  }

  has(code: number): boolean {
    let found = this.holds(code);
    if (!found && this.ignoresCase) {
      const text = String.fromCodePoint(code);
      const upper = text.toUpperCase();
      found = this.holdsText(upper) || this.holdsText(text.toLowerCase()) || this.holdsText(upper.toLowerCase());
    }
    return found !== this.isNegated;
  }

  private holdsText(text: string): boolean {
    const code = text.codePointAt(0) as number;
    return text.length === (code > 0xffff ? 2 : 1) && this.holds(code);
  }

  private holds(code: number): boolean {
    if (inRanges(this.ranges, code)) return true;
    return this.properties.some(({ pattern, isNegated }) => pattern.test(String.fromCodePoint(code)) !== isNegated);
  }
}

function inRanges(ranges: readonly number[], code: number): boolean {
  for (let i = 0; i < ranges.length; i += 2) if (code >= ranges[i] && code <= ranges[i + 1]) return true;
  return false;
}

function complement(ranges: readonly number[]): number[] {
  const others: number[] = [];
  let from = 0;
  for (let i = 0; i < ranges.length; i += 2) {
    if (ranges[i] > from) others.push(from, ranges[i] - 1);
    from = ranges[i + 1] + 1;
  }
  others.push(from, MAX_CODE);
  return others;
}

const MAX_PATTERN = 1000;
const MAX_PROGRAM = 2000;
const MAX_DEPTH = 100;
/** Repetitions without an upper limit. */
const UNLIMITED = -1;

interface Flags {
  ignoresCase: boolean;
  isMultiline: boolean;
  dotIsAll: boolean;
  isAscii: boolean;
}

/** @throws PatternError */
export function parsePattern(pattern: string): readonly Instruction[] {
  const characters = [...pattern];
  if (characters.length > MAX_PATTERN) throw new PatternError(`it has more than ${MAX_PATTERN} characters`);
  return new Parser(characters).parse();
}

const ESCAPES: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13, a: 7 };
const HEX_DIGITS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

class Parser {
  private readonly program: Instruction[] = [];
  private at = 0;
  private depth = 0;
  private flags: Flags = { ignoresCase: false, isMultiline: false, dotIsAll: false, isAscii: false };

  constructor(private readonly pattern: readonly string[]) {}

  parse(): readonly Instruction[] {
    this.readGlobalFlags();
    this.alternatives();
    if (this.at < this.pattern.length) throw new PatternError('unbalanced parenthesis');
    this.emit(Op.MATCH);
    return this.program;
  }

  private get next(): string | undefined {
    return this.pattern[this.at];
  }

  private takes(sign: string): boolean {
    if (this.next !== sign) return false;
    this.at++;
    return true;
  }

  private emit(op: Op, x = 0, y = 0): number {
    if (this.program.length >= MAX_PROGRAM) throw new PatternError('it is too long with its repetitions');
    this.program.push({ op, x, y, set: undefined, assertion: Assertion.START });
    return this.program.length - 1;
  }

  private emitSet(set: CharacterSet): void {
    this.program[this.emit(Op.SET)].set = set;
  }

  private emitAssertion(assertion: Assertion): void {
    this.program[this.emit(Op.ASSERT)].assertion = assertion;
  }

  // ---- Structure

  private alternatives(): void {
    if (++this.depth > MAX_DEPTH) throw new PatternError('its groups are too deep');
    const outside = this.flags;
    const ends: number[] = [];
    for (;;) {
      const start = this.program.length;
      this.sequence();
      if (!this.takes('|')) break;
      // What stands here becomes one of two ways.
      this.insert(start, Op.SPLIT, start + 1, 0);
      ends.push(this.emit(Op.JUMP));
      this.program[start].y = this.program.length;
    }
    for (const end of ends) this.program[end].x = this.program.length;
    this.flags = outside;
    this.depth--;
  }

  /** Puts an instruction before those that were emitted since `start`. */
  private insert(start: number, op: Op, x: number, y: number): void {
    const moved = this.program.splice(start);
    this.emit(op, x, y);
    for (const instruction of moved) this.append(instruction, 1);
  }

  private append(instruction: Instruction, offset: number): void {
    const index = this.emit(instruction.op, instruction.x + offset, instruction.y + offset);
    this.program[index].set = instruction.set;
    this.program[index].assertion = instruction.assertion;
  }

  private sequence(): void {
    while (this.next !== undefined && this.next !== '|' && this.next !== ')') {
      const start = this.program.length;
      const canRepeat = this.item();
      this.repetitions(start, canRepeat);
    }
  }

  /** @returns whether a repetition may follow */
  private item(): boolean {
    const sign = this.pattern[this.at++];
    switch (sign) {
      case '(':
        return this.group();
      case '[':
        this.emitSet(this.set());
        return true;
      case '.':
        this.emitSet(this.dot());
        return true;
      case '^':
        this.emitAssertion(this.flags.isMultiline ? Assertion.LINE_START : Assertion.START);
        return false;
      case '$':
        this.emitAssertion(this.flags.isMultiline ? Assertion.LINE_END : Assertion.FINAL);
        return false;
      case '\\':
        return this.escape();
      case '*':
      case '+':
      case '?':
        throw new PatternError('nothing to repeat');
      default:
        this.emitSet(this.single(sign.codePointAt(0) as number));
        return true;
    }
  }

  private dot(): CharacterSet {
    const set = new CharacterSet(false);
    set.isNegated = true;
    if (!this.flags.dotIsAll) set.add(0x0a);
    return set;
  }

  private single(code: number): CharacterSet {
    const set = new CharacterSet(this.flags.ignoresCase);
    set.add(code);
    return set;
  }

  // ---- Repetitions

  private repetitions(start: number, canRepeat: boolean): void {
    const bounds = this.bounds();
    if (bounds === undefined) return;
    if (!canRepeat) throw new PatternError('nothing to repeat');
    // Lazy or not, there is a match or there is none.
    if (!this.takes('?') && this.next === '+') throw new PatternError('possessive repetitions are not supported');
    if (this.bounds() !== undefined) throw new PatternError('multiple repeat');
    this.repeat(start, bounds);
  }

  private bounds(): readonly [number, number] | undefined {
    if (this.takes('*')) return [0, UNLIMITED];
    if (this.takes('+')) return [1, UNLIMITED];
    if (this.takes('?')) return [0, 1];
    if (this.next !== '{') return undefined;
    const rest = this.pattern.slice(this.at + 1, this.at + 40).join('');
    const found = /^(\d*)(,?)(\d*)\}/.exec(rest);
    // Any other brace stands for itself.
    if (found === null || found[0] === '}') return undefined;
    this.at += found[0].length + 1;
    const [, low, comma, high] = found;
    const least = Number(low);
    const most = high !== '' ? Number(high) : comma === '' ? least : UNLIMITED;
    if (most !== UNLIMITED && most < least) throw new PatternError('min repeat greater than max repeat');
    return [least, most];
  }

  private repeat(start: number, [least, most]: readonly [number, number]): void {
    const body = this.program.splice(start);
    const write = (): void => {
      const offset = this.program.length - start;
      for (const instruction of body) this.append(instruction, offset);
    };
    // Nothing, however often, is nothing; and a loop would be as long as the least says.
    if (body.length === 0) return;
    for (let i = 0; i < least; i++) write();
    if (most === UNLIMITED) {
      const split = this.emit(Op.SPLIT);
      write();
      this.emit(Op.JUMP, split);
      this.program[split].x = split + 1;
      this.program[split].y = this.program.length;
      return;
    }
    const splits: number[] = [];
    for (let i = least; i < most; i++) {
      splits.push(this.emit(Op.SPLIT));
      write();
    }
    for (const split of splits) {
      this.program[split].x = split + 1;
      this.program[split].y = this.program.length;
    }
  }

  // ---- Groups

  private group(): boolean {
    const outside = this.flags;
    if (this.takes('?')) {
      const kind = this.pattern[this.at++];
      if (kind === '#') return this.comment();
      if (kind === 'P') this.groupName();
      else if (kind !== ':') this.groupFlags(kind);
    }
    this.alternatives();
    if (!this.takes(')')) throw new PatternError('missing ), unterminated subpattern');
    this.flags = outside;
    return true;
  }

  private comment(): boolean {
    const end = this.pattern.indexOf(')', this.at);
    if (end < 0) throw new PatternError('missing ), unterminated comment');
    this.at = end + 1;
    return false;
  }

  private groupName(): void {
    if (!this.takes('<')) throw new PatternError('references to groups are not supported');
    const end = this.pattern.indexOf('>', this.at);
    const name = this.pattern.slice(this.at, end).join('');
    if (end < 0 || !/^[\p{L}_][\p{L}\p{N}_]*$/u.test(name)) throw new PatternError('bad character in group name');
    this.at = end + 1;
  }

  /** `i`, `i-s` and the like before ':'. */
  private groupFlags(first: string | undefined): void {
    if (first === '=' || first === '!' || first === '<') throw new PatternError('looking around is not supported');
    if (first === '(') throw new PatternError('conditions are not supported');
    if (first === '>') throw new PatternError('atomic groups are not supported');
    this.at--;
    const flags = { ...this.flags };
    let isOn = true;
    while (!this.takes(':')) {
      const sign = this.pattern[this.at++];
      if (sign === '-' && isOn) isOn = false;
      else setFlag(flags, sign, isOn);
    }
    this.flags = flags;
  }

  /** `(?i)` at the start. */
  private readGlobalFlags(): void {
    for (;;) {
      const found = /^\(\?([a-zA-Z]+)\)/.exec(this.pattern.slice(this.at, this.at + 20).join(''));
      if (found === null) return;
      for (const sign of found[1]) setFlag(this.flags, sign, true);
      this.at += found[0].length;
    }
  }

  // ---- Escapes and sets

  private escape(): boolean {
    const sign = this.next;
    switch (sign) {
      case 'A':
      case 'Z':
      case 'b':
      case 'B':
        this.at++;
        this.emitAssertion(ASSERTIONS[sign]);
        return false;
      case undefined:
        throw new PatternError('bad escape (end of pattern)');
      default: {
        const set = new CharacterSet(this.flags.ignoresCase);
        if (!this.addCategory(set)) set.add(this.escapedCode(false));
        this.emitSet(set);
        return true;
      }
    }
  }

  /** `\d` and the like. */
  private addCategory(set: CharacterSet): boolean {
    const sign = this.next as string;
    if (!'dDwWsS'.includes(sign)) return false;
    this.at++;
    const isNegated = sign !== sign.toLowerCase();
    const { isAscii } = this.flags;
    if (sign === 's' || sign === 'S' || isAscii) {
      const ranges = ASCII_CATEGORIES[isAscii ? sign.toLowerCase() : 'space'];
      set.ranges.push(...(isNegated ? complement(ranges) : ranges));
    } else {
      set.properties.push({ pattern: sign.toLowerCase() === 'd' ? DIGIT : WORD, isNegated });
    }
    return true;
  }

  /** The character that is escaped here, after the backslash. */
  private escapedCode(isInSet: boolean): number {
    const sign = this.pattern[this.at++] as string;
    if (isInSet && sign === 'b') return 8;
    const code = ESCAPES[sign];
    if (code !== undefined) return code;
    const digits = HEX_DIGITS[sign];
    if (digits !== undefined) return this.hexCode(digits);
    if (/[0-9]/.test(sign)) return this.octalCode(sign, isInSet);
    if (/[a-zA-Z]/.test(sign)) throw new PatternError(`bad escape \\${sign}`);
    return sign.codePointAt(0) as number;
  }

  private hexCode(digits: number): number {
    const text = this.pattern.slice(this.at, this.at + digits).join('');
    if (text.length !== digits || !/^[0-9a-fA-F]+$/.test(text)) throw new PatternError('incomplete escape');
    this.at += digits;
    const code = Number.parseInt(text, 16);
    if (code > MAX_CODE) throw new PatternError('bad escape: there is no such character');
    return code;
  }

  private octalCode(first: string, isInSet: boolean): number {
    const text = first + this.pattern.slice(this.at, this.at + 2).join('');
    const octal = (first === '0' || isInSet ? /^[0-7]{1,3}/ : /^[0-3][0-7]{2}/).exec(text)?.[0];
    if (octal === undefined) {
      throw new PatternError(isInSet ? `bad escape \\${first}` : 'references to groups are not supported');
    }
    this.at += octal.length - 1;
    return Number.parseInt(octal, 8);
  }

  private set(): CharacterSet {
    const set = new CharacterSet(this.flags.ignoresCase);
    set.isNegated = this.takes('^');
    for (let isFirst = true; isFirst || !this.takes(']'); isFirst = false) {
      const first = this.setCharacter(set);
      const isRange = this.next === '-' && this.pattern[this.at + 1] !== ']' && this.at + 1 < this.pattern.length;
      if (!isRange) {
        if (first !== undefined) set.add(first);
        continue;
      }
      this.at++;
      const last = first === undefined ? undefined : this.setCharacter(set);
      if (first === undefined || last === undefined || last < first) throw new PatternError('bad character range');
      set.add(first, last);
    }
    return set;
  }

  /** undefined for a category, which is added. */
  private setCharacter(set: CharacterSet): number | undefined {
    const sign = this.pattern[this.at++];
    if (sign === undefined) throw new PatternError('unterminated character set');
    if (sign !== '\\') return sign.codePointAt(0) as number;
    if (this.next === undefined) throw new PatternError('unterminated character set');
    return this.addCategory(set) ? undefined : this.escapedCode(true);
  }
}

const ASSERTIONS = {
  A: Assertion.START,
  Z: Assertion.END,
  b: Assertion.WORD_EDGE,
  B: Assertion.NO_WORD_EDGE,
} as const;

const ASCII_CATEGORIES: Readonly<Record<string, readonly number[]>> = {
  d: ASCII_DIGITS,
  w: ASCII_WORD,
  s: ASCII_SPACE,
  space: SPACE,
};

function setFlag(flags: Flags, sign: string | undefined, isOn: boolean): void {
  if (sign === 'i') flags.ignoresCase = isOn;
  else if (sign === 'm') flags.isMultiline = isOn;
  else if (sign === 's') flags.dotIsAll = isOn;
  else if (sign === 'a') flags.isAscii = isOn;
  else if (sign !== 'u') throw new PatternError(`unknown or unsupported flag ${sign ?? ''}`);
}
