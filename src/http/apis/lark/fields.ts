/**
 * What methods take: how a value is read that stands in the path, the query or the body, into words of a command, and
 * how documents describe it.
 */
import { type Json, JsonNumber } from '../../json.js';
import type { Schema } from '../../route.js';
import { jsonText, numberText } from './python.js';

/** A part of a command. */
export type Word = string | Buffer;

/** As it was given: JSON, or bytes of a path that are no UTF-8. */
export type Raw = Json | Buffer<ArrayBufferLike>;

/** A value that a field does not take. `path` leads into it. */
export class FieldError extends Error {
  override name = 'FieldError';

  constructor(
    message: string,
    readonly path: readonly (string | number)[] = [],
  ) {
    super(message);
  }

  under(step: string | number): FieldError {
    return new FieldError(this.message, [step, ...this.path]);
  }
}

export interface FieldType {
  readonly schema: Schema;
  readonly description: string;
  /** A query may give it several times, and then it is a list. */
  readonly isList?: boolean;
  /** @throws FieldError */
  read(raw: Raw): Word | Word[];
}

export interface Field extends FieldType {
  readonly isOptional: boolean;
  /** What it is when it is not given. */
  readonly fallback?: Word;
}

export function optional(type: FieldType, fallback?: Word): Field {
  return { ...type, isOptional: true, ...(fallback === undefined ? {} : { fallback }) };
}

function shown(raw: Raw): string {
  if (Buffer.isBuffer(raw)) return raw.toString();
  return typeof raw === 'string' ? raw : jsonText(raw);
}

/** `{"$binary": "base64"}`: bytes that JSON can't hold. */
function binaryOf(raw: Raw): Buffer | undefined {
  if (!(raw instanceof Map) || raw.size !== 1) return undefined;
  const encoded = raw.get('$binary');
  return typeof encoded === 'string' ? bytesOfBase64(encoded) : undefined;
}

function bytesOfBase64(text: string): Buffer {
  const compact = text.replace(/\s/g, '');
  if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(compact)) throw new FieldError('Invalid base64');
  return Buffer.from(compact, 'base64');
}

function readText(raw: Raw): Word {
  if (raw === null) throw new FieldError('Required');
  if (typeof raw === 'string' || raw instanceof Buffer) return raw;
  if (raw instanceof JsonNumber) return numberText(raw);
  if (typeof raw === 'boolean') return String(raw);
  const binary = binaryOf(raw);
  if (binary !== undefined) return binary;
  throw new FieldError(`${JSON.stringify(shown(raw))} is not a string`);
}

/** Objects and arrays are stored as their JSON. */
function readValue(raw: Raw): Word {
  if (!Array.isArray(raw) && !(raw instanceof Map)) return readText(raw);
  return binaryOf(raw) ?? jsonText(raw);
}

function readInteger(raw: Raw): string {
  if (typeof raw === 'boolean') return raw ? '1' : '0';
  if (raw instanceof JsonNumber) {
    // As int() does it: what follows the point is cut off.
    return raw.isInteger ? raw.text : integerText(Math.trunc(Number(raw.text)), raw);
  }
  const text = raw === null ? '' : shown(raw).trim();
  if (raw === null) throw new FieldError('Required');
  if (!/^[+-]?\d+$/.test(text)) throw new FieldError(`"${shown(raw)}" is not a number`);
  return BigInt(text.replace('+', '')).toString();
}

function integerText(value: number, raw: Raw): string {
  if (!Number.isFinite(value)) throw new FieldError(`"${shown(raw)}" is not a number`);
  return BigInt(value).toString();
}

/** Also `inf`, `-inf` and `(1` where the command takes them. */
function readFloat(raw: Raw): string {
  if (raw === null) throw new FieldError('Required');
  const text = raw instanceof JsonNumber ? raw.text : typeof raw === 'string' ? raw.trim() : '';
  if (!/^[+-]?(inf(inity)?|(\d+\.?\d*|\.\d+)(e[+-]?\d+)?)$/i.test(text)) {
    throw new FieldError(`"${shown(raw)}" is not a number`);
  }
  return text;
}

/** Zero or empty, "false" and "0" are false. */
function readBoolean(raw: Raw): string {
  if (raw === null) throw new FieldError('Required');
  const text = shown(raw);
  const isFalse = ['', '0', 'false', '{}', '[]'].includes(text.toLowerCase()) || Number(text) === 0;
  return isFalse ? '0' : '1';
}

function readFlag(raw: Raw): string {
  return raw !== null && ['1', 'true'].includes(shown(raw).toLowerCase()) ? '1' : '0';
}

