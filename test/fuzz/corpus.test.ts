/** Scripts on which the two servers once differed. */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { describeWithOracle } from '../support/oracle.js';
import { startPair } from '../support/pair.js';
import { replay } from './fuzz.js';
import { leavingSeed, readScript, writeScript } from './script-file.js';

const corpus = fileURLToPath(new URL('corpus/', import.meta.url));

describeWithOracle('scripts of the corpus', () => {
  test.each(readdirSync(corpus))('%s', async (name) => {
    const script = readScript(`${corpus}${name}`);
    const pair = await startPair(script.directives);
    try {
      expect(await replay(pair, script, { finale: [['DBSIZE']] })).toBeUndefined();
    } finally {
      await pair.stop();
    }
  });
});

test('a script comes back from its file as it was, to the byte', () => {
  const commands = [
    ['SET', 'k', Buffer.from([0, 10, 13, 127, 128, 255])],
    ['INCRBY', 'é', 5],
  ];
  const path = writeScript({ seed: 3, directives: { maxmemory: '1' }, commands });
  const script = readScript(path);
  rmSync(path);
  expect(script).toMatchObject({ test: 'test/fuzz/corpus.test.ts', seed: 3, directives: { maxmemory: '1' } });
  expect(script.commands).toEqual(
    commands.map((command) => command.map((word) => Buffer.from(typeof word === 'number' ? String(word) : word))),
  );
});

test('a seed that fails leaves a file that sets what its test reads', async () => {
  const failing = leavingSeed(11, { FUZZ_STEPS: 5 }, () => {
    throw new Error('two\nlines');
  });
  await expect(failing).rejects.toThrow(/^npm run replay .*11\.txt repeats this: two\nlines$/);
  const path = /replay (\S+)/.exec(String(await failing.catch((error) => error)))![1]!;
  const [head, ...lines] = readFileSync(path, 'utf8').trimEnd().split('\n');
  rmSync(path);
  const environment = { FUZZ_SEED: 11, FUZZ_STEPS: 5 };
  expect(JSON.parse(head!)).toEqual({ test: 'test/fuzz/corpus.test.ts', seed: 11, environment });
  expect(lines).toEqual(['two', 'lines']);
});
