/**
 * Table: what Lua has for arrays, records and objects.
 *
 * A table does what Lua 5.1's does, to the order of pairs() and to the border that `#` finds. It has an array part, for
 * keys from 1 to `arraySize`, and a hash part. When a new key finds no free node in the hash part, both are measured
 * anew (rehash()). The hash part is a shape with slots, or a dictionary.
 */

import { Dictionary } from './dictionary.js';
import { plainError } from './errors.js';
import { charge, chargeValues, tick } from './limits.js';
import { type FieldSite, MAX_NAMES, type NamesInOrder, Shape } from './shape.js';
import { isArrayKey, KeyCensus, nodesFor } from './table-sizes.js';
import type { AnyTable, Value } from './value.js';

/** What tables have that have nothing; never written to. */
const NOTHING: Value[] = [undefined];
const EMPTY = Shape.empty(0);
/** The shape of tables with a dictionary; no site remembers it. */
const NO_SHAPE = Shape.none;
const CENSUS = new KeyCensus();

/** More than resize() has below it at any time. */
const FRAMES = 12;

function ensureStack(frames: number): number {
  return frames === 0 ? 0 : ensureStack(frames - 1) + 1;
}

/** For the names of a shape. A copy takes a tenth of what it takes to fill an array. */
function emptySlots(size: number): Value[] {
  SLOTS[size] ??= new Array(size + 1).fill(undefined);
  return SLOTS[size].slice();
}

const SLOTS: Value[][] = [];
const BYTES_PER_ITEM = 8;
/** A key, a value and an entry of a Map. */
const BYTES_PER_NODE = 48;

export class Table implements AnyTable {
  metatable: Table | null = null;
  /** Changing it is an error, also by rawset() and by library functions. */
  isReadOnly = false;
  /**
   * The array part by key; index 0 is unused, so that the array never is one of numbers only, and accesses see one kind
   * of array. Ends with the last key that has a value.
   */
  private array: Value[] = NOTHING;
  /**
   * Keys up to this belong to the array part, whether it has values for them or not. Less than 0 as long as nobody has
   * asked how the table is laid out: see nilsGiven().
   */
  private arraySize = 0;
  /** In that case: the names that the table was given, in their order; null if it was given a list. */
  private givenNames: readonly string[] | null = null;
  /** The undefined ones in `array`, but for index 0. */
  private holes = 0;
  private shape: Shape = EMPTY;
  /** The values of the shape's names; index 0 is where names are found that the shape doesn't have. */
  private slots: Value[] = NOTHING;
  /** Whether one of the shape's names may have lost its value. */
  private mayHaveDeadNames = false;
  private dictionary: Dictionary | null = null;
  /** Changes whenever an entry may have got another position, but for what the dictionary's version counts. */
  private version = 0;

  /** How many places are made ready, of either kind (for a constructor in a program: see constructorPlaces()). */
  constructor(arrayPlaces = 0, hashPlaces = 0) {
    this.arraySize = arrayPlaces;
    if (hashPlaces === 0) return;
    const size = nodesFor(hashPlaces);
    if (size <= MAX_NAMES) this.shape = Shape.empty(size);
    else this.leaveShape(new Dictionary(size));
  }

  /** With the values 1, 2, 3… of an array whose index 0 is not used, and which belongs to the table from now on. */
  static list(array: Value[], arrayPlaces = array.length - 1, hashPlaces = 0): Table {
    chargeValues(array.length);
    const table = new Table(Math.max(arrayPlaces, array.length - 1), hashPlaces);
    table.array = array;
    for (let i = 1; i < array.length; i++) if (array[i] === undefined) table.holes++;
    table.cutArray();
    return table;
  }

  /**
   * Of a list with nils, index 0 of which is not used. It is laid out when it is changed in more than the values that
   * it has, or when somebody asks for its order or length. Most of what is unpacked is only read, and a nil takes a
   * dictionary: those were nearly half of what the scripts of BullMQ allocate.
   */
  static listWithNils(array: Value[]): Table {
    chargeValues(array.length);
    const table = new Table();
    table.nilsGiven(null, array.length - 1);
    table.array = array;
    for (let i = 1; i < array.length; i++) if (array[i] === undefined) table.holes++;
    table.cutArray();
    return table;
  }

