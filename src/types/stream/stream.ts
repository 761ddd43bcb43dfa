/** Stream: what changes the entries of a stream, and what is done with it as a whole. */

import { Arena, MAX_BLOCK, type Ref } from '../../memory/arena.js';
import type { ByteSink } from '../../memory/byte-sink.js';
import { ROPE_ROOT } from '../../memory/entry-layout.js';
import { Id } from '../../memory/id-tree.js';
import { Rope } from '../../memory/rope.js';
import { copySlice, Slice } from '../../memory/slice.js';
import { type Budget, type Structure, samplesOf, sizeOfBlocks } from '../../memory/structure.js';
import { NODE_SIZE } from '../../memory/tree.js';
import { LAST } from './id.js';
import type { NodeLimits, StringList } from './node.js';
import {
  countDeleted,
  countEntry,
  EntryFlag,
  hasFields,
  isNodeFull,
  mostEntryBytes,
  NODE_HEADER,
  NodeWriter,
} from './node.js';
import { ADDED, EXTENSION, LAST_ID, LENGTH, StreamWalk, TAIL, TAIL_BASE, TAIL_SIZE } from './walk.js';

/** In the size of a node that is a rope. */
const IS_ROPE = 0x8000_0000 | 0;
const NO_PROGRESS = new Int32Array(1);
/** Nodes in a leaf of the tree, at most. */
const MAX_LEAF = NODE_SIZE / 16;
/** Elements that a node stands for in samples: it holds many, and is much like its neighbours. */
const SAMPLES_PER_NODE = 4;

export class Stream extends StreamWalk implements Structure {
  private readonly writer = new NodeWriter();
  private readonly window = new Slice();
  /** A leaf of the tree that is being freed. */
  private readonly leafNodes = new Int32Array(MAX_LEAF);
  private readonly leafSizes = new Int32Array(MAX_LEAF);

  // --- adding ---

  /** Adds an entry of `count` fields with their values, whose id is after all others. */
  append(id: Id, strings: StringList, count: number, limits: NodeLimits): void {
    if (!this.appendInPlace(id, strings, count, limits)) this.appendAnywhere(id, strings, count, limits);
    const view = this.writable();
    const { at } = this;
    view.setFloat64(at + LENGTH, view.getFloat64(at + LENGTH, true) + 1, true);
    id.write(view, at + LAST_ID);
    const added = at + ADDED;
    const low = (view.getUint32(added, true) + 1) >>> 0;
    view.setUint32(added, low, true);
    if (low === 0) view.setUint32(added + 4, view.getUint32(added + 4, true) + 1, true);
  }

  /** To the last node, if that is not full and its block has room, which is most of the time; else false. */
  private appendInPlace(id: Id, strings: StringList, count: number, limits: NodeLimits): boolean {
    const { arena, writer, at } = this;
    const root = this.writable();
    const node = root.getInt32(at + TAIL, true);
    const size = root.getInt32(at + TAIL_SIZE, true);
    if (size <= 0 || size + mostEntryBytes(strings.byteLength, count) > arena.capacity(node)) return false;
    arena.writable(node);
    const bytes = arena.bytes[node >>> 12];
    const view = arena.views[node >>> 12];
    const start = (node & 0xfff) << 4;
    if (isNodeFull(view, start, strings.byteLength, limits)) return false;
    const isSame = hasFields(bytes, view, start, strings, count);
    writer.beginAt(bytes, view, start + size);
    writer.entry(isSame, id, this.id.read(root, at + TAIL_BASE), strings, count);
    countEntry(view, start, writer.listpackSize);
    root.setInt32(at + TAIL_SIZE, writer.position - start, true);
    return true;
  }

  /** To the last node as well, when it needs a larger block first; or to a new one. */
  private appendAnywhere(id: Id, strings: StringList, count: number, limits: NodeLimits): void {
    const { writer, entry } = this;
    let room = 0;
    if (this.enterTail()) {
      if (!isNodeFull(entry.view, entry.start, strings.byteLength, limits)) {
        this.appendToTail(id, strings, count);
        return;
      }
      room = this.size;
      this.retireTail();
    }
    writer.beginNode(count);
    for (let i = 0; i < count; i++) writer.string(strings.slice(2 * i));
    writer.entry(true, id, id, strings, count);
    writer.setCounts(1, 0);
    // As much as the node before it holds, this one will hold too: growing takes eight copies.
    this.addNode(id, writer.written, room);
  }

