/** Scripts that try a little of everything, each after the others, through EVAL. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ClientPair } from '../support/compare.js';
import { describeWithOracle } from '../support/oracle.js';
import { type Pair, startPair } from '../support/pair.js';
import { showReply } from '../support/reply-text.js';

const HEX = "local function hex(s) return (s:gsub('.', function(c) return string.format('%02x', c:byte()) end)) end ";
const SCRIPTS = readFileSync(new URL('../fixtures/lua-observations.txt', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n');

describeWithOracle('Lua in scripts', () => {
  let pair: Pair;

  beforeAll(async () => {
    pair = await startPair();
  });

  afterAll(() => pair.stop());

  test('does what it does in redis-server', async () => {
    const clients = await ClientPair.connect(pair);
    const differences: string[] = [];
    for (const script of SCRIPTS) {
      const { oracle, subject } = await clients.pipeline([
        ['EVAL', script.includes('hex(') ? HEX + script : script, 0],
      ]);
      if (oracle[0]!.equals(subject[0]!)) continue;
      differences.push(`${script}\n  redis-server ${showReply(oracle[0])}\n  redstart     ${showReply(subject[0])}`);
    }
    await clients.close();
    expect(differences.join('\n')).toBe('');
  });
});