const DATE = /^(\d{4})-?(\d\d)-?(\d\d)(?:[T ](\d\d):?(\d\d)(?::?(\d\d)(?:[.,](\d+))?)?)? ?(Z|[+-]\d\d(?::?\d\d)?)?$/i;

/** Milliseconds since 1970 of a date; without a zone it is UTC. A number is a unix time in `unitMs`. */
function readDate(raw: Raw, unitMs: number): number {
  if (raw === null) throw new FieldError('Required');
  const text = shown(raw).trim();
  if (raw instanceof JsonNumber ? raw.isInteger : /^\d{9,}$/.test(text)) {
    const ms = Number(text) * unitMs;
    if (!Number.isSafeInteger(ms)) throw new FieldError('Invalid date');
    return ms;
  }
  const found = raw instanceof JsonNumber ? null : DATE.exec(text);
  if (found === null) throw new FieldError('Invalid date');
  const [year, month, day, hour = 0, minute = 0, second = 0] = found.slice(1, 7).map((part) => Number(part ?? 0));
  const ms = Math.floor(Number(`0.${found[7] ?? 0}`) * 1000);
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second, ms);
  const isReal =
    date.getUTCMonth() === month - 1 && date.getUTCDate() === day && hour < 24 && minute < 60 && second < 60;
  if (!isReal) throw new FieldError('Invalid date');
  return date.getTime() - zoneMs(found[8]);
}

function zoneMs(zone: string | undefined): number {
  if (zone === undefined || zone.toUpperCase() === 'Z') return 0;
  const digits = zone.replace(/\D/g, '').padEnd(4, '0');
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2));
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000;
}

function elementsOf(raw: Raw): readonly Raw[] {
  if (raw === null) throw new FieldError('Required');
  if (Array.isArray(raw)) return raw;
  throw new FieldError(`"${shown(raw)}" is not iterable`);
}

function each<T>(list: readonly Raw[], read: (raw: Raw, index: number) => T): T[] {
  return list.map((raw, index) => at(index, () => read(raw, index)));
}

function at<T>(step: string | number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof FieldError ? error.under(step) : error;
  }
}

function listOf(read: (raw: Raw) => Word): (raw: Raw) => Word[] {
  return (raw) => {
    const list = each(elementsOf(raw), read);
    if (list.length === 0) throw new FieldError('Required');
    return list;
  };
}

/** Pairs, or the members of an object. */
function pairsOf(raw: Raw): readonly (readonly [Raw, Raw, string | number])[] {
  if (raw instanceof Map) return Array.from(raw, ([name, value]) => [name, value, name] as const);
  return each(elementsOf(raw), (pair, index) => {
    const [first, second, ...more] = elementsOf(pair);
    if (first === undefined) throw new FieldError('Required', [0]);
    if (second === undefined) throw new FieldError('Required', [1]);
    if (more.length > 0) throw new FieldError('has more than two elements');
    return [first, second, index] as const;
  });
}

function flatPairs(raw: Raw, first: (raw: Raw) => Word, second: (raw: Raw) => Word, isTurned = false): Word[] {
  const isObject = raw instanceof Map;
  const words = pairsOf(raw).flatMap(([one, other, step]) =>
    at(step, () => {
      const key = isObject ? first(one) : at(0, () => first(one));
      const value = isObject ? second(other) : at(1, () => second(other));
      return isTurned ? [value, key] : [key, value];
    }),
  );
  if (words.length === 0) throw new FieldError('Required');
  return words;
}

// ---- The types

const TEXT_SCHEMA: Schema = { type: ['string', 'number'] };
/** Everything but null. */
const VALUE_SCHEMA: Schema = { type: ['string', 'number', 'boolean', 'object', 'array'] };

