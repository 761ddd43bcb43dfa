/**
 * Functions of real numbers, rounded as today's C libraries round them: to the nearest double but for one result in
 * many. JavaScript's own are off by some units of the last place, which shows in 17 digits, and at times in 14.
 *
 * Inside, a number is the sum of two doubles, of which the second, `low`, is what the first one lacks.
 */

/** The second part of what the last function returned; a field, since variables of modules are slower to change. */
const last = { low: 0.5 };

const SPLITTER = 2 ** 27 + 1;

/** Exactly a + b. */
function sum(a: number, b: number): number {
  const high = a + b;
  const part = high - a;
  last.low = a - (high - part) + (b - part);
  return high;
}

/** Exactly a + b, for an a that is not the smaller one. */
function sumOfOrdered(a: number, b: number): number {
  const high = a + b;
  last.low = b - (high - a);
  return high;
}

/** Exactly a * b, for numbers that are neither huge nor tiny. */
function product(a: number, b: number): number {
  const high = a * b;
  const aSplit = a * SPLITTER;
  const aHigh = aSplit - (aSplit - a);
  const aLow = a - aHigh;
  const bSplit = b * SPLITTER;
  const bHigh = bSplit - (bSplit - b);
  const bLow = b - bHigh;
  last.low = aHigh * bHigh - high + aHigh * bLow + aLow * bHigh + aLow * bLow;
  return high;
}

function add(a: number, aLow: number, b: number, bLow: number): number {
  const high = sum(a, b);
  const highLow = last.low;
  const lower = sum(aLow, bLow);
  const lowest = last.low;
  const middle = sumOfOrdered(high, highLow + lower);
  return sumOfOrdered(middle, last.low + lowest);
}

function multiply(a: number, aLow: number, b: number, bLow: number): number {
  const high = product(a, b);
  return sumOfOrdered(high, last.low + (a * bLow + aLow * b));
}

function divide(a: number, aLow: number, b: number, bLow: number): number {
  const first = a / b;
  const back = multiply(first, 0, b, bLow);
  const rest = add(a, aLow, -back, -last.low);
  return sumOfOrdered(first, (rest + last.low) / b);
}

/** A number as a fraction around 1 times a power of two, which is `exponent` then. */
let exponent = 0;
const BITS = new Float64Array(1);
const WORDS = new Uint32Array(BITS.buffer);

function fractionOf(x: number): number {
  const isSubnormal = Math.abs(x) < 2 ** -1022;
  BITS[0] = isSubnormal ? x * 2 ** 54 : x;
  exponent = ((WORDS[1]! >>> 20) & 0x7ff) - 1023 - (isSubnormal ? 54 : 0);
  WORDS[1] = (WORDS[1]! & 0x800fffff) | (1023 << 20);
  return BITS[0];
}

/** x * 2^power, where that is no subnormal number, or rounds to one. */
function scaled(x: number, power: number): number {
  const half = Math.trunc(power / 2);
  return x * 2 ** half * 2 ** (power - half);
}

// The exponential function and the logarithm

const LN2 = [0.6931471803691238, 1.9082149292705877e-10, 1.1612227229362532e-26] as const;
const SIXTH_LOW = 9.25185853854297e-18;
const THIRD_LOW = 1.850371707708594e-17;
/** The argument is divided by 2^HALVINGS, so that a short series will do. */
const HALVINGS = 9;

/** e to the power of x + xLow, without its power of two, which is `exponent` then. */
function exponential(x: number, xLow: number): number {
  const power = Math.round(x / Math.LN2);
  const top = sum(x - power * LN2[0], xLow);
  const topLow = last.low;
  const step = product(power, LN2[1]);
  let r = add(top, topLow, -step, -last.low - power * LN2[2]);
  let rLow = last.low * 2 ** -HALVINGS;
  r *= 2 ** -HALVINGS;
  // e^r - 1 = r + r²/2 + r³/6 + …
  const square = multiply(r, rLow, r, rLow);
  const squareLow = last.low;
  const cube = multiply(square, squareLow, r, rLow);
  const sixth = multiply(cube, last.low, 1 / 6, SIXTH_LOW);
  const sixthLow = last.low + square * square * (1 / 24 + r * (1 / 120 + r * (1 / 720 + r / 5040)));
  const rest = add(square / 2, squareLow / 2, sixth, sixthLow);
  r = add(r, rLow, rest, last.low);
  rLow = last.low;
  // e^2r - 1 = 2(e^r - 1) + (e^r - 1)²
  for (let i = 0; i < HALVINGS; i++) {
    const squared = multiply(r, rLow, r, rLow);
    r = add(2 * r, 2 * rLow, squared, last.low);
    rLow = last.low;
  }
  exponent = power;
  return add(1, 0, r, rLow);
}

