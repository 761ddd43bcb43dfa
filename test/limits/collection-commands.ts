/**
 * Changes of hashes, sets, sorted sets of sets, streams and their groups, drawn at random. Their replies depend neither
 * on the order of elements nor on whether a field that is due has been removed yet.
 */
import type { Words } from './two-engines.js';

/** Where chance comes from. */
export interface Drawing {
  below(limit: number): number;
  value(): string;
  several(words: () => string[]): string[];
  many(words: () => string[]): string[];
  nowMs(): number;
}

type Change = (drawing: Drawing) => Words;

const hash = ({ below }: Drawing) => `hash ${below(5)}`;
const set = ({ below }: Drawing) => `set ${below(5)}`;
const stream = ({ below }: Drawing) => `stream ${below(3)}`;
const field = ({ below }: Drawing) => `field ${below(2_000)}`;

/** Integers in a half of the sets, so that there are all three encodings. */
const member = ({ below, value }: Drawing) =>
  below(20) === 0 ? value() : below(2) === 0 ? String(below(2_000)) : `member ${below(2_000)}`;

const fields = (drawing: Drawing) => {
  const { several, many, below } = drawing;
  const named = below(4) === 0 ? many(() => [field(drawing)]) : several(() => [field(drawing)]);
  return ['FIELDS', named.length, ...named];
};

const pairs = (drawing: Drawing) => {
  const { several, many, below, value } = drawing;
  const pair = () => [field(drawing), value()];
  const named = below(8) === 0 ? many(() => [field(drawing), 'v'.repeat(below(30))]) : several(pair);
  return ['FIELDS', named.length / 2, ...named];
};

const pick = ({ below }: Drawing, ...words: string[]) => words[below(words.length)] as string;

const hashChanges: readonly Change[] = [
  (d) => ['HSET', hash(d), ...d.several(() => [field(d), d.value()])],
  (d) => ['HSET', hash(d), ...d.several(() => [field(d), `${d.below(100)}`])],
  (d) => ['HSET', hash(d), d.value(), d.value()],
  (d) => ['HMSET', hash(d), ...d.many(() => [field(d), `value ${d.below(100)}`])],
  (d) => ['HSETNX', hash(d), field(d), d.value()],
  (d) => ['HINCRBY', hash(d), `number ${d.below(40)}`, d.below(1_000)],
  (d) => ['HINCRBYFLOAT', hash(d), `number ${d.below(40)}`, '1.5'],
  (d) => ['HDEL', hash(d), ...d.several(() => [field(d)])],
  (d) => ['HDEL', hash(d), ...d.many(() => [field(d)])],
  (d) => ['HPEXPIRE', hash(d), 1 + d.below(5_000), ...fields(d)],
  (d) => ['HPEXPIRE', hash(d), 1 + d.below(5_000), pick(d, 'NX', 'XX', 'GT', 'LT'), ...fields(d)],
  (d) => ['HPEXPIREAT', hash(d), d.below(20) === 0 ? 1 : d.nowMs() + d.below(5_000), ...fields(d)],
  (d) => ['HPERSIST', hash(d), ...fields(d)],
  (d) => ['HGETEX', hash(d), 'PX', 1 + d.below(5_000), ...fields(d)],
  (d) => ['HGETEX', hash(d), 'PERSIST', ...fields(d)],
  (d) => ['HSETEX', hash(d), ...pairs(d)],
  (d) => ['HSETEX', hash(d), 'PX', 1 + d.below(5_000), ...pairs(d)],
  (d) => ['HSETEX', hash(d), 'KEEPTTL', ...pairs(d)],
  (d) => ['HSETEX', hash(d), pick(d, 'FNX', 'FXX'), 'PX', 1 + d.below(5_000), ...pairs(d)],
  (d) => ['HGETDEL', hash(d), ...fields(d)],
  (d) => ['HMGET', hash(d), ...d.several(() => [field(d)])],
];

