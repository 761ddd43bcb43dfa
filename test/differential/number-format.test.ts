/** Numbers in arguments, as redis-server reads them: what a sorted set's score may be, and what it then is. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ReplyReader } from '../../src/protocol/reply-reader.js';
import { parseDouble, parseInteger64 } from '../../src/text/numbers.js';
import { describeWithOracle, Oracle } from '../support/oracle.js';
import { RawClient } from '../support/raw-client.js';
import { runs } from '../support/runs.js';

const digits = fc.stringMatching(/^[0-9]{0,20}$/);
const sign = fc.constantFrom('', '-', '+');
const exponent = fc
  .tuple(fc.constantFrom('e', 'E', 'p', 'P'), sign, fc.integer({ min: 0, max: 400 }))
  .map((it) => it.join(''));
const optional = (arbitrary: fc.Arbitrary<string>) => fc.oneof(fc.constant(''), arbitrary);
const anyNumber = fc.oneof(
  fc.tuple(sign, digits, fc.constantFrom('', '.'), digits, optional(exponent)).map((it) => it.join('')),
  fc
    .tuple(
      sign,
      fc.constantFrom('0x', '0X'),
      fc.stringMatching(/^[0-9a-fA-F]{0,20}$/),
      fc.constantFrom('', '.'),
      optional(exponent),
    )
    .map((it) => it.join('')),
  fc.double().map(String),
  fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }).map(String),
  fc.constantFrom('inf', '+inf', '-Infinity', 'nan', ' 1', '1 ', '', '.', '1\0', '0x1p-1074', '0x1p-1075', '0x3p-1075'),
);

describeWithOracle('numbers are read as redis-server reads them', () => {
  let oracle: Oracle;
  let client: RawClient;

  beforeAll(async () => {
    oracle = await Oracle.start();
    client = await RawClient.connect({ port: oracle.port }, { protocol: 3 });
  });

  afterAll(async () => {
    await client?.close();
    await oracle?.stop();
  });

  async function ask(...command: string[]) {
    const reader = new ReplyReader();
    reader.feed(await client.call(...command));
    return reader.next();
  }

  test('doubles', async () => {
    await fc.assert(
      fc.asyncProperty(anyNumber, async (text) => {
        const bytes = Buffer.from(text);
        const ours = parseDouble(bytes, 0, bytes.length);
        // INCR answers with the score itself: a small set stores -0 as 0.
        await client.call('DEL', 'z');
        const reply = await ask('ZADD', 'z', 'INCR', text, 'a');
        if (Number.isNaN(ours)) expect(reply, text).toEqual({ type: 'error', value: 'ERR value is not a valid float' });
        else expect(reply, text).toEqual({ type: 'double', value: ours });
      }),
      { numRuns: runs(1500) },
    );
  });

  test('integers', async () => {
    await fc.assert(
      fc.asyncProperty(anyNumber, async (text) => {
        const bytes = Buffer.from(text);
        const ours = parseInteger64(bytes, 0, bytes.length);
        await client.call('SET', 'n', '0');
        const reply = await ask('INCRBY', 'n', text);
        if (ours === undefined) expect(reply?.type, text).toBe('error');
        else expect(reply, text).toEqual({ type: 'integer', value: ours });
      }),
      { numRuns: runs(800) },
    );
  });
});
