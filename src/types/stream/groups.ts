/**
 * The consumer groups of a stream: a cursor over one group, and one of its consumers, at a time.
 *
 *     group      id last delivered, i64 entries read (-1: not known), root of the pending entries, root of the
 *                consumers, vector of the consumers by number, i32 first free number, plus 1
 *     consumer   its number; f64 seen, f64 active (-1: never), root of its pending entries
 *
 * A pending entry stands in two trees: in the group's {id, f64 time, i32 number of the consumer, i64 deliveries}, and
 * in its consumer's {id}. It names its consumer by number, so that a consumer's record may move. A free number holds
 * the next one that is free, plus 1.
 */

import { type Arena, PAGE_SIZE, type Ref } from '../../memory/arena.js';
import type { ByteSink } from '../../memory/byte-sink.js';
import { Id, IdTree } from '../../memory/id-tree.js';
import { Slice } from '../../memory/slice.js';
import { type Budget, samplesWithin } from '../../memory/structure.js';
import { TREE_ROOT } from '../../memory/tree-walk.js';
import { Vector } from '../../memory/vector.js';
import { DIRECTORY_ROOT, Directory, RECORD } from './directory.js';

const LAST_ID = RECORD;
const ENTRIES_READ = LAST_ID + 16;
const PENDING = ENTRIES_READ + 8;
const CONSUMERS = PENDING + TREE_ROOT;
const NUMBERS = CONSUMERS + DIRECTORY_ROOT;
const FREE_NUMBER = NUMBERS + 16;
const GROUP_SIZE = FREE_NUMBER + 4 - RECORD;

const NUMBER = 0;
const SEEN = RECORD;
const ACTIVE = SEEN + 8;
const OWN = ACTIVE + 8;
const CONSUMER_SIZE = OWN + TREE_ROOT - RECORD;

/** In the value of a pending entry. */
const TIME = 0;
const CONSUMER = 8;
const DELIVERIES = 12;
const PENDING_VALUE = 20;

/** Entries read, where nobody can tell. */
export const UNKNOWN = -1n;
const NEVER_ACTIVE = -1;

/** What a pending entry takes at most: two slots in leaves that are half full. */
const BYTES_PER_PENDING = 128;
/** Leaves and directories as they grow. */
const SLACK = 16 * 1024;
/**
 * A record, a leaf and a node of names, numbers as they grow, the directory, and the stream's extension: each may need
 * a page of its own.
 */
export const NEW_RECORD_BYTES = 7 * PAGE_SIZE;
const WORD = 0x1_0000_0000;

export class Groups {
  private readonly groups: Directory;
  private group: Ref = 0;
  /** Of the group: all pending entries. */
  readonly pending: IdTree;
  private readonly consumers: Directory;
  private readonly numbers: Vector;
  private consumer: Ref = 0;
  /** Of the consumer: the ids of its pending entries. */
  readonly own: IdTree;
  /** Of the consumer that a pending entry is taken from. */
  private readonly former: IdTree;
  private readonly name = new Slice();
  private readonly id = new Id();

  constructor(private readonly arena: Arena) {
    this.groups = new Directory(arena, GROUP_SIZE);
    this.pending = new IdTree(arena, PENDING_VALUE);
    this.consumers = new Directory(arena, CONSUMER_SIZE);
    this.numbers = new Vector(arena, 4);
    this.own = new IdTree(arena, 0);
    this.former = new IdTree(arena, 0);
  }

  open(block: Ref, offset: number): this {
    this.groups.open(block, offset);
    return this.close();
  }

  /** For reading: no group, and no root yet. */
  openEmpty(): this {
    this.groups.openEmpty();
    return this.close();
  }

  /** Turns away from the group. */
  private close(): this {
    this.group = 0;
    this.consumer = 0;
    return this;
  }

  /** Makes sure of the memory for so many pending entries, given or taken. */
  reserve(count: number): void {
    const copied = this.arena.hasSnapshots ? 2 * Math.min(count, this.pending.nodeCount) + 8 : 0;
    this.arena.reserve(count * BYTES_PER_PENDING + SLACK + copied * PAGE_SIZE);
  }

  /** Makes sure of the memory for a group or a consumer with a name of so many bytes. */
  reserveRecord(nameLength: number): void {
    this.arena.reserve(nameLength + (this.arena.hasSnapshots ? 2 : 1) * NEW_RECORD_BYTES);
  }

  // --- groups ---

  get size(): number {
    return this.groups.size;
  }

  find(name: Slice): boolean {
    return this.enter(this.groups.find(name));
  }

  at(rank: number): boolean {
    return this.enter(this.groups.at(rank));
  }