  /**
   * The table, which has nothing but names, was to be given nils as well, for others among these names, and has not
   * been given them yet.
   */
  nilsGiven(names: readonly string[] | null, count = names!.length): void {
    if (count === 0) return;
    this.givenNames = names;
    this.arraySize = -count;
    // No name may be added in passing.
    this.mayHaveDeadNames = true;
  }

  /** Lays the table out as if it had been given its values, and its nils, just now. */
  private layOut(): void {
    const { array, shape, slots, givenNames } = this;
    const count = -this.arraySize;
    this.array = NOTHING;
    this.arraySize = 0;
    this.holes = 0;
    this.shape = EMPTY;
    this.slots = NOTHING;
    this.mayHaveDeadNames = false;
    this.givenNames = null;
    this.version++;
    if (givenNames === null) for (let key = 1; key <= count; key++) this.setNumber(key, array[key]);
    else for (const name of givenNames) this.setString(name, slots[shape.slotOf(name)]);
  }

  /** The raw value at a key; undefined for nil and NaN, too. */
  get(key: Value): Value {
    if (typeof key === 'string') return this.getString(key);
    if (typeof key === 'number') return this.getNumber(key);
    return this.dictionary === null ? undefined : this.dictionary.get(key);
  }

  getString(key: string): Value {
    if (this.dictionary !== null) return this.dictionary.get(key);
    return this.slots[this.shape.slotOf(key)];
  }

  getNumber(key: number): Value {
    const { array } = this;
    // Other than small integers would be looked for as names of properties.
    if ((key | 0) === key && key > 0 && key < array.length) return array[key];
    return this.dictionary === null ? undefined : this.dictionary.get(key);
  }

  getField(site: FieldSite): Value {
    if (site.shape === this.shape) return this.slots[site.slot];
    return this.findField(site);
  }

  private findField(site: FieldSite): Value {
    const { dictionary } = this;
    if (dictionary !== null) {
      if (dictionary.keys[site.dictionarySlot] !== site.name) site.dictionarySlot = dictionary.slotOf(site.name);
      return dictionary.values[site.dictionarySlot];
    }
    if (site.otherShape === this.shape) return this.slots[site.otherSlot];
    const slot = this.shape.slotOf(site.name);
    site.remember(this.shape, slot);
    return this.slots[slot];
  }

  /** As of a metatable: what it has for `__index`. */
  get indexHandler(): Value {
    return this.dictionary === null ? this.slots[this.shape.indexSlot] : this.dictionary.get('__index');
  }

  get newIndexHandler(): Value {
    return this.dictionary === null ? this.slots[this.shape.newIndexSlot] : this.dictionary.get('__newindex');
  }

  /**
   * The raw assignment. Throws for a key that is nil or NaN, and if the table is read-only. To assign nil to a key that
   * isn't there gives it a place, as in Lua, where any assignment first makes a place and then looks for __newindex.
   */
  set(key: Value, value: Value): void {
    if (typeof key === 'string') this.setString(key, value);
    else if (typeof key === 'number') this.setNumber(key, value);
    else {
      this.prepareChange();
      if (key === undefined) plainError('table index is nil');
      this.setInHash(key, value);
    }
  }

  setString(key: string, value: Value): void {
    this.prepareChange();
    if (this.dictionary !== null) {
      this.setInHash(key, value);
      return;
    }
    const slot = this.shape.slotOf(key);
    if (slot > 0) this.setSlot(slot, value);
    // Names that the program computes would fill the tree of shapes.
    else if (this.shape.extension(key) === undefined) this.setInHash(key, value);
    else this.addName(key, value);
  }

  setNumber(key: number, value: Value): void {
    const { array } = this;
    if (value !== undefined && (key | 0) === key && key > 0 && !this.isReadOnly) {
      if (key < array.length) {
        if (array[key] !== undefined) {
          array[key] = value;
          return;
        }
      } else if (key === array.length && key <= this.arraySize) {
        if (array === NOTHING) this.array = [undefined, value];
        else array.push(value);
        return;
      }
    }
    this.setNumberSlowly(key, value);
  }

  private setNumberSlowly(key: number, value: Value): void {
    this.prepareChange();
    if (key > 0 && key <= this.arraySize && (key | 0) === key) this.setInArray(key, value);
    else if (Number.isNaN(key)) plainError('table index is NaN');
    else this.setInHash(key, value);
  }

