/**
 * The root of a stream, and the walk over its entries: a cursor over one stream at a time, whose root lies in the key's
 * entry.
 *
 *     +0   i32  the last node (0 only in an empty stream), i32 its size, id its base
 *     +24  f64  entries
 *     +32  id   last id that was given out
 *     +48  u64  entries that were ever added
 *     +56  i32  the extension, a block of what most small streams lack; 0 until it is first needed
 *
 * The extension:
 *
 *     +0   16   tree of the nodes but the last: {id, i32 node, i32 size, i32 entries}
 *     +16  16   groups: the directory of their names
 *     +32  id   greatest id that was deleted
 *
 * - The last node is outside of the tree, so that adding touches the root and that node only, and a small stream is
 *   one block beside its key's. When it is full it is cut to fit and becomes the tree's last. Without an extension the
 *   entry of a key of 16 bytes takes 96 bytes instead of 144.
 * - A size is that of what a node holds; its block has some room more. Beyond MAX_BLOCK a node is a rope, whose root
 *   is a block of its own, and its size has the top bit set: that takes an entry of such a size, or such limits.
 * - A node always has an entry that is not deleted.
 * - The walk (first, next, last, previous, seek) ends at the first change.
 */

import type { Arena, Ref } from '../../memory/arena.js';
import { Id, IdTree } from '../../memory/id-tree.js';
import { Rope } from '../../memory/rope.js';
import { viewOf } from '../../memory/slice.js';
import { NODE_SIZE } from '../../memory/tree.js';
import { Groups } from './groups.js';
import { LAST, ZERO } from './id.js';
import { NodeReader } from './node.js';

export const STREAM_ROOT = 60;

export const TAIL = 0;
export const TAIL_SIZE = 4;
export const TAIL_BASE = 8;
export const LENGTH = 24;
export const LAST_ID = 32;
export const ADDED = 48;
export const EXTENSION = 56;

const NODES = 0;
const NODE_VALUE = 12;
const NODE_ENTRIES = 8;
const GROUPS = 16;
const MAX_DELETED = 32;
const EXTENSION_SIZE = 48;

const MIN_POSITIONS = 128;

export class StreamWalk {
  /** The key's entry. */
  block: Ref = 0;
  /** The entry that the walk stands on. */
  readonly entry: NodeReader = new NodeReader();
  private offset = 0;
  private readonly treeHere: IdTree;
  private isTreeOpen = false;
  private readonly groupsHere: Groups;
  private areGroupsOpen = false;
  protected readonly rope: Rope;
  /** The node that the walk is in: that of `entry`. */
  protected node: Ref = 0;
  protected size = 0;
  protected onTail = false;
  /** For walking back: where the entries of the node begin that are still to come. */
  protected positions: Int32Array = new Int32Array(MIN_POSITIONS);
  protected positionCount = 0;
  protected readonly id: Id = new Id();

  constructor(protected readonly arena: Arena) {
    this.treeHere = new IdTree(arena, NODE_VALUE, NODE_SIZE, NODE_ENTRIES);
    this.groupsHere = new Groups(arena);
    this.rope = new Rope(arena);
  }

  // --- the root ---

  open(block: Ref, offset: number): this {
    this.block = block;
    this.offset = offset;
    this.node = 0;
    this.closeExtension();
    return this;
  }

  private closeExtension(): void {
    this.isTreeOpen = false;
    this.areGroupsOpen = false;
  }

  /** The nodes but the last; opened when they are first asked for, as what follows is: most commands do not. */
  protected get tree(): IdTree {
    const { treeHere } = this;
    if (this.isTreeOpen) return treeHere;
    this.isTreeOpen = true;
    const { extension } = this;
    return extension === 0 ? treeHere.openEmpty() : treeHere.open(extension, NODES);
  }

  /** The consumer groups. */
  get groups(): Groups {
    const { groupsHere } = this;
    if (this.areGroupsOpen) return groupsHere;
    this.areGroupsOpen = true;
    const { extension } = this;
    return extension === 0 ? groupsHere.openEmpty() : groupsHere.open(extension, GROUPS);
  }

  /** The tree where a node is about to be added. */
  protected get extensibleTree(): IdTree {
    this.needExtension();
    return this.tree;
  }

  /** The groups where one is about to be added. */
  get extensibleGroups(): Groups {
    this.needExtension();
    return this.groups;
  }

  protected get extension(): Ref {
    return this.view.getInt32(this.at + EXTENSION, true);
  }

  /** The extension is another block, or gone; the caller takes care of the old one. */
  protected setExtension(block: Ref): void {
    this.writable().setInt32(this.at + EXTENSION, block, true);
    this.closeExtension();
  }

  /** The extension, made if there is none. */
  protected needExtension(): Ref {
    if (this.extension === 0) {
      const block = this.arena.allocate(EXTENSION_SIZE);
      const at = (block & 0xfff) << 4;
      this.arena.bytes[block >>> 12].fill(0, at, at + EXTENSION_SIZE);
      this.setExtension(block);
    }
    return this.extension;
  }

  /** The root's bytes become those of a new stream. */
  initialise(): this {
    const { view, at } = this;
    for (let i = 0; i < STREAM_ROOT; i += 4) view.setInt32(at + i, 0, true);
    this.closeExtension();
    return this;
  }

  protected get view(): DataView {
    return this.arena.views[this.block >>> 12];
  }

  protected get at(): number {
    return ((this.block & 0xfff) << 4) + this.offset;
  }

  protected writable(): DataView {
    this.arena.writable(this.block);
    return this.view;
  }

  /** Entries. */
  get length(): number {
    return this.view.getFloat64(this.at + LENGTH, true);
  }

