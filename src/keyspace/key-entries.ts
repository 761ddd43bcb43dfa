/**
 * KeyEntries: what the entry of a key says: its kind of value, deadline and use, and where its key and its value lie.
 * Database finds entries and changes them.
 */

import type { Arena, Ref } from '../memory/arena.js';
import { Entries } from '../memory/entries.js';
import {
  DEADLINE,
  DEADLINE_HEADER,
  KEYSPACE_ENTRY,
  KIND,
  KIND_MASK,
  MAX_INLINE_KEY,
  PLAIN_HEADER,
  ROPE_ROOT,
} from '../memory/entry-layout.js';
import { copyBytes, Slice } from '../memory/slice.js';
import { decayed, type FrequencyLimits } from './frequency.js';
import type { KindTable } from './kinds.js';
import { NO_DEADLINE } from './types.js';

/** What entries are read by. */
export interface EntryContext {
  readonly kinds: KindTable;
  readonly frequency: FrequencyLimits;
  readonly countsUse: boolean;
  readonly lruClock: number;
  readonly minuteClock: number;
}

export class KeyEntries {
  protected readonly entries: Entries;
  private readonly typeOfKind: Uint8Array;
  protected readonly scratchValue = new Slice();

  constructor(
    readonly arena: Arena,
    private readonly context: EntryContext,
  ) {
    this.entries = new Entries(arena, KEYSPACE_ENTRY);
    this.typeOfKind = context.kinds.typeOf;
  }

  /** The id of the entry's type. */
  typeOf(ref: Ref): number {
    return this.typeOfKind[this.arena.views[ref >>> 12].getUint8(((ref & 0xfff) << 4) + KIND) & KIND_MASK];
  }

  /** How the entry holds its value. */
  kindOf(ref: Ref): number {
    return this.arena.views[ref >>> 12].getUint8(((ref & 0xfff) << 4) + KIND) & KIND_MASK;
  }

  hasDeadline(ref: Ref): boolean {
    return this.deadlineOf(ref) !== NO_DEADLINE;
  }

  /** In ms, or NO_DEADLINE. */
  deadlineOf(ref: Ref): number {
    const deadline = this.headerDeadlineOf(ref);
    return deadline === Number.POSITIVE_INFINITY ? NO_DEADLINE : deadline;
  }

  protected isInHeap(ref: Ref): boolean {
    return this.arena.views[ref >>> 12].getInt8(((ref & 0xfff) << 4) + KIND) < 0;
  }

  /** What the header says: Infinity where only elements have deadlines. */
  protected headerDeadlineOf(ref: Ref): number {
    if (!this.isInHeap(ref)) return NO_DEADLINE;
    return this.arena.views[ref >>> 12].getFloat64(((ref & 0xfff) << 4) + DEADLINE, true);
  }

  /** When the key was last used, as the LRU clock's seconds; under an LFU policy minutes and counter (24 bits). */
  lruOf(ref: Ref): number {
    return this.arena.views[ref >>> 12].getInt32(((ref & 0xfff) << 4) + KIND, true) >>> 8;
  }

  /** Seconds since the key was last used. */
  idleSeconds(ref: Ref): number {
    return (this.context.lruClock - this.lruOf(ref)) & 0xffffff;
  }

  /** How often the key was used of late, under an LFU policy: a logarithmic counter up to 255. */
  frequencyOf(ref: Ref): number {
    return decayed(this.lruOf(ref), this.context.minuteClock, this.context.frequency.decayTime);
  }

  /** What lruOf() gives. */
  setLru(ref: Ref, bits: number): void {
    this.arena.writable(ref);
    const view = this.arena.views[ref >>> 12];
    const at = ((ref & 0xfff) << 4) + KIND;
    view.setInt32(at, view.getUint8(at) | (bits << 8), true);
  }

  /**
   * For loading: seconds without use or a counter of uses, of which the one counts that the policy asks for; -1 is
   * unknown.
   */
  setUse(ref: Ref, idleSeconds: number, frequency: number): void {
    if (this.context.countsUse) {
      if (frequency >= 0) this.setLru(ref, (this.context.minuteClock << 8) | frequency);
    } else if (idleSeconds >= 0) {
      this.setLru(ref, (this.context.lruClock - (idleSeconds % 0x1000000)) & 0xffffff);
    }
  }

  /** Points `into` at the key; one too long for its entry is copied together first. */
  keyOf(ref: Ref, into: Slice): Slice {
    return this.entries.keyOf(ref, into);
  }

  /**
   * Points `into` at the value bytes in the entry: an inline value, or the root of one that is out of line. It is
   * Entries.valueFieldOf() with the layout's constants, which saves a GET some nanoseconds.
   */
  valueOf(ref: Ref, into: Slice): Slice {
    const page = ref >>> 12;
    const view = this.arena.views[page];
    let at = (ref & 0xfff) << 4;
    at += view.getInt8(at + KIND) < 0 ? DEADLINE_HEADER : PLAIN_HEADER;
    let keyLength = view.getUint8(at);
    if (keyLength < 0x80) {
      at++;
    } else {
      keyLength = view.getInt32(at) & 0x7fffffff;
      at += 4;
    }
    let valueLength = view.getUint8(at);
    if (valueLength < 0x80) {
      at++;
    } else {
      valueLength = view.getInt32(at) & 0x7fffffff;
      at += 4;
    }
    at += keyLength > MAX_INLINE_KEY ? ROPE_ROOT : keyLength;
    return into.set(this.arena.bytes[page], view, at, at + valueLength);
  }

  /** Where the value begins in its entry. */
  valueOffset(ref: Ref): number {
    return this.valueOf(ref, this.scratchValue).start - ((ref & 0xfff) << 4);
  }

  protected copyValueBytes(from: Ref, to: Ref): void {
    const source = this.valueOf(from, this.scratchValue);
    const { bytes, view, start, length } = source;
    const target = this.valueOf(to, this.scratchValue);
    copyBytes(target.bytes, target.view, target.start, bytes, view, start, length);
  }
}