export const KEY = required(readText, { ...TEXT_SCHEMA, examples: ['user'] }, 'the key');
export const TEXT = required(readText, { ...TEXT_SCHEMA, examples: ['text'] }, 'a text');
export const VALUE = required(
  readValue,
  { ...VALUE_SCHEMA, examples: ['Ann'] },
  'the value: texts as they are, numbers and booleans as their texts, objects and arrays as their JSON',
);
export const INTEGER = required(readInteger, { type: 'integer', examples: [1] }, 'an integer');
/** Seconds that a request waits at most, whatever it asks for. */
const LONGEST_WAIT_SECONDS = 300;
export const TIMEOUT = optional(
  required(
    (raw) => {
      const text = readFloat(raw);
      const seconds = Number(text);
      return seconds === 0 || !(seconds <= LONGEST_WAIT_SECONDS) ? String(LONGEST_WAIT_SECONDS) : text;
    },
    { type: 'number', minimum: 0, maximum: LONGEST_WAIT_SECONDS, examples: [0.5] },
    `seconds to wait, with fractions; ${LONGEST_WAIT_SECONDS} at most, and with 0`,
  ),
  String(LONGEST_WAIT_SECONDS),
);
export const FLOAT = required(readFloat, { type: 'number', examples: [1.5] }, 'a number');
export const BOOLEAN = required(readBoolean, { type: 'boolean' }, 'true or false');
export const FLAG = required(readFlag, { type: 'boolean' }, '1 or true');
/** A score that may be excluded or infinite. */
export const BOUND = required(
  readText,
  { ...TEXT_SCHEMA, examples: ['-inf'] },
  'a score; `(1` excludes it, `-inf` and `+inf` have no bound',
);
export const SECONDS_OF_DATE = required(
  (raw) => String(Math.floor(readDate(raw, 1000) / 1000)),
  { type: ['string', 'integer'], examples: ['2030-01-01T00:00:00Z'] },
  'ISO 8601, UTC unless there is a zone, or a unix time in seconds',
);
export const MILLISECONDS_OF_DATE = required(
  (raw) => String(readDate(raw, 1)),
  { type: ['string', 'integer'], examples: ['2030-01-01T00:00:00.5Z'] },
  'ISO 8601, UTC unless there is a zone, or a unix time in milliseconds',
);
export const BASE64 = required(
  (raw) => {
    if (raw === null) throw new FieldError('Required');
    return bytesOfBase64(shown(raw));
  },
  { type: 'string', examples: ['AAF2CwCKhgqDkNVgfg==\n'] },
  'bytes in base64, as DUMP gives them',
);
/** Not empty, or as if it were not given. */
export const POSITIVE = required(
  (raw) => {
    const text = readInteger(raw);
    return text === '0' ? [] : text;
  },
  { type: 'integer', examples: [60] },
  'an integer; 0 is as if it were not given',
);

export const KEYS: Field = {
  ...required(
    listOf(readText),
    { type: 'array', items: TEXT_SCHEMA, minItems: 1, examples: [['a', 'b']] },
    'keys, at least one',
  ),
  isList: true,
};
export const VALUES: Field = {
  ...required(
    listOf(readValue),
    { type: 'array', items: VALUE_SCHEMA, minItems: 1, examples: [['a', 'b']] },
    'values, at least one',
  ),
  isList: true,
};
/** Words that each stand after a word of their own. */
export function eachAfter(word: string): FieldType {
  return {
    schema: { type: 'array', items: TEXT_SCHEMA, examples: [['user:*', '#']] },
    description: 'patterns; `#` is the element itself',
    isList: true,
    read: (raw) => listOf(readText)(raw).flatMap((element) => [word, element]),
  };
}
export const PAIRS = required(
  (raw) => flatPairs(raw, readText, readValue),
  { type: 'array', items: { type: 'array' }, examples: [[['a', '1']]] },
  'pairs `[key, value]`, or an object',
);
export const SCORES = required(
  (raw) => flatPairs(raw, readValue, readFloat, true),
  { type: 'array', items: { type: 'array' }, examples: [[['ann', 3]]] },
  'pairs `[member, score]`, or an object of scores by member',
);
/** The count of keys, the keys, and their weights if they have any. */
export const WEIGHTED_KEYS: Field = {
  ...required(
    (raw) => {
      if (!(raw instanceof Map)) {
        const keys = listOf(readText)(raw);
        return [String(keys.length), ...keys];
      }
      const flat = flatPairs(raw, readText, readFloat);
      const keys = flat.filter((_, index) => index % 2 === 0);
      return [String(keys.length), ...keys, 'WEIGHTS', ...flat.filter((_, index) => index % 2 === 1)];
    },
    { type: ['array', 'object'], examples: [['a', 'b']] },
    'keys, or an object of weights by key',
  ),
  isList: true,
};

export function choice(...words: string[]): Field {
  return required(
    (raw) => {
      const text = String(readText(raw));
      const word = words.find((each) => each === text.toLowerCase());
      if (word === undefined) throw new FieldError(`"${text}" is not one of ${words.join(', ')}`);
      return word;
    },
    { type: 'string', enum: words },
    `one of ${words.join(', ')}, in any case`,
  );
}

function required(read: FieldType['read'], schema: Schema, description: string): Field {
  return { read, schema, description, isOptional: false };
}
