import fc from 'fast-check';
import { afterAll, beforeAll, test } from 'vitest';
import { describeWithOracle } from '../support/oracle.js';
import { type Pair, startPair } from '../support/pair.js';
import type { Command } from '../support/raw-client.js';
import { fuzz, type Group } from './fuzz.js';
import { smallValue, value } from './values.js';

const STREAMS = ['s0', 's1', 's2', 's3'];
const key = fc.constantFrom(...STREAMS);
const any = fc.oneof({ weight: 30, arbitrary: key }, { weight: 1, arbitrary: fc.constant('missing') });
const id = fc.oneof(
  fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: 3 })).map(([ms, seq]) => `${ms}-${seq}`),
  fc.integer({ min: 0, max: 60 }).map(String),
);
// Ids in the streams: the sequence number counts up within these milliseconds.
const added = fc.integer({ min: 1, max: 400 }).map((seq) => `50-${seq}`);
const bound = fc.oneof(
  id,
  added,
  fc.constantFrom('-', '+'),
  added.map((text) => `(${text}`),
);
const count = fc.oneof(fc.integer({ min: 0, max: 20 }), fc.constant(1000));
const field = fc.constantFrom('a', 'b', 'field', '', '12');
const sameFields = smallValue.map((content) => ['name', content, 'number', '1234567']);
const otherFields = fc
  .array(fc.tuple(field, fc.oneof({ weight: 20, arbitrary: smallValue }, { weight: 1, arbitrary: value })), {
    minLength: 1,
    maxLength: 4,
  })
  .map((pairs) => pairs.flat());
const fields = fc.oneof({ weight: 3, arbitrary: sameFields }, { weight: 1, arbitrary: otherFields });
const limit = fc.constantFrom<Command>(
  ...([[], [], [], ['LIMIT', '0'], ['LIMIT', '1'], ['LIMIT', '12']] as unknown as [Command]),
);
const trim = fc.oneof(
  fc.tuple(fc.constantFrom('=', '~'), fc.integer({ min: 0, max: 60 })).map(([how, most]) => ['MAXLEN', how, most]),
  fc.tuple(fc.integer({ min: 0, max: 300 }), limit).map(([most, rest]) => ['MAXLEN', '~', most, ...rest]),
  fc.tuple(fc.constantFrom('=', '~'), added).map(([how, least]) => ['MINID', how, least]),
  fc.tuple(added, limit).map(([least, rest]) => ['MINID', '~', least, ...rest]),
);

const one = (command: fc.Arbitrary<(string | number | Uint8Array)[]>): fc.Arbitrary<Group> =>
  command.map((it) => [it as unknown as Command]);

const groups: fc.Arbitrary<Group> = fc.oneof(
  { weight: 50, arbitrary: one(fc.tuple(key, fields).map(([k, f]) => ['XADD', k, '50-*', ...f])) },
  {
    weight: 8,
    arbitrary: fc
      .tuple(key, fc.array(fields, { minLength: 20, maxLength: 60 }))
      .map(([k, list]) => list.map((f) => ['XADD', k, '50-*', ...f] as unknown as Command)),
  },
  { weight: 6, arbitrary: one(fc.tuple(key, trim, fields).map(([k, t, f]) => ['XADD', k, ...t, '50-*', ...f])) },
  { weight: 4, arbitrary: one(fc.tuple(any, trim).map(([k, t]) => ['XTRIM', k, ...t])) },
  {
    weight: 20,
    arbitrary: one(fc.tuple(any, fc.array(added, { minLength: 1, maxLength: 4 })).map(([k, l]) => ['XDEL', k, ...l])),
  },
  { weight: 10, arbitrary: one(fc.tuple(any, bound, bound).map(([k, a, b]) => ['XRANGE', k, a, b])) },
  {
    weight: 10,
    arbitrary: one(fc.tuple(any, bound, bound, count).map(([k, a, b, n]) => ['XRANGE', k, a, b, 'COUNT', n])),
  },
  {
    weight: 10,
    arbitrary: one(fc.tuple(any, bound, bound, count).map(([k, a, b, n]) => ['XREVRANGE', k, a, b, 'COUNT', n])),
  },
  { weight: 1, arbitrary: one(any.map((k) => ['XREVRANGE', k, '+', '-'])) },
  {
    weight: 8,
    arbitrary: one(
      fc.tuple(any, key, added, id, count).map(([a, b, i, j, n]) => ['XREAD', 'COUNT', n, 'STREAMS', a, b, i, j]),
    ),
  },
  { weight: 6, arbitrary: one(any.map((k) => ['XLEN', k])) },
  {
    weight: 1,
    arbitrary: one(fc.tuple(key, fc.integer({ min: 300, max: 500 })).map(([k, seq]) => ['XSETID', k, `50-${seq}`])),
  },
  { weight: 1, arbitrary: one(fc.tuple(key, fields).map(([k, f]) => ['XADD', k, 'NOMKSTREAM', '50-*', ...f])) },
  { weight: 1, arbitrary: one(fc.tuple(key, key).map(([from, to]) => ['COPY', from, to, 'REPLACE'])) },
  {
    weight: 1,
    arbitrary: fc.tuple(key, key).map(([from, to]) => [
      ['XADD', from, '50-*', 'a', 'b'],
      ['RENAME', from, to],
    ]),
  },
  { weight: 1, arbitrary: one(any.map((k) => ['OBJECT', 'ENCODING', k])) },
  { weight: 1, arbitrary: one(key.map((k) => ['DEL', k])) },
  { weight: 1, arbitrary: one(key.map((k) => ['EXPIRE', k, 100_000])) },
);

const finale: Command[] = STREAMS.flatMap((name) => [
  ['XLEN', name],
  ['XRANGE', name, '-', '+'],
  ['XREVRANGE', name, '+', '-'],
  ['PEXPIRETIME', name],
]);

const settings: Record<string, Record<string, string>> = {
  'as configured by default': {},
  'with nodes of three entries': { 'stream-node-max-entries': '3' },
  'with nodes of 300 bytes': { 'stream-node-max-bytes': '300', 'stream-node-max-entries': '0' },
  'with nodes of any size': { 'stream-node-max-bytes': '0', 'stream-node-max-entries': '0' },
};

for (const [name, directives] of Object.entries(settings)) {
  describeWithOracle(`random stream commands ${name}`, () => {
    let pair: Pair;

    beforeAll(async () => {
      pair = await startPair(directives);
    });

    afterAll(() => pair?.stop());

    test('answer as redis-server does', { timeout: 3_600_000 }, () => fuzz(pair, { groups, finale }));
  });
}
