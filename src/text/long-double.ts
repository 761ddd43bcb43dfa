/**
 * Extended precision: the 80-bit numbers (64 bits of mantissa) that INCRBYFLOAT and its relatives compute with in Redis
 * on x86. A number here is exactly what it would be there: rounded to nearest, ties to even, after parsing and after
 * each sum.
 */

const MANTISSA_BITS = 64;
/** A finite number is below 2^16384; its last bit counts at least 2^-16445. */
const MAX_EXPONENT = 16384;
const MIN_EXPONENT = -16445;

/** Redis reads no longer texts as numbers. */
const MAX_LENGTH = 5 * 1024;
/** Exponents beyond these are out of range whatever the digits. */
const DECIMAL_RANGE = 2 * MAX_LENGTH;
const BINARY_RANGE = 8 * MAX_LENGTH;

/** Decimals that Redis prints. */
const DECIMALS = 17;

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?$/i;
const HEXADECIMAL = /^([+-]?)0x([0-9a-f]*)(?:\.([0-9a-f]*))?(?:p([+-]?\d+))?$/i;
const INFINITE = /^[+-]?inf(inity)?$/i;

export class LongDouble {
  static readonly ZERO = new LongDouble(0n, 0);
  static readonly MAX_LENGTH = MAX_LENGTH;

  private constructor(
    /** With the sign; the number is mantissa * 2^exponent. */
    private readonly mantissa: bigint,
    private readonly exponent: number,
    readonly finite = true,
  ) {}

  /**
   * Reads strtold's syntax (decimal, hexadecimal, `inf`, `infinity`), the whole text, without spaces around. Undefined
   * where that does not hold, for `nan`, for what overflows or underflows to zero, and for texts beyond 5 KiB.
   */
  static parse(text: string): LongDouble | undefined {
    if (text.length > MAX_LENGTH) return undefined;
    const decimal = DECIMAL.exec(text);
    if (decimal !== null) return fromDigits(decimal, 10n);
    const hexadecimal = HEXADECIMAL.exec(text);
    if (hexadecimal !== null) return fromDigits(hexadecimal, 16n);
    return INFINITE.test(text) ? new LongDouble(0n, 0, false) : undefined;
  }

  /** The closest number to mantissa * 2^exponent; `inexact` says that the true value is a trifle farther from zero. */
  static rounded(mantissa: bigint, exponent: number, inexact = false): LongDouble {
    const magnitude = mantissa < 0n ? -mantissa : mantissa;
    const excess = Math.max(bitLength(magnitude) - MANTISSA_BITS, MIN_EXPONENT - exponent);
    let kept = magnitude;
    if (excess > 0) {
      kept = shiftRounded(magnitude, excess, inexact);
      exponent += excess;
    }
    if (kept === 0n) return LongDouble.ZERO;
    return new LongDouble(mantissa < 0n ? -kept : kept, exponent, bitLength(kept) + exponent <= MAX_EXPONENT);
  }

  /** Not finite where either number is not, or where the sum leaves the range. */
  plus(other: LongDouble): LongDouble {
    if (!this.finite || !other.finite) return new LongDouble(0n, 0, false);
    const exponent = Math.min(this.exponent, other.exponent);
    const mine = this.mantissa << BigInt(this.exponent - exponent);
    const theirs = other.mantissa << BigInt(other.exponent - exponent);
    return LongDouble.rounded(mine + theirs, exponent);
  }

  /** Up to 17 decimals, without an exponent and without trailing zeros. The number is finite. */
  times(factor: bigint): LongDouble {
    return this.finite ? LongDouble.rounded(this.mantissa * factor, this.exponent) : this;
  }

  /** The least whole number that is not below this finite one. */
  ceiling(): bigint {
    return this.exponent >= 0 ? this.mantissa << BigInt(this.exponent) : -(-this.mantissa >> BigInt(-this.exponent));
  }

  toString(): string {
    const magnitude = this.mantissa < 0n ? -this.mantissa : this.mantissa;
    const scaled = magnitude * 10n ** BigInt(DECIMALS);
    const units = this.exponent >= 0 ? scaled << BigInt(this.exponent) : shiftRounded(scaled, -this.exponent, false);
    if (units === 0n) return '0';
    const digits = String(units).padStart(DECIMALS + 1, '0');
    const decimals = digits.slice(-DECIMALS).replace(/0+$/, '');
    const whole = digits.slice(0, -DECIMALS);
    return `${this.mantissa < 0n ? '-' : ''}${whole}${decimals === '' ? '' : `.${decimals}`}`;
  }
}

/**
 * `match`: sign, digits before the point, digits behind it, exponent. The exponent's base is 10, or 2 for hexadecimals.
 */
function fromDigits(match: RegExpExecArray, base: 10n | 16n): LongDouble | undefined {
  const [, sign, whole, fraction = '', exponentText = '0'] = match;
  if (whole === '' && fraction === '') return undefined;
  const digits = BigInt(`${base === 16n ? '0x' : ''}${whole}${fraction}`);
  if (digits === 0n) return LongDouble.ZERO;
  const signed = sign === '-' ? -digits : digits;
  const exponent = Number(exponentText);
  let number: LongDouble;
  if (base === 16n) {
    const shift = Math.max(-BINARY_RANGE, Math.min(BINARY_RANGE, exponent)) - 4 * fraction.length;
    number = LongDouble.rounded(signed, shift);
  } else {
    const power = Math.max(-DECIMAL_RANGE, Math.min(DECIMAL_RANGE, exponent)) - fraction.length;
    number = timesPowerOfTen(signed, power);
  }
  return number === LongDouble.ZERO || !number.finite ? undefined : number;
}

function timesPowerOfTen(digits: bigint, power: number): LongDouble {
  if (power >= 0) return LongDouble.rounded(digits * 10n ** BigInt(power), 0);
  const divisor = 10n ** BigInt(-power);
  // Bits enough for the quotient to be longer than a mantissa, so that what is cut off only decides on rounding.
  const shift = Math.max(0, bitLength(divisor) - bitLength(digits < 0n ? -digits : digits) + MANTISSA_BITS + 2);
  const dividend = digits << BigInt(shift);
  const quotient = dividend / divisor;
  return LongDouble.rounded(quotient, -shift, quotient * divisor !== dividend);
}

/** magnitude / 2^shift, to nearest, ties to even. */
function shiftRounded(magnitude: bigint, shift: number, inexact: boolean): bigint {
  const bits = BigInt(shift);
  const kept = magnitude >> bits;
  const rest = magnitude - (kept << bits);
  const half = 1n << (bits - 1n);
  const roundsUp = rest > half || (rest === half && (inexact || (kept & 1n) === 1n));
  return roundsUp ? kept + 1n : kept;
}

function bitLength(magnitude: bigint): number {
  if (magnitude === 0n) return 0;
  const hexadecimal = magnitude.toString(16);
  return hexadecimal.length * 4 - (Math.clz32(Number.parseInt(hexadecimal[0], 16)) - 28);
}
