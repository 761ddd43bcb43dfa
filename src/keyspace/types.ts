/** The type and encoding numbers that an entry's kind byte holds, and the classes of keyspace events. */

export const Type = { STRING: 0, LIST: 1, SET: 2, ZSET: 3, HASH: 4, STREAM: 5, JSON: 6 } as const;
export type Type = (typeof Type)[keyof typeof Type];

export const TYPE_NAMES = ['string', 'list', 'set', 'zset', 'hash', 'stream', 'ReJSON-RL'] as const;

export const Encoding = {
  /** A string whose text is a canonical int64. */
  INT: 0,
  /** A string of at most 44 bytes as it was set. */
  EMBSTR: 1,
  RAW: 2,
  /** A raw string outside its entry. */
  ROPE: 3,
  /** A Packed run in the entry itself. */
  PACKED: 4,
  /** A Deque; the entry holds its root. */
  DEQUE: 5,
} as const;
export type Encoding = (typeof Encoding)[keyof typeof Encoding];

/** What Redis would call them, whatever the structure here. */
export const ENCODING_NAMES: Readonly<Record<Encoding, string>> = {
  [Encoding.INT]: 'int',
  [Encoding.EMBSTR]: 'embstr',
  [Encoding.RAW]: 'raw',
  [Encoding.ROPE]: 'raw',
  [Encoding.PACKED]: 'listpack',
  [Encoding.DEQUE]: 'quicklist',
};

/** Classes of keyspace events, as the letters of notify-keyspace-events. */
export const EventClass = {
  GENERIC: 1,
  STRING: 2,
  LIST: 4,
  SET: 8,
  HASH: 16,
  ZSET: 32,
  EXPIRED: 64,
  EVICTED: 128,
  STREAM: 256,
  /** A lookup found nothing: for those who ask for it by name, and no change. */
  KEY_MISS: 512,
  /** A key appeared: the same, in front of the event that says why. */
  NEW: 1024,
} as const;
export type EventClass = (typeof EventClass)[keyof typeof EventClass];

/** For overwrite(): what becomes of the deadline, where it is not a time. */
export const NO_DEADLINE = -1;
export const KEEP_DEADLINE = -2;
