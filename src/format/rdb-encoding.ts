/**
 * The numbers of the RDB format: opcodes, value types, the forms of lengths and strings; and its error.
 *
 * A file is the magic and a version of four digits, then records, then EOF and eight bytes of CRC-64 (zero: not taken).
 * A record is an opcode with its operands or a value type with a key and a value.
 *
 * A length begins with two bits that say its form: 6 bits here, 14 bits with the next byte, 32 or 64 bits big-endian in
 * the bytes behind, or no length but one of the encoded strings (an integer little-endian, or LZF: compressed
 * length, length, data).
 */

export const MAGIC = 'REDIS';
/** Written, unless something in the file needs a younger one: what redis-server 7.0 and everything after it loads. */
export const RDB_VERSION = 10;
/** The first version that has hashes whose fields expire. */
export const RDB_VERSION_WITH_FIELD_DEADLINES = 12;
/** Read: the newest whose opcodes and types are all known below. */
export const MAX_RDB_VERSION = 12;

export const Opcode = {
  FUNCTION_2: 0xf5,
  FUNCTION_PRE_RELEASE: 0xf6,
  MODULE_AUX: 0xf7,
  IDLE: 0xf8,
  FREQUENCY: 0xf9,
  AUX: 0xfa,
  RESIZE_DB: 0xfb,
  EXPIRE_TIME_MS: 0xfc,
  EXPIRE_TIME: 0xfd,
  SELECT_DB: 0xfe,
  EOF: 0xff,
} as const;

/** Every value type of the format, as a refusal names it. */
export const VALUE_TYPE_NAMES: ReadonlyMap<number, string> = new Map([
  [0, 'string'],
  [1, 'list'],
  [2, 'set'],
  [3, 'sorted set'],
  [4, 'hash'],
  [5, 'sorted set'],
  [6, 'module value'],
  [7, 'module value'],
  [9, 'hash'],
  [10, 'list'],
  [11, 'set'],
  [12, 'sorted set'],
  [13, 'hash'],
  [14, 'list'],
  [15, 'stream'],
  [16, 'hash'],
  [17, 'sorted set'],
  [18, 'list'],
  [19, 'stream'],
  [20, 'set'],
  [21, 'stream'],
  [22, 'hash'],
  [23, 'hash'],
  [24, 'hash'],
  [25, 'hash'],
]);

/** The first of them that RDB_VERSION does not have. */
const FIRST_OF_VERSION_11 = 20;
const FIRST_OF_VERSION_12 = 22;

/** The version in which a value of this type is written. */
export function versionOf(rdbType: number): number {
  if (rdbType >= FIRST_OF_VERSION_12) return RDB_VERSION_WITH_FIELD_DEADLINES;
  return rdbType >= FIRST_OF_VERSION_11 ? 11 : RDB_VERSION;
}

/** Top two bits of a length's first byte. */
export const LENGTH_6_BITS = 0;
export const LENGTH_14_BITS = 1;
export const LENGTH_ENCODED = 3;
/** Whole first bytes. */
export const LENGTH_32_BITS = 0x80;
export const LENGTH_64_BITS = 0x81;

export const ENCODED_INT8 = 0xc0;
export const ENCODED_INT16 = 0xc1;
export const ENCODED_INT32 = 0xc2;
export const ENCODED_LZF = 0xc3;

/** Why a file can't be loaded, and where in it. */
export class RdbError extends Error {
  override name = 'RdbError';

  constructor(
    readonly reason: string,
    readonly offset: number,
  ) {
    super(`${reason} (at byte ${offset})`);
  }
}
