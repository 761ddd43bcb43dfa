/**
 * Random programs that make and change one table, done by redis-server's Lua and by Table: the order of pairs() and the
 * border must be the same after every few steps.
 *
 *   FUZZ_SEED=…      starts with this seed (printed by a failing run); otherwise every run has a new one
 *   FUZZ_PROGRAMS=…  how many programs to run
 */
import { expect, test } from 'vitest';
import { numberToString } from '../../src/lua/runtime/numbers.js';
import { FieldSite } from '../../src/lua/runtime/shape.js';
import { Table } from '../../src/lua/runtime/table.js';
import { constructorPlaces } from '../../src/lua/runtime/table-sizes.js';
import type { Value } from '../../src/lua/runtime/value.js';
import { describeWithOracle } from '../support/oracle.js';
import { useOracle } from '../support/oracle-client.js';

const PROGRAMS = Number(process.env['FUZZ_PROGRAMS'] ?? 2_000);
const BATCH = 200;

/**
 * The collector of garbage would take away keys that have lost their values; when one of them comes again, it may get
 * another place than the one it had. When that happens depends on all that the server has done.
 */
const PRELUDE = `collectgarbage('stop')
local out = {}
local function see(t)
  local s = {}
  for k, v in pairs(t) do s[#s + 1] = tostring(k) .. '=' .. tostring(v) end
  out[#out + 1] = #t .. ':' .. table.concat(s, ',')
end
`;

/** A step of a program: as Lua's text, and as what it does to the table; a constructor makes a new one. */
interface Step {
  text: string;
  run(table: Table, out: string[]): Table | undefined;
}

class Chance {
  constructor(private state: number) {}

  below(limit: number): number {
    this.state = (Math.imul(this.state, 1664525) + 1013904223) | 0;
    return Math.floor(((this.state >>> 0) / 2 ** 32) * limit);
  }

  one<T>(...items: T[]): T {
    return items[this.below(items.length)]!;
  }
}

function show(value: Value): string {
  return typeof value === 'number' ? numberToString(value) : String(value);
}

function literal(value: Value): string {
  if (value === undefined) return 'nil';
  return typeof value === 'string' ? `"${value}"` : show(value);
}

function see(table: Table): string {
  const shown: string[] = [];
  for (let at = table.positionAfter(0); at > 0; at = table.positionAfter(at)) {
    shown.push(`${show(table.keyAt(at))}=${show(table.valueAt(at))}`);
  }
  return `${table.length}:${shown.join(',')}`;
}

/** Sites live as long as a program's text: many tables go through each. */
const SITES = new Map<string, FieldSite>();

function site(name: string): FieldSite {
  let found = SITES.get(name);
  if (found === undefined) SITES.set(name, (found = new FieldSite(name)));
  return found;
}

const NAMES = ['a', 'b', 'c', 'id', 'name', 'x', 'y', 'next', 'data', 'timestamp', 'a rather long name of a key 12345'];

function randomKey(chance: Chance): Value {
  switch (chance.below(9)) {
    case 0:
    case 1:
      return chance.one(...NAMES);
    case 2:
      return `k${chance.below(chance.one(4, 40, 1000))}`.repeat(chance.one(1, 1, 1, 1, 10, 11, 22, 100));
    case 3:
    case 4:
      return 1 + chance.below(chance.one(4, 12, 40));
    case 5:
      return (1 + chance.below(2 ** chance.below(32))) * chance.one(1, 1, -1);
    case 6:
      return chance.one(0.5, 1.5, -2.25, 1e10, 1e15, 2 ** 26, 2 ** 26 + 1, 1 / 4096, 1e100, 0);
    case 7:
      return chance.one(true, false);
    default:
      return 2 ** chance.below(20) + chance.one(-1, 0, 1);
  }
}

function assign(key: Value, value: Value, chance: Chance): Step {
  if (typeof key === 'string' && /^[a-z]+$/.test(key) && chance.below(3) > 0) {
    const text = `t.${key} = ${literal(value)}`;
    return { text, run: (table) => void table.setField(site(key), value) };
  }
  return { text: `t[${literal(key)}] = ${literal(value)}`, run: (table) => void table.set(key, value) };
}

function constructed(chance: Chance): Step {
  const items: Value[] = Array.from({ length: chance.one(0, 0, 1, 2, 3, 5, 8, 9, 17, 33, 50, 51, 70, 101) }, (_, i) =>
    chance.below(10) === 0 ? undefined : i + 1,
  );
  const fields = Array.from({ length: chance.one(0, 0, 1, 2, 3, 4, 9, 17, 40) }, (_, i): [Value, Value] => [
    chance.below(2) === 0 ? chance.one(...NAMES) : chance.below(6) === 0 ? randomKey(chance) : `f${i}`,
    chance.below(12) === 0 ? undefined : i,
  ]);
  const more = chance.below(4) === 0 ? chance.below(20) : 0;
  const parts = [...fields.map(([key, value]) => `[${literal(key)}] = ${literal(value)}`), ...items.map(literal)];
  // Of a call that ends the list, the constructor does not know how many values it will give.
  const text = `t = {${[...parts, ...(more > 0 ? [`several(${more})`] : [])].join(', ')}}`;
  const run = () => {
    const table = new Table(constructorPlaces(items.length), constructorPlaces(fields.length));
    for (const [key, value] of fields) table.set(key, value);
    for (let first = 1; first <= items.length || (first === 1 && more > 0); first += 50) {
      const isLast = first + 50 > items.length;
      const all = [...items.slice(first - 1, first + 49)];
      if (isLast) for (let i = 1; i <= more; i++) all.push(i);
      table.setList(first, all);
    }
    return table;
  };
  return { text, run };
}

