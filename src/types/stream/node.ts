/**
 * A node: consecutive entries of a stream, as bytes.
 *
 *     u32 entries that are there, u32 deleted entries, u32 size as a listpack
 *     master   varint fields, then each field
 *     entry    u8 flags, varint milliseconds after the base, without SAME_SEQUENCE the varint sequence number (after
 *              the base's, if the milliseconds are the base's), then with SAME_FIELDS the values, else varint fields
 *              and each field with its value
 *
 * A string is a varint length and its bytes. The base, which is the id of the entry that the node began with, stands
 * where the node is referred to. A deleted entry keeps its place.
 *
 * Redis holds these as listpacks and bounds nodes by the size of them; so that nodes end here where they end there,
 * and `~` trims to the same length, the size that the listpack would have is kept: all of it, but for the two counts.
 */

import { integerSize, listpackSize } from '../../format/listpack-size.js';
import type { ByteSink } from '../../memory/byte-sink.js';
import { Id } from '../../memory/id-tree.js';
import { copyBytes, equalRange, Slice, viewOf } from '../../memory/slice.js';

const LIVE = 0;
const DELETED_COUNT = 4;
const LISTPACK_SIZE = 8;
export const NODE_HEADER = 12;

/** Redis's largest, whatever the limits. */
const MAX_NODE_BYTES = 2 ** 30;

export interface NodeLimits {
  /** Of Redis's listpack; 0 sets no limit. */
  streamNodeMaxBytes: number;
  streamNodeMaxEntries: number;
}

export const EntryFlag = { DELETED: 1, SAME_FIELDS: 2 } as const;
/** What Redis knows of the flags. */
const LISTPACK_FLAGS = EntryFlag.DELETED | EntryFlag.SAME_FIELDS;
/** The sequence number is the base's, as where few entries share a millisecond: a byte less of 24. */
const SAME_SEQUENCE = 4;

/** What a listpack takes beside its elements. */
const LISTPACK_OVERHEAD = 7;
const WORD = 0x1_0000_0000;
/** Differences up to here are exact as doubles. */
const LAST_EXACT = Number.MAX_SAFE_INTEGER;
const MAX_VARINT = 10;
/** Before the strings of an entry: flags, two parts of an id, fields. */
const MAX_ENTRY_HEAD = 1 + 3 * MAX_VARINT;

/** What an integer takes as an element. */
function elementSize(value: number): number {
  return integerSize(value) + 1;
}

/** Reads one node after the other, entry by entry; an entry is valid until its node changes. */
export class NodeReader {
  bytes: Buffer = Buffer.alloc(0);
  view: DataView = viewOf(this.bytes);
  start = 0;
  end = 0;
  readonly base: Id = new Id();

  // The entry.
  readonly id: Id = new Id();
  /** As in a listpack. */
  flags = 0;
  /** Where it begins, from the node's start. */
  offset = 0;
  fieldCount = 0;

  private masterCount = 0;
  private masterAt = 0;
  private entriesAt = 0;
  /** Of the strings of the entry; and where the next entry begins. */
  private bodyAt = 0;
  private nextAt = 0;
  /** Where readVarint() stopped, and the upper word of what it read. */
  private at = 0;
  private high = 0;

  open(bytes: Buffer, view: DataView, start: number, end: number): this {
    this.bytes = bytes;
    this.view = view;
    this.start = start;
    this.end = end;
    this.masterCount = this.varintAt(start + NODE_HEADER);
    this.masterAt = this.at;
    this.skipStrings(this.masterCount);
    this.entriesAt = this.at;
    this.nextAt = this.at;
    return this;
  }

  get live(): number {
    return liveEntries(this.view, this.start);
  }

  get deleted(): number {
    return deletedEntries(this.view, this.start);
  }

  get isDeleted(): boolean {
    return (this.flags & EntryFlag.DELETED) !== 0;
  }

  /** Turns to the place before the first entry. */
  rewind(): void {
    this.nextAt = this.entriesAt;
  }

  /** On to the next entry, deleted or not; false if there is none. */
  next(): boolean {
    if (this.nextAt >= this.end) return false;
    this.enter(this.nextAt);
    return true;
  }

