/**
 * NodeLayout: which node of Lua 5.1's hash part holds which entry.
 *
 * Lua's hash part is an array of nodes whose size is a power of two. A key goes to its main node. If that one is taken,
 * a free node, searched from the end of the array downwards, takes either the new key, or the occupant if this is not
 * at home in its node (Brent's variation: a key is away from its main node only if the main node belongs to a key
 * that is at home there). The nodes of a main node form a chain. A key that got the value nil stays in its node until
 * another key wants this node as its main node, or all nodes are laid out anew.
 *
 * It is needed for the order of pairs(), and to know when nodes have run out; but for those of numbers, values are
 * found without it.
 */

import { hashOf, mainNode, mainNodeOfName } from './key-hash.js';
import type { Value } from './value.js';

/** Keys with their hashes, by slot, from slot 1. */
export interface Keys {
  readonly keys: readonly Value[];
  readonly hashes: Int32Array;
  /** All keys are strings: then hashes say where they are at home, and no key is waited for in memory. */
  readonly areNames: boolean;
}

const NO_NODE = -1;
const END_OF_CHAIN = 0;

export class NodeLayout {
  /** The slot of each node's entry, 0 in a free node. */
  readonly slots: Int32Array;
  /** The next node of the chain, plus one. */
  private readonly next: Int32Array;
  /** No node from here on is free. */
  private lastFree: number;

  constructor(readonly size: number) {
    this.slots = new Int32Array(size);
    this.next = new Int32Array(size);
    this.lastFree = size;
  }

  /** The slot of a node's entry if that has no value: a new key with this main node takes its place. Else 0. */
  deadSlot(node: number, values: readonly Value[]): number {
    const slot = this.slots[node] ?? 0;
    return values[slot] === undefined ? slot : 0;
  }

  /** Finds a node for a new key, whose main node has no entry that is dead; false if none is free. */
  place(slot: number, entries: Keys): boolean {
    if (this.size === 0) return false;
    const { slots, next } = this;
    let node = this.mainNodeOf(slot, entries);
    const occupant = slots[node]!;
    if (occupant === 0) {
      slots[node] = slot;
      return true;
    }
    const free = this.takeFreeNode();
    if (free === NO_NODE) return false;
    const home = this.mainNodeOf(occupant, entries);
    if (home !== node) {
      let before = home;
      while (next[before] !== node + 1) before = next[before]! - 1;
      next[before] = free + 1;
      next[free] = next[node]!;
      slots[free] = occupant;
      next[node] = END_OF_CHAIN;
    } else {
      next[free] = next[node]!;
      next[node] = free + 1;
      node = free;
    }
    slots[node] = slot;
    return true;
  }

  /** A layout without entries, for which this one may be given up. */
  emptied(size: number): NodeLayout {
    if (size !== this.size) return new NodeLayout(size);
    this.slots.fill(0);
    this.next.fill(0);
    this.lastFree = size;
    return this;
  }

  /** The node that holds an entry, which must have one. */
  nodeOf(slot: number, entries: Keys): number {
    let node = this.mainNodeOf(slot, entries);
    while (this.slots[node] !== slot) node = this.next[node]! - 1;
    return node;
  }

  /** The slot of a key; 0 if it has no node. */
  slotOf(key: number, keys: readonly Value[]): number {
    const { slots, next, size } = this;
    if (size === 0) return 0;
    let node = mainNode(key, hashOf(key), size);
    for (;;) {
      const slot = slots[node]!;
      if (keys[slot] === key) return slot;
      if (next[node] === END_OF_CHAIN) return 0;
      node = next[node]! - 1;
    }
  }

  /** The same entries in another number of nodes: Lua moves them from the last node to the first. */
  resized(size: number, entries: Keys): NodeLayout {
    const layout = new NodeLayout(size);
    for (let node = this.size - 1; node >= 0; node--) {
      const slot = this.slots[node]!;
      if (slot !== 0) layout.place(slot, entries);
    }
    return layout;
  }

  private mainNodeOf(slot: number, entries: Keys): number {
    const hash = entries.hashes[slot]!;
    return entries.areNames ? mainNodeOfName(hash, this.size) : mainNode(entries.keys[slot], hash, this.size);
  }

  private takeFreeNode(): number {
    while (this.lastFree > 0) {
      this.lastFree--;
      if (this.slots[this.lastFree] === 0) return this.lastFree;
    }
    return NO_NODE;
  }
}
