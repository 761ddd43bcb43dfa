import { afterAll, beforeAll, test } from 'vitest';
import { compareScript } from '../support/compare.js';
import { describeWithOracle } from '../support/oracle.js';
import { type Pair, startPair } from '../support/pair.js';
import type { Command } from '../support/raw-client.js';

const words = (script: string): Command[] =>
  script
    .trim()
    .split(/\s*\n\s*/)
    .map((line) => line.split(' ').map((word) => (word === '""' ? '' : word)));

const scripts: Record<string, string> = {
  'adding and counting': `
    PFADD h
    GET h
    PFADD h
    PFCOUNT h
    GET h
    PFADD h a b c a
    GET h
    PFADD h a b c
    GET h
    PFCOUNT h
    GET h
    PFADD h ""
    PFCOUNT h
    PFCOUNT h
    PFADD h d
    GET h
    PFCOUNT h none
    GET h
    PFCOUNT none
    PFCOUNT none other
    TYPE h
    OBJECT ENCODING h
    STRLEN h
    EXPIRE h 100
    PFADD h e f g
    TTL h
    COPY h i
    PFCOUNT i
    PFADD
    PFCOUNT
    PFMERGE
    PFDEBUG
    PFDEBUG ENCODING
    PFDEBUG ENCODING h h
    PFSELFTEST x`,
  merging: `
    PFMERGE empty
    GET empty
    PFADD a 1 2 3 4 5
    PFADD b 4 5 6 7 8
    PFMERGE c a b none
    GET c
    PFCOUNT c
    PFMERGE c
    GET c
    PFMERGE a a
    GET a
    PFMERGE a b a
    GET a
    PFDEBUG TODENSE b
    GET b
    PFMERGE a b
    GET a
    PFDEBUG ENCODING a
    PFMERGE b c
    GET b
    PFCOUNT a b c
    PFCOUNT a a a
    EXPIRE a 100
    PFMERGE a c
    TTL a
    PFMERGE b none
    GET b`,
  debugging: `
    PFADD h 1 2 3 4 5 6 7 8 9
    PFCOUNT h
    PFDEBUG DECODE h
    PFDEBUG encoding h
    PFDEBUG todense h
    PFDEBUG TODENSE h
    GET h
    PFDEBUG ENCODING h
    PFDEBUG DECODE h
    PFDEBUG GETREG h
    PFADD i x
    PFDEBUG getreg i
    GET i
    PFDEBUG DECODE i
    PFDEBUG NOTHING i
    PFDEBUG NOTHING none
    PFDEBUG DECODE none
    SET s HYLL
    PFDEBUG DECODE s
    PFDEBUG NOTHING s`,
  'what is no HyperLogLog': `
    SET s x
    SET n 1234567890123456789
    RPUSH l x
    PFADD h a
    PFADD s a
    PFADD s
    PFCOUNT s
    PFCOUNT h s
    PFCOUNT s h
    PFMERGE s
    PFMERGE t s
    PFMERGE s h
    PFMERGE t h s
    EXISTS t
    PFADD n
    PFCOUNT n
    PFADD l a
    PFADD l
    PFCOUNT l
    PFCOUNT h l
    PFMERGE l h
    PFMERGE h l
    PFDEBUG GETREG l
    PFDEBUG GETREG s
    GET h
    APPEND h x
    PFDEBUG TODENSE h
    PFCOUNT h
    PFADD i a
    PFDEBUG TODENSE i
    APPEND i x
    PFADD i b
    PFCOUNT i
    PFMERGE i
    SETRANGE i 4 z
    PFCOUNT i
    SET short HYLL
    PFCOUNT short`,
};

const MAGIC = Buffer.from('HYLL');
/** A string with a header: the form, the bytes of the cardinality, and what follows. */
function forged(form: number, cardinality: string, ...rest: Uint8Array[]): Buffer {
  return Buffer.concat([MAGIC, Buffer.from([form, 1, 2, 3]), Buffer.from(cardinality, 'hex'), ...rest]);
}

const bytes = (...values: number[]) => Buffer.from(values);
const STALE = '0000000000000080';