  /** On to the first entry from `id` on, deleted or not; false if there is none. */
  seekFrom(id: Id): boolean {
    const { base, bytes, end, masterCount } = this;
    // Differences to the base are compared as numbers, without making ids of them: seeking takes half as long so.
    const ms = (id.msHigh - base.msHigh) * WORD + (id.msLow - base.msLow);
    const seq = (id.seqHigh - base.seqHigh) * WORD + (id.seqLow - base.seqLow);
    const wholeSeq = id.seqHigh * WORD + id.seqLow;
    const baseSeq = base.seqHigh * WORD + base.seqLow;
    if (ms < 0 || (ms === 0 && seq <= 0)) return this.enterOrEnd(this.entriesAt);
    if (ms > LAST_EXACT || wholeSeq > LAST_EXACT) return this.seekFromFar(id);
    let at = this.entriesAt;
    while (at < end) {
      const flags = bytes[at];
      let entryMs = bytes[at + 1];
      let next = at + 2;
      if (entryMs >= 0x80) {
        entryMs = this.varintAt(at + 1) + this.high * WORD;
        next = this.at;
      }
      let entrySeq = entryMs === 0 ? 0 : baseSeq;
      if ((flags & SAME_SEQUENCE) === 0) {
        entrySeq = bytes[next++];
        if (entrySeq >= 0x80) {
          entrySeq = this.varintAt(next - 1) + this.high * WORD;
          next = this.at;
        }
      }
      if (entryMs > ms || (entryMs === ms && entrySeq >= (ms === 0 ? seq : wholeSeq))) return this.enterOrEnd(at);
      let strings = masterCount;
      if ((flags & EntryFlag.SAME_FIELDS) === 0) {
        strings = 2 * this.varintAt(next);
        next = this.at;
      }
      for (; strings > 0; strings--) {
        const length = bytes[next];
        if (length < 0x80) next += 1 + length;
        else next = this.varintAt(next) + this.at;
      }
      at = next;
    }
    return this.enterOrEnd(end);
  }

  private seekFromFar(id: Id): boolean {
    this.rewind();
    while (this.next()) if (this.id.compare(id) >= 0) return true;
    return false;
  }

  private enterOrEnd(at: number): boolean {
    this.nextAt = at;
    return this.next();
  }

  /** Turns to the entry at an offset. */
  seek(offset: number): void {
    this.enter(this.start + offset);
  }

  private enter(at: number): void {
    const { base, id } = this;
    this.offset = at - this.start;
    const flags = this.bytes[at];
    this.flags = flags & LISTPACK_FLAGS;
    const ms = this.varintAt(at + 1);
    const msHigh = this.high;
    const isSameSequence = (flags & SAME_SEQUENCE) !== 0;
    const seq = isSameSequence ? 0 : this.varintAt(this.at);
    if (isSameSequence) {
      const sum = base.msLow + ms;
      id.set(base.msHigh + msHigh + (sum >= WORD ? 1 : 0), sum >>> 0, base.seqHigh, base.seqLow);
    } else if (ms === 0 && msHigh === 0) {
      const sum = base.seqLow + seq;
      id.set(base.msHigh, base.msLow, base.seqHigh + this.high + (sum >= WORD ? 1 : 0), sum >>> 0);
    } else {
      const sum = base.msLow + ms;
      id.set(base.msHigh + msHigh + (sum >= WORD ? 1 : 0), sum >>> 0, this.high, seq);
    }
    const isSame = (flags & EntryFlag.SAME_FIELDS) !== 0;
    this.fieldCount = isSame ? this.masterCount : this.varintAt(this.at);
    this.bodyAt = this.at;
    this.skipStrings(isSame ? this.fieldCount : this.fieldCount * 2);
    this.nextAt = this.at;
  }

  /** Writes fields and values, by turns. */
  writeFields(sink: ByteSink): void {
    const { bytes, view } = this;
    const isSame = (this.flags & EntryFlag.SAME_FIELDS) !== 0;
    let master = this.masterAt;
    let body = this.bodyAt;
    for (let i = this.fieldCount; i > 0; i--) {
      if (isSame) {
        const length = this.varintAt(master);
        sink.bulkRange(bytes, view, this.at, length);
        master = this.at + length;
      } else {
        const length = this.varintAt(body);
        sink.bulkRange(bytes, view, this.at, length);
        body = this.at + length;
      }
      const length = this.varintAt(body);
      sink.bulkRange(bytes, view, this.at, length);
      body = this.at + length;
    }
  }

  /** Writes the master fields. */
  writeMaster(sink: ByteSink): void {
    this.writeStrings(sink, this.masterAt, this.masterCount);
  }

  /** Writes what the entry itself holds: fields and values, or values alone. */
  writeBody(sink: ByteSink): void {
    const isSame = (this.flags & EntryFlag.SAME_FIELDS) !== 0;
    this.writeStrings(sink, this.bodyAt, isSame ? this.fieldCount : this.fieldCount * 2);
  }

  get masterFields(): number {
    return this.masterCount;
  }