  setField(site: FieldSite, value: Value): void {
    if (value !== undefined && !this.isReadOnly) {
      const { shape } = this;
      if (site.shape === shape && site.slot > 0) {
        this.slots[site.slot] = value;
        return;
      }
      // To make room for it in a full hash part leaves an empty array part as it is, and may change any other.
      if (site.before === shape && !this.mayHaveDeadNames && (this.arraySize === 0 || shape.count < shape.size)) {
        this.takeShape(site.after!);
        this.slots[site.after!.count] = value;
        return;
      }
    }
    this.setFieldSlowly(site, value);
  }

  private setFieldSlowly(site: FieldSite, value: Value): void {
    this.prepareChange();
    const { dictionary } = this;
    if (dictionary !== null) {
      const slot = site.dictionarySlot;
      if (value === undefined || dictionary.keys[slot] !== site.name || dictionary.values[slot] === undefined) {
        this.setInHash(site.name, value);
        site.dictionarySlot = dictionary.slotOf(site.name);
      } else dictionary.values[slot] = value;
      return;
    }
    const before = this.shape;
    const slot = before.extension(site.name) === undefined ? before.slotOf(site.name) : 0;
    if (slot > 0) {
      if (site.shape !== before) site.remember(before, slot);
      this.setSlot(slot, value);
      return;
    }
    this.addName(site.name, value);
    if (this.shape !== NO_SHAPE && this.shape.count === before.count + 1) {
      site.before = before;
      site.after = this.shape;
    }
  }

  /**
   * What a constructor does with the items that have no key, 50 at a time: `values` get the keys from `first` on, the
   * last one first, and there is room in the array part for all of them.
   */
  setList(first: number, values: readonly Value[]): void {
    const last = first + values.length - 1;
    if (last > this.arraySize) this.resize(last, this.shape === NO_SHAPE ? this.dictionary!.size : this.shape.size);
    // To the end the first one comes first, which makes no difference to keys of the array part.
    for (let i = 0; i < values.length; i++) this.setNumber(first + i, values[i]);
  }

  /** t[key + 1] = t[key] for the keys from `last` down to `first`, and then t[first] = value. */
  insert(first: number, last: number, value: Value): void {
    let key = last;
    // The last value may need more room, so it goes by itself.
    if (key >= first) this.setNumber(key + 1, this.getNumber(key--));
    if (first >= 1 && key >= first && (this.isDenseTo(last) || this.isDenseTo(last + 1))) {
      this.array.splice(first, 0, this.array[first]);
      this.array.pop();
      key = first - 1;
    }
    for (; key >= first; key--) {
      this.setNumber(key + 1, this.getNumber(key));
      tick();
    }
    this.setNumber(first, value);
  }

  /** t[key] = t[key + 1] for the keys from `first` to `last` - 1, and then t[last] = nil. */
  remove(first: number, last: number): void {
    if (first >= 1 && this.isDenseTo(last)) {
      this.prepareChange();
      this.array.splice(first, 1);
      return;
    }
    for (let key = first; key < last; key++) {
      this.setNumber(key, this.getNumber(key + 1));
      tick();
    }
    this.setNumber(last, undefined);
  }

  /** Whether the keys from 1 to `last`, and no others, have values in the array part: they can be moved together. */
  private isDenseTo(last: number): boolean {
    return this.holes === 0 && last === this.array.length - 1 && this.arraySize >= 0;
  }

  /** The values of some keys. */
  slice(first: number, last: number): Value[] {
    chargeValues(last - first);
    if (first >= 1 && last < this.array.length) return this.array.slice(first, last + 1);
    const values: Value[] = [];
    for (let key = first; key <= last; key++) {
      values.push(this.getNumber(key));
      tick();
    }
    return values;
  }

  /** The largest key that is a number and has a value; 0 if there is none above it. */
  get largestNumber(): number {
    const last = this.array.length - 1;
    return this.dictionary === null ? last : Math.max(last, this.dictionary.largestNumber());
  }

  /** The length, if the only keys are those from 1 to it and all of them in the array part; else -1. */
  get sequenceLength(): number {
    if (this.holes > 0 || this.dictionary !== null || this.shape.count > 0 || this.arraySize < 0) return -1;
    return this.array.length - 1;
  }

  /** The names in the order of iteration, with their slots, if the table has a shape and nothing else. */
  get namesInOrder(): NamesInOrder | null {
    if (this.arraySize < 0) this.layOut();
    return this.dictionary === null && this.array.length === 1 ? this.shape.order : null;
  }

