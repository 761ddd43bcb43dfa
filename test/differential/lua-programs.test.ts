/** Lua as a language: programs with known traps, and random ones, run by both servers. */
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LuaProgram, randomNumbers } from '../support/lua-programs.js';
import { describeWithOracle } from '../support/oracle.js';
import { type Pair, startPair } from '../support/pair.js';
import { type Command, RawClient } from '../support/raw-client.js';

/** Programs between lines of `---`. */
const folder = new URL('../fixtures/lua-programs/', import.meta.url);

/** FUZZ_SEED and FUZZ_COMMANDS say which random programs, and how many. */
const FIRST_SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() & 0x7fffffff);
const VARIANTS = 5;
const PROGRAMS = Number(process.env['FUZZ_COMMANDS'] ?? 150);
const BATCH = 100;
/** A machine that has other work may be stopped for minutes during a long run. */
const TIMEOUT_MS = process.env['FUZZ_COMMANDS'] === undefined ? 60_000 : 3_600_000;

describeWithOracle('Lua', () => {
  let pair: Pair;
  let oracle: RawClient;
  let subject: RawClient;

  beforeAll(async () => {
    pair = await startPair();
    oracle = await RawClient.connect(pair.oracle, { timeoutMs: TIMEOUT_MS });
    subject = await RawClient.connect(pair.subject, { timeoutMs: TIMEOUT_MS });
  });

  afterAll(async () => {
    await oracle.close();
    await subject.close();
    await pair.stop();
  });

  /** For each program the first line that differs, if one does: as it runs when it is new, or when it comes again. */
  async function differences(programs: readonly string[]): Promise<(string | undefined)[]> {
    const commands: Command[] = programs.map((program) => ['EVAL', Buffer.from(program, 'latin1'), 0]);
    const [theirs, ours] = await Promise.all([oracle.pipeline(commands), subject.pipeline([...commands, ...commands])]);
    const difference = (i: number, theirReply: Buffer | undefined, ourReply: Buffer | undefined) => {
      const [a, b] = [withoutChance(theirReply), withoutChance(ourReply)];
      return a === b ? undefined : `${firstDifferentLines(a, b)}${a === '' || b === '' ? `\n${programs[i]}` : ''}`;
    };
    return programs.map(
      (_, i) => difference(i, theirs[i], ours[i]) ?? difference(i, theirs[i], ours[commands.length + i]),
    );
  }

  for (const file of readdirSync(folder)) {
    test(`does the same as in Redis: ${file}`, async () => {
      const programs = readFileSync(new URL(file, folder), 'latin1').trimEnd().split('\n---\n');
      const found = await differences(programs);
      expect(found.flatMap((text, i) => (text === undefined ? [] : [`${programs[i]}\n${text}`]))).toEqual([]);
    });
  }

  test('does the same as in Redis with random programs', { timeout: TIMEOUT_MS }, async () => {
    for (let done = 0; done < PROGRAMS; done += BATCH) {
      const seeds = Array.from({ length: Math.min(BATCH, PROGRAMS - done) }, (_, i) => FIRST_SEED + done + i);
      const found = await differences(seeds.map((seed) => new LuaProgram(randomNumbers(seed)).text()));
      const different = found.flatMap((text, i) => (text === undefined ? [] : [`FUZZ_SEED=${seeds[i]} ${text}`]));
      expect(different.join('\n'), 'FUZZ_COMMANDS=1').toBe('');
    }
  });

  test('does the same as in Redis with texts that differ in their literals', { timeout: TIMEOUT_MS }, async () => {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + PROGRAMS / VARIANTS; seed++) {
      const random = randomNumbers(seed);
      const program = new LuaProgram(random).text();
      const found = await differences(Array.from({ length: VARIANTS }, () => withOtherLiterals(program, random)));
      expect(found.filter((text) => text !== undefined).join('\n'), `FUZZ_SEED=${seed} FUZZ_COMMANDS=1`).toBe('');
    }
  });
});

/** Numbers in loops stay, lest they run for ever, and so do most of the others. */
function withOtherLiterals(program: string, random: (below: number) => number): string {
  const start = program.indexOf('local function step()');
  const lines = program.slice(start).split('\n');
  const changed = lines.map((line, i) => {
    if (i === 0 || /\b(for|while|until|repeat)\b/.test(line)) return line;
    return line
      .replace(/(?<![\w.'"\\])\d+(?![\w."'])/g, (number) => (random(4) === 0 ? `${random(6)}` : number))
      .replace(/"[a-z ]*"/g, (text) => (random(4) === 0 ? `"${'other'.slice(random(6))}"` : text));
  });
  return program.slice(0, start) + changed.join('\n');
}

/**
 * What tostring() makes of tables and functions is another text in every process, and of another length; the sign of
 * NaN is what a processor makes it.
 */
function withoutChance(reply: Buffer | undefined): string {
  // Who closes the connection says nothing.
  if (reply === undefined) return '';
  return reply
    .toString('latin1')
    .replace(/^\$\d+/, '$')
    .replace(/0x[0-9a-f]{6,}/g, '0x')
    .replaceAll('-nan', 'nan');
}

function firstDifferentLines(a: string, b: string): string {
  const [theirs, ours] = [a.split('\n'), b.split('\n')];
  const at = theirs.findIndex((line, i) => line !== ours[i]);
  return `${theirs[at]} | ${ours[at]}`;
}