/** The natural logarithm of a positive finite number. */
function logarithm(x: number): number {
  if (Math.abs(x - 1) < 2 ** -8) return logarithmNearOne(x - 1);
  const estimate = Math.log(x);
  const inverse = exponential(-estimate, 0);
  const inverseLow = last.low;
  const inverseExponent = exponent;
  const fraction = fractionOf(x);
  const factor = 2 ** (exponent + inverseExponent);
  // Nearly 1, as is what it says about the estimate's error.
  const ratio = multiply(fraction * factor, 0, inverse, inverseLow);
  const error = add(ratio, last.low, -1, 0);
  return add(estimate, 0, error - (error * error) / 2, last.low);
}

/** 2(s + s³/3 + s⁵/5 + …) of s = f / (2 + f) */
function logarithmNearOne(f: number): number {
  const divisor = sum(2, f);
  const s = divide(f, 0, divisor, last.low);
  const sLow = last.low;
  const square = multiply(s, sLow, s, sLow);
  const squareLow = last.low;
  const third = multiply(square, squareLow, 1 / 3, THIRD_LOW);
  const thirdLow = last.low + square * square * (1 / 5 + square * (1 / 7 + square * (1 / 9 + square / 11)));
  const series = add(1, 0, third, thirdLow);
  return multiply(2 * s, 2 * sLow, series, last.low);
}

export function exp(x: number): number {
  if (!(Math.abs(x) < 700) || Math.abs(x) < 2 ** -54) return Math.exp(x);
  return scaled(exponential(x, 0), exponent);
}

/** By the exponential function, as C libraries do it between these bounds. */
export function cosh(x: number): number {
  const size = Math.abs(x);
  if (!(size > Math.LN2 / 2 && size < 22)) return Math.cosh(x);
  const e = exp(size);
  return 0.5 * e + 0.5 / e;
}

export function log(x: number): number {
  return x > 0 && x < Infinity && x !== 1 ? logarithm(x) : Math.log(x);
}

/** base^power of ordinary numbers, where the result is ordinary, too. */
export function positivePower(base: number, power: number): number {
  const logarithmHigh = logarithm(base);
  const total = multiply(logarithmHigh, last.low, power, 0);
  return scaled(exponential(total, last.low), exponent);
}

/** Neither zero, nor infinite, nor close to either. */
export function isOrdinary(x: number): boolean {
  const size = Math.abs(x);
  return size > 2 ** -1000 && size < 2 ** 1000;
}

// Angles

const HALF_PI = [1.5707963267341256, 6.077100506303966e-11, 2.0222662487111665e-21, 8.4784276603689e-32] as const;
/** 1/3!, 1/5!…, and 1/2!, 1/4!…, each with what the double lacks. */
const SINE = [1 / 6, 9.25185853854297e-18, 1 / 120, 1.1564823173178714e-19, 1 / 5040, 1.7209558293420705e-22] as const;
const SINE_9 = [2.7557319223985893e-6, -1.858393274046472e-22] as const;
const COSINE = [
  1 / 24,
  2.3129646346357427e-18,
  1 / 720,
  -5.300543954373577e-20,
  1 / 40320,
  2.1511947866775882e-23,
] as const;
/** Larger angles would need more digits of pi. */
const LARGEST_ANGLE = 2 ** 19;

const angle = { sine: 0.5, sineLow: 0.5, cosine: 0.5, cosineLow: 0.5 };

/** Computes both for an angle up to LARGEST_ANGLE. */
function sineAndCosine(x: number): void {
  const quarters = Math.round(x / (Math.PI / 2));
  const second = -quarters * HALF_PI[1];
  const top = sum(x - quarters * HALF_PI[0], second);
  const r = add(top, last.low, -quarters * HALF_PI[2], -quarters * HALF_PI[3]);
  const rLow = last.low;
  const square = multiply(r, rLow, r, rLow);
  const squareLow = last.low;
  sineOf(r, rLow, square, squareLow);
  cosineOf(square, squareLow);
  turn(quarters & 3);
}

