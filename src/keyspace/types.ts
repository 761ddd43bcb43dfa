/** The classes of keyspace events, and what stands for a deadline where there is none. */

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