const forgeries: Record<string, Buffer> = {
  'a sparse one of 16383 registers': forged(1, STALE, bytes(0x7f, 0xfe)),
  'a sparse one of 16385 registers': forged(1, STALE, bytes(0x7f, 0xff, 0x00)),
  'a sparse one without registers': forged(1, STALE),
  'a sparse one of values': forged(1, STALE, bytes(0x83, 0xff, 0x7f, 0xf7)),
  'a sparse one with zeros in pieces': forged(1, STALE, bytes(0x3f, 0x00, 0x40, 0x00, 0x7f, 0xbd)),
  'a cardinality that is known': forged(1, '0500000000000000', bytes(0x7f, 0xff)),
  'a cardinality beyond doubles': forged(1, 'ffffffffffffff7f', bytes(0x7f, 0xff)),
  'a cardinality that is known of registers that are corrupt': forged(1, '0700000000000000', bytes(0x00)),
  'a dense one of 63 everywhere': forged(0, STALE, Buffer.alloc(12_288, 0xff)),
  'a dense one of patterns': forged(0, STALE, Buffer.alloc(12_288, '\x12\x34\x56\x78\x9a')),
  'a dense one that is too short': forged(0, STALE, Buffer.alloc(12_287)),
  'a form that is not known': forged(2, STALE, Buffer.alloc(12_288)),
  'another magic word': Buffer.concat([Buffer.from('HYLl'), forged(1, STALE, bytes(0x7f, 0xff)).subarray(4)]),
};

/** Numbered elements, so many at once. */
function elements(count: number, from = 0, prefix = 'element:'): string[] {
  return Array.from({ length: count }, (_, i) => prefix + String(from + i));
}

describeWithOracle('HyperLogLogs', () => {
  let pair: Pair;

  beforeAll(async () => {
    pair = await startPair();
  });

  afterAll(() => pair?.stop());

  for (const protocol of [2, 3] as const) {
    test.each(Object.entries(scripts))(`%s, RESP${protocol}`, async (_, script) => {
      await compareScript(pair, words(script), { protocol });
    });
  }

  // It takes redis-server half a second.
  test('the test that servers make of themselves', () => compareScript(pair, [['PFSELFTEST']]));

  test.each(Object.entries(forgeries))('of strings written by hand: %s', async (_, string) => {
    const commands: Command[] = [];
    for (const command of ['PFADD k', 'PFADD k a', 'PFCOUNT k', 'PFCOUNT k none', 'PFMERGE k', 'PFMERGE t k']) {
      commands.push(['SET', 'k', string], command.split(' '), ['GET', 'k'], ['OBJECT', 'ENCODING', 'k'], ['GET', 't']);
    }
    for (const subcommand of ['DECODE', 'ENCODING', 'GETREG', 'TODENSE']) {
      commands.push(['SET', 'k', string], ['PFDEBUG', subcommand, 'k'], ['GET', 'k']);
    }
    await compareScript(pair, commands);
  });

  test('of elements of every length are equal to the byte', async () => {
    const commands: Command[] = [];
    for (let length = 0; length < 300; length++) {
      const element = Buffer.from(Array.from({ length }, (_, i) => (i * 151 + length * 7) & 0xff));
      commands.push(['PFADD', 'h', element], ['GET', 'h']);
    }
    await compareScript(pair, commands);
  });

  test.each([0, 18, 19, 40, 300, 3000, 12_304, 16_000, 1_000_000])('become dense beyond %i bytes', async (limit) => {
    const set: Command = ['CONFIG', 'SET', 'hll-sparse-max-bytes', limit];
    const commands: Command[] = [set];
    for (let i = 0; i < 200; i++) commands.push(['PFADD', 'h', `x${i}`], ['GET', 'h']);
    for (let i = 0; i < 25; i++) {
      commands.push(
        ['PFADD', 'h', ...elements(100, i * 100)],
        ['GET', 'h'],
        ['PFCOUNT', 'h'],
        ['PFDEBUG', 'ENCODING', 'h'],
      );
      commands.push(
        ['PFADD', 'i', ...elements(10, i * 10, 'i')],
        ['PFMERGE', 'j', 'i'],
        ['GET', 'j'],
        ['PFMERGE', 'k', 'h', 'i'],
      );
      commands.push(['GET', 'k'], ['PFCOUNT', 'h', 'i', 'j'], ['PFMERGE', 'h'], ['GET', 'h']);
    }
    await compareScript(pair, [...commands, ['CONFIG', 'SET', 'hll-sparse-max-bytes', 3000]]);
  });

  test('count up to millions alike', async () => {
    const commands: Command[] = [];
    for (let from = 0; from < 300_000; from += 2000) {
      commands.push(['PFADD', 'h', ...elements(2000, from, 'e')]);
      if (from % 20_000 === 0) commands.push(['PFCOUNT', 'h'], ['GET', 'h'], ['PFCOUNT', 'h', 'none']);
    }
    await compareScript(pair, commands);
  });

  test('of keys that leave no room in their entry', async () => {
    const key = 'k'.repeat(20_000);
    const commands: Command[] = [];
    for (let i = 0; i < 40; i++) {
      commands.push(['PFADD', key, ...elements(70, i * 70)], ['GET', key], ['PFCOUNT', key], ['PFMERGE', key, 'other']);
      commands.push(['PFADD', 'other', `x${i}`], ['PFCOUNT', key, 'other']);
    }
    await compareScript(pair, commands);
  });
});
