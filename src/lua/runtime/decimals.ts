/** Decimal digits of doubles as printf of C rounds them: to the nearest, exact ties to even. */

/**
 * The first `count` (1 to 100) significant digits of a finite number's magnitude, without a point, and the power of ten
 * that the first of them counts: 0.00123 is ['123', -3] with three.
 */
export function significantDigits(magnitude: number, count: number): [digits: string, exponent: number] {
  let text = magnitude.toExponential(count - 1);
  if (isDecimalTie(magnitude, count)) text = evenNeighbour(magnitude, count, text);
  const mark = text.lastIndexOf('e');
  const digits = count === 1 ? text.slice(0, mark) : text[0] + text.slice(2, mark);
  return [digits, Number(text.slice(mark + 1))];
}

/** A finite number's magnitude with so many decimals, 0 to 99. */
export function fixedDigits(magnitude: number, decimals: number): string {
  if (magnitude >= 2 ** 53) {
    const whole = BigInt(magnitude).toString();
    return decimals === 0 ? whole : `${whole}.${'0'.repeat(decimals)}`;
  }
  // With d decimals a tie is an odd number of units of 2^-(d + 1), and then d + 1 decimals are all that there are.
  const units = magnitude * 2 ** (decimals + 1);
  if (units % 2 !== 1) return magnitude.toFixed(decimals);
  const exact = magnitude.toFixed(decimals + 1);
  const isEven = (exact.charCodeAt(exact.length - (decimals === 0 ? 3 : 2)) & 1) === 0;
  if (!isEven) return magnitude.toFixed(decimals);
  return exact.slice(0, decimals === 0 ? -2 : -1);
}

/** As `%.<precision>g` prints a finite number's magnitude; `keepsZeros` is its flag #. */
export function generalDigits(magnitude: number, precision: number, keepsZeros = false): string {
  const count = precision === 0 ? 1 : precision;
  const [digits, exponent] = significantDigits(magnitude, count);
  if (exponent < -4 || exponent >= count)
    return exponentForm(keepsZeros ? digits : trimmed(digits), exponent, keepsZeros);
  return pointForm(keepsZeros ? digits : trimmed(digits), exponent, keepsZeros);
}

/** As `%.<precision>e` prints a finite number's magnitude; `keepsPoint` is its flag #. */
export function exponentDigits(magnitude: number, precision: number, keepsPoint = false): string {
  const [digits, exponent] = significantDigits(magnitude, precision + 1);
  return exponentForm(digits, exponent, keepsPoint);
}

/** Digits and an exponent of at least two digits; the point stands where digits follow it, or where it is asked for. */
function exponentForm(digits: string, exponent: number, keepsPoint: boolean): string {
  const point = digits.length > 1 || keepsPoint ? '.' : '';
  const size = Math.abs(exponent);
  return `${digits[0]}${point}${digits.slice(1)}e${exponent < 0 ? '-' : '+'}${size < 10 ? `0${size}` : size}`;
}

/** The same number without an exponent. */
function pointForm(digits: string, exponent: number, keepsPoint: boolean): string {
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  const decimals = digits.slice(exponent + 1);
  return decimals === '' && !keepsPoint ? whole : `${whole}.${decimals}`;
}

/** Without zeros at the end, but not without the first digit. */
function trimmed(digits: string): string {
  let end = digits.length;
  while (end > 1 && digits.charCodeAt(end - 1) === 0x30) end--;
  return digits.slice(0, end);
}

/** True where the number has one digit more than `count`, which is a 5. */
function isDecimalTie(magnitude: number, count: number): boolean {
  // The shortest text that reads as the number is no longer than the exact one, and a tie of 17 digits is its own.
  const text = magnitude.toExponential(count);
  if (text.charCodeAt(text.lastIndexOf('e') - 1) !== 0x35 || Number(text) !== magnitude) return false;
  return exactDigits(magnitude).length === count + 1;
}

/** Of the two texts around a tie the one whose last digit is even; JavaScript's is the larger. */
function evenNeighbour(magnitude: number, count: number, larger: string): string {
  const exact = magnitude.toExponential(count);
  const mark = exact.lastIndexOf('e');
  const before = exact.charCodeAt(mark - (count === 1 ? 3 : 2));
  if ((before & 1) === 1) return larger;
  return exact.slice(0, mark - (count === 1 ? 2 : 1)) + exact.slice(mark);
}

/** All significant digits of a double. */
function exactDigits(magnitude: number): string {
  let fractionBits = 0;
  let mantissa = magnitude;
  while (!Number.isInteger(mantissa)) {
    mantissa *= 2;
    fractionBits++;
  }
  const digits = BigInt(mantissa) * 5n ** BigInt(fractionBits);
  return trimmed(digits.toString());
}
