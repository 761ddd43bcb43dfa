/** string.format(): the conversions of printf in C, as far as Lua has them. */

import { exponentDigits, fixedDigits, generalDigits } from '../runtime/decimals.js';
import { argumentError, libraryError } from '../runtime/errors.js';
import { charge } from '../runtime/limits.js';
import { infiniteToString } from '../runtime/numbers.js';
import type { Value } from '../runtime/value.js';
import { checkNumber, checkString } from './arguments.js';

const NO_FLAGS = 0;
const LEFT = 1;
const PLUS = 2;
const SPACE = 4;
const ALTERNATE = 8;
const ZEROS = 16;
const FLAGS: Record<string, number> = { '-': LEFT, '+': PLUS, ' ': SPACE, '#': ALTERNATE, '0': ZEROS };
const MOST_FLAGS = 5;

/** A conversion and the text before it. */
interface Directive {
  readonly before: string;
  /** The letter, '' for what only has a text before it; or 'error'. */
  readonly conversion: string;
  readonly flags: number;
  readonly width: number;
  /** -1 where none is given. */
  readonly precision: number;
  /** No flag, width or precision. */
  readonly isPlain: boolean;
  /** What is wrong with it, once its turn has come. */
  readonly error: string;
}

export function format(formatText: Value, ...values: Value[]): Value {
  const count = arguments.length;
  const directives = directivesOf(checkString(formatText, 1, count));
  let result = '';
  for (let at = 0; at < directives.length; at++) {
    const directive = directives[at];
    result += directive.before;
    if (directive.conversion === '') break;
    if (at >= values.length) argumentError(at + 2, 'no value');
    result += convert(directive, values[at], at + 2, count);
  }
  return result;
}

function convert(directive: Directive, value: Value, n: number, count: number): string {
  switch (directive.conversion) {
    case 'd':
    case 'i': {
      const number = checkNumber(value, n, count);
      if (directive.isPlain && (number | 0) === number) return `${number | 0}`;
      return signedInteger(directive, number);
    }
    case 's':
      return text(directive, checkString(value, n, count));
    case 'f':
    case 'e':
    case 'E':
    case 'g':
    case 'G':
      return float(directive, checkNumber(value, n, count));
    case 'x':
    case 'X':
    case 'o':
    case 'u':
      return unsignedInteger(directive, checkNumber(value, n, count));
    case 'c':
      return character(directive, checkNumber(value, n, count));
    case 'q':
      return quoted(checkString(value, n, count));
    default:
      libraryError(directive.error);
  }
}

/** Whole texts are longer than this only where their length is not asked for. */
const LONG_TEXT = 100;

/** A long text without a precision is taken as it is; others end at their first NUL as in C. */
function text({ isPlain, flags, width, precision }: Directive, value: string): string {
  if (precision < 0 && value.length >= LONG_TEXT) {
    charge(value.length);
    return value;
  }
  const nul = value.indexOf('\0');
  if (nul >= 0) value = value.slice(0, nul);
  if (isPlain) return value;
  if (precision >= 0) value = value.slice(0, precision);
  return padded(value, flags, width);
}

function character({ flags, width }: Directive, value: number): string {
  // An int of 32 bits, 0 for what is none.
  const code = Math.trunc(value);
  const letter = String.fromCharCode((code | 0) === code ? code & 0xff : 0);
  const result = padded(letter, flags, width);
  const nul = result.indexOf('\0');
  return nul < 0 ? result : result.slice(0, nul);
}

function quoted(value: string): string {
  charge(value.length);
  let result = '"';
  let copiedTo = 0;
  for (let position = 0; position < value.length; position++) {
    const special = quotedByte(value.charCodeAt(position));
    if (special === '') continue;
    result += value.slice(copiedTo, position) + special;
    copiedTo = position + 1;
  }
  return `${result}${value.slice(copiedTo)}"`;
}

/** How `%q` writes a byte, '' for most, which stay as they are. */
function quotedByte(byte: number): string {
  switch (byte) {
    case 0x22:
      return '\\"';
    case 0x5c:
      return '\\\\';
    case 0x0a:
      return '\\\n';
    case 0x0d:
      return '\\r';
    case 0:
      return '\\000';
    default:
      return '';
  }
}

const INT64_LIMIT = 2 ** 63;

function signedInteger(directive: Directive, value: number): string {
  const isInRange = value >= -INT64_LIMIT && value < INT64_LIMIT;
  const magnitude = isInRange ? wholeDigits(Math.abs(Math.trunc(value))) : '9223372036854775808';
  const isNegative = !isInRange || value <= -1;
  return integer(directive, signOf(directive.flags, isNegative), magnitude);
}

function wholeDigits(magnitude: number): string {
  return magnitude <= Number.MAX_SAFE_INTEGER ? `${magnitude}` : BigInt(magnitude).toString();
}

const BASES: Record<string, number> = { u: 10, o: 8, x: 16, X: 16 };

function unsignedInteger(directive: Directive, value: number): string {
  const { conversion, flags, precision } = directive;
  const base = BASES[conversion];
  const isSmall = value > -1 && value <= Number.MAX_SAFE_INTEGER;
  const whole = isSmall ? Math.trunc(value) + 0 : toUint64(value);
  let digits = whole.toString(base);
  let prefix = '';
  if ((flags & ALTERNATE) !== 0) {
    if (base === 16 && digits !== '0') prefix = '0x';
    if (base === 8 && digits.length >= precision && (digits !== '0' || precision === 0)) prefix = '0';
  }
  if (conversion === 'X') {
    digits = digits.toUpperCase();
    prefix = prefix.toUpperCase();
  }
  return integer(directive, prefix, digits);
}

