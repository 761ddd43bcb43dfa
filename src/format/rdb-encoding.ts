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
/** Written: what redis-server 7.0 and everything younger loads. */
export const RDB_VERSION = 10;
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

/** The value types that are read and written here. */
export const ValueType = {
  STRING: 0,
  LIST: 1,
  LIST_ZIPLIST: 10,
  LIST_QUICKLIST: 14,
  LIST_QUICKLIST_2: 18,
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

/** How a node of LIST_QUICKLIST_2 holds its elements: one element as it is, or a listpack of several. */
export const NodeContainer = { PLAIN: 1, PACKED: 2 } as const;

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
