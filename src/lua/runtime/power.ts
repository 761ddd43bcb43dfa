/** Powers as C has them. */

import { isOrdinary, positivePower } from './accurate-functions.js';

/** One is one to any power, and minus one is it to an infinite one; JavaScript has NaN there. */
export function power(base: number, power: number): number {
  if (power === 2) return base * base;
  if (base === 1 || (base === -1 && (power === Infinity || power === -Infinity))) return 1;
  const quick = base ** power;
  if (power === 1 || !isOrdinary(base) || !isOrdinary(power) || !isOrdinary(quick)) return quick;
  // Whole numbers up to here are multiplied without being rounded.
  if (Math.abs(quick) <= Number.MAX_SAFE_INTEGER && power > 0 && Number.isInteger(base) && Number.isInteger(power)) {
    return wholePower(base, power);
  }
  if (power === 0.5) return Math.sqrt(base);
  const result = positivePower(Math.abs(base), power);
  return quick < 0 ? -result : result;
}

function wholePower(base: number, power: number): number {
  let result = 1;
  for (; power > 1; power = Math.floor(power / 2), base *= base) if (power % 2 === 1) result *= base;
  return result * base;
}
