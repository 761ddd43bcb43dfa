/** Keyspace events: their names, and the classes by which notify-keyspace-events chooses among them. */

/** Classes of keyspace events, as the letters of notify-keyspace-events. */
export const EventClass = {
  /** There is no notification of it; clients that watch the key have to know. */
  SILENT: 0,
  GENERIC: 1,
  STRING: 2,
  LIST: 4,
  SET: 8,
  HASH: 16,
  ZSET: 32,
  EXPIRED: 64,
  EVICTED: 128,
  STREAM: 256,
  /** A lookup missed, which is no change; sent only if `m` is set explicitly. */
  KEY_MISS: 512,
  /** A key appeared: the same, before the event that says why. */
  NEW: 1024,
} as const;
export type EventClass = (typeof EventClass)[keyof typeof EventClass];

/** The letters of notify-keyspace-events that choose them; `d` is for modules, which have no events here. */
export const EVENT_LETTERS: Readonly<Record<string, EventClass>> = {
  g: EventClass.GENERIC,
  $: EventClass.STRING,
  l: EventClass.LIST,
  s: EventClass.SET,
  h: EventClass.HASH,
  z: EventClass.ZSET,
  x: EventClass.EXPIRED,
  e: EventClass.EVICTED,
  t: EventClass.STREAM,
  d: EventClass.SILENT,
  m: EventClass.KEY_MISS,
  n: EventClass.NEW,
};

const { SILENT, GENERIC, STRING, LIST, SET, HASH, ZSET, STREAM } = EventClass;

/** Every event that Redis knows, so that a name which is none does not compile; and changes that it keeps to itself. */
export const EVENTS = {
  copy_to: GENERIC,
  del: GENERIC,
  expire: GENERIC,
  move_from: GENERIC,
  move_to: GENERIC,
  persist: GENERIC,
  rename_from: GENERIC,
  rename_to: GENERIC,
  restore: GENERIC,

  append: STRING,
  incrby: STRING,
  incrbyfloat: STRING,
  set: STRING,
  setbit: STRING,
  setrange: STRING,

  linsert: LIST,
  lpop: LIST,
  lpush: LIST,
  lrem: LIST,
  lset: LIST,
  ltrim: LIST,
  rpop: LIST,
  rpush: LIST,
  sortstore: LIST,

  sadd: SET,
  sdiffstore: SET,
  sinterstore: SET,
  spop: SET,
  srem: SET,
  sunionstore: SET,

  hdel: HASH,
  hexpire: HASH,
  hexpired: HASH,
  hincrby: HASH,
  hincrbyfloat: HASH,
  hpersist: HASH,
  hset: HASH,

  geosearchstore: ZSET,
  georadiusstore: ZSET,
  zadd: ZSET,
  zdiffstore: ZSET,
  zincr: ZSET,
  zinterstore: ZSET,
  zpopmax: ZSET,
  zpopmin: ZSET,
  zrangestore: ZSET,
  zrem: ZSET,
  zremrangebylex: ZSET,
  zremrangebyrank: ZSET,
  zremrangebyscore: ZSET,
  zunionstore: ZSET,

  pfadd: STRING,
  pfcount: SILENT,
  pfdebug: SILENT,

  xadd: STREAM,
  xautoclaim: STREAM,
  xclaim: STREAM,
  xdel: STREAM,
  'xgroup-create': STREAM,
  'xgroup-createconsumer': STREAM,
  'xgroup-delconsumer': STREAM,
  'xgroup-destroy': STREAM,
  'xgroup-setid': STREAM,
  xsetid: STREAM,
  xtrim: STREAM,

  evicted: EventClass.EVICTED,
  expired: EventClass.EXPIRED,
  keymiss: EventClass.KEY_MISS,
  new: EventClass.NEW,
} as const satisfies Record<string, EventClass>;

export type EventName = keyof typeof EVENTS;

/** What changes the groups or the counters of a stream, and no entry: as in Redis, that breaks no watch. */
export const BOOKKEEPING: ReadonlySet<EventName> = new Set<EventName>([
  'xgroup-create',
  'xgroup-createconsumer',
  'xgroup-delconsumer',
  'xgroup-destroy',
  'xgroup-setid',
  'xsetid',
]);

/**
 * What brings no entry to a stream. It matters where a group was set back and has entries again: who waits for it gets
 * them with the next entry that is added, as in Redis.
 */
export const WAKES_NOBODY: ReadonlySet<EventName> = new Set<EventName>([
  'xautoclaim',
  'xclaim',
  'xdel',
  'xgroup-create',
  'xgroup-createconsumer',
  'xgroup-delconsumer',
  'xgroup-setid',
  'xsetid',
  'xtrim',
]);