  private appendToTail(id: Id, strings: StringList, count: number): void {
    const { writer, entry } = this;
    const isSame = hasFields(entry.bytes, entry.view, entry.start, strings, count);
    writer.begin();
    writer.entry(isSame, id, entry.base, strings, count);
    const added = writer.written;
    if (this.size >= 0) this.makeRoomInTail(this.size + added.length);
    const { node, size } = this;
    if (size < 0) {
      this.rope.open(node, 0).append(added);
      this.rope.save();
    } else {
      this.arena.writable(node);
      const view = this.arena.views[node >>> 12];
      copySlice(added, this.arena.bytes[node >>> 12], view, ((node & 0xfff) << 4) + size);
    }
    const header = this.writableBytes(node, size, 0, NODE_HEADER);
    countEntry(header.view, header.start, writer.listpackSize);
    this.setTail(node, size + added.length);
  }

  /** A new last node; there is none at the moment. */
  addNode(base: Id, content: Slice, room = 0): void {
    const { length } = content;
    let node: Ref;
    if (length > MAX_BLOCK) {
      node = this.arena.allocate(ROPE_ROOT);
      this.rope.reset().append(content);
      this.rope.store(this.arena.views[node >>> 12], (node & 0xfff) << 4);
    } else {
      node = this.arena.allocate(Math.max(length, room));
      copySlice(content, this.arena.bytes[node >>> 12], this.arena.views[node >>> 12], (node & 0xfff) << 4);
    }
    base.write(this.writable(), this.at + TAIL_BASE);
    this.setTail(node, length > MAX_BLOCK ? length | IS_ROPE : length);
  }

  /** The walk is in the last node, which is no rope. */
  private makeRoomInTail(needed: number): void {
    const { node, size } = this;
    if (needed <= this.arena.capacity(node)) return;
    if (needed <= MAX_BLOCK) {
      // By half: eight moves until a node of 2 KiB is full, where growing by a quarter took 13.
      this.node = this.moved(node, size, Math.min(needed + (needed >> 1), MAX_BLOCK));
    } else {
      this.node = this.ropeOf(node, size);
      this.size = size | IS_ROPE;
    }
  }

  private moved(node: Ref, used: number, size: number): Ref {
    const to = this.arena.allocate(size);
    const from = (node & 0xfff) << 4;
    this.arena.bytes[node >>> 12].copy(this.arena.bytes[to >>> 12], (to & 0xfff) << 4, from, from + used);
    this.arena.free(node);
    return to;
  }

  private ropeOf(node: Ref, used: number): Ref {
    const start = (node & 0xfff) << 4;
    const root = this.arena.allocate(ROPE_ROOT);
    const content = this.window.set(this.arena.bytes[node >>> 12], this.arena.views[node >>> 12], start, start + used);
    this.rope.reset().append(content);
    this.rope.store(this.arena.views[root >>> 12], (root & 0xfff) << 4);
    this.arena.free(node);
    return root;
  }

  /** The last node becomes one of the tree. */
  retireTail(): void {
    const tree = this.extensibleTree;
    const size = this.tailSize;
    let node = this.tail;
    this.enterTail();
    const { live } = this.entry;
    if (size > 0 && this.arena.capacity(node) > Arena.capacityFor(size) && this.arena.canSpare()) {
      node = this.moved(node, size, size);
    }
    tree.append(this.id.read(this.view, this.at + TAIL_BASE));
    tree.setInt32(0, node);
    tree.setInt32(4, size);
    tree.setWeight(live);
    this.setTail(0, 0);
    this.node = 0;
  }

  // --- removing ---

  /** Removes the entry of this id; false if there is none. */
  delete(id: Id): boolean {
    if (!this.find(id)) return false;
    this.positionCount = 0;
    this.addPosition(this.entry.offset);
    this.removeEntries(1);
    if (this.maxDeletedId(this.id).compare(id) < 0) this.setMaxDeletedId(id);
    return true;
  }

  /**
   * Trimming, whole nodes first: turns to the first node that stays where no more than `most` entries go from the
   * front, and returns how many go with the nodes before it. The last node stays.
   */
  seekNodePast(most: number): number {
    return this.tree.seekWeight(most);
  }

  /** The same where entries before an id go. The node that is turned to may begin with some. */
  seekNodeAround(least: Id, most: number): number {
    const { tree } = this;
    if (this.tail === 0 || this.id.read(this.view, this.at + TAIL_BASE).compare(least) < 0)
      return tree.seekWeight(most);
    if (!(tree.seek(least, false) ? tree.previous() : tree.atRank(tree.size - 1))) return 0;
    const entries = tree.weightBefore;
    return entries <= most ? entries : tree.seekWeight(most);
  }