/** As x86 converts: through int64, of which the least stands for what is out of range. */
function toUint64(value: number): bigint {
  if (value < INT64_LIMIT) return BigInt.asUintN(64, BigInt(value >= -INT64_LIMIT ? Math.trunc(value) : -INT64_LIMIT));
  if (value < 2 * INT64_LIMIT) return BigInt(value);
  return Number.isNaN(value) ? BigInt(INT64_LIMIT) : 0n;
}

/** With a precision there are at least so many digits, none at all for 0 where it is 0, and the flag 0 does nothing. */
function integer({ flags, width, precision }: Directive, prefix: string, digits: string): string {
  if (precision < 0) return zeroPadded(prefix, digits, flags, width);
  if (precision === 0 && digits === '0') digits = '';
  return padded(prefix + digits.padStart(precision, '0'), flags, width);
}

const DEFAULT_PRECISION = 6;

function float({ conversion, flags, width, precision }: Directive, value: number): string {
  if (!Number.isFinite(value)) return notFinite(conversion, flags, width, value);
  const isNegative = value < 0 || Object.is(value, -0);
  const magnitude = Math.abs(value);
  const places = precision < 0 ? DEFAULT_PRECISION : precision;
  const isAlternate = (flags & ALTERNATE) !== 0;
  let digits: string;
  switch (conversion) {
    case 'f':
      digits = fixedDigits(magnitude, places);
      if (isAlternate && places === 0) digits += '.';
      break;
    case 'e':
    case 'E':
      digits = exponentDigits(magnitude, places, isAlternate);
      break;
    default:
      digits = generalDigits(magnitude, places, isAlternate);
  }
  if (conversion === 'E' || conversion === 'G') digits = digits.toUpperCase();
  return zeroPadded(signOf(flags, isNegative), digits, flags, width);
}

function notFinite(conversion: string, flags: number, width: number, value: number): string {
  const word = infiniteToString(value);
  const isNegative = word[0] === '-';
  const unsigned = isNegative ? word.slice(1) : word;
  const letters = conversion === 'E' || conversion === 'G' ? unsigned.toUpperCase() : unsigned;
  return padded(signOf(flags, isNegative) + letters, flags, width);
}

function signOf(flags: number, isNegative: boolean): string {
  if (isNegative) return '-';
  if ((flags & PLUS) !== 0) return '+';
  return (flags & SPACE) !== 0 ? ' ' : '';
}

function padded(result: string, flags: number, width: number): string {
  if (result.length >= width) return result;
  return (flags & LEFT) !== 0 ? result.padEnd(width) : result.padStart(width);
}

function zeroPadded(prefix: string, digits: string, flags: number, width: number): string {
  if ((flags & (ZEROS | LEFT)) !== ZEROS) return padded(prefix + digits, flags, width);
  return prefix + digits.padStart(width - prefix.length, '0');
}

/** Formats read of late, by their text. */
const known = new Map<string, Directive[]>();
const MOST_KNOWN = 500;
let latestText = '';
let latestDirectives: Directive[] = [];

function directivesOf(formatText: string): Directive[] {
  if (formatText === latestText) return latestDirectives;
  let directives = known.get(formatText);
  if (directives === undefined) {
    directives = new FormatReader(formatText).read();
    if (known.size === MOST_KNOWN) known.clear();
    known.set(formatText, directives);
  }
  latestText = formatText;
  latestDirectives = directives;
  return directives;
}

const CONVERSIONS = 'cdeEfgGioqsuxX';

class FormatReader {
  private position = 0;

  constructor(private readonly text: string) {}

  read(): Directive[] {
    const { text } = this;
    const directives: Directive[] = [];
    let before = '';
    for (;;) {
      const percent = text.indexOf('%', this.position);
      if (percent < 0) break;
      before += text.slice(this.position, percent);
      this.position = percent + 1;
      if (text[this.position] === '%') {
        this.position++;
        before += '%';
        continue;
      }
      const directive = this.readDirective(before);
      directives.push(directive);
      if (directive.error !== '') return directives;
      before = '';
    }
    before += text.slice(this.position);
    directives.push(directiveOf(before, ''));
    return directives;
  }

  private readDirective(before: string): Directive {
    const { text } = this;
    const start = this.position;
    let flags = NO_FLAGS;
    for (let flag: number | undefined; (flag = FLAGS[text[this.position]]) !== undefined; this.position++)
      flags |= flag;
    if (this.position - start > MOST_FLAGS) return malformed(before, 'invalid format (repeated flags)');
    const width = this.readNumber();
    let precision = -1;
    if (text[this.position] === '.') {
      this.position++;
      precision = this.readNumber();
    }
    if (isDigit(text[this.position])) return malformed(before, 'invalid format (width or precision too long)');
    const isPlain = this.position === start;
    const conversion = text[this.position++] ?? '\0';
    if (conversion === '' || !CONVERSIONS.includes(conversion)) {
      return malformed(before, `invalid option '%${conversion === '\0' ? '' : conversion}' to 'format'`);
    }
    return { before, conversion, flags, width, precision, isPlain, error: '' };
  }

  /** At most two digits. */
  private readNumber(): number {
    let number = 0;
    for (let digits = 0; digits < 2 && isDigit(this.text[this.position]); digits++) {
      number = number * 10 + Number(this.text[this.position++]);
    }
    return number;
  }
}

function isDigit(character: string | undefined): boolean {
  return character !== undefined && character >= '0' && character <= '9';
}

function malformed(before: string, error: string): Directive {
  return directiveOf(before, 'error', error);
}

function directiveOf(before: string, conversion: string, error = ''): Directive {
  return { before, conversion, flags: NO_FLAGS, width: 0, precision: -1, isPlain: true, error };
}
