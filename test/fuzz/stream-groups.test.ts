import fc from 'fast-check';
import { afterAll, beforeAll, test } from 'vitest';
import { idleTimes } from '../support/group-replies.js';
import { describeWithOracle } from '../support/oracle.js';
import { type Pair, startPair } from '../support/pair.js';
import type { Command } from '../support/raw-client.js';
import { fuzz, type Group } from './fuzz.js';

const STREAMS = ['s0', 's1'];
const GROUPS = ['g0', 'g1', 'g2'];
const LONG_IDLE = '1000000000';
const key = fc.constantFrom(...STREAMS);
const group = fc.constantFrom(...GROUPS);
const CONSUMERS = ['ann', 'bob', 'cid'];
const consumer = fc.constantFrom(...CONSUMERS);
const added = fc.integer({ min: 1, max: 300 }).map((seq) => `50-${seq}`);
const ids = fc.array(added, { minLength: 1, maxLength: 12 });
const count = fc.integer({ min: 1, max: 15 });
const start = fc.oneof(added, fc.constantFrom('0', '$'));
const idle = fc.oneof({ weight: 6, arbitrary: fc.constant('0') }, { weight: 1, arbitrary: fc.constant(LONG_IDLE) });
const forced = fc.constantFrom<string[]>(
  [],
  [],
  ['FORCE'],
  ['FORCE', 'JUSTID'],
  ['RETRYCOUNT', '4'],
  ['LASTID', '50-40'],
  ['IDLE', '7'],
  // An entry that is named twice is claimed twice then.
  ['IDLE', LONG_IDLE],
);

const one = (command: fc.Arbitrary<(string | number)[]>): fc.Arbitrary<Group> =>
  command.map((it) => [it as unknown as Command]);

const groups: fc.Arbitrary<Group> = fc.oneof(
  { weight: 40, arbitrary: one(key.map((k) => ['XADD', k, '50-*', 'a', 'b', 'c', 'd'])) },
  { weight: 4, arbitrary: one(fc.tuple(key, count).map(([k, n]) => ['XADD', k, 'MAXLEN', n * 4, '50-*', 'a', 'b'])) },
  {
    weight: 10,
    arbitrary: start.map((from) =>
      STREAMS.flatMap((k) => [
        ['XADD', k, '50-*', 'a', 'b'],
        ...GROUPS.flatMap((g): Command[] => [
          ['XGROUP', 'DESTROY', k, g],
          ['XGROUP', 'CREATE', k, g, from, 'MKSTREAM'],
          // Since 7.2 a claim creates its consumer even if it claims nothing.
          ...CONSUMERS.map((c): Command => ['XGROUP', 'CREATECONSUMER', k, g, c]),
        ]),
      ]),
    ),
  },
  { weight: 2, arbitrary: one(fc.tuple(key, group, start).map(([k, g, s]) => ['XGROUP', 'SETID', k, g, s])) },
  { weight: 1, arbitrary: one(fc.tuple(key, group).map(([k, g]) => ['XGROUP', 'DESTROY', k, g])) },
  {
    weight: 2,
    arbitrary: fc.tuple(key, group, consumer).map(([k, g, c]) => [
      ['XGROUP', 'DELCONSUMER', k, g, c],
      ['XGROUP', 'CREATECONSUMER', k, g, c],
    ]),
  },
  {
    weight: 30,
    arbitrary: one(
      fc
        .tuple(key, group, consumer, count)
        .map(([k, g, c, n]) => ['XREADGROUP', 'GROUP', g, c, 'COUNT', n, 'STREAMS', k, '>']),
    ),
  },
  {
    weight: 4,
    arbitrary: one(
      fc
        .tuple(key, group, consumer, count)
        .map(([k, g, c, n]) => ['XREADGROUP', 'GROUP', g, c, 'COUNT', n, 'NOACK', 'STREAMS', k, '>']),
    ),
  },
  {
    weight: 8,
    arbitrary: one(
      fc
        .tuple(
          group,
          consumer,
          count,
          fc.array(fc.tuple(key, fc.constantFrom('>', '0')), { minLength: 2, maxLength: 4 }),
        )
        .map(([g, c, n, list]) => {
          const [keys, from] = [list.map(([k]) => k), list.map(([, id]) => id)];
          return ['XREADGROUP', 'GROUP', g, c, 'COUNT', n, 'STREAMS', ...keys, ...from];
        }),
    ),
  },
  {
    weight: 10,
    arbitrary: one(
      fc
        .tuple(key, group, consumer, count, fc.oneof(added, fc.constant('0')))
        .map(([k, g, c, n, from]) => ['XREADGROUP', 'GROUP', g, c, 'COUNT', n, 'STREAMS', k, from]),
    ),
  },
  { weight: 20, arbitrary: one(fc.tuple(key, group, ids).map(([k, g, list]) => ['XACK', k, g, ...list])) },
  { weight: 10, arbitrary: one(fc.tuple(key, group).map(([k, g]) => ['XPENDING', k, g])) },
  { weight: 6, arbitrary: one(fc.tuple(key, group, count).map(([k, g, n]) => ['XPENDING', k, g, '-', '+', n])) },
  {
    weight: 2,
    arbitrary: one(fc.tuple(key, group, count).map(([k, g, n]) => ['XPENDING', k, g, 'IDLE', LONG_IDLE, '-', '+', n])),
  },
  {
    weight: 12,
    arbitrary: one(
      fc
        .tuple(key, group, consumer, idle, ids, forced)
        .map(([k, g, c, ms, list, rest]) => ['XCLAIM', k, g, c, ms, ...list, ...rest]),
    ),
  },
  {
    weight: 6,
    arbitrary: one(
      fc
        .tuple(key, group, consumer, idle, ids)
        .map(([k, g, c, ms, list]) => ['XCLAIM', k, g, c, ms, ...list, 'JUSTID']),
    ),
  },
  {
    weight: 10,
    arbitrary: one(
      fc
        .tuple(key, group, consumer, idle, added, count)
        .map(([k, g, c, ms, from, n]) => ['XAUTOCLAIM', k, g, c, ms, from, 'COUNT', n]),
    ),
  },
  { weight: 10, arbitrary: one(fc.tuple(key, ids).map(([k, list]) => ['XDEL', k, ...list])) },
  { weight: 6, arbitrary: one(key.map((k) => ['XINFO', 'GROUPS', k])) },
  { weight: 4, arbitrary: one(key.map((k) => ['XINFO', 'STREAM', k])) },
  { weight: 1, arbitrary: one(fc.tuple(key, key).map(([from, to]) => ['COPY', from, to, 'REPLACE'])) },
  { weight: 1, arbitrary: one(fc.tuple(key, count).map(([k, n]) => ['XTRIM', k, 'MAXLEN', n])) },
);

/** What changes nothing: reading creates consumers. */
const finale: Command[] = STREAMS.flatMap((name) => [
  ['XRANGE', name, '-', '+'],
  ['XINFO', 'GROUPS', name],
  ...GROUPS.flatMap((group): Command[] => [
    ['XPENDING', name, group],
    ['XPENDING', name, group, '-', '+', 1000],
  ]),
]);

describeWithOracle('random commands of consumer groups', () => {
  let pair: Pair;

  beforeAll(async () => {
    pair = await startPair();
  });

  afterAll(() => pair?.stop());

  test('answer as redis-server does', { timeout: 3_600_000 }, () =>
    fuzz(pair, { groups, finale, comparators: idleTimes }),
  );
});
