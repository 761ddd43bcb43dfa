/** What can be set of cjson's two directions. */

/** How a table becomes an array, how deep a nest may be, and which numbers are let through. */
export interface EncoderSettings {
  /** An array that is too sparse is written as an object, not refused. */
  convertsSparseArrays: boolean;
  /** It is so with more than this many places for each element; 0 allows any array. */
  sparseRatio: number;
  /** But not below this many places. */
  sparseSafe: number;
  maxDepth: number;
  /** Significant digits of a number. */
  digits: number;
  /** Only remembered: the buffer is kept unless it is large. */
  keepsBuffer: boolean;
  invalidNumbers: boolean | 'null';
}

export const MOST_DIGITS = 14;

export function newEncoderSettings(): EncoderSettings {
  return {
    convertsSparseArrays: false,
    sparseRatio: 2,
    sparseSafe: 10,
    maxDepth: 1000,
    digits: MOST_DIGITS,
    keepsBuffer: true,
    invalidNumbers: false,
  };
}

export interface DecoderSettings {
  maxDepth: number;
  /** NaN, infinities, hexadecimal numbers, and zeros or a plus before the others. */
  invalidNumbers: boolean;
}

export function newDecoderSettings(): DecoderSettings {
  return { maxDepth: 1000, invalidNumbers: true };
}