  private writeStrings(sink: ByteSink, at: number, count: number): void {
    for (let i = count; i > 0; i--) {
      const length = this.varintAt(at);
      sink.bulkRange(this.bytes, this.view, this.at, length);
      at = this.at + length;
    }
  }

  private skipStrings(count: number): void {
    for (let i = count; i > 0; i--) {
      const length = this.varintAt(this.at);
      this.at += length;
    }
  }

  /** The lower word of a varint. */
  private varintAt(at: number): number {
    const { bytes } = this;
    let byte = bytes[at++];
    this.high = 0;
    if (byte < 0x80) {
      this.at = at;
      return byte;
    }
    let value = byte & 0x7f;
    let scale = 0x80;
    let high = 0;
    let highScale = 1;
    do {
      byte = bytes[at++];
      const part = byte & 0x7f;
      if (scale < 0x1000_0000) value += part * scale;
      else if (scale === 0x1000_0000) {
        // The lowest four bits end the lower word, the rest begin the upper one.
        value += (part & 0xf) * scale;
        high = part >> 4;
        highScale = 8;
      } else {
        high += part * highScale;
        highScale *= 0x80;
      }
      scale *= 0x80;
    } while (byte >= 0x80);
    this.high = high;
    this.at = at;
    return value;
  }
}

/** Field, value, field, value … */
export interface StringList {
  /** Bytes of all together. */
  readonly byteLength: number;
  slice(i: number): Slice;
}

/** Writes a node, or what an entry adds to one: into a buffer of its own, or behind what a node holds. */
export class NodeWriter {
  private own: Buffer = Buffer.allocUnsafeSlow(4096);
  private bytes = this.own;
  private view = viewOf(this.own);
  private at = 0;
  /** What the entries written take in a listpack. */
  listpackSize = 0;
  private readonly content = new Slice();

  /** What has been written. */
  get written(): Slice {
    return this.content.set(this.bytes, this.view, 0, this.at);
  }

  /** Where writing goes on. */
  get position(): number {
    return this.at;
  }

  /** Begins with an entry of a node that is there. */
  begin(): void {
    if (this.bytes !== this.own) {
      this.bytes = this.own;
      this.view = viewOf(this.own);
    }
    this.at = 0;
    this.listpackSize = 0;
  }

  /** The same in place, where there is room for mostEntryBytes(). */
  beginAt(bytes: Buffer, view: DataView, at: number): void {
    this.bytes = bytes;
    this.view = view;
    this.at = at;
    this.listpackSize = 0;
  }

  /** Begins a node, whose counts setCounts() writes. */
  beginNode(fieldCount: number): void {
    this.begin();
    this.at = NODE_HEADER;
    this.makeRoom(MAX_VARINT);
    this.writeVarint(0, fieldCount);
    this.listpackSize = LISTPACK_OVERHEAD + elementSize(fieldCount) + elementSize(0);
  }

  setCounts(live: number, deleted: number): void {
    setCounts(this.view, 0, live, deleted, this.listpackSize);
  }

  /** An entry; if `isSame`, its fields are the master fields. */
  entry(isSame: boolean, id: Id, base: Id, strings: StringList, count: number): void {
    this.beginEntry(isSame ? EntryFlag.SAME_FIELDS : 0, id, base, count);
    if (isSame) for (let i = 0; i < count; i++) this.string(strings.slice(2 * i + 1));
    else for (let i = 0; i < 2 * count; i++) this.string(strings.slice(i));
  }

  /** What stands before the strings of an entry. */
  beginEntry(flags: number, id: Id, base: Id, fieldCount: number): void {
    this.makeRoom(MAX_ENTRY_HEAD);
    const ms = (id.msHigh - base.msHigh) * WORD + (id.msLow - base.msLow);
    const seq = (id.seqHigh - base.seqHigh) * WORD + (id.seqLow - base.seqLow);
    const isSameSequence = id.seqLow === base.seqLow && id.seqHigh === base.seqHigh;
    this.bytes[this.at++] = isSameSequence ? flags | SAME_SEQUENCE : flags;
    this.writeDifference(id.msHigh, id.msLow, base.msHigh, base.msLow);
    if (!isSameSequence) {
      if (ms === 0) this.writeDifference(id.seqHigh, id.seqLow, base.seqHigh, base.seqLow);
      else this.writeVarint(id.seqHigh, id.seqLow);
    }
    this.listpackSize += elementSize(flags) + elementSize(ms) + elementSize(seq);
    if ((flags & EntryFlag.SAME_FIELDS) !== 0) {
      this.listpackSize += elementSize(fieldCount + 3);
    } else {
      this.writeVarint(0, fieldCount);
      this.listpackSize += elementSize(fieldCount) + elementSize(2 * fieldCount + 4);
    }
  }

