import fc from 'fast-check';
import { afterAll, beforeAll, test } from 'vitest';
import { streamDifference } from '../support/byte-stream.js';
import { describeWithOracle } from '../support/oracle.js';
import { type Pair, startPair } from '../support/pair.js';
import { type Command, encodeCommand, RawClient } from '../support/raw-client.js';
import { leavingSeed } from './script-file.js';

/**
 * Pipelines with damaged bytes, cut into pieces. FUZZ_SEED repeats a run, FUZZ_STREAMS lengthens it; fast-check prints
 * the seed and the shortest stream.
 */
const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() & 0x7fffffff);
const STREAMS = Number(process.env['FUZZ_STREAMS'] ?? 200);

const word = fc.constantFrom('k', 'value', '', '\r\n', '12', 'x'.repeat(300));

const command: fc.Arbitrary<Command> = fc.oneof(
  fc.constant(['PING']),
  word.map((text) => ['ECHO', text]),
  word.map((text) => ['SET', 'k', text]),
  fc.constant(['GET', 'k']),
  fc.constant(['STRLEN', 'k']),
  fc.tuple(word, word).map(([a, b]) => ['MGET', a, b]),
);

const frame = fc.oneof(
  { weight: 4, arbitrary: command.map(encodeCommand) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('PING\r\n', 'ECHO "a\\x00b"\n', "GET 'k'\r\n", '\r\n').map((it) => Buffer.from(it)),
  },
);

type Damage = { at: number; remove: number; insert: Uint8Array };

const interesting = fc
  .constantFrom(...['\r', '\n', '\r\n', '*', '$', '-', '0', '1', '9', ' ', '"', "'", '\0', '\xff', '*3\r\n', '$-1\r\n'])
  .map((it) => Uint8Array.from(Buffer.from(it, 'latin1')));

const damage: fc.Arbitrary<Damage> = fc.record({
  at: fc.nat(400),
  remove: fc.oneof({ weight: 3, arbitrary: fc.nat(2) }, { weight: 1, arbitrary: fc.nat(40) }),
  insert: fc.oneof(fc.constant(new Uint8Array()), interesting, fc.uint8Array({ maxLength: 3 })),
});

const stream = fc
  .record({
    frames: fc.array(frame, { minLength: 1, maxLength: 6 }),
    damages: fc.array(damage, { maxLength: 3 }),
    cuts: fc.array(fc.nat(400), { maxLength: 3 }),
  })
  .map(({ frames, damages, cuts }) => {
    let bytes: Buffer = Buffer.concat(frames);
    for (const { at, remove, insert } of damages) {
      const from = at % (bytes.length + 1);
      bytes = Buffer.concat([bytes.subarray(0, from), insert, bytes.subarray(from + remove)]);
    }
    const points = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
    return points.slice(1).map((end, i) => bytes.subarray(points[i], end));
  });

describeWithOracle('damaged byte streams', () => {
  let pair: Pair;

  beforeAll(async () => {
    pair = await startPair();
  });

  afterAll(() => pair?.stop());

  test('are answered as redis-server answers them, and hurt nobody else', { timeout: 3_600_000 }, async () => {
    const bystander = await RawClient.connect(pair.subject);
    const property = fc.asyncProperty(stream, async (pieces) => {
      const difference = await streamDifference(pair, pieces);
      if (difference !== undefined) throw new Error(difference);
      if (!(await bystander.call('PING')).equals(Buffer.from('+PONG\r\n'))) throw new Error('PING failed');
    });
    await leavingSeed(SEED, { FUZZ_STREAMS: STREAMS }, () => fc.assert(property, { numRuns: STREAMS, seed: SEED }));
    await bystander.close();
  });
});
