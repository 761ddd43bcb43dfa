/** What one text of Lua may hold: one more is refused in Redis's words. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ClientPair } from '../support/compare.js';
import { describeWithOracle } from '../support/oracle.js';
import { type Pair, startPair } from '../support/pair.js';

const MOST_CONSTANTS = 2 ** 18 - 1;

const numbers = (count: number, more = '') => Array.from({ length: count }, (_, i) => i + more).join(',');
const names = (count: number, form: (name: string) => string) =>
  Array.from({ length: count }, (_, i) => form(`x${i.toString(36)}`)).join('');

/** Title, script, whether it is one too many. */
const CASES: [string, () => string, boolean][] = [
  ['as many numbers as there can be', () => `local t = {${numbers(MOST_CONSTANTS)}}`, false],
  ['one number more', () => `local t = {${numbers(MOST_CONSTANTS + 1)}}`, true],
  ['as many sums of two numbers', () => `local t = {${numbers(MOST_CONSTANTS, '+1')}}`, false],
  ['as many in each of two functions', () => twoFunctions(MOST_CONSTANTS), false],
  ['one more in a function', () => `local function f() local t = {${numbers(MOST_CONSTANTS + 1)}} end`, true],
  ['too many names of fields', () => `local t = {${names(MOST_CONSTANTS + 1, (name) => `${name}=1,`)}}`, true],
  ['too many globals', () => names(MOST_CONSTANTS + 1, (name) => `${name}() `), true],
  ['too many functions', () => `local f ${'f=function()end '.repeat(MOST_CONSTANTS + 1)}`, true],
];

const twoFunctions = (count: number) =>
  `local function f() local t = {${numbers(count)}} end local function g() local t = {${numbers(count, '.5')}} end`;

describeWithOracle('Limits of a text of Lua', () => {
  let pair: Pair;
  let clients: ClientPair;

  beforeAll(async () => {
    pair = await startPair();
    clients = await ClientPair.connect(pair);
  });

  afterAll(async () => {
    await clients?.close();
    await pair?.stop();
  });

  test.each(CASES)('%s', async (_title, script, isTooMany) => {
    const { oracle, subject } = await clients.pipeline([['EVAL', script(), 0]]);
    expect(oracle[0]!.toString().includes('overflow')).toBe(isTooMany);
    expect(subject[0]!.toString()).toBe(oracle[0]!.toString());
  });
});