  string(value: Slice): void {
    const length = value.end - value.start;
    this.makeRoom(length + MAX_VARINT);
    this.writeVarint(0, length);
    copyBytes(this.bytes, this.view, this.at, value.bytes, value.view, value.start, length);
    this.at += length;
    this.listpackSize += listpackSize(value);
  }

  private makeRoom(size: number): void {
    if (this.at + size <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(2 * (this.at + size));
    this.bytes.copy(larger, 0, 0, this.at);
    this.bytes = this.own = larger;
    this.view = viewOf(larger);
  }

  private writeDifference(high: number, low: number, fromHigh: number, fromLow: number): void {
    const borrow = low < fromLow ? 1 : 0;
    this.writeVarint(high - fromHigh - borrow, (low - fromLow) >>> 0);
  }

  /** The caller has made room. */
  private writeVarint(high: number, low: number): void {
    const { bytes } = this;
    while (high > 0 || low >= 0x80) {
      bytes[this.at++] = 0x80 | (low & 0x7f);
      low = ((low >>> 7) | (high << 25)) >>> 0;
      high >>>= 7;
    }
    bytes[this.at++] = low;
  }
}

/** What an entry takes at most, of so many fields whose strings have so many bytes. */
export function mostEntryBytes(byteLength: number, fieldCount: number): number {
  return MAX_ENTRY_HEAD + byteLength + 2 * fieldCount * MAX_VARINT;
}

/** Whether Redis would begin another node: by the size of its listpack and the plain lengths of what is added. */
export function isNodeFull(view: DataView, at: number, byteLength: number, limits: NodeLimits): boolean {
  const { streamNodeMaxBytes, streamNodeMaxEntries } = limits;
  const entries = liveEntries(view, at) + deletedEntries(view, at);
  if (streamNodeMaxEntries !== 0 && entries >= streamNodeMaxEntries) return true;
  const bytes = listpackBytes(view, at) + byteLength;
  return bytes >= (streamNodeMaxBytes === 0 ? MAX_NODE_BYTES : Math.min(streamNodeMaxBytes, MAX_NODE_BYTES));
}

/** Whether a node's master fields are these: every second of the strings. */
export function hasFields(bytes: Buffer, view: DataView, start: number, strings: StringList, count: number): boolean {
  let at = afterVarint(bytes, start + NODE_HEADER, count);
  for (let i = 0; i < count && at !== 0; i++) {
    const field = strings.slice(2 * i);
    const { length } = field;
    at = afterVarint(bytes, at, length);
    if (at === 0 || !equalRange(bytes, view, at, field.bytes, field.view, field.start, length)) return false;
    at += length;
  }
  return at !== 0;
}

/** The position after the varint of this value, if it stands here; else 0. */
function afterVarint(bytes: Buffer, at: number, value: number): number {
  for (; value >= 0x80; value >>>= 7) if (bytes[at++] !== (0x80 | (value & 0x7f))) return 0;
  return bytes[at] === value ? at + 1 : 0;
}

function setCounts(view: DataView, at: number, live: number, deleted: number, listpack: number): void {
  view.setUint32(at + LIVE, live, true);
  view.setUint32(at + DELETED_COUNT, deleted, true);
  view.setUint32(at + LISTPACK_SIZE, listpack, true);
}

/** Bytes of the listpack that Redis would hold. */
function listpackBytes(view: DataView, at: number): number {
  const size = view.getUint32(at + LISTPACK_SIZE, true);
  return size + elementSize(liveEntries(view, at)) + elementSize(deletedEntries(view, at));
}

/** How many entries of a node are there. */
function liveEntries(view: DataView, at: number): number {
  return view.getUint32(at + LIVE, true);
}

/** How many entries of a node are deleted. */
function deletedEntries(view: DataView, at: number): number {
  return view.getUint32(at + DELETED_COUNT, true);
}

/** Counts an entry that has been added, of so many bytes in a listpack. */
export function countEntry(view: DataView, at: number, listpack: number): void {
  setCounts(
    view,
    at,
    view.getUint32(at + LIVE, true) + 1,
    view.getUint32(at + DELETED_COUNT, true),
    view.getUint32(at + LISTPACK_SIZE, true) + listpack,
  );
}

/** Counts entries that have been deleted. */
export function countDeleted(view: DataView, at: number, count: number): void {
  view.setUint32(at + LIVE, view.getUint32(at + LIVE, true) - count, true);
  view.setUint32(at + DELETED_COUNT, view.getUint32(at + DELETED_COUNT, true) + count, true);
}