function loop(chance: Chance): Step {
  const from = chance.one(1, 1, 1, 2, 0, -3, 10);
  const to = from + chance.below(chance.one(5, 20, 80));
  const by = chance.one(1, 1, 1, 2, 3);
  const value = chance.one<'i' | 'nil'>('i', 'i', 'i', 'nil');
  const run = (key: (i: number) => Value) => (table: Table) => {
    for (let i = from; i <= to; i += by) table.set(key(i), value === 'i' ? i : undefined);
    return undefined;
  };
  const head = `for i = ${from}, ${to}, ${by} do`;
  switch (chance.below(4)) {
    case 0:
      return { text: `${head} t['k' .. i] = ${value} end`, run: run((i) => `k${i}`) };
    case 1:
      return { text: `${head} t[i / 4] = ${value} end`, run: run((i) => i / 4) };
    case 2:
      return { text: `for i = ${to}, ${from}, -1 do t[i] = i end`, run: (table) => downwards(table, from, to) };
    default:
      return { text: `${head} t[i] = ${value} end`, run: run((i) => i) };
  }
}

function downwards(table: Table, from: number, to: number): undefined {
  for (let i = to; i >= from; i--) table.set(i, i);
}

function append(chance: Chance): Step {
  const count = 1 + chance.below(chance.one(2, 10, 40));
  return {
    text: `for i = 1, ${count} do t[#t + 1] = i end`,
    run: (table) => {
      for (let i = 1; i <= count; i++) table.setNumber(table.length + 1, i);
      return undefined;
    },
  };
}

/** Every so many entries of an iteration lose their values, or get others. */
function changeWhileIterating(chance: Chance): Step {
  const every = chance.one(1, 2, 3, 7);
  const value = chance.one<Value>(undefined, undefined, 77);
  return {
    text: `local n = 0 for k in pairs(t) do n = n + 1 if n % ${every} == 0 then t[k] = ${literal(value)} end end`,
    run: (table) => {
      let n = 0;
      for (let key = table.nextKey(undefined); key !== undefined; key = table.nextKey(key)) {
        if (++n % every === 0) table.set(key, value);
      }
      return undefined;
    },
  };
}

function step(chance: Chance): Step {
  switch (chance.below(16)) {
    case 0:
      return constructed(chance);
    case 1:
    case 2:
      return loop(chance);
    case 3:
      return append(chance);
    case 4:
      return changeWhileIterating(chance);
    case 5:
    case 6:
      return { text: 'see(t)', run: (table, out) => void out.push(see(table)) };
    case 7:
    case 8:
    case 9:
      return assign(randomKey(chance), undefined, chance);
    default:
      return assign(randomKey(chance), chance.below(100), chance);
  }
}

function program(seed: number): Step[] {
  const chance = new Chance(Math.imul(seed, 0x9e3779b1));
  for (let i = 0; i < 4; i++) chance.below(1);
  const steps = [constructed(chance)];
  for (let i = 5 + chance.below(chance.one(10, 60)); i > 0; i--) steps.push(step(chance));
  steps.push({ text: 'see(t)', run: (table, out) => void out.push(see(table)) });
  return steps;
}

function script(steps: readonly Step[]): string {
  const several = 'local function several(n) local r = {} for i = 1, n do r[i] = i end return unpack(r) end\n';
  return `${PRELUDE}${several}local t\n${steps.map(({ text }) => text).join('\n')}\ncollectgarbage('restart')\nreturn table.concat(out, '\\n')`;
}

function perform(steps: readonly Step[]): string {
  const out: string[] = [];
  let table = new Table();
  for (const each of steps) table = each.run(table, out) ?? table;
  return out.join('\n');
}

describeWithOracle("Lua's tables", () => {
  const redis = useOracle();

  test('are iterated in the same order, and have the same borders', { timeout: 3_600_000 }, async () => {
    const firstSeed = Number(process.env['FUZZ_SEED'] ?? Date.now() & 0xfffffff);
    for (let done = 0; done < PROGRAMS; done += BATCH) {
      const programs = Array.from({ length: Math.min(BATCH, PROGRAMS - done) }, (_, i) =>
        program(firstSeed + done + i),
      );
      const replies = await redis.client.pipeline(programs.map((steps) => ['EVAL', script(steps), 0]));
      for (const [i, steps] of programs.entries()) {
        const expected = replies[i]!.toString('latin1').replace(/^\$\d+\r\n|\r\n$/g, '');
        const seed = firstSeed + done + i;
        expect(`${perform(steps)}`, `FUZZ_SEED=${seed} FUZZ_PROGRAMS=1\n${script(steps)}`).toBe(expected);
      }
      await redis.client.call('SCRIPT', 'FLUSH');
    }
  });
});
