/**
 * JSON as Python's `json` reads it: with its messages and their places where there is an error, with NaN and Infinity,
 * and with integers apart from floats. For bodies that are not as they should be; the others need none of this.
 */

/** A number as it was written: `5` and `5.0` are not the same text for a program in Python. */
export class PythonNumber {
  readonly isFloat: boolean;

  constructor(readonly source: string) {
    this.isFloat = /[.eENI]/.test(source);
  }

  /** str() of it. */
  toString(): string {
    return this.isFloat ? floatText(Number(this.source)) : BigInt(this.source).toString();
  }

  /** int() of it; undefined for what is no number, or none that ends. */
  toInteger(): bigint | undefined {
    if (!this.isFloat) return BigInt(this.source);
    const value = Math.trunc(Number(this.source));
    return Number.isFinite(value) ? BigInt(value) : undefined;
  }
}

export type PythonValue = null | boolean | string | PythonNumber | PythonValue[] | Map<string, PythonValue>;

/** What json.JSONDecodeError tells; places count characters, not UTF-16 units. */
export class PythonJsonError extends Error {
  override name = 'PythonJsonError';
  readonly pos: number;
  readonly lineno: number;
  readonly colno: number;

  constructor(
    readonly msg: string,
    readonly doc: string,
    at: number,
  ) {
    super(msg);
    this.pos = characters(doc, 0, at);
    this.lineno = doc.slice(0, at).split('\n').length;
    this.colno = characters(doc, at === 0 ? 0 : doc.lastIndexOf('\n', at - 1) + 1, at) + 1;
  }
}

/** Deeper than this Python's recursion ends, and digits beyond these it does not turn into an integer. */
const MAX_DEPTH = 900;
const MAX_DIGITS = 4300;

/** What Python can't take, and says no more about. */
export class PythonLimitError extends Error {
  override name = 'PythonLimitError';
}

/** @throws PythonJsonError, PythonLimitError */
export function parsePythonJson(text: string): PythonValue {
  return new Reader(text).read();
}

const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?/y;
/** Up to what ends a string, escapes something, or may not stand in one. */
const PLAIN = /[^"\\\0-\x1f]*/y;
const HEX = /^[0-9a-fA-F]{4}$/;
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};
const CONSTANTS: readonly (readonly [string, PythonValue])[] = [
  ['null', null],
  ['true', true],
  ['false', false],
  ['NaN', new PythonNumber('NaN')],
  ['Infinity', new PythonNumber('Infinity')],
  ['-Infinity', new PythonNumber('-Infinity')],
];

class Reader {
  private at = 0;
  private depth = 0;

  constructor(private readonly text: string) {}

  read(): PythonValue {
    this.skip(SPACE);
    const value = this.value();
    this.skip(SPACE);
    if (this.at < this.text.length) throw this.error('Extra data');
    return value;
  }

  private value(): PythonValue {
    const first = this.text[this.at];
    if (first === '"') return this.string();
    if (first === '{' || first === '[') {
      if (++this.depth > MAX_DEPTH) throw new PythonLimitError('too deep');
      const value = first === '{' ? this.object() : this.array();
      this.depth--;
      return value;
    }
    const start = this.at;
    for (const [word, value] of CONSTANTS) {
      if (!this.text.startsWith(word, start)) continue;
      this.at += word.length;
      return value;
    }
    this.skip(NUMBER);
    if (this.at === start) throw this.error('Expecting value');
    const number = new PythonNumber(this.text.slice(start, this.at));
    if (!number.isFloat && number.source.length > MAX_DIGITS) throw new PythonLimitError('too many digits');
    return number;
  }

  private object(): Map<string, PythonValue> {
    const members = new Map<string, PythonValue>();
    this.at++;
    this.skip(SPACE);
    if (this.takes('}')) return members;
    for (;;) {
      if (this.text[this.at] !== '"') throw this.error('Expecting property name enclosed in double quotes');
      const name = this.string();
      this.skip(SPACE);
      if (!this.takes(':')) throw this.error("Expecting ':' delimiter");
      this.skip(SPACE);
      members.set(name, this.value());
      this.skip(SPACE);
      if (this.takes('}')) return members;
      if (!this.takes(',')) throw this.error("Expecting ',' delimiter");
      this.skip(SPACE);
    }
  }

  private array(): PythonValue[] {
    const elements: PythonValue[] = [];
    this.at++;
    this.skip(SPACE);
    if (this.takes(']')) return elements;
    for (;;) {
      elements.push(this.value());
      this.skip(SPACE);
      if (this.takes(']')) return elements;
      if (!this.takes(',')) throw this.error("Expecting ',' delimiter");
      this.skip(SPACE);
    }
  }

  private string(): string {
    const { text } = this;
    const begin = this.at;
    let value = '';
    this.at++;
    for (;;) {
      const start = this.at;
      this.skip(PLAIN);
      value += text.slice(start, this.at);
      if (this.at >= text.length) throw this.error('Unterminated string starting at', begin);
      if (this.takes('"')) return value;
      if (text[this.at] !== '\\') throw this.error('Invalid control character at');
      value += this.escape(begin);
    }
  }

  private escape(begin: number): string {
    const { text } = this;
    const backslash = this.at;
    const sign = text[backslash + 1];
    if (sign === undefined) throw this.error('Unterminated string starting at', begin);
    if (sign !== 'u') {
      const character = ESCAPES[sign];
      if (character === undefined) throw this.error('Invalid \\escape');
      this.at += 2;
      return character;
    }
    const digits = text.slice(backslash + 2, backslash + 6);
    // Four digits are not enough where the text ends with them.
    if (backslash + 6 >= text.length || !HEX.test(digits)) throw this.error('Invalid \\uXXXX escape', backslash + 1);
    this.at += 6;
    return String.fromCharCode(Number.parseInt(digits, 16));
  }

  private takes(sign: string): boolean {
    if (this.text[this.at] !== sign) return false;
    this.at++;
    return true;
  }

  private skip(pattern: RegExp): void {
    pattern.lastIndex = this.at;
    if (pattern.test(this.text)) this.at = pattern.lastIndex;
  }

  private error(message: string, at = this.at): PythonJsonError {
    return new PythonJsonError(message, this.text, at);
  }
}

function characters(text: string, from: number, to: number): number {
  let count = to - from;
  for (let i = from; i + 1 < to; i++) {
    if (isHigh(text.charCodeAt(i)) && isLow(text.charCodeAt(i + 1))) {
      count--;
      i++;
    }
  }
  return count;
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

/** repr() of a float: the digits are JavaScript's, exponents begin elsewhere and have two digits. */
function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf';
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const magnitude = Math.abs(value);
  if (magnitude >= 1e-4 && magnitude < 1e16) {
    const text = String(value);
    return text.includes('.') ? text : `${text}.0`;
  }
  const [digits, exponent] = value.toExponential().split('e');
  const size = exponent.slice(1).padStart(2, '0');
  return `${digits}e${exponent[0]}${size}`;
}