  /** How many nodes are before the one that was turned to. */
  get nodesBefore(): number {
    return this.tree.rank;
  }

  /** Removes the nodes before the one that was turned to, which have so many entries. */
  removeNodesBefore(entries: number): void {
    const { tree } = this;
    const nodes = tree.rank;
    for (let i = 0, there = tree.atRank(0); there && i < nodes; i++, there = tree.next()) {
      this.freeNode(tree.getInt32(0), tree.getInt32(4));
    }
    tree.removeRange(0, nodes);
    this.nodesAreGone(entries);
  }

  /** The same, but they go to another stream, which is there to be deleted. */
  moveNodesBefore(entries: number, doomed: Stream): void {
    this.tree.moveFirst(doomed.extensibleTree);
    this.nodesAreGone(entries);
  }

  private nodesAreGone(entries: number): void {
    this.setLength(this.length - entries);
    this.node = 0;
  }

  /**
   * The rest of trimming: removes entries of the first node while more than `most` are left; only all of them, and no
   * more than `limit`, if `isApproximate`. Returns how many went.
   */
  trimNodeToLength(most: number, isApproximate: boolean, limit: number): number {
    const excess = this.length - most;
    // Of the nodes of the tree none is left that may go as a whole.
    if (excess <= 0 || (isApproximate && this.tree.size > 0) || !this.enterFirstNode()) return 0;
    const { live } = this.entry;
    if (excess < live && isApproximate) return 0;
    this.gatherPositions(LAST);
    return this.removeFirst(Math.min(excess, live), limit);
  }

  /** The same for entries before an id. */
  trimNodeToId(least: Id, isApproximate: boolean, limit: number): number {
    if (!this.enterFirstNode() || this.entry.base.compare(least) >= 0) return 0;
    const isWhole = this.gatherBefore(least);
    return isWhole || !isApproximate ? this.removeFirst(this.positionCount, limit) : 0;
  }

  private removeFirst(count: number, limit: number): number {
    if (count > limit || count === 0) return 0;
    this.removeEntries(count);
    return count;
  }

  /** Finds the first `most` entries of the walk's node that may go, for removeFound(); returns how many. */
  findRemovable(most: number, mayGo: (id: Id) => boolean): number {
    const { entry } = this;
    this.positionCount = 0;
    entry.rewind();
    while (this.positionCount < most && entry.next()) {
      if (!entry.isDeleted && mayGo(entry.id)) this.addPosition(entry.offset);
    }
    return this.positionCount;
  }

  /** Removes what was found; each is reported before it goes. */
  removeFound(onRemoval: (id: Id) => void): void {
    for (let i = 0; i < this.positionCount; i++) {
      this.entry.seek(this.positions[i]);
      onRemoval(this.entry.id);
    }
    if (this.positionCount > 0) this.removeEntries(this.positionCount);
  }

  /** Whether all entries of the node, deleted ones included, are before `id`. */
  private gatherBefore(id: Id): boolean {
    const { entry } = this;
    this.positionCount = 0;
    entry.rewind();
    while (entry.next()) {
      if (entry.id.compare(id) >= 0) return false;
      if (!entry.isDeleted) this.addPosition(entry.offset);
    }
    return true;
  }

  /** Marks the first of the gathered entries as deleted, or removes the node if no other is left. */
  private removeEntries(count: number): void {
    if (count === this.entry.live) {
      this.removeNode();
      return;
    }
    const { node, size } = this;
    if (!this.onTail) this.tree.setWeight(this.entry.live - count);
    for (let i = 0; i < count; i++) {
      const { bytes, start } = this.writableBytes(node, size, this.positions[i], 1);
      bytes[start] |= EntryFlag.DELETED;
    }
    const header = this.writableBytes(node, size, 0, NODE_HEADER);
    countDeleted(header.view, header.start, count);
    this.setLength(this.length - count);
    this.node = 0;
  }

  /** Removes the node that the walk is in, with all entries. */
  private removeNode(): void {
    this.setLength(this.length - this.entry.live);
    this.freeNode(this.node, this.size);
    this.node = 0;
    const { tree } = this;
    if (!this.onTail) {
      tree.remove();
      return;
    }
    // What was added last before it takes entries again, if it has room.
    this.setTail(0, 0);
    if (!tree.atRank(tree.size - 1)) return;
    tree.idInto(this.id).write(this.writable(), this.at + TAIL_BASE);
    this.setTail(tree.getInt32(0), tree.getInt32(4));
    tree.remove();
  }

