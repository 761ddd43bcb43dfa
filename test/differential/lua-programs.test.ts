/** Lua as a language: programs with known traps, and random ones, run by both servers. */
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LuaProgram } from '../support/lua-programs.js';
import { describeWithOracle } from '../support/oracle.js';
import { type Pair, startPair } from '../support/pair.js';
import { RawClient } from '../support/raw-client.js';

/** Programs between lines of `---`. */
const folder = new URL('../fixtures/lua-programs/', import.meta.url);

/** FUZZ_SEED and FUZZ_COMMANDS say which random programs, and how many. */
const FIRST_SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() & 0x7fffffff);
const PROGRAMS = Number(process.env['FUZZ_COMMANDS'] ?? 300);

describeWithOracle('Lua', () => {
  let pair: Pair;
  let oracle: RawClient;
  let subject: RawClient;

  beforeAll(async () => {
    pair = await startPair();
    oracle = await RawClient.connect(pair.oracle);
    subject = await RawClient.connect(pair.subject);
  });

  afterAll(async () => {
    await oracle.close();
    await subject.close();
    await pair.stop();
  });

  /** The texts of both, if they differ. */
  async function difference(program: string): Promise<string | undefined> {
    const source = Buffer.from(program, 'latin1');
    const [theirs, ours] = await Promise.all([oracle.call('EVAL', source, 0), subject.call('EVAL', source, 0)]);
    const [a, b] = [withoutAddresses(theirs), withoutAddresses(ours)];
    return a === b ? undefined : firstDifferentLines(a, b);
  }

  for (const file of readdirSync(folder)) {
    test(`does the same as in Redis: ${file}`, async () => {
      const programs = readFileSync(new URL(file, folder), 'latin1').trimEnd().split('\n---\n');
      const different: string[] = [];
      for (const program of programs) {
        const found = await difference(program);
        if (found !== undefined) different.push(`${program}\n${found}`);
      }
      expect(different).toEqual([]);
    });
  }

  test('does the same as in Redis with random programs', async () => {
    const different: string[] = [];
    for (let seed = FIRST_SEED; seed < FIRST_SEED + PROGRAMS && different.length < 5; seed++) {
      const found = await difference(new LuaProgram(randomNumbers(seed)).text());
      if (found !== undefined) different.push(`FUZZ_SEED=${seed} FUZZ_COMMANDS=1: ${found}`);
    }
    expect(different).toEqual([]);
  });
});

/** What tostring() makes of tables and functions is another text in every process. */
function withoutAddresses(reply: Buffer): string {
  return reply.toString('latin1').replace(/0x[0-9a-f]{6,}/g, '0x');
}

function firstDifferentLines(a: string, b: string): string {
  const [theirs, ours] = [a.split('\n'), b.split('\n')];
  const at = theirs.findIndex((line, i) => line !== ours[i]);
  return `${theirs[at]} | ${ours[at]}`;
}

/** Xorshift: numbers from 0 to below the argument, the same ones for a seed. */
function randomNumbers(seed: number): (below: number) => number {
  let state = Math.imul(seed, 0x9e3779b1) >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state = (state ^ (state << 5)) >>> 0;
    return state % below;
  };
}
