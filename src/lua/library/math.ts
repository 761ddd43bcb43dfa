/** The math library. */

import * as accurate from '../runtime/accurate-functions.js';
import { argumentError, libraryError } from '../runtime/errors.js';
import { signedNaN } from '../runtime/numbers.js';
import { power } from '../runtime/power.js';
import type { RandomNumbers } from '../runtime/random-numbers.js';
import { addSingles, onlyOne } from '../runtime/single-values.js';
import type { State } from '../runtime/state.js';
import { Table } from '../runtime/table.js';
import { type LuaFunction, NO_RESULTS, type Results, type Value } from '../runtime/value.js';
import { checkInt, checkNumber } from './arguments.js';

const RADIANS_PER_DEGREE = Math.PI / 180;

/** A function of one number. */
function ofNumber(calculate: (x: number) => number): LuaFunction {
  return onlyOne(function (x?: Value): Value {
    return calculate(typeof x === 'number' ? x : checkNumber(x, 1, arguments.length));
  });
}

/** A function of two numbers, of which the second is looked at first. */
function ofNumbers(calculate: (x: number, y: number) => number): LuaFunction {
  return onlyOne(function (x?: Value, y?: Value): Value {
    const second = checkNumber(y, 2, arguments.length);
    return calculate(checkNumber(x, 1, arguments.length), second);
  });
}

const NUMBER = new Float64Array(1);
const NUMBER_WORDS = new Uint32Array(NUMBER.buffer);

/** A fraction from 0.5 to 1, and the power of two that it is multiplied with. */
function frexp(x?: Value): Results {
  const value = checkNumber(x, 1, arguments.length);
  if (value === 0 || !Number.isFinite(value)) return [value, 0];
  const isSubnormal = Math.abs(value) < 2 ** -1022;
  NUMBER[0] = isSubnormal ? value * 2 ** 54 : value;
  const high = NUMBER_WORDS[1]!;
  const exponent = ((high >>> 20) & 0x7ff) - 1022;
  NUMBER_WORDS[1] = (high & 0x800fffff) | (1022 << 20);
  return [NUMBER[0], isSubnormal ? exponent - 54 : exponent];
}

function ldexp(x?: Value, exponent?: Value): Value {
  const steps = checkInt(exponent, 2, arguments.length);
  return scale(checkNumber(x, 1, arguments.length), steps);
}

/** The value times a power of two, rounded once: only the last step has a subnormal result that doesn't end as 0. */
function scale(value: number, exponent: number): number {
  for (let i = 0; i < 2 && exponent > 1023; i++) {
    value *= 2 ** 1023;
    exponent -= 1023;
  }
  for (let i = 0; i < 2 && exponent < -1022; i++) {
    value *= 2 ** -969;
    exponent += 969;
  }
  return value * 2 ** Math.max(-1022, Math.min(1023, exponent));
}

function modf(x?: Value): Results {
  const value = checkNumber(x, 1, arguments.length);
  const whole = Math.trunc(value);
  // The rest has the sign of the number, be it zero.
  const rest = Number.isFinite(value) ? value - whole : Number.isNaN(value) ? value : 0;
  return [whole, rest === 0 && (value < 0 || Object.is(value, -0)) ? -0 : rest];
}

function max(x?: Value): Value {
  let largest = checkNumber(x, 1, arguments.length);
  for (let i = 1; i < arguments.length; i++) {
    const value = checkNumber(arguments[i], i + 1, arguments.length);
    if (value > largest) largest = value;
  }
  return largest;
}

function min(x?: Value): Value {
  let smallest = checkNumber(x, 1, arguments.length);
  for (let i = 1; i < arguments.length; i++) {
    const value = checkNumber(arguments[i], i + 1, arguments.length);
    if (value < smallest) smallest = value;
  }
  return smallest;
}

function random(numbers: RandomNumbers): LuaFunction {
  return onlyOne(function (low?: Value, high?: Value): Value {
    const count = arguments.length;
    const fraction = numbers.next();
    if (count === 0) return fraction;
    if (count > 2) libraryError('wrong number of arguments');
    const first = checkInt(low, 1, count);
    const least = count === 1 ? 1 : first;
    const greatest = count === 1 ? first : checkInt(high, 2, count);
    if (least > greatest) argumentError(count, 'interval is empty');
    // The size of the interval is an int, too.
    return Math.floor(fraction * ((greatest - least + 1) | 0)) + least;
  });
}

function randomseed(numbers: RandomNumbers): LuaFunction {
  return function (seed?: Value): Results {
    numbers.seed(checkInt(seed, 1, arguments.length));
    return NO_RESULTS;
  };
}

addSingles([ldexp, max, min]);

/** In the order in which Lua enters them, which decides the order of pairs(math). */
function contents(numbers: RandomNumbers): Record<string, Value> {
  return {
    abs: ofNumber((x) => (Number.isNaN(x) ? signedNaN(false) : Math.abs(x))),
    acos: ofNumber((x) => (Math.abs(x) > 1 ? signedNaN(false) : accurate.acos(x))),
    asin: ofNumber((x) => (Math.abs(x) > 1 ? signedNaN(false) : accurate.asin(x))),
    atan2: ofNumbers(accurate.atan2),
    atan: ofNumber(accurate.atan),
    ceil: ofNumber(Math.ceil),
    cosh: ofNumber(accurate.cosh),
    cos: ofNumber(accurate.cos),
    deg: ofNumber((x) => x / RADIANS_PER_DEGREE),
    exp: ofNumber(accurate.exp),
    floor: ofNumber(Math.floor),
    fmod: ofNumbers((x, y) => x % y),
    frexp,
    ldexp,
    log10: ofNumber((x) => (x < 0 ? signedNaN(false) : Math.log10(x))),
    log: ofNumber(accurate.log),
    max,
    min,
    modf,
    pow: ofNumbers(power),
    rad: ofNumber((x) => x * RADIANS_PER_DEGREE),
    random: random(numbers),
    randomseed: randomseed(numbers),
    sinh: ofNumber(Math.sinh),
    sin: ofNumber(accurate.sin),
    sqrt: ofNumber(Math.sqrt),
    tanh: ofNumber(Math.tanh),
    tan: ofNumber(accurate.tan),
  };
}

export function openMath(state: State): void {
  const functions = contents(state.randomNumbers);
  const names = Object.keys(functions);
  const library = new Table(0, names.length);
  for (const name of names) library.setString(name, functions[name]);
  library.setString('pi', Math.PI);
  library.setString('huge', Infinity);
  library.setString('mod', functions['fmod']);
  state.globals.setString('math', library);
}