  private freeNode(node: Ref, size: number): void {
    if (size < 0) this.rope.open(node, 0).free();
    this.arena.free(node);
  }

  /** Bytes of a node, to be changed in place; in a rope they lie within one page. */
  private writableBytes(node: Ref, size: number, offset: number, length: number): Slice {
    if (size < 0) {
      this.rope.open(node, 0).writableWindow(offset, offset + length, this.window);
      this.rope.save();
      return this.window;
    }
    this.arena.writable(node);
    const start = ((node & 0xfff) << 4) + offset;
    return this.window.set(this.arena.bytes[node >>> 12], this.arena.views[node >>> 12], start, start + length);
  }

  // --- the whole ---

  /** Writes the id and the fields with their values of all entries. */
  writeElements(sink: ByteSink, writeId: (sink: ByteSink, id: Id) => void): void {
    for (let there = this.first(); there; there = this.next()) {
      writeId(sink, this.entry.id);
      this.entry.writeFields(sink);
    }
    if (this.groups.size > 0) this.groups.writeElements(sink, writeId);
  }

  /** How many entries there may be after an id: those of whole nodes. */
  countFrom(id: Id): number {
    if (!this.enterNodeOf(id)) return this.length;
    return this.onTail ? this.entry.live : this.length - this.tree.weightBefore;
  }

  /** The ids with which nodes begin, in their order. */
  *nodeIds(): Generator<Id> {
    for (let there = this.enterFirstNode(); there; there = this.enterNextNode()) yield this.entry.base;
  }

  free(): void {
    this.freeSome({ left: Number.POSITIVE_INFINITY });
  }

  freeSome(budget: Budget): boolean {
    const { tree } = this;
    while (budget.left > 0 && tree.atRank(tree.size - 1)) this.freeSomeOfLeaf(budget);
    if (budget.left <= 0) return false;
    if (this.tail !== 0) {
      budget.left--;
      if (!this.freeNodeSome(this.tail, this.tailSize, budget)) return false;
      this.setTail(0, 0);
    }
    if (!this.groups.freeSome(budget)) return false;
    const { extension } = this;
    if (extension !== 0) {
      this.arena.free(extension);
      this.setExtension(0);
    }
    return true;
  }

  /**
   * Frees the last nodes of the tree, as far as they are in one leaf, from which they go together. Streams go rarely,
   * hence cold, and so there is one loop that does little: a node takes a fourth of the time.
   */
  private freeSomeOfLeaf(budget: Budget): void {
    const { tree, leafNodes, leafSizes } = this;
    const count = tree.readLeaf(0, leafNodes);
    tree.readLeaf(4, leafSizes);
    let left = count;
    while (left > 0 && budget.left > 0) {
      budget.left--;
      if (leafSizes[left - 1] < 0 && !this.rope.open(leafNodes[left - 1], 0).freeSome(budget)) break;
      this.arena.free(leafNodes[--left]);
    }
    tree.removeRange(tree.size + left - count, count - left);
  }

  private freeNodeSome(node: Ref, size: number, budget: Budget): boolean {
    if (size < 0 && !this.rope.open(node, 0).freeSome(budget)) return false;
    this.arena.free(node);
    return true;
  }

  copyFrom(other: Stream): void {
    const { view: source, at: from } = other;
    const target = this.writable();
    for (let i = 0; i < EXTENSION; i += 4) target.setInt32(this.at + i, source.getInt32(from + i, true), true);
    this.setExtension(0);
    if (other.tail !== 0) this.setTail(this.copyNode(other.tail, other.tailSize), other.tailSize);
    if (other.extension !== 0) this.copyExtension(other);
  }

  private copyExtension(other: Stream): void {
    this.setMaxDeletedId(other.maxDeletedId(this.id));
    this.tree.copyFrom(other.tree, (view, at) => {
      const copied = this.copyNode(view.getInt32(at, true), view.getInt32(at + 4, true));
      view.setInt32(at, copied, true);
    });
    this.groups.copyFrom(other.groups);
  }

  private copyNode(node: Ref, size: number): Ref {
    const { arena } = this;
    const to = arena.allocate(size < 0 ? ROPE_ROOT : size);
    if (size < 0) {
      this.rope.reset().appendRope(new Rope(arena).open(node, 0), this.window);
      this.rope.store(arena.views[to >>> 12], (to & 0xfff) << 4);
    } else {
      const from = (node & 0xfff) << 4;
      arena.bytes[node >>> 12].copy(arena.bytes[to >>> 12], (to & 0xfff) << 4, from, from + size);
    }
    return to;
  }

