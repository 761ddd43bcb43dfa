/** Powers as C has them. */

/** One is one to any power, and minus one is it to an infinite one; JavaScript has NaN there. */
export function power(base: number, exponent: number): number {
  if (base === 1 || (base === -1 && (exponent === Infinity || exponent === -Infinity))) return 1;
  return base ** exponent;
}
