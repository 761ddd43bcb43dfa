/** The libraries cjson, cmsgpack, struct and bit: every script of a fixture, in order, since settings last. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LuaPair } from '../support/lua-pair.js';
import { describeWithOracle } from '../support/oracle.js';

/** What the scripts call to see several errors at once. */
const HELPERS = `
local function hex(text) return text end
local function show(...) return ... end
local function try(...) return {n = select('#', pcall(...)), pcall(...)} end
`.replaceAll('\n', ' ');

const SCRIPTS = readFileSync(new URL('../fixtures/lua-libraries.txt', import.meta.url), 'latin1')
  .trimEnd()
  .split('\n');

describeWithOracle('cjson, cmsgpack, struct and bit', () => {
  let pair: LuaPair;

  beforeAll(async () => {
    pair = await LuaPair.start();
  });

  afterAll(() => pair.stop());

  test('do what those of redis-server do', async () => {
    const differences = await pair.differences(SCRIPTS.map((script) => HELPERS + script));
    expect(differences.join('\n')).toBe('');
  });
});
