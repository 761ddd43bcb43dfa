/** Decimal digits of doubles as printf of C rounds them: to the nearest, exact ties to even. */

/**
 * The first `count` (1 to 100) significant digits of a finite number's magnitude, without a point, and the power of ten
 * that the first of them counts: 0.00123 is ['123', -3] with three.
 */
function significantDigits(magnitude: number, count: number): [digits: string, exponent: number] {
  let text = magnitude.toExponential(count - 1);
  let mark = text.lastIndexOf('e');
  const exponent = Number(text.slice(mark + 1));
  if (isTie(magnitude, count - exponent)) text = evenNeighbour(magnitude, count, text);
  mark = text.lastIndexOf('e');
  const digits = count === 1 ? text.slice(0, mark) : text[0] + text.slice(2, mark);
  return [digits, exponent];
}

/** A finite number's magnitude with so many decimals, 0 to 99. */
export function fixedDigits(magnitude: number, decimals: number): string {
  if (magnitude >= 2 ** 53) {
    const whole = BigInt(magnitude).toString();
    return decimals === 0 ? whole : `${whole}.${'0'.repeat(decimals)}`;
  }
  if (!isTie(magnitude, decimals + 1)) return magnitude.toFixed(decimals);
  const exact = magnitude.toFixed(decimals + 1);
  const isEven = (exact.charCodeAt(exact.length - (decimals === 0 ? 3 : 2)) & 1) === 0;
  if (!isEven) return magnitude.toFixed(decimals);
  return exact.slice(0, decimals === 0 ? -2 : -1);
}

/** As `%.<precision>g` prints a finite number's magnitude; `keepsZeros` is its flag #. */
export function generalDigits(magnitude: number, precision: number, keepsZeros = false): string {
  const count = precision === 0 ? 1 : precision;
  if (!keepsZeros) {
    const text = computedDigits(magnitude, count);
    if (text !== '') return text;
  }
  const [digits, exponent] = significantDigits(magnitude, count);
  // In glibc the zeros do not stay either where only rounding leads to an exponent: %#.3g of 999.5.
  const losesZeros = !keepsZeros || (exponent === count && magnitude < POWERS_OF_TEN[count]);
  const kept = losesZeros ? trimmed(digits) : digits;
  if (exponent < -4 || exponent >= count) return exponentForm(kept, exponent, keepsZeros);
  return pointForm(kept, exponent, keepsZeros);
}

/** More digits can't be computed exactly. */
const MOST_COMPUTED = 14;
/** Anything smaller has an exponent. */
const PLAIN_MINIMUM = 1e-4;
const POWERS_OF_TEN = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17];
/** How near to a half the scaled number may come before its error matters, which is at most 0.012. */
const UNCERTAINTY = 0.02;

/**
 * The same of a number that is printed without an exponent: its digits are computed as two integers, in a third of the
 * time that the host takes. '' where that can't be done or does not tell how to round.
 */
function computedDigits(magnitude: number, count: number): string {
  if (count > MOST_COMPUTED || magnitude < PLAIN_MINIMUM || magnitude >= POWERS_OF_TEN[count]) return '';
  let exponent = 0;
  if (magnitude >= 1) while (magnitude >= POWERS_OF_TEN[exponent + 1]) exponent++;
  else exponent = magnitude >= 1e-2 ? (magnitude >= 1e-1 ? -1 : -2) : magnitude >= 1e-3 ? -3 : -4;
  let decimals = count - 1 - exponent;
  const unit = POWERS_OF_TEN[decimals];
  const scaled = magnitude * unit;
  let units = Math.floor(scaled);
  const rest = scaled - units - 0.5;
  if (Math.abs(rest) < UNCERTAINTY) return '';
  if (rest > 0) units++;
  const whole = Math.floor(units / unit);
  if (whole >= POWERS_OF_TEN[count]) return '';
  const fraction = units - whole * unit;
  let high = Math.floor(fraction / 1e7);
  let low = fraction - high * 1e7;
  if (low === 0) {
    if (high === 0) return `${whole}`;
    for (decimals -= 7; high % 10 === 0; decimals--) high /= 10;
    return `${whole}.${paddedInteger(high, decimals)}`;
  }
  let lowDecimals = 7;
  for (; low % 10 === 0; lowDecimals--) low /= 10;
  if (decimals <= 7) return `${whole}.${paddedInteger(low, decimals - 7 + lowDecimals)}`;
  return `${whole}.${paddedInteger(high, decimals - 7)}${paddedInteger(low, lowDecimals)}`;
}

const ZEROS = '000000000000';

function paddedInteger(value: number, digits: number): string {
  const text = `${value}`;
  return text.length < digits ? ZEROS.slice(0, digits - text.length) + text : text;
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

/** The powers of ten that are exact. */
const LARGEST_EXACT_POWER = 22;

/**
 * True where a number's last digit is a 5 that has so many decimals: halfway between two of one decimal less.
 * With a negative number of decimals zeros are after it.
 */
function isTie(magnitude: number, decimals: number): boolean {
  // A fraction of so many bits has as many decimals, the last of which is a 5.
  if (decimals > 0) return (magnitude * 2 ** decimals) % 2 === 1;
  // 5^23 does not divide what a double holds.
  return 1 - decimals <= LARGEST_EXACT_POWER && magnitude % 10 ** (1 - decimals) === 5 * 10 ** -decimals;
}

/** Of the two texts around a tie the one whose last digit is even; JavaScript's is the larger. */
function evenNeighbour(magnitude: number, count: number, larger: string): string {
  const exact = magnitude.toExponential(count);
  const mark = exact.lastIndexOf('e');
  const before = exact.charCodeAt(mark - (count === 1 ? 3 : 2));
  if ((before & 1) === 1) return larger;
  return exact.slice(0, mark - (count === 1 ? 2 : 1)) + exact.slice(mark);
}
