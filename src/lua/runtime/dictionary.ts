/**
 * Dictionary: the hash part of a table with many keys, or with keys other than names.
 *
 * A key has a slot, in which its value stands; an index finds the slot, of numbers only while there is no layout. Where
 * Lua's nodes would lie is worked out at the latest moment: as long as no key lost its value, the nodes run out exactly
 * when there are as many keys as nodes, so counting is enough, and the layout can be replayed from the slots, which are
 * in the order of insertion. It is made when somebody asks for the order, when a key comes after another one lost its
 * value (whether nodes run out then depends on the layout), or when integer keys move to or from the array part; from
 * then on it is kept up to date.
 *
 * One thing is not as in Lua: its collector of garbage forgets names that lost their values, so that such a name, when
 * it comes again, may get another node than its old one. When that happens depends on all that the process did before.
 */

import { hashOf, mainNode } from './key-hash.js';
import { KeyIndex } from './key-index.js';
import { NodeLayout } from './node-layout.js';
import { isArrayKey, type KeyCensus, nodesFor } from './table-sizes.js';
import type { Value } from './value.js';

const NO_HASHES = new Int32Array(0);
/** Slots begin with 1, and a key may turn out to have no node. */
const SPARE_HASHES = 2;
/** Fewer slots are never too many. */
const COMPACT_ABOVE = 64;

export class Dictionary {
  /** By slot. Slot 0 is nobody's: a key that isn't there is found in it, without a value. */
  keys: Value[] = [undefined];
  values: Value[] = [undefined];
  /** By slot, while there is a layout. */
  hashes: Int32Array = NO_HASHES;
  /** No other key was ever added. */
  areNames = true;
  /**
   * While there is a layout, numbers are found by it and are not in here: a queue, whose keys come and go, took 3.1 of
   * redis-server's time.
   */
  private readonly slotOfKey = new KeyIndex();
  /** Slots between others that hold no key. */
  private readonly freeSlots: number[] = [];
  private layout: NodeLayout | null = null;
  /** The number of nodes now. */
  size: number;
  /** Keys, dead ones too. */
  private keyCount = 0;
  /** Keys with the value nil. */
  private deadKeys = 0;
  /** Keys, dead ones too, that could be in the array part. */
  private arrayKeys = 0;
  /** Changes whenever an entry may have got another node. */
  version = 0;

  constructor(private readonly initialSize: number) {
    this.size = initialSize;
  }

  /** Takes over the values of slots; a layout only if it can't be replayed from the initial size. */
  static of(
    names: readonly string[],
    values: Value[],
    initialSize: number,
    size: number,
    layout: NodeLayout | null,
  ): Dictionary {
    const dictionary = new Dictionary(initialSize);
    dictionary.values = values;
    dictionary.size = size;
    for (let slot = 1; slot < names.length; slot++) {
      dictionary.keys.push(names[slot]);
      dictionary.slotOfKey.set(names[slot], slot, dictionary.keys);
      if (values[slot] === undefined) dictionary.deadKeys++;
    }
    dictionary.keyCount = names.length - 1;
    if (layout !== null) {
      dictionary.hashes = dictionary.hashAll(size);
      dictionary.layout = layout;
    }
    return dictionary;
  }

  get(key: Value): Value {
    return this.values[this.slotOf(key)];
  }

  /** The slot of a key; 0, in which there is never a value, if it is not there. */
  slotOf(key: Value): number {
    if (typeof key === 'number' && this.layout !== null) return this.layout.slotOf(key, this.keys);
    return this.slotOfKey.get(key, this.keys);
  }

  /** Keys with a value. */
  get liveKeys(): number {
    return this.keyCount - this.deadKeys;
  }

  /** Assigns to a key that is there, if without a value; false if it is not there. */
  replace(key: Value, value: Value): boolean {
    const slot = this.slotOf(key);
    if (slot === 0) return false;
    const { values } = this;
    if (value === undefined || values[slot] === undefined) {
      this.deadKeys += (value === undefined ? 1 : 0) - (values[slot] === undefined ? 1 : 0);
    }
    values[slot] = value;
    return true;
  }