const setChanges: readonly Change[] = [
  (d) => ['SADD', set(d), ...d.several(() => [member(d)])],
  (d) => ['SADD', set(d), ...d.several(() => [`${d.below(2_000)}`])],
  (d) => ['SADD', set(d), ...d.many(() => [member(d)])],
  (d) => ['SADD', set(d), ...d.many(() => [`${d.below(2_000)}`])],
  (d) => ['SREM', set(d), ...d.several(() => [member(d)])],
  (d) => ['SREM', set(d), ...d.many(() => [member(d)])],
  (d) => ['SMOVE', set(d), set(d), member(d)],
  (d) => [pick(d, 'SUNIONSTORE', 'SINTERSTORE', 'SDIFFSTORE'), set(d), set(d), set(d)],
  (d) => ['SUNIONSTORE', set(d), ...Array.from({ length: 10 }, () => set(d))],
  (d) => ['SDIFFSTORE', set(d), ...Array.from({ length: 10 }, () => set(d))],
  (d) => ['SINTERCARD', 2, set(d), set(d)],
  (d) => ['COPY', set(d), set(d), 'DB', d.below(3), 'REPLACE'],
  (d) => ['RENAME', set(d), set(d)],
  (d) => ['SORT', set(d), 'ALPHA', 'STORE', `key:${d.below(20)}`],
  (d) => ['ZUNIONSTORE', `sorted set ${d.below(5)}`, 2, set(d), `sorted set ${d.below(5)}`],
  (d) => ['ZINTERSTORE', `sorted set ${d.below(5)}`, 2, set(d), `sorted set ${d.below(5)}`],
  (d) => ['ZDIFFSTORE', `sorted set ${d.below(5)}`, 2, `sorted set ${d.below(5)}`, set(d)],
  (d) => ['DEL', set(d)],
];

const streamChanges: readonly Change[] = [
  (d) => ['XADD', stream(d), '5-*', 'field', d.value()],
  (d) => ['XADD', stream(d), '5-*', 'field', `value ${d.below(100)}`, 'other', `${d.below(100)}`],
  (d) => ['XADD', stream(d), '5-*', ...d.several(() => [d.value(), d.value()])],
  (d) => ['XADD', stream(d), '5-*', ...d.many(() => [`field ${d.below(100)}`, 'v'])],
  (d) => ['XADD', stream(d), 'MAXLEN', '~', d.below(200), '5-*', 'field', d.value()],
  (d) => ['XADD', stream(d), 'MAXLEN', d.below(50), '5-*', 'field', d.value()],
  (d) => ['XTRIM', stream(d), 'MAXLEN', d.below(100)],
  (d) => ['XTRIM', stream(d), 'MINID', `5-${d.below(300)}`],
  (d) => ['XDEL', stream(d), ...d.several(() => [`5-${d.below(300)}`])],
  (d) => ['XDEL', stream(d), ...d.many(() => [`5-${d.below(600)}`])],
  (d) => ['XSETID', stream(d), `5-${d.below(1_000)}`],
  (d) => ['XTRIM', stream(d), 'MAXLEN', d.below(100), 'ACKED'],
  (d) => ['XDELEX', stream(d), 'DELREF', 'IDS', 1, id(d)],
  (d) => ['XLEN', stream(d)],
  (d) => ['COPY', stream(d), stream(d), 'DB', d.below(3), 'REPLACE'],
  (d) => ['RENAME', stream(d), stream(d)],
  (d) => ['DEL', stream(d)],
];

const group = ({ below }: Drawing) => `group ${below(3)}`;
const consumer = ({ below }: Drawing) => `consumer ${below(20)}`;
const id = ({ below }: Drawing) => `5-${below(300)}`;

const groupChanges: readonly Change[] = [
  (d) => ['XGROUP', 'CREATE', stream(d), group(d), 0],
  (d) => ['XGROUP', 'CREATE', stream(d), group(d), 0, 'MKSTREAM'],
  (d) => ['XGROUP', 'SETID', stream(d), group(d), 0],
  (d) => ['XGROUP', 'CREATECONSUMER', stream(d), group(d), d.value()],
  (d) => ['XGROUP', 'DELCONSUMER', stream(d), group(d), consumer(d)],
  (d) => ['XGROUP', 'DESTROY', stream(d), group(d)],
  ...[1, 20, 20, 1000].map(
    (count): Change =>
      (d) => ['XREADGROUP', 'GROUP', group(d), consumer(d), 'COUNT', count, 'STREAMS', stream(d), '>'],
  ),
  (d) => ['XREADGROUP', 'GROUP', group(d), consumer(d), 'STREAMS', stream(d), stream(d), '>', '>'],
  (d) => ['XACK', stream(d), group(d), ...d.several(() => [id(d)])],
  (d) => ['XACK', stream(d), group(d), ...d.many(() => [id(d)])],
  (d) => ['XACKDEL', stream(d), group(d), 'IDS', 1, id(d)],
  (d) => ['XCLAIM', stream(d), group(d), consumer(d), 0, ...d.several(() => [id(d)]), 'JUSTID'],
  (d) => ['XCLAIM', stream(d), group(d), consumer(d), 0, id(d), 'FORCE', 'JUSTID'],
  (d) => ['XAUTOCLAIM', stream(d), group(d), consumer(d), 0, id(d), 'COUNT', 1 + d.below(50), 'JUSTID'],
];

export const collectionChanges: readonly Change[] = [...hashChanges, ...setChanges, ...streamChanges, ...groupChanges];
