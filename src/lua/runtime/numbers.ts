/** Numbers as texts and texts as numbers, as Lua converts them. */

import { generalDigits } from './decimals.js';
import { typeName, UserData, type Value } from './value.js';

/** Significant digits of a number as text: `%.14g` of C. */
const DIGITS = 14;
/** Where whole numbers begin to have more digits than that. */
const PLAIN_LIMIT = 1e14;

/** A number as tostring() and `..` make it a text. */
export function numberToString(value: number): string {
  if ((value | 0) === value && (value !== 0 || 1 / value > 0)) return `${value}`;
  if (value - value !== 0) return infiniteToString(value);
  const size = Math.abs(value);
  if (size < PLAIN_LIMIT && Math.floor(size) === size) return value === 0 ? '-0' : `${value}`;
  const digits = generalDigits(size, DIGITS);
  return value < 0 ? `-${digits}` : digits;
}

/** What is not finite, as printf prints it. */
export function infiniteToString(value: number): string {
  if (Number.isNaN(value)) return isPositiveNaN(value) ? 'nan' : '-nan';
  return value > 0 ? 'inf' : '-inf';
}

/*
 * The sign of NaN shows in Lua, and an operation that has no result (0/0) gives a negative one. JavaScript's engines
 * keep the bits of a NaN mostly, but not where they compute with constants or keep an array of numbers alone. So what
 * counts as positive is only a NaN with a mark in its lowest bit, which they would not make themselves. Both are read
 * from memory each time, for as constants they would lose it.
 */
const nans = new Float64Array(2);
const nanWords = new Uint32Array(nans.buffer);
const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);
const LOW_WORD = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 0 : 1;
const HIGH_WORD = 1 - LOW_WORD;
nanWords.fill(1);
nanWords[HIGH_WORD] = 0xfff80000;
nanWords[2 + HIGH_WORD] = 0x7ff80000;

/** A NaN with its sign. */
export function signedNaN(isNegative: boolean): number {
  return nans[isNegative ? 0 : 1];
}

/** `-value` of a NaN. */
export function negateNaN(value: number): number {
  return nans[isPositiveNaN(value) ? 0 : 1];
}

function isPositiveNaN(value: number): boolean {
  double[0] = value;
  return words[HIGH_WORD] >>> 31 === 0 && words[LOW_WORD] === 1;
}

/** What tostring() makes of a value that has no `__tostring`. */
export function toText(value: Value): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
      return numberToString(value);
    case 'undefined':
      return 'nil';
    case 'boolean':
      return value ? 'true' : 'false';
    default:
      return `${typeName(value)}: ${value instanceof UserData ? value.name : addressOf(value)}`;
  }
}

/** Objects get their addresses when one is asked for, in this order. */
const addresses = new WeakMap<object, string>();
const FIRST_ADDRESS = 0x7f0000010000;
const ADDRESS_STEP = 0x20;
let addressesGiven = 0;

function addressOf(object: object): string {
  let address = addresses.get(object);
  if (address === undefined) {
    address = `0x${(FIRST_ADDRESS + addressesGiven++ * ADDRESS_STEP).toString(16)}`;
    addresses.set(object, address);
  }
  return address;
}

/** A number, or what a text says; undefined for anything else. */
export function toNumber(value: Value): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' ? stringToNumber(value) : undefined;
}

/** All the blanks there are for isspace() of C. */
const DECIMAL = /^[ \t-\r]*([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)[ \t-\r]*$/i;
const HEXADECIMAL = /^[ \t-\r]*([+-]?)0x([0-9a-f]+\.?[0-9a-f]*|\.[0-9a-f]+)(?:p([+-]?\d+))?[ \t-\r]*$/i;
const WORD = /^[ \t-\r]*([+-]?)(inf|infinity|nan|nan\(\w*\))[ \t-\r]*$/i;

/**
 * The number that a text stands for, undefined if none: what strtod() of C reads, blanks around it, and nothing else.
 * As in C the text ends at its first NUL.
 */
export function stringToNumber(text: string): number | undefined {
  const length = text.length;
  // Up to 15 digits, as almost all texts are, are exact whatever the order.
  if (length > 0 && length <= 15) {
    let value = 0;
    let position = 0;
    for (; position < length; position++) {
      const digit = text.charCodeAt(position) - 0x30;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    if (position === length) return value;
  }
  return parseNumber(text);
}

function parseNumber(text: string): number | undefined {
  const nul = text.indexOf('\0');
  if (nul >= 0) text = text.slice(0, nul);
  const decimal = DECIMAL.exec(text);
  if (decimal !== null) return Number(decimal[1]);
  const hexadecimal = HEXADECIMAL.exec(text);
  if (hexadecimal !== null) return parseHexadecimal(hexadecimal[1], hexadecimal[2], hexadecimal[3]);
  const word = WORD.exec(text);
  if (word === null) return undefined;
  const isNegative = word[1] === '-';
  if (word[2][0] === 'n' || word[2][0] === 'N') return signedNaN(isNegative);
  return isNegative ? -Infinity : Infinity;
}

function parseHexadecimal(sign: string, mantissa: string, exponent = '0'): number {
  const [whole, fraction = ''] = mantissa.split('.');
  const digits = BigInt(`0x${whole}${fraction}`);
  let power = Math.max(-1e6, Math.min(1e6, Number(exponent))) - fraction.length * 4;
  // At most 64 bits, and of a number below the normal ones only two beyond its precision; the last stands for all those
  // cut off. So there is one rounding, in Number() or in the last product.
  const length = digits.toString(2).length;
  const excess = Math.max(length - 64, Math.min(length + 1, -1076 - power));
  let head = digits;
  if (excess > 0) {
    head = digits >> BigInt(excess);
    if (head << BigInt(excess) !== digits) head |= 1n;
    power += excess;
  }
  let value = Number(head);
  // In steps, because 2 ** power alone may leave the range that the product is in.
  for (; power > 500 && value !== 0 && value !== Infinity; power -= 500) value *= 2 ** 500;
  for (; power < -500 && value !== 0; power += 500) value *= 2 ** -500;
  value *= 2 ** Math.max(-500, Math.min(500, power));
  return sign === '-' ? -value : value;
}

/** ULONG_MAX, which stands for everything larger. */
const UNSIGNED_MAX = 2n ** 64n - 1n;

/** What tonumber() reads in a base from 2 to 36: strtoul() of C, an unsigned 64-bit number, with blanks around it. */
export function stringToUnsigned(text: string, base: number): number | undefined {
  const nul = text.indexOf('\0');
  const [, sign, rest] = /^[ \t-\r]*([+-]?)(.*?)[ \t-\r]*$/s.exec(nul < 0 ? text : text.slice(0, nul))!;
  const hasPrefix = base === 16 && /^0x[0-9a-f]/i.test(rest);
  const digits = hasPrefix ? rest.slice(2) : rest;
  if (digits === '') return undefined;
  let value = 0n;
  for (let position = 0; position < digits.length; position++) {
    const digit = Number.parseInt(digits[position], 36);
    if (!(digit < base)) return undefined;
    if (value <= UNSIGNED_MAX) value = value * BigInt(base) + BigInt(digit);
  }
  if (value > UNSIGNED_MAX) return Number(UNSIGNED_MAX);
  return Number(sign === '-' ? BigInt.asUintN(64, -value) : value);
}
