/**
 * Random values, texts and formats for cjson, cmsgpack, struct and bit: a LuaState must do what redis-server does.
 *
 *   FUZZ_SEED=…      starts with this seed (printed by a failing run); otherwise every run has a new one
 *   FUZZ_SCRIPTS=…   how many scripts to run
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LuaPair, luaNumber, luaString } from '../support/lua-pair.js';
import { describeWithOracle } from '../support/oracle.js';
import { leavingSeed } from './script-file.js';

const SCRIPTS = Number(process.env['FUZZ_SCRIPTS'] ?? 1_500);
const BATCH = 500;

/** Tables are found by their addresses. */
const TABLE_AS_KEY = /\}=/;

class Chance {
  private state: number;

  constructor(seed: number) {
    this.state = Math.imul(seed, 0x9e3779b1) | 0;
  }

  below(limit: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  }

  one<T>(...items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  several<T>(most: number, make: () => T): T[] {
    return Array.from({ length: this.below(most + 1) }, make);
  }
}

function number(chance: Chance): number {
  switch (chance.below(10)) {
    case 0:
      return chance.below(2 ** 32) * chance.one(1, -1);
    case 1:
      return (chance.below(2 ** 32) * 2 ** 32 + chance.below(2 ** 32)) * chance.one(1, -1);
    case 2:
      return chance.below(2000) / 16 - 60;
    case 3:
      return chance.one(Number.NaN, 1 / 0, -1 / 0, 0.5, 1.5, 2.5, -0.5, 1e300, 2 ** 63, -(2 ** 63), 2 ** 64, 1e19);
    case 4:
      return 2 ** chance.below(70) * chance.one(1, -1) + chance.one(0, 1, -1, 0.5);
    case 5: {
      const words = Uint32Array.of(chance.below(2 ** 32), chance.below(2 ** 32));
      return new Float64Array(words.buffer)[0]!;
    }
    case 6:
      return chance.below(1e9) / 10 ** chance.below(14);
    default:
      return chance.below(20) - 2;
  }
}

function bytes(chance: Chance, most: number): string {
  return chance
    .several(most, () => String.fromCharCode(chance.one(chance.below(256), chance.below(0x60) + 0x20, 0, 127, 0xa1)))
    .join('');
}

function key(chance: Chance): string {
  switch (chance.below(8)) {
    case 0:
      return luaNumber(chance.one(chance.below(12), chance.below(30) / 4, 1e15, -1));
    case 1:
      return luaString(bytes(chance, 12));
    case 2:
      return chance.one('true', '(1/0)', luaNumber(number(chance) || 1)).replace('(0/0)', '(1)');
    default:
      return luaString(chance.one('a', 'b', 'id', 'name', 'items', 'a/b', '1', `k${chance.below(50)}`));
  }
}

/** A value as Lua's source text has it. */
function value(chance: Chance, depth: number): string {
  switch (chance.below(depth > 0 ? 9 : 5)) {
    case 0:
    case 1:
      return luaNumber(number(chance));
    case 2:
      return luaString(bytes(chance, 40));
    case 3:
      return chance.one('true', 'false', 'nil', 'cjson.null', luaString('x'.repeat(chance.below(300))));
    case 4:
      return luaNumber(chance.below(1000));
    case 5:
    case 6:
      return `{${chance.several(6, () => value(chance, depth - 1)).join(',')}}`;
    case 7:
      return `{${chance.several(6, () => `[${key(chance)}]=${value(chance, depth - 1)}`).join(',')}}`;
    default:
      return `{${chance.several(4, () => chance.one(`[${key(chance)}]=`, '') + value(chance, depth - 1)).join(',')}}`;
  }
}

const ODD_NUMBERS = [
  'nan',
  'inf',
  '-inf',
  '0x1F',
  '012',
  '+5',
  '.5',
  '-.5',
  '1.',
  '1e5',
  '1E-5',
  '-0',
  '1e400',
  '1.5e',
];
const TEXTS = [
  'abc',
  'a\\n\\u00e9',
  '\\ud83d\\ude00',
  '\\ud800',
  '\\x',
  '\\u20ac\\/',
  'nan(1)',
  '12345678901234567890',
];

function json(chance: Chance, depth: number): string {
  switch (chance.below(depth > 0 ? 9 : 6)) {
    case 0:
      return String(number(chance));
    case 1:
      return chance.one('true', 'false', 'null', ...ODD_NUMBERS, '0.1234567890123456789');
    case 2:
      return `"${chance.one(...TEXTS, bytes(chance, 12), 'x'.repeat(chance.below(40)))}"`;
    case 3:
      return `${chance.below(1e9)}${chance.below(1e9)}.${chance.below(1e9)}e${chance.below(40) - 20}`;
    case 4:
    case 5:
      return String(chance.below(1e6) / 10 ** chance.below(8));
    case 6:
    case 7:
      return `[${chance.several(5, () => json(chance, depth - 1)).join(chance.one(',', ' , ', ',\n'))}]`;
    default: {
      const name = () => chance.one('a', 'b', 'key', '1', 'id', `k${chance.below(100)}`, 'a\\u0041');
      return `{${chance.several(6, () => `"${name()}"${chance.one(':', ' : ')}${json(chance, depth - 1)}`).join(',')}}`;
    }
  }
}

/** With some characters more, or fewer. */
function damaged(chance: Chance, text: string): string {
  for (let times = chance.one(0, 0, 1, 2); times > 0; times--) {
    const at = chance.below(text.length + 1);
    const more = chance.one(...'{}[],:"\\\0 e+-.xX0na', 'nan', 'tru', String.fromCharCode(chance.below(256)));
    text = chance.one(
      text.slice(0, at) + more + text.slice(at),
      text.slice(0, at) + text.slice(at + 1),
      text.slice(0, at),
    );
  }
  return text;
}

function messagePack(chance: Chance, depth: number): string {
  const any = (count: number) => Array.from({ length: count }, () => String.fromCharCode(chance.below(256))).join('');
  const count = chance.below(5);
  const size = String.fromCharCode(count);
  const items = (each: () => string) => Array.from({ length: count }, each).join('');
  switch (chance.below(depth > 0 ? 12 : 8)) {
    case 0:
      return any(1);
    case 1:
      return chance.one('\xcc', '\xd0') + any(1);
    case 2:
      return chance.one('\xcd', '\xd1') + any(2);
    case 3:
      return chance.one('\xce', '\xd2', '\xca') + any(4);
    case 4:
      return chance.one('\xcf', '\xd3', '\xcb') + any(8);
    case 5:
      return (
        chance.one(`\xd9${size}`, `\xda\0${size}`, `\xdb\0\0\0${size}`, String.fromCharCode(0xa0 | count)) + any(count)
      );
    case 6:
      return chance.one('\xc0', '\xc2', '\xc3');
    case 7:
      return String.fromCharCode(chance.one(chance.below(128), 0xe0 + chance.below(32)));
    case 8:
    case 9: {
      const head = chance.one(String.fromCharCode(0x90 | count), `\xdc\0${size}`, `\xdd\0\0\0${size}`);
      return head + items(() => messagePack(chance, depth - 1));
    }
    default: {
      const name = () =>
        chance.one(`\xa1${chance.one('a', 'b', 'c')}`, '\xa2id', '\xa4name', messagePack(chance, depth - 1));
      const head = chance.one(String.fromCharCode(0x80 | count), `\xde\0${size}`, `\xdf\0\0\0${size}`);
      return head + items(() => name() + messagePack(chance, depth - 1));
    }
  }
}

function format(chance: Chance): string {
  const counts = ['0', '1', '2', '3', '4', '5', '8', '16', '9', '12', '32', '33', '2147483647', '2147483648'];
  const options = [...'bBhHlLTfdxsciIiIc<>! ', String.fromCharCode(chance.below(256))];
  return chance.several(8, () => chance.one(...options) + chance.one('', '', chance.one(...counts))).join('');
}

const BIT = ['tobit', 'bnot', 'band', 'bor', 'bxor', 'lshift', 'rshift', 'arshift', 'rol', 'ror', 'bswap', 'tohex'];
const SETTINGS = ['encode_sparse_array', 'encode_max_depth', 'decode_max_depth', 'encode_number_precision'].concat([
  'encode_keep_buffer',
  'encode_invalid_numbers',
  'decode_invalid_numbers',
]);

function argument(chance: Chance): string {
  return chance.one(
    luaNumber(number(chance)),
    luaNumber(chance.below(40)),
    luaNumber(number(chance)),
    '"5"',
    '"x"',
    'nil',
  );
}

function script(seed: number): string {
  const chance = new Chance(seed);
  const list = (most: number) => ['nil', ...chance.several(most, () => argument(chance))].slice(-most).join(',');
  switch (chance.below(12)) {
    case 0:
      return `local v = ${value(chance, 4)} return cjson.encode(v)`;
    case 1:
      return `local v = ${value(chance, 4)} return cjson.decode(cjson.encode(v))`;
    case 2:
    case 3:
      return `return cjson.decode(${luaString(damaged(chance, json(chance, 4)))})`;
    case 4:
      return [
        `local c = cjson.new() c.${chance.one(...SETTINGS)}(${chance.one(list(3), '"on"', '"off"', '"null"')})`,
        `return c.encode(${value(chance, 3)}), c.decode(${luaString(json(chance, 3))})`,
      ].join(' ');
    case 5:
      return `local v = ${value(chance, 4)} return cmsgpack.pack(v${chance.one('', `,${value(chance, 2)}`)})`;
    case 6:
      return `local v = ${value(chance, 4)} return cmsgpack.unpack(cmsgpack.pack(v))`;
    case 7:
      return `return cmsgpack.unpack(${luaString(damaged(chance, messagePack(chance, 4)))})`;
    case 8:
      return `return cmsgpack.unpack_${chance.one('one', 'limit')}(${[
        luaString(messagePack(chance, 2) + messagePack(chance, 1)),
        list(2),
      ].join(',')})`;
    case 9: {
      const values = chance.several(8, () => chance.one(argument(chance), luaString(bytes(chance, 20)))).join(',');
      return `return struct.pack(${luaString(format(chance))}${values === '' ? '' : `,${values}`})`;
    }
    case 10: {
      const offset = chance.one('', '', `,${argument(chance)}`);
      const text = luaString(format(chance));
      return `return struct.unpack(${text},${luaString(bytes(chance, 40))}${offset}), pcall(struct.size, ${text})`;
    }
    default:
      return `return bit.${chance.one(...BIT)}(${list(4)})`;
  }
}

describeWithOracle("Lua's libraries for data", () => {
  let pair: LuaPair;

  beforeAll(async () => {
    pair = await LuaPair.start();
  });

  afterAll(() => pair.stop());

  test('do with anything what those of redis-server do', { timeout: 3_600_000 }, async () => {
    const firstSeed = Number(process.env['FUZZ_SEED'] ?? Date.now() & 0xfffffff);
    for (let done = 0; done < SCRIPTS; done += BATCH) {
      const seed = firstSeed + done;
      const scripts = Array.from({ length: Math.min(BATCH, SCRIPTS - done) }, (_, i) => script(seed + i));
      await leavingSeed(seed, { FUZZ_SCRIPTS: BATCH }, async () => {
        expect((await pair.differences(scripts, TABLE_AS_KEY)).join('\n')).toBe('');
      });
    }
  });
});