  valueInSlot(slot: number): Value {
    return this.slots[slot];
  }

  /** A border, the same one that Lua 5.1 finds. */
  get length(): number {
    const last = this.array.length - 1;
    if (last < this.arraySize) return this.holes === 0 ? last : this.borderInArray();
    if (this.arraySize < 0) {
      this.layOut();
      return this.length;
    }
    return this.dictionary === null ? last : this.borderInHash();
  }

  private borderInArray(): number {
    let low = 0;
    let high = this.arraySize;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.array[middle] === undefined) high = middle;
      else low = middle;
    }
    return low;
  }

  private borderInHash(): number {
    let low = this.arraySize;
    let high = low + 1;
    while (this.getNumber(high) !== undefined) {
      low = high;
      high *= 2;
      if (high > 0x7ffffffd) return this.firstBorder();
    }
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.getNumber(middle) === undefined) high = middle;
      else low = middle;
    }
    return low;
  }

  /** For tables made to mislead the search. */
  private firstBorder(): number {
    let key = 1;
    while (this.getNumber(key) !== undefined) key++;
    return key - 1;
  }

  // Iteration. A position is a key of the array part, or beyond arraySize, the place of an entry of the hash part.

  /** The key after a key (after undefined the first), in the order of Lua 5.1; undefined at the end. */
  nextKey(key: Value): Value {
    const position = this.positionAfter(key === undefined ? 0 : this.positionOf(key));
    return position === 0 ? undefined : this.keyAt(position);
  }

  /** The next position that has a value; 0 at the end. Start with 0. */
  positionAfter(position: number): number {
    if (this.arraySize < 0) this.layOut();
    const { array, arraySize } = this;
    position++;
    for (; position < array.length; position++) if (array[position] !== undefined) return position;
    let place = position > arraySize ? position - arraySize - 1 : 0;
    if (this.dictionary !== null) place = this.dictionary.nodeFrom(place);
    else {
      const { slots } = this.shape.order;
      while (place < slots.length && this.slots[slots[place]!] === undefined) place++;
      if (place >= slots.length) place = -1;
    }
    return place < 0 ? 0 : arraySize + 1 + place;
  }

  /** Where a key is; its value may have gone since. */
  positionOf(key: Value): number {
    if (this.arraySize < 0) this.layOut();
    if (isArrayKey(key) && key <= this.arraySize) return key;
    let place = -1;
    if (this.dictionary !== null) place = this.dictionary.nodeOf(key);
    else if (typeof key === 'string') place = this.shape.order.slots.indexOf(this.shape.slotOf(key));
    if (place < 0) plainError("invalid key to 'next'");
    return this.arraySize + 1 + place;
  }

  keyAt(position: number): Value {
    const place = position - this.arraySize - 1;
    if (place < 0) return position;
    if (this.dictionary !== null) return this.dictionary.keys[this.dictionary.slotAt(place)];
    return this.shape.order.names[place];
  }

  valueAt(position: number): Value {
    const place = position - this.arraySize - 1;
    if (place < 0) return this.array[position];
    if (this.dictionary !== null) return this.dictionary.values[this.dictionary.slotAt(place)];
    return this.slots[this.shape.order.slots[place]!];
  }

  /** Equal as long as positions stay what they are. */
  get layoutVersion(): number {
    return this.dictionary === null ? this.version : this.version + this.dictionary.version;
  }

  private prepareChange(): void {
    if (this.isReadOnly) plainError('Attempt to modify a readonly table');
    if (this.arraySize < 0) this.layOut();
  }

  // The array part

  private setInArray(key: number, value: Value): void {
    if (this.array === NOTHING) this.array = [undefined];
    const { array } = this;
    if (key >= array.length) {
      if (value === undefined) return;
      this.holes += key - array.length;
      while (array.length < key) array.push(undefined);
      array.push(value);
      return;
    }
    this.holes += (value === undefined ? 1 : 0) - (array[key] === undefined ? 1 : 0);
    array[key] = value;
    if (value === undefined) this.cutArray();
  }

  /** Takes away the end that has no values. */
  private cutArray(): void {
    const { array } = this;
    while (array.length > 1 && array[array.length - 1] === undefined) {
      array.pop();
      this.holes--;
    }
  }

  private countArray(census: KeyCensus): void {
    const { array } = this;
    if (this.holes === 0) census.addRange(array.length - 1);
    else for (let key = 1; key < array.length; key++) if (array[key] !== undefined) census.add(key);
  }

  // The hash part

  private setSlot(slot: number, value: Value): void {
    this.slots[slot] = value;
    if (value === undefined) this.mayHaveDeadNames = true;
  }

  private hasDeadNames(): boolean {
    if (this.mayHaveDeadNames) {
      const dead = this.slots.indexOf(undefined, 1);
      this.mayHaveDeadNames = dead > 0 && dead <= this.shape.count;
    }
    return this.mayHaveDeadNames;
  }

  private takeShape(shape: Shape): void {
    if (shape.size >= this.slots.length) {
      const slots = emptySlots(shape.size);
      for (let slot = 1; slot < this.slots.length; slot++) slots[slot] = this.slots[slot];
      this.slots = slots;
    }
    this.shape = shape;
    this.version++;
  }

  /** A new name for a table with a shape, which it keeps if it can. */
  private addName(name: string, value: Value): void {
    if (this.hasDeadNames() || this.shape.count >= MAX_NAMES) {
      this.setInHash(name, value);
      return;
    }
    if (this.shape.count === this.shape.size) {
      this.rehash(name);
      if (this.dictionary !== null) {
        this.setInHash(name, value);
        return;
      }
    }
    const shape = this.shape.extended(name);
    this.takeShape(shape);
    this.setSlot(shape.count, value);
  }

  private setInHash(key: Value, value: Value): void {
    const dictionary = this.dictionary ?? this.makeDictionary();
    if (dictionary.replace(key, value) || dictionary.add(key, value)) return;
    this.rehash(key);
    this.set(key, value);
  }

  private makeDictionary(): Dictionary {
    const { shape } = this;
    if (shape.count === 0) return this.leaveShape(new Dictionary(shape.size));
    const layout = shape.initialSize < 0 ? shape.layOut() : null;
    const values = this.slots.slice(0, shape.count + 1);
    return this.leaveShape(Dictionary.of(shape.names(), values, shape.initialSize, shape.size, layout));
  }

  private leaveShape(dictionary: Dictionary): Dictionary {
    this.dictionary = dictionary;
    this.shape = NO_SHAPE;
    this.slots = NOTHING;
    this.mayHaveDeadNames = false;
    this.version++;
    return dictionary;
  }

  // Both

  /** Measures both parts anew so that there is room for a new key. */
  private rehash(key: Value): void {
    const census = CENSUS;
    census.clear();
    this.countArray(census);
    const inArray = census.total;
    const inHash = this.dictionary === null ? this.shape.count : this.dictionary.liveKeys;
    if (this.dictionary !== null) this.dictionary.countArrayKeys(census);
    if (isArrayKey(key)) census.add(key);
    const chosen = census.chooseArraySize();
    this.resize(chosen.size, nodesFor(inArray + inHash + 1 - chosen.keys));
  }

  private resize(arraySize: number, hashSize: number): void {
    // What can fail does so before anything is changed.
    this.chargeGrowth(arraySize, hashSize);
    ensureStack(FRAMES);
    const moving: Value[] = [];
    const { array } = this;
    for (let key = arraySize + 1; key < array.length; key++) {
      if (array[key] !== undefined) moving.push(key, array[key]);
      else this.holes--;
    }
    if (array.length > arraySize + 1) array.length = arraySize + 1;
    this.arraySize = arraySize;
    this.version++;
    this.cutArray();
    if (this.dictionary === null && moving.length === 0 && hashSize <= MAX_NAMES && !this.hasDeadNames()) {
      this.takeShape(this.shape.resized(hashSize));
      return;
    }
    const dictionary = this.dictionary ?? this.makeDictionary();
    dictionary.resize(hashSize, arraySize, moving, (key, value) => this.setInArray(key, value));
    if (hashSize === 0) this.returnToShape(dictionary);
  }

  private chargeGrowth(arraySize: number, hashSize: number): void {
    const nodes = this.dictionary === null ? 0 : this.dictionary.size;
    const bytes = (arraySize - this.arraySize) * BYTES_PER_ITEM + (hashSize - nodes) * BYTES_PER_NODE;
    if (bytes >= 1024) charge(bytes);
  }

  private returnToShape(dictionary: Dictionary): void {
    this.version += dictionary.version;
    this.dictionary = null;
    this.shape = EMPTY;
  }
}
