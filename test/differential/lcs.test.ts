import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stringCommands } from '../../src/types/string/commands/index.js';
import { CommandRunner } from '../support/command-runner.js';
import { describeWithOracle } from '../support/oracle.js';
import { useOracle } from '../support/oracle-client.js';
import { runs } from '../support/runs.js';

// Few letters: many common subsequences of the same length to choose from.
const letters = { unit: fc.constantFrom('a', 'b', 'c') };
// The long ones take several words of bits.
const text = fc.oneof(fc.string({ ...letters, maxLength: 10 }), fc.string({ ...letters, maxLength: 140, size: 'max' }));
const options = fc.constantFrom(
  [],
  ['LEN'],
  ['idx'],
  ['IDX', 'WITHMATCHLEN'],
  ['IDX', 'MINMATCHLEN', '2'],
  ['WITHMATCHLEN', 'MINMATCHLEN', '-1', 'IDX'],
  ['MINMATCHLEN', '3'],
  ['IDX', 'LEN'],
  ['MINMATCHLEN'],
  ['MINMATCHLEN', 'x'],
  ['FOO'],
);

describeWithOracle('LCS', () => {
  const redis = useOracle();

  test('finds the subsequence and the ranges that redis-server finds', async () => {
    const subject = new CommandRunner(stringCommands);
    await fc.assert(
      fc.asyncProperty(text, text, options, fc.constantFrom<2 | 3>(2, 3), async (a, b, words, protocol) => {
        await redis.client.call('HELLO', protocol);
        subject.client.protocol = protocol;
        for (const command of [
          ['MSET', 'a', a, 'b', b],
          ['LCS', 'a', 'b', ...words],
          ['LCS', 'a', 'missing', ...words],
        ]) {
          const reply = await redis.client.call(...command);
          expect(subject.run(...command), command.join(' ')).toBe(reply.toString('latin1'));
        }
      }),
      { numRuns: runs(250) },
    );
  });
});
