/**
 * The first of many by a number each, in order, without sorting the rest: the quicksort of J. L. Bentley and M. D.
 * McIlroy, "Engineering a sort function" (1993), which leaves alone what does not reach into the wanted range. It is
 * not stable; Redis takes this one, so that equals come in the same order here.
 */

/** Fewer are inserted one by one. */
const FEW = 7;
/** From more than this on the middle of nine is the pivot. */
const MANY = 40;

/** Indexes and their numbers; one for all calls. */
let order: Int32Array = new Int32Array(0);
let numbers: Float64Array = new Float64Array(0);

/** Puts the `wanted` indexes with the least numbers at the beginning of the first `count`, in order. */
export function putLeastFirst(indexes: Int32Array, byIndex: Float64Array, count: number, wanted: number): void {
  order = indexes;
  numbers = byIndex;
  sortPart(0, count, wanted);
}

function compare(a: number, b: number): number {
  const left = numbers[order[a]];
  const right = numbers[order[b]];
  return left < right ? -1 : left > right ? 1 : 0;
}

function swap(a: number, b: number): void {
  const index = order[a];
  order[a] = order[b];
  order[b] = index;
}

function swapMany(a: number, b: number, count: number): void {
  for (let i = 0; i < count; i++) swap(a + i, b + i);
}

function middleOf(a: number, b: number, c: number): number {
  if (compare(a, b) < 0) return compare(b, c) < 0 ? b : compare(a, c) < 0 ? c : a;
  return compare(b, c) > 0 ? b : compare(a, c) < 0 ? a : c;
}

function pivotOf(from: number, count: number): number {
  let middle = from + (count >> 1);
  if (count === FEW) return middle;
  let low = from;
  let high = from + count - 1;
  if (count > MANY) {
    const step = count >> 3;
    low = middleOf(low, low + step, low + 2 * step);
    middle = middleOf(middle - step, middle, middle + step);
    high = middleOf(high - 2 * step, high - step, high);
  }
  return middleOf(low, middle, high);
}

function insertAll(from: number, count: number): void {
  for (let next = from + 1; next < from + count; next++) {
    for (let at = next; at > from && compare(at - 1, at) > 0; at--) swap(at, at - 1);
  }
}

/** Sorts `count` from a place on, as far as they may be among the first `wanted`. */
function sortPart(from: number, count: number, wanted: number): void {
  while (count >= FEW) {
    swap(from, pivotOf(from, count));
    // What is equal to the pivot gathers at both ends, less and greater in between.
    let equalLow = from + 1;
    let low = from + 1;
    let high = from + count - 1;
    let equalHigh = high;
    for (;;) {
      for (let sign = 0; low <= high; low++) {
        sign = compare(low, from);
        if (sign > 0) break;
        if (sign === 0) swap(equalLow++, low);
      }
      for (let sign = 0; low <= high; high--) {
        sign = compare(high, from);
        if (sign < 0) break;
        if (sign === 0) swap(high, equalHigh--);
      }
      if (low > high) break;
      swap(low++, high--);
    }
    const end = from + count;
    let moved = Math.min(equalLow - from, low - equalLow);
    swapMany(from, low - moved, moved);
    moved = Math.min(equalHigh - high, end - equalHigh - 1);
    swapMany(low, end - moved, moved);
    const less = low - equalLow;
    const greater = equalHigh - high;
    if (less > 1 && from < wanted) sortPart(from, less, wanted);
    if (greater <= 1 || end - greater >= wanted) return;
    from = end - greater;
    count = greater;
  }
  insertAll(from, count);
}
