/** Sorter: many indexes by a number each, by digits where that is faster. */

const FIRST_INDEXES = 128;
/** What more than this needed is given back before the next use. */
const KEPT_INDEXES = 1 << 16;

/** Indexes that insertion sorts; merging joins what is longer. */
const SHORT_RUN = 8;
/**
 * From this many on, scores are sorted by their digits: 10^6 in 60 to 90 ms where merging took 450 (bench
 * stalls-commands).
 */
const SORTED_BY_DIGITS = 512;
/** A score has 64 bits: six digits of 11 bits, but for two of 10. */
const DIGIT_BITS = [11, 11, 10];
const DIGIT_VALUES = 1 << 11;

/**
 * Indexes 0 to count - 1 by their scores; equal ones by `breakTie`, or as they were. Sorting is stable, so unlike in
 * Redis the order of what is equal in every respect is always the same.
 */
export class Sorter {
  scores = new Float64Array(FIRST_INDEXES);
  order = new Int32Array(FIRST_INDEXES);
  private spare = new Int32Array(FIRST_INDEXES);
  private descending = false;
  private breakTie: (a: number, b: number) => number = stable;

  /** Room for so many indexes; they are in order, and their scores are the caller's to write. */
  begin(count: number): void {
    if (count > this.order.length || this.order.length > KEPT_INDEXES) {
      const capacity = Math.max(count, FIRST_INDEXES);
      this.scores = new Float64Array(capacity);
      this.order = new Int32Array(capacity);
      this.spare = new Int32Array(capacity);
    }
    for (let i = 0; i < count; i++) this.order[i] = i;
  }

  sort(count: number, descending: boolean, breakTie: (a: number, b: number) => number): void {
    this.descending = descending;
    this.breakTie = breakTie;
    if (descending) for (let i = 0; i < count; i++) this.scores[i] = -this.scores[i];
    if (count < SORTED_BY_DIGITS) {
      this.mergeSort(0, count);
      return;
    }
    this.sortByDigits(count);
    if (breakTie === stable) return;
    const { scores, order } = this;
    for (let from = 0; from < count; ) {
      let to = from + 1;
      while (to < count && scores[order[to]] === scores[order[from]]) to++;
      if (to - from > 1) this.mergeSort(from, to);
      from = to;
    }
  }

  /** By the digits of the scores' bits, the lowest first; a digit that is the same everywhere is passed over. */
  private sortByDigits(count: number): void {
    let keys: Int32Array = sortableBits(this.scores, count);
    let otherKeys: Int32Array = new Int32Array(count * 2);
    const starts = new Int32Array(DIGIT_VALUES);
    for (let word = 0; word < 2; word++) {
      let shift = 0;
      for (const bits of DIGIT_BITS) {
        const mask = (1 << bits) - 1;
        starts.fill(0);
        for (let i = 0; i < count; i++) starts[(keys[i * 2 + word] >>> shift) & mask]++;
        if (starts[(keys[word] >>> shift) & mask] !== count) {
          turnToStarts(starts);
          this.distribute(keys, otherKeys, starts, count, word, shift, mask);
          [keys, otherKeys] = [otherKeys, keys];
        }
        shift += bits;
      }
    }
  }

  /** One pass: keys and indexes in the order of a digit. */
  private distribute(
    keys: Int32Array,
    otherKeys: Int32Array,
    starts: Int32Array,
    count: number,
    word: number,
    shift: number,
    mask: number,
  ): void {
    const { order, spare } = this;
    for (let i = 0; i < count; i++) {
      const to = starts[(keys[i * 2 + word] >>> shift) & mask]++;
      otherKeys[to * 2] = keys[i * 2];
      otherKeys[to * 2 + 1] = keys[i * 2 + 1];
      spare[to] = order[i];
    }
    this.order = spare;
    this.spare = order;
  }

  private mergeSort(start: number, end: number): void {
    for (let from = start; from < end; from += SHORT_RUN) this.insert(from, Math.min(from + SHORT_RUN, end));
    for (let width = SHORT_RUN; width < end - start; width *= 2) {
      for (let from = start; from < end; from += 2 * width) {
        this.merge(from, Math.min(from + width, end), Math.min(from + 2 * width, end));
      }
      this.order.set(this.spare.subarray(start, end), start);
    }
  }

  private insert(from: number, to: number): void {
    const { order } = this;
    for (let next = from + 1; next < to; next++) {
      const index = order[next];
      let at = next;
      for (; at > from && this.isBehind(order[at - 1], index); at--) order[at] = order[at - 1];
      order[at] = index;
    }
  }

  /** Merges two sorted neighbours into `spare`. */
  private merge(from: number, middle: number, to: number): void {
    const { order, spare } = this;
    let left = from;
    let right = middle;
    for (let at = from; at < to; at++) {
      if (right === to || (left < middle && !this.isBehind(order[left], order[right]))) spare[at] = order[left++];
      else spare[at] = order[right++];
    }
  }

  /** Whether a comes behind b, whatever their places were. */
  private isBehind(a: number, b: number): boolean {
    const difference = this.scores[a] - this.scores[b];
    // Infinities of one sign differ by NaN.
    if (difference > 0) return true;
    if (difference < 0) return false;
    const tie = this.breakTie(a, b);
    return this.descending ? tie < 0 : tie > 0;
  }
}

/** The bits of doubles, low word first, changed so that they order as unsigned numbers; 0 and -0 are one. */
function sortableBits(scores: Float64Array, count: number): Int32Array {
  const doubles = new Float64Array(count);
  for (let i = 0; i < count; i++) doubles[i] = scores[i] + 0;
  const words = new Int32Array(doubles.buffer);
  for (let i = 0; i < words.length; i += 2) {
    const high = words[i + 1];
    // Negative numbers order the other way round.
    if (high < 0) words[i] = ~words[i];
    words[i + 1] = high < 0 ? ~high : high ^ 0x80000000;
  }
  return words;
}

/** How many there are of each becomes where each begins. */
function turnToStarts(counts: Int32Array): void {
  let start = 0;
  for (let value = 0; value < counts.length; value++) {
    const count = counts[value];
    counts[value] = start;
    start += count;
  }
}

/** A tie that leaves things as they were. */
export function stable(): number {
  return 0;
}