  /** Adds a key that is not there; false, and nothing is changed, if the nodes have run out. */
  add(key: Value, value: Value): boolean {
    if (typeof key !== 'string') this.areNames = false;
    if (this.layout === null && this.deadKeys > 0) this.ensureLayout();
    const slot = this.layout === null ? this.nextSlot() : this.place(key, this.layout);
    if (slot === 0) return false;
    this.keys[slot] = key;
    this.values[slot] = value;
    if (this.layout === null || typeof key !== 'number') this.slotOfKey.set(key, slot, this.keys);
    this.keyCount++;
    if (value === undefined) this.deadKeys++;
    if (isArrayKey(key)) this.arrayKeys++;
    this.version++;
    return true;
  }

  /** While there is no layout: the slot of a new key; 0 if the nodes have run out. */
  private nextSlot(): number {
    return this.keyCount === this.size ? 0 : this.keys.length;
  }

  /** Gives a new key a node. @returns its slot; 0 if the nodes have run out */
  private place(key: Value, layout: NodeLayout): number {
    const hash = hashOf(key);
    const dead = layout.deadSlot(mainNode(key, hash, layout.size), this.values);
    if (dead > 0) {
      this.forget(dead);
      this.hashes[dead] = hash;
      return dead;
    }
    const { freeSlots, keys } = this;
    const slot = freeSlots.length > 0 ? freeSlots[freeSlots.length - 1]! : keys.length;
    keys[slot] = key;
    this.hashes[slot] = hash;
    if (layout.place(slot, this)) {
      if (freeSlots.length > 0) freeSlots.pop();
      return slot;
    }
    if (freeSlots.length > 0) keys[slot] = undefined;
    else keys.pop();
    return 0;
  }

  /** Forgets a key that has lost its node, and its value before that or now. */
  private release(slot: number): void {
    this.forget(slot);
    this.keys[slot] = undefined;
    this.values[slot] = undefined;
    this.freeSlots.push(slot);
  }

  /** The same, and another key takes its slot at once. */
  private forget(slot: number): void {
    const key = this.keys[slot];
    if (typeof key !== 'number') this.slotOfKey.delete(key, this.keys);
    this.keyCount--;
    if (this.values[slot] === undefined) this.deadKeys--;
    if (isArrayKey(key)) this.arrayKeys--;
  }

  /** Counts the keys with a value that could be in the array part. */
  countArrayKeys(census: KeyCensus): void {
    if (this.arrayKeys === 0) return;
    for (let slot = 1; slot < this.keys.length; slot++) {
      if (this.values[slot] !== undefined && isArrayKey(this.keys[slot])) census.add(this.keys[slot] as number);
    }
  }

  /** The largest key that is a number and has a value; 0 if there is none above it. */
  largestNumber(): number {
    let largest = 0;
    for (let slot = 1; slot < this.keys.length; slot++) {
      const key = this.keys[slot];
      if (typeof key === 'number' && key > largest && this.values[slot] !== undefined) largest = key;
    }
    return largest;
  }

  /** Whether resize() would only have to write the new size down. */
  private isSimpleGrowth(size: number, arraySize: number): boolean {
    if (this.layout !== null || this.deadKeys > 0 || size <= this.size || this.keyCount !== this.size) return false;
    if (this.arrayKeys === 0) return true;
    return !this.keys.some((key) => isArrayKey(key) && key <= arraySize);
  }