/** r - r³/3! + r⁵/5! - …, from the last term on; those after r⁹/9! are small enough for doubles. */
function sineOf(r: number, rLow: number, q: number, qLow: number): void {
  const tail =
    q * (-1 / 39916800 + q * (1 / 6227020800 + q * (-1 / 1307674368e3 + (q / 355687428096e3) * (1 - q / 342))));
  let s = add(SINE_9[0], SINE_9[1], tail, 0);
  s = multiply(s, last.low, q, qLow);
  s = add(-SINE[4], -SINE[5], s, last.low);
  s = multiply(s, last.low, q, qLow);
  s = add(SINE[2], SINE[3], s, last.low);
  s = multiply(s, last.low, q, qLow);
  s = add(-SINE[0], -SINE[1], s, last.low);
  s = multiply(s, last.low, q, qLow);
  s = multiply(s, last.low, r, rLow);
  angle.sine = add(r, rLow, s, last.low);
  angle.sineLow = last.low;
}

function cosineOf(q: number, qLow: number): void {
  const tail = q * (-1 / 3628800 + q * (1 / 479001600 + q * (-1 / 87178291200 + (q / 20922789888e3) * (1 - q / 306))));
  let c = add(COSINE[4], COSINE[5], tail, 0);
  c = multiply(c, last.low, q, qLow);
  c = add(-COSINE[2], -COSINE[3], c, last.low);
  c = multiply(c, last.low, q, qLow);
  c = add(COSINE[0], COSINE[1], c, last.low);
  c = multiply(c, last.low, q, qLow);
  c = add(-0.5, 0, c, last.low);
  c = multiply(c, last.low, q, qLow);
  angle.cosine = add(1, 0, c, last.low);
  angle.cosineLow = last.low;
}

function turn(quarters: number): void {
  const { sine, sineLow, cosine, cosineLow } = angle;
  const isOdd = quarters % 2 === 1;
  const sineSign = quarters >= 2 ? -1 : 1;
  const cosineSign = quarters === 1 || quarters === 2 ? -1 : 1;
  angle.sine = sineSign * (isOdd ? cosine : sine);
  angle.sineLow = sineSign * (isOdd ? cosineLow : sineLow);
  angle.cosine = cosineSign * (isOdd ? sine : cosine);
  angle.cosineLow = cosineSign * (isOdd ? sineLow : cosineLow);
}

/** Whether an angle, or what is to become one, has to be computed; tiny ones are their own sine and tangent. */
function isModerate(x: number): boolean {
  const size = Math.abs(x);
  return size > 2 ** -27 && size < LARGEST_ANGLE;
}

export function sin(x: number): number {
  if (!isModerate(x)) return Math.sin(x);
  sineAndCosine(x);
  return angle.sine;
}

export function cos(x: number): number {
  if (!isModerate(x)) return Math.cos(x);
  sineAndCosine(x);
  return angle.cosine;
}

export function tan(x: number): number {
  if (!isModerate(x)) return Math.tan(x);
  sineAndCosine(x);
  return divide(angle.sine, angle.sineLow, angle.cosine, angle.cosineLow);
}

// Each of these corrects an estimate by how far its sine and cosine are from what they should be.

export function asin(x: number): number {
  const size = Math.abs(x);
  if (!(size < 1 && size > 2 ** -27)) return Math.asin(x);
  const estimate = Math.asin(x);
  sineAndCosine(estimate);
  return estimate + (x - angle.sine - angle.sineLow) / angle.cosine;
}

export function acos(x: number): number {
  if (!(Math.abs(x) < 1)) return Math.acos(x);
  const estimate = Math.acos(x);
  sineAndCosine(estimate);
  return estimate + (angle.cosine - x + angle.cosineLow) / angle.sine;
}

export function atan(x: number): number {
  return isModerate(x) ? atan2(x, 1) : Math.atan(x);
}

export function atan2(y: number, x: number): number {
  const estimate = Math.atan2(y, x);
  if (!isOrdinary(x) || !isOrdinary(y)) return estimate;
  const yFraction = fractionOf(y);
  const yExponent = exponent;
  const xFraction = fractionOf(x);
  const difference = yExponent - exponent;
  if (Math.abs(difference) > 60) return estimate;
  const yScaled = yFraction * 2 ** difference;
  sineAndCosine(estimate);
  const { sine, cosine } = angle;
  const left = multiply(yScaled, 0, cosine, angle.cosineLow);
  const leftLow = last.low;
  const right = multiply(xFraction, 0, sine, angle.sineLow);
  const error = add(left, leftLow, -right, -last.low);
  return estimate + error / (xFraction * cosine + yScaled * sine);
}