  /** A group whose name is not there. */
  create(name: Slice, lastId: Id, entriesRead: bigint): void {
    const group = this.groups.add(name);
    const view = this.arena.views[group >>> 12];
    const at = (group & 0xfff) << 4;
    for (let i = RECORD; i < RECORD + GROUP_SIZE; i += 4) view.setInt32(at + i, 0, true);
    this.enter(group);
    this.setLastId(lastId);
    this.entriesRead = entriesRead;
  }

  /** The group goes to another stream, with all consumers and pending entries. */
  moveTo(other: Groups): void {
    this.groups.move(this.group, other.groups);
    this.group = 0;
  }

  private enter(group: Ref): boolean {
    this.group = group;
    this.consumer = 0;
    if (group === 0) return false;
    this.pending.open(group, PENDING);
    this.consumers.open(group, CONSUMERS);
    this.numbers.open(this.arena.views[group >>> 12], ((group & 0xfff) << 4) + NUMBERS);
    return true;
  }

  private saveNumbers(): void {
    this.arena.writable(this.group);
    this.numbers.store(this.arena.views[this.group >>> 12], this.groupAt + NUMBERS);
  }

  private get groupAt(): number {
    return (this.group & 0xfff) << 4;
  }

  private get groupView(): DataView {
    return this.arena.views[this.group >>> 12];
  }

  groupName(into: Slice): Slice {
    return this.groups.nameOf(this.group, into);
  }

  lastId(into: Id): Id {
    return into.read(this.groupView, this.groupAt + LAST_ID);
  }

  setLastId(id: Id): void {
    this.arena.writable(this.group);
    id.write(this.groupView, this.groupAt + LAST_ID);
  }

  get entriesRead(): bigint {
    return this.groupView.getBigInt64(this.groupAt + ENTRIES_READ, true);
  }

  set entriesRead(value: bigint) {
    this.arena.writable(this.group);
    this.groupView.setBigInt64(this.groupAt + ENTRIES_READ, value, true);
  }

  // --- consumers of the group ---

  get consumerCount(): number {
    return this.consumers.size;
  }

  findConsumer(name: Slice): boolean {
    return this.enterConsumer(this.consumers.find(name));
  }

  atConsumer(rank: number): boolean {
    return this.enterConsumer(this.consumers.at(rank));
  }

  /** A consumer whose name is not there. */
  createConsumer(name: Slice, seen: number, active = NEVER_ACTIVE): void {
    const consumer = this.consumers.add(name);
    const { numbers } = this;
    let number = this.groupView.getInt32(this.groupAt + FREE_NUMBER, true) - 1;
    if (number >= 0) this.setFreeNumber(numbers.getInt32(number));
    else number = numbers.grow();
    numbers.setInt32(number, consumer);
    this.saveNumbers();
    const view = this.arena.views[consumer >>> 12];
    const at = (consumer & 0xfff) << 4;
    view.setInt32(at + NUMBER, number, true);
    view.setFloat64(at + SEEN, seen, true);
    view.setFloat64(at + ACTIVE, active, true);
    for (let i = OWN; i < OWN + TREE_ROOT; i += 4) view.setInt32(at + i, 0, true);
    this.enterConsumer(consumer);
  }

  /** The consumer is gone; returns how many pending entries went with it. */
  deleteConsumer(): number {
    const { own, pending } = this;
    const count = own.size;
    for (let there = own.atRank(0); there; there = own.next()) if (pending.find(own.idInto(this.id))) pending.remove();
    own.free();
    const number = this.consumerNumber;
    this.numbers.setInt32(number, this.groupView.getInt32(this.groupAt + FREE_NUMBER, true));
    this.setFreeNumber(number + 1);
    this.consumers.remove(this.consumer);
    this.consumer = 0;
    return count;
  }

  private setFreeNumber(value: number): void {
    this.arena.writable(this.group);
    this.groupView.setInt32(this.groupAt + FREE_NUMBER, value, true);
  }

  private enterConsumer(consumer: Ref): boolean {
    this.consumer = consumer;
    if (consumer === 0) return false;
    this.own.open(consumer, OWN);
    return true;
  }

  private get consumerAt(): number {
    return (this.consumer & 0xfff) << 4;
  }

  private get consumerView(): DataView {
    return this.arena.views[this.consumer >>> 12];
  }

  private get consumerNumber(): number {
    return this.consumerView.getInt32(this.consumerAt + NUMBER, true);
  }

  consumerName(into: Slice): Slice {
    return this.consumers.nameOf(this.consumer, into);
  }

  /** When it last asked for something. */
  get seen(): number {
    return this.consumerView.getFloat64(this.consumerAt + SEEN, true);
  }

  set seen(time: number) {
    this.arena.writable(this.consumer);
    this.consumerView.setFloat64(this.consumerAt + SEEN, time, true);
  }

