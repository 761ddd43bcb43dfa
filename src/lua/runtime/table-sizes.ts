/** Sizes that Lua 5.1 chooses for the two parts of a table. */

/** Keys beyond this are never in the array part. */
const MAX_ARRAY_SIZE = 2 ** 26;

/** Whether a key could be in the array part of a table. */
export function isArrayKey(key: unknown): key is number {
  return typeof key === 'number' && key >= 1 && key <= MAX_ARRAY_SIZE && (key | 0) === key;
}

/** The number of nodes for a number of keys: the next power of two; none for none. */
export function nodesFor(keys: number): number {
  return keys === 0 ? 0 : 1 << (32 - Math.clz32(keys - 1));
}

/**
 * What a constructor of `items` items, or fields, makes ready. Lua's instruction has one byte for it, with three bits
 * of mantissa and five of exponent, and rounds up.
 */
export function constructorPlaces(items: number): number {
  let mantissa = items;
  let exponent = 0;
  while (mantissa >= 16) {
    mantissa = (mantissa + 1) >> 1;
    exponent++;
  }
  return mantissa * 2 ** exponent;
}

/** How many integer keys there are from 2^(i-1) + 1 to 2^i, for every i. */
export class KeyCensus {
  private readonly counts = new Int32Array(27);
  /** All keys that could be in the array part. */
  total = 0;

  clear(): void {
    this.counts.fill(0);
    this.total = 0;
  }

  add(key: number): void {
    this.counts[32 - Math.clz32(key - 1)]!++;
    this.total++;
  }

  /** All keys from 1 to `last`. */
  addRange(last: number): void {
    for (let i = 0, above = 0, upTo = 1; above < last; i++, above = upTo, upTo *= 2) {
      this.counts[i]! += Math.min(last, upTo) - above;
    }
    this.total += last;
  }

  /**
   * The largest power of two of which more than half would be in use; `keys` is set to how many keys are in it.
   */
  chooseArraySize(): { size: number; keys: number } {
    let seen = 0;
    const best = { size: 0, keys: 0 };
    for (let i = 0, size = 1; size < this.total * 2; i++, size *= 2) {
      seen += this.counts[i]!;
      if (this.counts[i]! > 0 && seen > size / 2) {
        best.size = size;
        best.keys = seen;
      }
      if (seen === this.total) break;
    }
    return best;
  }
}
