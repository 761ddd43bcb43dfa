/**
 * Shape: what tables have in common that got the same names in the same order. It knows the slot of each name, and once
 * for all such tables, the order in which Lua 5.1 iterates them. Shapes form a tree, in which a new name leads from one
 * to the next; tables with many names, or with other keys, leave it and have a dictionary of their own.
 *
 * Code that uses a constant name keeps a FieldSite, in which it remembers the slot for the last shapes that it met.
 */

import { hashOf } from './key-hash.js';
import { NodeLayout } from './node-layout.js';
import { nodesFor } from './table-sizes.js';

/** Tables with more names have a dictionary. */
export const MAX_NAMES = 32;

/** After so many shapes the tree is begun anew. The old one stays with its tables, and goes with the last of them. */
const MAX_SHAPES = 10_000;

let shapes = 0;
const roots: Shape[] = [];

export interface NamesInOrder {
  readonly slots: readonly number[];
  readonly names: readonly string[];
}

export class Shape {
  private slots: Map<string, number> | null = null;
  private extensions: Map<string, Shape> | null = null;
  private resizings: Map<number, Shape> | null = null;
  private iterated: NamesInOrder | null = null;
  /** The slots of what metatables are asked for most. */
  readonly indexSlot: number;
  readonly newIndexSlot: number;

  /** `name` is null where the parent's nodes were only laid out anew. */
  private constructor(
    private readonly parent: Shape | null,
    private readonly name: string | null,
    /** The number of nodes. */
    readonly size: number,
    /** The number of names; their slots are 1 to this. */
    readonly count: number,
    /** The number of nodes at the start, if all there was since were additions that doubled it when needed; else -1. */
    readonly initialSize: number,
  ) {
    this.indexSlot = name === '__index' ? count : (parent?.indexSlot ?? 0);
    this.newIndexSlot = name === '__newindex' ? count : (parent?.newIndexSlot ?? 0);
    if (++shapes > MAX_SHAPES) {
      for (const root of roots) root?.forgetDescendants();
      shapes = 0;
    }
  }

  private forgetDescendants(): void {
    this.extensions = null;
    this.resizings = null;
  }

  /** Not the shape of any table. */
  static readonly none = new Shape(null, null, 0, 0, 0);

  /** Of a table without names, with `size` nodes (none or a power of two, at most MAX_NAMES). */
  static empty(size: number): Shape {
    return (roots[size] ??= new Shape(null, null, size, 0, size));
  }

  /** The slot of a name; 0, in which there is never a value, if the shape does not have it. */
  slotOf(name: string): number {
    this.slots ??= new Map(this.names().map((each, slot) => [each, slot]));
    return this.slots.get(name) ?? 0;
  }

  /** The shape with one more name, if there is one yet. */
  extension(name: string): Shape | undefined {
    return this.extensions?.get(name);
  }

  /** The shape with one more name, which this one doesn't have, and for which it must have a free node. */
  extended(name: string): Shape {
    this.extensions ??= new Map();
    let shape = this.extensions.get(name);
    if (shape === undefined) {
      shape = new Shape(this, name, this.size, this.count + 1, this.initialSize);
      this.extensions.set(name, shape);
    }
    return shape;
  }

  /** The same names in another number of nodes, or laid out anew in the same number. */
  resized(size: number): Shape {
    if (this.count <= 1 && size === this.size) return this;
    this.resizings ??= new Map();
    let shape = this.resizings.get(size);
    if (shape === undefined) {
      const isRegular = this.count === this.size && size === nodesFor(this.count + 1);
      shape = new Shape(this, null, size, this.count, isRegular ? this.initialSize : -1);
      this.resizings.set(size, shape);
    }
    return shape;
  }

  /** By slot, from slot 1. */
  names(): string[] {
    const names: string[] = new Array(this.count + 1).fill('');
    for (let shape: Shape | null = this; shape !== null; shape = shape.parent) {
      if (shape.name !== null) names[shape.count] = shape.name;
    }
    return names;
  }

  /** The slots and their names in the order of iteration. */
  get order(): NamesInOrder {
    if (this.iterated === null) {
      const names = this.names();
      const slots = Array.from(this.layOut().slots).filter((slot) => slot !== 0);
      this.iterated = { slots, names: slots.map((slot) => names[slot]!) };
    }
    return this.iterated;
  }

  /** A layout that the caller may change. */
  layOut(): NodeLayout {
    const keys = this.names();
    const entries = { keys, hashes: Int32Array.from(keys, hashOf), areNames: true };
    const steps: Shape[] = [];
    for (let shape: Shape | null = this; shape !== null; shape = shape.parent) steps.push(shape);
    let layout = new NodeLayout(steps.pop()!.size);
    for (let shape = steps.pop(); shape !== undefined; shape = steps.pop()) {
      if (shape.name === null) layout = layout.resized(shape.size, entries);
      else layout.place(shape.count, entries);
    }
    return layout;
  }
}

/** A place in a program that uses one name. */
export class FieldSite {
  /** The shapes met last, with the slot of the name in each; slot 0 if a shape does not have it. */
  shape: Shape | null = null;
  slot = 0;
  otherShape: Shape | null = null;
  otherSlot = 0;
  /** Where the name was in the last dictionary: most tables that come to a place have got their names in one order. */
  dictionarySlot = 0;
  /** An assignment that added the name: the shape before and after it. */
  before: Shape | null = null;
  after: Shape | null = null;

  constructor(readonly name: string) {}

  remember(shape: Shape, slot: number): void {
    this.otherShape = this.shape;
    this.otherSlot = this.slot;
    this.shape = shape;
    this.slot = slot;
  }
}