  /** When it last was given something. */
  get active(): number {
    return this.consumerView.getFloat64(this.consumerAt + ACTIVE, true);
  }

  set active(time: number) {
    this.arena.writable(this.consumer);
    this.consumerView.setFloat64(this.consumerAt + ACTIVE, time, true);
  }

  // --- the pending entry that the group's tree stands on ---

  get pendingTime(): number {
    return this.pending.getFloat64(TIME);
  }

  get deliveries(): number | bigint {
    const low = this.pending.getInt32(DELIVERIES) >>> 0;
    const high = this.pending.getInt32(DELIVERIES + 4);
    const isExact = high >= 0 && high < 0x20_0000;
    return isExact ? high * WORD + low : (BigInt(high) << 32n) | BigInt(low);
  }

  set deliveries(value: number | bigint) {
    const isSmall = typeof value === 'number';
    this.pending.setInt32(DELIVERIES, isSmall ? value | 0 : Number(BigInt.asIntN(32, value)));
    this.pending.setInt32(DELIVERIES + 4, isSmall ? (value / WORD) | 0 : Number(BigInt.asIntN(32, value >> 32n)));
  }

  set pendingTime(time: number) {
    this.pending.setFloat64(TIME, time);
  }

  /** The name of the consumer that has the entry. */
  holderName(into: Slice): Slice {
    return this.consumers.nameOf(this.numbers.getInt32(this.pending.getInt32(CONSUMER)), into);
  }

  /** Whether the consumer has the entry. */
  get isOwn(): boolean {
    return this.pending.getInt32(CONSUMER) === this.consumerNumber;
  }

  /** The entry becomes pending to the consumer, and to no other; the group's tree stands on it. */
  give(id: Id, time: number, deliveries: number | bigint): void {
    const { pending } = this;
    if (pending.add(id)) {
      pending.setInt32(CONSUMER, this.consumerNumber);
      this.own.add(id);
    } else this.takeOver(id);
    pending.setFloat64(TIME, time);
    this.deliveries = deliveries;
  }

  /** Adds a pending entry that is not there, of no consumer, as a file has them first. */
  addUnowned(id: Id, time: number, deliveries: number | bigint): void {
    const { pending } = this;
    pending.add(id);
    pending.setFloat64(TIME, time);
    pending.setInt32(CONSUMER, -1);
    this.deliveries = deliveries;
  }

  get isUnowned(): boolean {
    return this.pending.getInt32(CONSUMER) < 0;
  }

  /** The consumer takes the pending entry that the group's tree stands on over, from its consumer. */
  takeOver(id: Id): void {
    if (this.isOwn) return;
    if (!this.isUnowned) this.removeFromHolder(id);
    this.pending.setInt32(CONSUMER, this.consumerNumber);
    this.own.add(id);
  }

  private removeFromHolder(id: Id): void {
    const holder = this.numbers.getInt32(this.pending.getInt32(CONSUMER));
    // A consumer's tree has one cursor that writes.
    const tree = holder === this.consumer ? this.own : this.former.open(holder, OWN);
    if (tree.find(id)) tree.remove();
  }

  /** Removes the pending entry that the group's tree stands on, whose id this is. */
  removePending(id: Id): void {
    this.removeFromHolder(id);
    this.pending.remove();
  }

  // --- all groups: these turn away from the group ---

  /** Whether a group still has to be given the entry. */
  areToRead(id: Id): boolean {
    for (let i = 0; this.at(i); i++) if (this.lastId(this.id).compare(id) < 0) return true;
    return false;
  }

  /** Whether a group still has to be given the entry, or to acknowledge it. */
  referTo(id: Id): boolean {
    for (let i = 0; this.at(i); i++) if (this.lastId(this.id).compare(id) < 0 || this.pending.find(id)) return true;
    return false;
  }

  /** The entry is pending to nobody any more; returns to how many groups it was. */
  forget(id: Id): number {
    let count = 0;
    for (let i = 0; this.at(i); i++) {
      if (!this.pending.find(id)) continue;
      this.removePending(id);
      count++;
    }
    return count;
  }

  // --- the whole ---

  /** Writes what the groups hold, but for when consumers were seen. */
  writeElements(sink: ByteSink, writeId: (sink: ByteSink, id: Id) => void): void {
    const text = (value: number | bigint) => sink.bulk(Slice.of(String(value)));
    for (let i = 0; this.at(i); i++) {
      sink.bulk(this.groupName(this.name));
      writeId(sink, this.lastId(this.id));
      text(this.entriesRead);
      for (let j = 0; this.atConsumer(j); j++) sink.bulk(this.consumerName(this.name));
      for (let there = this.pending.atRank(0); there; there = this.pending.next()) {
        writeId(sink, this.pending.idInto(this.id));
        text(this.pendingTime);
        text(this.deliveries);
        sink.bulk(this.holderName(this.name));
      }
    }
  }