  setLength(value: number): void {
    this.writable().setFloat64(this.at + LENGTH, value, true);
  }

  lastId(into: Id): Id {
    return into.read(this.view, this.at + LAST_ID);
  }

  setLastId(id: Id): void {
    id.write(this.writable(), this.at + LAST_ID);
  }

  maxDeletedId(into: Id): Id {
    const { extension } = this;
    if (extension === 0) return into.setFrom(ZERO);
    return into.read(this.arena.views[extension >>> 12], ((extension & 0xfff) << 4) + MAX_DELETED);
  }

  setMaxDeletedId(id: Id): void {
    const extension = this.needExtension();
    this.arena.writable(extension);
    id.write(this.arena.views[extension >>> 12], ((extension & 0xfff) << 4) + MAX_DELETED);
  }

  /** Entries that were ever added. */
  get entriesAdded(): bigint {
    return this.view.getBigUint64(this.at + ADDED, true);
  }

  set entriesAdded(value: bigint) {
    this.writable().setBigUint64(this.at + ADDED, value, true);
  }

  /** The id of the first entry, 0-0 if there is none. Ends the walk. */
  firstId(into: Id): Id {
    return into.setFrom(this.first() ? this.entry.id : ZERO);
  }

  /** Nodes. */
  get nodeCount(): number {
    return this.tree.size + (this.tail === 0 ? 0 : 1);
  }

  protected get tail(): Ref {
    return this.view.getInt32(this.at + TAIL, true);
  }

  protected get tailSize(): number {
    return this.view.getInt32(this.at + TAIL_SIZE, true);
  }

  protected setTail(node: Ref, size: number): void {
    const view = this.writable();
    view.setInt32(this.at + TAIL, node, true);
    view.setInt32(this.at + TAIL_SIZE, size, true);
  }

  // --- the walk ---

  first(): boolean {
    return this.enterFirstNode() && this.next();
  }

  last(): boolean {
    if (!this.enterTail()) return false;
    this.gatherPositions(LAST);
    return this.previous();
  }

  /** Turns to the first entry from `id` on. */
  seek(id: Id): boolean {
    if (!this.enterNodeOf(id) && !this.enterFirstNode()) return false;
    return (this.entry.seekFrom(id) && !this.entry.isDeleted) || this.next();
  }

  /** Turns to the last entry up to `id`, for previous(). */
  seekBack(id: Id): boolean {
    if (!this.enterNodeOf(id)) return false;
    this.gatherPositions(id);
    return this.previous();
  }

  /** Turns to the entry of this id. */
  find(id: Id): boolean {
    return this.seek(id) && this.entry.id.compare(id) === 0;
  }

  next(): boolean {
    do {
      while (this.entry.next()) if (!this.entry.isDeleted) return true;
    } while (this.enterNextNode());
    return false;
  }

  previous(): boolean {
    while (this.positionCount === 0) {
      if (!this.enterPreviousNode()) return false;
      this.gatherPositions(LAST);
    }
    this.entry.seek(this.positions[--this.positionCount]);
    return true;
  }

  /** Where the entries of the node up to `id` begin that are not deleted. */
  protected gatherPositions(id: Id): void {
    const { entry } = this;
    this.positionCount = 0;
    entry.rewind();
    while (entry.next() && entry.id.compare(id) <= 0) if (!entry.isDeleted) this.addPosition(entry.offset);
  }

  protected addPosition(offset: number): void {
    if (this.positionCount === this.positions.length) {
      const larger = new Int32Array(2 * this.positions.length);
      larger.set(this.positions);
      this.positions = larger;
    }
    this.positions[this.positionCount++] = offset;
  }

  /** Turns to the last node whose base is not after `id`. */
  protected enterNodeOf(id: Id): boolean {
    if (this.tail === 0) return false;
    if (this.id.read(this.view, this.at + TAIL_BASE).compare(id) <= 0) return this.enterTail();
    const { tree } = this;
    const isFound = tree.seek(id, true) ? tree.previous() : tree.atRank(tree.size - 1);
    return isFound && this.enterTreeNode();
  }

  enterFirstNode(): boolean {
    return this.tree.atRank(0) ? this.enterTreeNode() : this.enterTail();
  }

  /** Turns to the first node whose base is after `base`. */
  enterNodeAfter(base: Id): boolean {
    if (this.tree.seek(base, true)) return this.enterTreeNode();
    return this.enterTail() && this.entry.base.compare(base) > 0;
  }

  enterNextNode(): boolean {
    if (this.onTail || this.node === 0) return false;
    return this.tree.next() ? this.enterTreeNode() : this.enterTail();
  }

  private enterPreviousNode(): boolean {
    const { tree } = this;
    if (!(this.onTail ? tree.atRank(tree.size - 1) : tree.previous())) return false;
    return this.enterTreeNode();
  }

  protected enterTreeNode(): boolean {
    this.onTail = false;
    this.tree.idInto(this.entry.base);
    return this.enterNode(this.tree.getInt32(0), this.tree.getInt32(4));
  }

  protected enterTail(): boolean {
    if (this.tail === 0) return false;
    this.onTail = true;
    this.entry.base.read(this.view, this.at + TAIL_BASE);
    return this.enterNode(this.tail, this.tailSize);
  }

  private enterNode(node: Ref, size: number): boolean {
    this.node = node;
    this.size = size;
    if (size < 0) {
      const bytes = this.rope.open(node, 0).toBuffer();
      this.entry.open(bytes, viewOf(bytes), 0, bytes.length);
    } else {
      const start = (node & 0xfff) << 4;
      this.entry.open(this.arena.bytes[node >>> 12], this.arena.views[node >>> 12], start, start + size);
    }
    return true;
  }
}
