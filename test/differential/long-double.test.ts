import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LongDouble } from '../../src/text/long-double.js';
import { describeWithOracle } from '../support/oracle.js';
import { useOracle } from '../support/oracle-client.js';
import { showReply } from '../support/reply-text.js';
import { runs } from '../support/runs.js';

const digits = (maxLength: number) => fc.stringMatching(new RegExp(`^[0-9]{0,${maxLength}}$`));
const sign = fc.constantFrom('', '', '', '-', '+');
const decimal = fc
  .tuple(sign, digits(25), fc.constantFrom('', '.'), digits(25), fc.constantFrom('', '', '', 'e', 'E'))
  .chain(([s, whole, point, fraction, e]) =>
    (e === '' ? fc.constant('') : fc.integer({ min: -5200, max: 5200 })).map(
      (exponent) => `${s}${whole}${point}${point === '' ? '' : fraction}${e}${exponent}`,
    ),
  );
const everyday = fc
  .tuple(sign, digits(6), fc.constantFrom('', '.5', '.1', '.25', '.001', '.333', 'e3'))
  .map((parts) => parts.join(''));
const hexadecimal = fc
  .tuple(
    sign,
    fc.stringMatching(/^[0-9a-fA-F]{0,20}$/),
    fc.stringMatching(/^(\.[0-9a-f]{0,10})?$/),
    fc.integer({ min: -16500, max: 16500 }),
  )
  .chain(([s, whole, fraction, power]) =>
    fc.constantFrom(`${s}0x${whole}${fraction}`, `${s}0x${whole}${fraction}p${power}`),
  );
// Ties between two neighbours of 64 bits.
const tie = fc
  .bigInt({ min: 2n ** 63n, max: 2n ** 64n - 1n })
  .chain((mantissa) =>
    fc.constantFrom(
      `${mantissa * 2n + 1n}`,
      `${mantissa}.5`,
      `${mantissa}.50000000000000000001`,
      `-${mantissa * 4n + 2n}`,
    ),
  );
const special = fc.constantFrom(
  'inf',
  '-Infinity',
  'nan',
  '',
  '-',
  '.',
  'e5',
  '1e',
  '1e+',
  '0x',
  '1 ',
  ' 1',
  '0e9999',
  '-0',
  '1e4932',
  '-1e4932',
  '1.18e4932',
  '1.19e4932',
  '3.6e-4951',
  '1e-4952',
  '1e-4960',
  '1_0',
  '1e5000',
  `1${'0'.repeat(5117)}`,
  `0.${'0'.repeat(5200)}1`,
);
const text = fc.oneof(
  { weight: 4, arbitrary: decimal },
  { weight: 4, arbitrary: everyday },
  { weight: 1, arbitrary: hexadecimal },
  { weight: 2, arbitrary: tie },
  { weight: 1, arbitrary: special },
);

/** What INCRBYFLOAT replies. */
function sumOf(value: string, by: string): string {
  const a = LongDouble.parse(value);
  const b = LongDouble.parse(by);
  if (a === undefined || b === undefined) return '-ERR value is not a valid float\r\n';
  const sum = a.plus(b);
  if (!sum.finite) return '-ERR increment would produce NaN or Infinity\r\n';
  return `$${String(sum).length}\r\n${sum}\r\n`;
}

describeWithOracle('sums of extended precision', () => {
  const redis = useOracle();

  test('are digit for digit those of INCRBYFLOAT', async () => {
    await fc.assert(
      fc.asyncProperty(text, text, async (value, by) => {
        await redis.client.call('SET', 'k', value);
        const reply = await redis.client.call('INCRBYFLOAT', 'k', by);
        expect(showReply(Buffer.from(sumOf(value, by))), `${value} + ${by}`).toBe(showReply(reply));
      }),
      { numRuns: runs(1000) },
    );
  });
});