  freeSome(budget: Budget): boolean {
    while (this.at(this.size - 1)) {
      if (budget.left <= 0 || !this.freeSomeOfGroup(budget)) return false;
      budget.left--;
      this.groups.remove(this.group);
    }
    return true;
  }

  private freeSomeOfGroup(budget: Budget): boolean {
    if (!this.pending.freeSome(budget)) return false;
    while (this.atConsumer(this.consumers.size - 1)) {
      if (budget.left <= 0 || !this.own.freeSome(budget)) return false;
      budget.left--;
      this.consumers.remove(this.consumer);
    }
    this.numbers.clear();
    this.saveNumbers();
    return true;
  }

  copyFrom(other: Groups): void {
    this.groups.copyFrom(other.groups);
    for (let i = 0; this.at(i) && other.at(i); i++) {
      this.pending.copyFrom(other.pending);
      this.consumers.copyFrom(other.consumers);
      this.numbers.forget();
      for (let j = 0; j < other.numbers.length; j++) this.numbers.pushInt32(other.numbers.getInt32(j));
      for (let j = 0; this.atConsumer(j) && other.atConsumer(j); j++) {
        this.numbers.setInt32(this.consumerNumber, this.consumer);
        this.own.copyFrom(other.own);
      }
      this.saveNumbers();
    }
  }

  /** progress[level + 1] is the group, [level + 2] the part of it: its own, then each consumer's. */
  relocateSome(progress: Int32Array, level: number, budget: Budget): boolean {
    for (; this.at(progress[level + 1]); progress[level + 1]++, progress[level + 2] = 0) {
      if (budget.left <= 0) return false;
      if (progress[level + 2] === 0) {
        this.relocateGroup();
        if (!this.pending.relocateSome(progress, level, budget)) return false;
        progress[level + 2] = 1;
        progress[level] = 0;
      }
      for (; this.atConsumer(progress[level + 2] - 1); progress[level + 2]++, progress[level] = 0) {
        if (budget.left <= 0) return false;
        this.relocateConsumer();
        if (!this.own.relocateSome(progress, level, budget)) return false;
        budget.left--;
      }
    }
    this.groups.relocateTree();
    return true;
  }

  private relocateGroup(): void {
    this.enter(this.groups.relocate(this.group));
    this.consumers.relocateTree();
    this.numbers.relocate();
    this.saveNumbers();
  }

  private relocateConsumer(): void {
    const number = this.consumerNumber;
    const to = this.consumers.relocate(this.consumer);
    if (to !== this.consumer) this.numbers.setInt32(number, to);
    this.enterConsumer(to);
  }

  *blocks(): Generator<Ref> {
    yield* this.groups.blocks();
    for (let i = 0; this.at(i); i++) {
      yield* this.pending.blocks();
      yield* this.numbers.blocks();
      yield* this.consumers.blocks();
      for (let j = 0; this.atConsumer(j); j++) yield* this.own.blocks();
    }
  }

  blockBytes(samples: number): number {
    let bytes = this.groups.treeBytes;
    for (let i = 0; this.at(i); i++) {
      bytes += this.groups.bytesOf(this.group, samples) + this.pending.blockBytes + this.consumers.treeBytes;
      for (const block of this.numbers.blocks()) bytes += this.arena.capacity(block);
      const { size } = this.consumers;
      const looked = Math.min(size, samples);
      let ofConsumers = 0;
      for (let j = 0; j < looked; j++) {
        this.atConsumer(Math.floor((j * size) / looked));
        ofConsumers += this.consumers.bytesOf(this.consumer, samplesWithin(samples)) + this.own.blockBytes;
      }
      if (looked > 0) bytes += Math.round((ofConsumers * size) / looked);
    }
    return bytes;
  }

  checkIntegrity(): void {
    this.groups.checkIntegrity();
    for (let i = 0; this.at(i); i++) {
      this.pending.checkIntegrity();
      this.consumers.checkIntegrity();
      this.numbers.checkIntegrity();
      let owned = 0;
      for (let j = 0; this.atConsumer(j); j++) {
        if (this.numbers.getInt32(this.consumerNumber) !== this.consumer) throw new Error('a number is of another');
        this.own.checkIntegrity();
        owned += this.own.size;
        for (let there = this.own.atRank(0); there; there = this.own.next()) {
          const isThere = this.pending.find(this.own.idInto(this.id));
          if (!isThere || !this.isOwn) throw new Error('a consumer has an entry that is not pending to it');
        }
      }
      if (owned !== this.pending.size)
        throw new Error(`${this.pending.size} entries are pending, ${owned} to somebody`);
    }
  }
}