  relocateSome(progress: Int32Array, level: number, budget: Budget): boolean {
    this.relocateExtension();
    const { tree } = this;
    if (progress[level] < 0) return this.groups.relocateSome(progress, level + 1, budget);
    if (!tree.relocateSome(progress, level + 1, budget)) return false;
    while (progress[level] < tree.size) {
      if (budget.left <= 0) return false;
      tree.atRank(progress[level]++);
      const node = tree.getInt32(0);
      const moved = this.relocateNode(node, tree.getInt32(4), budget);
      if (moved !== node) tree.setInt32(0, moved);
    }
    const { tail, tailSize } = this;
    if (tail !== 0) {
      const moved = this.relocateNode(tail, tailSize, budget);
      if (moved !== tail) this.setTail(moved, tailSize);
    }
    // Below 0: the nodes are done, and the next levels say where the groups are.
    progress[level] = -1;
    progress[level + 1] = 0;
    return this.groups.relocateSome(progress, level + 1, budget);
  }

  private relocateExtension(): void {
    const { extension } = this;
    if (extension === 0) return;
    const moved = this.arena.relocate(extension);
    if (moved !== extension) this.setExtension(moved);
  }

  private relocateNode(node: Ref, size: number, budget: Budget): Ref {
    budget.left -= 1 + (size > 0 ? size >> 10 : 0);
    if (size < 0) this.rope.open(node, 0).relocateSome(NO_PROGRESS, 0, budget);
    return this.arena.relocate(node);
  }

  *blocks(): Generator<Ref> {
    const { tree, tail, tailSize, extension } = this;
    if (extension !== 0) yield extension;
    yield* tree.blocks();
    for (let rank = 0; tree.atRank(rank); rank++) yield* this.blocksOf(tree.getInt32(0), tree.getInt32(4));
    if (tail !== 0) yield* this.blocksOf(tail, tailSize);
    yield* this.groups.blocks();
  }

  blockBytes(samples: number): number {
    const { tree, tail, extension } = this;
    const count = samplesOf(tree.size, Math.ceil(samples / SAMPLES_PER_NODE));
    let bytes = 0;
    for (let i = 0; i < count; i++) {
      tree.atRank(Math.floor((i * tree.size) / count));
      bytes += this.bytesOf(tree.getInt32(0), tree.getInt32(4));
    }
    if (count > 0) bytes = Math.round((bytes * tree.size) / count);
    if (tail !== 0) bytes += this.bytesOf(tail, this.tailSize);
    if (extension !== 0) bytes += this.arena.capacity(extension);
    return tree.blockBytes + bytes + this.groups.blockBytes(samples);
  }

  private bytesOf(node: Ref, size: number): number {
    return size < 0 ? sizeOfBlocks(this.arena, this.blocksOf(node, size)) : this.arena.capacity(node);
  }

  private *blocksOf(node: Ref, size: number): Generator<Ref> {
    if (size < 0) yield* new Rope(this.arena).open(node, 0).blocks();
    yield node;
  }

  checkIntegrity(): void {
    this.tree.checkIntegrity();
    this.groups.checkIntegrity();
    if (this.tail === 0 && this.tree.size > 0) throw new Error('a stream of nodes has no last one');
    const before = new Id();
    let total = 0;
    let isFirst = true;
    for (let there = this.enterFirstNode(); there; there = this.enterNextNode()) {
      const { entry } = this;
      if (!isFirst && entry.base.compare(before) <= 0) throw new Error('nodes are out of order');
      const { live, deleted } = entry;
      let found = 0;
      let all = 0;
      for (; entry.next(); all++) {
        if (!isFirst && entry.id.compare(before) <= 0) throw new Error('entries are out of order');
        before.setFrom(entry.id);
        isFirst = false;
        if (!entry.isDeleted) found++;
      }
      if (!this.onTail && this.tree.getInt32(8) !== live) throw new Error('the tree says another count of a node');
      if (found === 0 || found !== live || all !== live + deleted) throw new Error('the counts of a node are wrong');
      total += found;
    }
    if (total !== this.length) throw new Error(`a stream has ${total} entries and counts ${this.length}`);
    if (!isFirst && before.compare(this.lastId(this.id)) > 0) throw new Error('an entry is after the last id');
  }
}
