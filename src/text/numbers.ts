/** Numbers as Redis reads and prints them: strict 64-bit integers, doubles, and the decimals of INCRBYFLOAT. */

/** int64 limits. */
export const INT64_MAX = 2n ** 63n - 1n;
export const INT64_MIN = -(2n ** 63n);

/**
 * The int64 that a whole double stands for. Beyond 2^53 a BigInt, because a number would be printed rounded; what
 * rounds up to 2^63, which is no int64 any more, is the last one.
 */
export function nearestInt64(value: number): number | bigint {
  if (Number.isSafeInteger(value)) return value;
  const exact = BigInt(value);
  return exact > INT64_MAX ? INT64_MAX : exact;
}

/**
 * Reads Redis's strict integer syntax: `0`, or an optional `-` and digits without a leading zero, within int64.
 *
 * Returns NaN where that does not hold. Beyond ±(2^53 - 1) the result is the nearest double; parseInteger64 is exact.
 */
export function parseInteger(bytes: Uint8Array, start: number, end: number): number {
  const first = bytes[start];
  const negative = first === 0x2d;
  let position = negative ? start + 1 : start;
  const digits = end - position;
  if (digits <= 0) return Number.NaN;
  let digit = bytes[position] - 0x30;
  if (digit <= 0 || digit > 9) return digit === 0 && digits === 1 && !negative ? 0 : Number.NaN;
  if (digits > 15) return Number(parseInteger64(bytes, start, end));
  let value = digit;
  while (++position < end) {
    digit = bytes[position] - 0x30;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return negative ? -value : value;
}

/** The same syntax, exact over all of int64; undefined where it does not hold. */
export function parseInteger64(bytes: Uint8Array, start: number, end: number): bigint | undefined {
  const negative = bytes[start] === 0x2d;
  const from = negative ? start + 1 : start;
  const digits = end - from;
  if (digits <= 0 || digits > 19) return undefined;
  if (bytes[from] === 0x30) return digits === 1 && !negative ? 0n : undefined;
  // 19 digits are two halves of at most 10, each exact as a double.
  let high = 0;
  let low = 0;
  for (let position = from; position < end; position++) {
    const digit = bytes[position] - 0x30;
    if (digit < 0 || digit > 9) return undefined;
    if (end - position > 10) high = high * 10 + digit;
    else low = low * 10 + digit;
  }
  let value = BigInt(high) * 10_000_000_000n + BigInt(low);
  if (negative) value = -value;
  return value > INT64_MAX || value < INT64_MIN ? undefined : value;
}

/**
 * The limit up to which digits make an exact double, and the powers of ten that are exact: a quotient of both rounds
 * once.
 */
const EXACT_DIGITS = 15;
const POWERS_OF_TEN = [
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
  1e21, 1e22,
];

/**
 * Reads a double as Redis does: strtod's syntax (sign, decimals, exponent, `inf`, `infinity`, hexadecimal), the whole
 * argument, no space before or after. NaN where that does not hold, for `nan` itself, and where the value overflows or
 * underflows to zero.
 */
export function parseDouble(bytes: Uint8Array, start: number, end: number): number {
  let position = start;
  const sign = bytes[position];
  if (sign === 0x2d || sign === 0x2b) position++;
  if (end - position > EXACT_DIGITS + 1 || position >= end) return parseDoubleText(bytes, start, end);
  let value = 0;
  let point = -1;
  let digits = 0;
  for (; position < end; position++) {
    const digit = bytes[position] - 0x30;
    if (digit >= 0 && digit <= 9) {
      value = value * 10 + digit;
      digits++;
    } else if (digit === -2 && point < 0) point = position;
    else return parseDoubleText(bytes, start, end);
  }
  if (digits === 0 || digits > EXACT_DIGITS) return parseDoubleText(bytes, start, end);
  if (point >= 0) value /= POWERS_OF_TEN[end - point - 1];
  return sign === 0x2d ? -value : value;
}

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const INFINITY = /^([+-]?)inf(inity)?$/i;
const HEXADECIMAL = /^([+-]?)0x([0-9a-f]+\.?[0-9a-f]*|\.[0-9a-f]+)(p[+-]?\d+)?$/i;
const IS_ZERO = /^[+-]?[0.]*(e.*)?$/i;

function parseDoubleText(bytes: Uint8Array, start: number, end: number): number {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1', start, end);
  if (DECIMAL.test(text)) {
    const value = Number(text);
    if (!Number.isFinite(value)) return Number.NaN;
    return value === 0 && !IS_ZERO.test(text) ? Number.NaN : value;
  }
  const infinity = INFINITY.exec(text);
  if (infinity !== null) return infinity[1] === '-' ? -Infinity : Infinity;
  const hexadecimal = HEXADECIMAL.exec(text);
  return hexadecimal === null ? Number.NaN : parseHexadecimal(hexadecimal[1], hexadecimal[2], hexadecimal[3]);
}

function parseHexadecimal(sign: string, mantissa: string, exponent = 'p0'): number {
  const [whole, fraction = ''] = mantissa.split('.');
  const digits = BigInt(`0x${whole}${fraction}`);
  if (digits === 0n) return sign === '-' ? -0 : 0;
  let power = Number(exponent.slice(1)) - fraction.length * 4;
  // At most 64 significant bits, the lowest standing for all that were cut, so that Number() rounds once and rightly.
  const excess = Math.max(0, digits.toString(2).length - 64);
  const head = digits >> BigInt(excess);
  const sticky = head << BigInt(excess) === digits ? 0n : 1n;
  power += excess;
  let value = Number(head | sticky);
  // In steps, because 2 ** power alone may leave the range that the product is in.
  for (; power > 500 && value !== Infinity; power -= 500) value *= 2 ** 500;
  for (; power < -500 && value !== 0; power += 500) value *= 2 ** -500;
  value *= 2 ** Math.max(-1000, Math.min(1000, power));
  if (value === 0 || value === Infinity) return Number.NaN;
  return sign === '-' ? -value : value;
}

/**
 * Writes an integer's decimal digits and returns the position behind them. No allocation, and at most 17 bytes, within
 * ±(2^53 - 1).
 */
export function writeInteger(bytes: Buffer, position: number, value: number): number {
  if ((value | 0) !== value) return writeLargeInteger(bytes, position, value);
  let rest = value | 0;
  if (rest < 0) {
    if (rest === -0x80000000) return position + bytes.write('-2147483648', position, 'latin1');
    bytes[position++] = 0x2d;
    rest = -rest | 0;
  }
  const end = position + digitCount(rest);
  let at = end;
  // Two digits by one division: 10 instead of 18 ns for seven digits.
  while (rest >= 10) {
    const quotient = (rest / 100) | 0;
    const pair = (rest - quotient * 100) << 1;
    bytes[--at] = DIGIT_PAIRS[pair + 1];
    bytes[--at] = DIGIT_PAIRS[pair];
    rest = quotient;
  }
  if (at > position) bytes[--at] = 0x30 + rest;
  return end;
}

/** One that is no int32, in two halves of which each is. */
function writeLargeInteger(bytes: Buffer, position: number, value: number): number {
  if (!Number.isSafeInteger(value)) return position + bytes.write(String(value), position, 'latin1');
  if (value < 0) bytes[position++] = 0x2d;
  const magnitude = Math.abs(value);
  const high = Math.floor(magnitude / LOW_HALF);
  const end = writeInteger(bytes, position, high) + LOW_DIGITS;
  let rest = (magnitude - high * LOW_HALF) | 0;
  for (let at = end; at > end - LOW_DIGITS; at -= 2) {
    const quotient = (rest / 100) | 0;
    const pair = (rest - quotient * 100) << 1;
    bytes[at - 1] = DIGIT_PAIRS[pair + 1];
    bytes[at - 2] = DIGIT_PAIRS[pair];
    rest = quotient;
  }
  return end;
}

const LOW_DIGITS = 8;
const LOW_HALF = 10 ** LOW_DIGITS;

/** The texts 00 to 99, one after the other. */
const DIGIT_PAIRS = Uint8Array.from({ length: 200 }, (_, i) => 0x30 + ((i & 1) === 0 ? (i / 20) | 0 : (i >> 1) % 10));

/** How many characters an int32 takes. */
export function integerLength(value: number): number {
  if (value >= 0) return digitCount(value);
  // Its magnitude is no int32.
  return value === -0x80000000 ? 11 : 1 + digitCount(-value);
}

/** How many decimal digits a non-negative int32 has. */
function digitCount(value: number): number {
  if (value < 10) return 1;
  if (value < 100) return 2;
  if (value < 1000) return 3;
  if (value < 10_000) return 4;
  if (value < 100_000) return 5;
  if (value < 1_000_000) return 6;
  if (value < 10_000_000) return 7;
  if (value < 100_000_000) return 8;
  return value < 1_000_000_000 ? 9 : 10;
}

/** Integers of at most this size are printed with all their digits, larger ones as other doubles are. */
const PLAIN_INTEGER_LIMIT = 2 ** 62;

/**
 * A double as Redis 7.4 prints it: the shortest digits that read back as the same number; without an exponent where the
 * number is an integer, has at most six decimals, or lies within 0.001 … 10,000.
 */
export function formatDouble(value: number): string {
  if (Number.isSafeInteger(value)) return Object.is(value, -0) ? '-0' : String(value);
  if (Number.isNaN(value)) return 'nan';
  const size = Math.abs(value);
  if (size === Infinity) return value > 0 ? 'inf' : '-inf';
  if (size <= PLAIN_INTEGER_LIMIT && Number.isInteger(value)) return String(BigInt(value));
  const scientific = value.toExponential();
  if (Number.isInteger(value)) {
    const [, mantissa, exponent] = /^(.*)e\+(\d+)$/.exec(scientific)!;
    const digits = mantissa.replace('.', '');
    const count = value < 0 ? digits.length - 1 : digits.length;
    return Number(exponent) < count + 7 ? digits.padEnd(digits.length + Number(exponent) + 1 - count, '0') : scientific;
  }
  if (size >= 1e-3 && size < 1e4) return String(value);
  const plain = String(value);
  return !plain.includes('e') && plain.length - plain.indexOf('.') - 1 <= 6 ? plain : scientific;
}

/** Digits that always tell a double from all others, as `%.17g` of C prints them. */
const DOUBLE_DIGITS = 17;

/** A double as `%.17g` of C prints it, which Redis uses where it has not taken to the shortest digits. */
export function formatDouble17(value: number): string {
  if (Number.isSafeInteger(value) || !Number.isFinite(value)) return formatDouble(value);
  const [, sign, first, digits, exponentText] = /^(-?)(\d)\.(\d+)e([+-]\d+)$/.exec(value.toExponential(100))!;
  let exponent = Number(exponentText);
  let rounded = roundedDigits(first + digits);
  if (rounded.length > DOUBLE_DIGITS) {
    rounded = rounded.slice(0, DOUBLE_DIGITS);
    exponent++;
  }
  if (exponent < -4 || exponent >= DOUBLE_DIGITS) {
    const fraction = rounded.slice(1).replace(/0+$/, '');
    const size = String(Math.abs(exponent)).padStart(2, '0');
    return `${sign}${rounded[0]}${fraction === '' ? '' : `.${fraction}`}e${exponent < 0 ? '-' : '+'}${size}`;
  }
  const padded = exponent < 0 ? '0'.repeat(-exponent) + rounded : rounded;
  const point = Math.max(exponent, 0) + 1;
  const fraction = padded.slice(point).replace(/0+$/, '');
  return `${sign}${padded.slice(0, point)}${fraction === '' ? '' : `.${fraction}`}`;
}

/** To the nearest, ties to even, where JavaScript takes the larger. */
function roundedDigits(digits: string): string {
  const kept = BigInt(digits.slice(0, DOUBLE_DIGITS));
  const rest = digits.slice(DOUBLE_DIGITS).replace(/0+$/, '');
  const roundsUp = rest > '5' || (rest === '5' && (kept & 1n) === 1n);
  return String(roundsUp ? kept + 1n : kept);
}
