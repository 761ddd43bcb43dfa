/**
 * Directory: records of one size by their names, in the order of the names' bytes, as Redis lists groups and consumers.
 *
 *     root     that of the tree (DIRECTORY_ROOT bytes, inside a block of the owner's)
 *     record   i32 for the owner, below 2^31; its other bytes; the name
 *
 * A record's bytes begin at RECORD. Before they are written, arena.writable() is called on the record.
 */

import type { Arena, Ref } from '../../memory/arena.js';
import { Entries } from '../../memory/entries.js';
import { MEMBER_ENTRY, NO_DEADLINE } from '../../memory/entry-layout.js';
import { ScoreTree } from '../../memory/score-tree.js';
import { compareBytes, Slice } from '../../memory/slice.js';
import { TREE_ROOT } from '../../memory/tree-walk.js';

export const DIRECTORY_ROOT = TREE_ROOT;

/** Where the bytes of a record begin, after the owner's number. */
export const RECORD = 4;

export class Directory {
  private readonly entries: Entries;
  /** All scores are 0, so that the names decide. */
  private readonly tree: ScoreTree;
  private readonly first = new Slice();
  private readonly second = new Slice();

  constructor(
    private readonly arena: Arena,
    recordSize: number,
  ) {
    this.entries = new Entries(arena, { ...MEMBER_ENTRY, plainHeader: RECORD + recordSize });
    this.tree = new ScoreTree(arena, this);
  }

  open(block: Ref, offset: number): this {
    this.tree.open(block, offset);
    return this;
  }

  /** For reading: one without records, that has no root yet. */
  openEmpty(): this {
    this.tree.openEmpty();
    return this;
  }

  get size(): number {
    return this.tree.size;
  }

  /** The record of a name, 0 if there is none. */
  find(name: Slice): Ref {
    if (!this.tree.seekMember(name, false)) return 0;
    const { entry } = this.tree;
    return this.compareTo(entry, name) === 0 ? entry : 0;
  }

  /** The record with so many before it, 0 if there is none. */
  at(rank: number): Ref {
    return this.tree.atRank(rank) ? this.tree.entry : 0;
  }

  /** A new record, whose bytes are still to be written, under a name that is not there. */
  add(name: Slice): Ref {
    const record = this.entries.write(name, 0, 0, NO_DEADLINE);
    this.tree.insert(0, record);
    return record;
  }

  /** What the record's bytes lead to is freed already. */
  remove(record: Ref): void {
    this.tree.remove(0, record);
    this.entries.freeLongKey(record);
    this.arena.free(record);
  }

  /** The record goes to another directory, where its name is not there. */
  move(record: Ref, to: Directory): void {
    this.tree.remove(0, record);
    to.tree.insert(0, record);
  }

  nameOf(record: Ref, into: Slice): Slice {
    return this.entries.keyOf(record, into);
  }

  // --- the order of the tree ---

  compare(a: Ref, b: Ref): number {
    return compareBytes(this.entries.keyOf(a, this.first), this.entries.keyOf(b, this.second));
  }

  compareTo(record: Ref, name: Slice): number {
    return compareBytes(this.entries.keyOf(record, this.first), name);
  }

  // --- the whole ---

  /** Copies names and bytes as they are; what the bytes lead to is the owner's to copy. */
  copyFrom(other: Directory): void {
    this.tree.copyFrom(other.tree, (record) => this.entries.copyOf(other.entries, record));
  }

  /** Compaction of a record; returns where it is now. */
  relocate(record: Ref): Ref {
    this.entries.relocateRopes(record);
    const to = this.arena.relocate(record);
    if (to !== record) this.tree.moved(0, record, to);
    return to;
  }

  relocateTree(): void {
    this.tree.relocateSome(new Int32Array(1), 0, { left: Number.POSITIVE_INFINITY });
  }

  /** The blocks of the tree, and of each record. */
  *blocks(): Generator<Ref> {
    yield* this.tree.blocks();
    for (let rank = 0; this.tree.atRank(rank); rank++) yield* this.entries.blocksOf(this.tree.entry);
  }

  get treeBytes(): number {
    return this.tree.blockBytes;
  }

  bytesOf(record: Ref, samples: number): number {
    return this.entries.blockBytesOf(record, samples);
  }

  checkIntegrity(): void {
    this.tree.checkIntegrity();
  }
}
