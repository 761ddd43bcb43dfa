/** Scripts on which the two servers once differed, and the one of FUZZ_SCRIPT, which `npm run replay FILE` sets. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { describeWithOracle } from '../support/oracle.js';
import { startPair } from '../support/pair.js';
import { replay } from './fuzz.js';
import { readScript, writeFailure } from './script-file.js';

const corpus = fileURLToPath(new URL('corpus/', import.meta.url));
const wanted = process.env['FUZZ_SCRIPT'];
const paths = wanted === undefined ? readdirSync(corpus).map((name) => `${corpus}${name}`) : [wanted];

describeWithOracle('scripts of the corpus', () => {
  test.each(paths)('%s', async (path) => {
    const script = readScript(path);
    const pair = await startPair(script.directives);
    try {
      expect(await replay(pair, script)).toBeUndefined();
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
  const script = readScript(writeFailure(0, { protocol: 3, directives: { maxmemory: '1' }, commands }));
  expect(script).toMatchObject({ protocol: 3, directives: { maxmemory: '1' } });
  expect(script.commands).toEqual(
    commands.map((command) => command.map((word) => Buffer.from(typeof word === 'number' ? String(word) : word))),
  );
});