  /**
   * Lays the entries out in a new number of nodes. `fromArray` has keys and values that move here from the array part;
   * entries whose keys belong to the array part from now on are handed to `toArray`.
   */
  resize(size: number, arraySize: number, fromArray: Value[], toArray: (key: number, value: Value) => void): void {
    if (fromArray.length === 0 && this.isSimpleGrowth(size, arraySize)) {
      this.size = size;
      return;
    }
    const staying = this.takeOut(this.ensureLayout(), arraySize, toArray);
    const slots = this.keys.length + fromArray.length / 2;
    if (slots > COMPACT_ABOVE && slots > size * 4) this.compact(staying);
    const hashes = Math.max(size, slots) + SPARE_HASHES;
    if (hashes > this.hashes.length) {
      const before = this.hashes;
      this.hashes = new Int32Array(hashes);
      this.hashes.set(before);
    }
    const layout = this.layout!.emptied(size);
    this.layout = layout;
    this.size = size;
    this.version++;
    for (let i = 0; i < fromArray.length; i += 2) this.add(fromArray[i], fromArray[i + 1]);
    for (const slot of staying) layout.place(slot, this);
  }

  /** Forgets the entries that don't stay; returns the slots of the others, from the last node to the first. */
  private takeOut(layout: NodeLayout, arraySize: number, toArray: (key: number, value: Value) => void): number[] {
    const staying: number[] = [];
    for (let node = layout.size - 1; node >= 0; node--) {
      const slot = layout.slots[node]!;
      if (slot === 0) continue;
      const key = this.keys[slot];
      const value = this.values[slot];
      if (value !== undefined && !(isArrayKey(key) && key <= arraySize)) {
        staying.push(slot);
        continue;
      }
      this.release(slot);
      if (value !== undefined) toArray(key as number, value);
    }
    return staying;
  }

  /** Gives the entries that are left new slots, without gaps: there were many more before. */
  private compact(slots: number[]): void {
    const { keys, values, hashes } = this;
    this.keys = [undefined];
    this.values = [undefined];
    this.hashes = new Int32Array(slots.length + SPARE_HASHES);
    this.freeSlots.length = 0;
    this.slotOfKey.clear();
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i]!;
      this.keys.push(keys[slot]);
      this.values.push(values[slot]);
      this.hashes[i + 1] = hashes[slot]!;
      if (typeof keys[slot] !== 'number') this.slotOfKey.set(keys[slot], i + 1, this.keys);
      slots[i] = i + 1;
    }
  }

  /** Replays what happened since the table was made. No key lost its value before the last of them came. */
  private ensureLayout(): NodeLayout {
    if (this.layout !== null) return this.layout;
    this.hashes = this.hashAll(this.size);
    let layout = new NodeLayout(this.initialSize);
    for (let slot = 1; slot < this.keys.length; slot++) {
      if (slot > layout.size) layout = layout.resized(nodesFor(slot), this);
      layout.place(slot, this);
    }
    if (layout.size !== this.size) layout = layout.resized(this.size, this);
    this.layout = layout;
    this.forgetNumbers();
    return layout;
  }

  /** From now on they are found by the layout. */
  private forgetNumbers(): void {
    const { keys, slotOfKey } = this;
    if (!keys.some((key) => typeof key === 'number')) return;
    slotOfKey.clear();
    for (let slot = 1; slot < keys.length; slot++)
      if (typeof keys[slot] !== 'number') slotOfKey.set(keys[slot], slot, keys);
  }

  private hashAll(size: number): Int32Array {
    const hashes = new Int32Array(size + SPARE_HASHES);
    for (let slot = 1; slot < this.keys.length; slot++) hashes[slot] = hashOf(this.keys[slot]);
    return hashes;
  }

  /** The first node from a node on whose entry has a value; -1 at the end. */
  nodeFrom(node: number): number {
    const { slots } = this.ensureLayout();
    const { values } = this;
    for (; node < slots.length; node++) if (values[slots[node]!] !== undefined) return node;
    return -1;
  }

  /** The slot of the entry that a node holds. */
  slotAt(node: number): number {
    return this.layout!.slots[node]!;
  }

  /** The node of a key, which may have lost its value; -1 if it is not there. */
  nodeOf(key: Value): number {
    const slot = this.slotOf(key);
    return slot === 0 ? -1 : this.ensureLayout().nodeOf(slot, this);
  }
}
