/** What one text of Lua may hold: one more is refused in Redis's words. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ClientPair } from '../support/compare.js';
import { describeWithOracle } from '../support/oracle.js';
import { type Pair, startPair } from '../support/pair.js';

const MOST_CONSTANTS = 2 ** 18 - 1;
const MOST_VARIABLES = 2 ** 15 - 1;
const FARTHEST = 2 ** 17 - 1;

/** What is not of one sort fills a table with numbers up to so many: they take the least text, and time. */
const FILLED = MOST_CONSTANTS - 1000;
const filling = Array.from({ length: FILLED }, (_, i) => i).join(',');

const others = (count: number, form: (number: number) => string) =>
  Array.from({ length: count - FILLED }, (_, i) => form(FILLED + i));
const numbers = (count: number) => `${filling},${others(count, String).join(',')}`;
const sums = (count: number) => `${filling},${others(count, (number) => `${number}+.5`).join(',')}`;
const names = (count: number, form: (name: string) => string) =>
  others(count, (number) => form(`x${number.toString(36)}`)).join('');

/** Title, script, whether it is one too many. */
const CASES: [string, () => string, boolean][] = [
  ['as many numbers as there can be', () => `local t = {${numbers(MOST_CONSTANTS)}}`, false],
  ['one number more', () => `local t = {${numbers(MOST_CONSTANTS + 1)}}`, true],
  ['as many, with sums of two numbers', () => `local t = {${sums(MOST_CONSTANTS)}}`, false],
  ['as many in a function, and others in the next', () => twoFunctions(MOST_CONSTANTS), false],
  ['one more in a function', () => `local function f() local t = {${numbers(MOST_CONSTANTS + 1)}} end`, true],
  [
    'too many names of fields',
    () => `local t = {${filling},${names(MOST_CONSTANTS + 1, (name) => `${name}=1,`)}}`,
    true,
  ],
  ['too many globals', () => `local t = {${filling}} ${names(MOST_CONSTANTS + 1, (name) => `${name}() `)}`, true],
  ['as many local variables as there can be', () => locals(MOST_VARIABLES), false],
  ['one local variable more', () => locals(MOST_VARIABLES + 1), true],
  ['too many of loops, which have hidden ones', () => 'for i=1,0 do end '.repeat(MOST_VARIABLES / 4 + 1), true],
  ['too many functions', () => `local f ${'f=function()end '.repeat(MOST_CONSTANTS + 1)}`, true],
];

/** Titles, scripts that have so many instructions in their middle, and how many of those jumps can't reach over. */
const JUMPS: [string, (count: number) => string, number][] = [
  ['then', (count) => `local a if a then ${instructions(count)}end`, 0],
  ['then, with else', (count) => `local a if a then ${instructions(count)}else a=1 end`, 1],
  ['else', (count) => `local a if a==1 then a=1 else ${instructions(count)}end`, 0],
  ['while', (count) => `local a while a do ${instructions(count)}end`, 3],
  ['while in while', (count) => `local a while a do a=2 while a do ${instructions(count)}end end`, 7],
  ['break', (count) => `local a while a do if a then break end ${instructions(count)}end`, 6],
  ['repeat', (count) => `local a repeat ${instructions(count)}until true or a`, 5],
  ['repeat with a variable that a function uses', closing, 12],
  ['a numeric for', (count) => `local a for i=1,0 do ${instructions(count)}end`, 1],
  ['a generic for', (count) => `local a for k in next,{} do ${instructions(count)}end`, 2],
  ['a function', (count) => `local function f(a) if a then ${instructions(count)}end end f()`, 0],
  ['and', (count) => `local a local b=a and {${negations(count, '', ',')}}`, 28],
  ['or', (count) => `local a=1 local b=a or a${'()'.repeat(count)}`, 1],
  ['a comparison', (count) => `local a=1 if a==1 or a${'.a'.repeat(count)} then a=2 end`, 2],
];

/** Each `not` is an instruction, of a single word. */
function instructions(count: number): string {
  return negations(count, 'a=', '');
}

/** Not deeper than Lua nests them. */
function negations(count: number, before: string, after: string): string {
  const most = 100;
  const few = (length: number) => `${before}${'not '.repeat(length)}a ${after}`;
  return few(most).repeat(Math.floor(count / most)) + (count % most === 0 ? '' : few(count % most));
}

function closing(count: number): string {
  return `local a repeat local b=1 local c=function() return b end ${instructions(count)}until true or a`;
}

const locals = (count: number) => 'do local a end '.repeat(count);

const twoFunctions = (count: number) =>
  `local function f() local t = {${numbers(count)}} end local function g() local t = {${names(count, (name) => `'${name}',`)}} end`;

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

  /** What both say. */
  async function reply(script: string): Promise<string> {
    const { oracle, subject } = await clients.pipeline([['EVAL', script, 0]]);
    expect(subject[0]!.toString()).toBe(oracle[0]!.toString());
    return oracle[0]!.toString();
  }

  test.each(CASES)('%s', async (_title, script, isTooMany) => {
    expect(/overflow|too many/.test(await reply(script()))).toBe(isTooMany);
  });

  test.each(JUMPS)('as far as a jump reaches, and one instruction more: %s', async (_title, script, others) => {
    expect(await reply(script(FARTHEST - others))).not.toContain('too long');
    expect(await reply(script(FARTHEST - others + 1))).toContain('control structure too long');
  });
});
