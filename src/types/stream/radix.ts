/** How many nodes Redis's radix tree has for ids, which XINFO STREAM tells. */

import type { Id } from '../../memory/id-tree.js';

const ID_BYTES = 16;

/** How many bytes, most significant first, two ids have in common. */
function commonBytes(a: Id, b: Id): number {
  const words = [a.msHigh ^ b.msHigh, a.msLow ^ b.msLow, a.seqHigh ^ b.seqHigh, a.seqLow ^ b.seqLow];
  const word = words.findIndex((bits) => bits !== 0);
  return word < 0 ? ID_BYTES : word * 4 + (Math.clz32(words[word]) >> 3);
}

/**
 * Ids come in order. A node is a place where ids part, a stretch of bytes on the way to the next such place, or the end
 * of an id; the byte by which one leaves a place belongs to it.
 */
export function radixNodes(ids: Iterable<Id>): number {
  /** The depths of the places on the way to the id before. */
  const places: number[] = [];
  let before: Id | null = null;
  let count = 0;
  const stretch = (from: number, to: number) => {
    if (to > from + 1) count++;
  };
  for (const id of ids) {
    count++;
    if (before === null) {
      before = Object.assign(Object.create(Object.getPrototypeOf(id)), id) as Id;
      continue;
    }
    const common = commonBytes(before, id);
    let below = ID_BYTES;
    while (places.length > 0 && places[places.length - 1] > common) {
      const place = places.pop() as number;
      stretch(place, below);
      below = place;
    }
    if (places[places.length - 1] === common) {
      stretch(common, below);
    } else {
      places.push(common);
      count++;
      stretch(common, below);
    }
    before.setFrom(id);
  }
  if (before === null) return 1;
  let below = ID_BYTES;
  while (places.length > 0) {
    const place = places.pop() as number;
    stretch(place, below);
    below = place;
  }
  // The stretch that all have in common leaves no place.
  return below > 0 ? count + 1 : count;
}
