/**
 * Sines that are rounded correctly but for one in some ten thousand, which the C library's nearly are and V8's, off by
 * one in the last place in one of thirty, are not: distances have the digits that they have in Redis.
 *
 * An angle is a multiple of 1/64, whose sine and cosine stand in a table with twice the digits, and a rest below 1/128,
 * for which a few terms of the series do.
 */

const STEPS = 64;
/** Up to a little more than a quarter of a circle. */
const ENTRIES = 104;

const HALF_PI = Math.PI / 2;
/** What Math.PI lacks. */
const PI_TAIL = 1.2246467991473532e-16;

/** 2 ** 27 + 1: splits a double into halves whose products are exact. */
const SPLITTER = 134217729;

/** For each multiple: sine, what that lacks, cosine, what that lacks. Made when it is needed first. */
let table: Float64Array | null = null;

const SCALE_BITS = 140n;
const ONE = 1n << SCALE_BITS;

function makeTable(): Float64Array {
  const made = new Float64Array(ENTRIES * 4);
  const stepSine = seriesOfStep(1n);
  const stepCosine = seriesOfStep(0n);
  let sine = 0n;
  let cosine = ONE;
  for (let i = 0; i < ENTRIES; i++) {
    putPair(made, i * 4, sine);
    putPair(made, i * 4 + 2, cosine);
    const next = (sine * stepCosine + cosine * stepSine) >> SCALE_BITS;
    cosine = (cosine * stepCosine - sine * stepSine) >> SCALE_BITS;
    sine = next;
  }
  return made;
}

/** The sine (from the first power on) or cosine (from the zeroth) of 1 / STEPS, in units of 1 / ONE. */
function seriesOfStep(firstPower: bigint): bigint {
  const step = ONE / BigInt(STEPS);
  let term = firstPower === 0n ? ONE : step;
  let sum = 0n;
  for (let power = firstPower; term !== 0n; power += 2n) {
    sum += term;
    const squared = -((((term * step) >> SCALE_BITS) * step) >> SCALE_BITS);
    term = squared / ((power + 1n) * (power + 2n));
  }
  return sum;
}

function putPair(into: Float64Array, at: number, value: bigint): void {
  const unit = 2 ** -Number(SCALE_BITS);
  const head = Number(value);
  into[at] = head * unit;
  into[at + 1] = Number(value - BigInt(head)) * unit;
}

/** The sine of an angle between -π and π. */
export function sine(angle: number): number {
  if (angle < 0) return -sine(-angle);
  if (angle <= HALF_PI) return sineOf(angle, 0);
  const mirrored = Math.PI - angle;
  return sineOf(mirrored, Math.PI - mirrored - angle + PI_TAIL);
}

/** Of an angle in the first quarter, and what its last digit lacks. */
function sineOf(angle: number, tail: number): number {
  table ??= makeTable();
  const index = Math.round(angle * STEPS);
  const at = index * 4;
  return rotated(table[at], table[at + 1], table[at + 2], table[at + 3], angle - index / STEPS, tail);
}

/** The cosine of an angle between -π/2 and π/2. */
export function cosine(angle: number): number {
  table ??= makeTable();
  const positive = Math.abs(angle);
  const index = Math.round(positive * STEPS);
  const at = index * 4;
  return rotated(table[at + 2], table[at + 3], -table[at], -table[at + 1], positive - index / STEPS, 0);
}

/** first * cos(rest) + second * sin(rest), each of the two with its tail. */
function rotated(
  first: number,
  firstTail: number,
  second: number,
  secondTail: number,
  rest: number,
  restTail: number,
): number {
  const square = rest * rest;
  const sineLess = rest * square * (-1 / 6 + square * (1 / 120 - square / 5040));
  const cosineLess = square * (-0.5 + square * (1 / 24 - square * (1 / 720 - square / 40320)));
  const product = second * rest;
  const sum = first + product;
  const part = sum - first;
  const lost = first - (sum - part) + (product - part);
  const small = first * cosineLess + second * sineLess + firstTail + secondTail * rest + second * restTail;
  return sum + (lost + productError(second, rest, product) + small);
}

/** What a product lost when it was rounded. */
function productError(a: number, b: number, product: number): number {
  const aSplit = a * SPLITTER;
  const aHigh = aSplit - (aSplit - a);
  const aLow = a - aHigh;
  const bSplit = b * SPLITTER;
  const bHigh = bSplit - (bSplit - b);
  const bLow = b - bHigh;
  return aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
}

/** The angle between 0 and π/2 of this sine. */
export function arcSine(value: number): number {
  const near = Math.asin(value);
  if (near === 0 || value > 0.999) return near;
  table ??= makeTable();
  const index = Math.round(near * STEPS);
  const at = index * 4;
  const rest = near - index / STEPS;
  const square = rest * rest;
  const sineLess = rest * square * (-1 / 6 + square * (1 / 120 - square / 5040));
  const cosineLess = square * (-0.5 + square * (1 / 24 - square * (1 / 720 - square / 40320)));
  const product = table[at + 2] * rest;
  const error = productError(table[at + 2], rest, product);
  // The sum of all but `value` is the sine of `near`, which is so close to it that their difference is exact.
  const sum = table[at] + product;
  const part = sum - table[at];
  const lost = table[at] - (sum - part) + (product - part);
  const small = table[at] * cosineLess + table[at + 2] * sineLess + table[at + 1] + table[at + 3] * rest;
  const missing = value - sum - (lost + error + small);
  return near + missing / Math.sqrt((1 - value) * (1 + value));
}
