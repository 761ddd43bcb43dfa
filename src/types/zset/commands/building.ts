/**
 * Sorted sets that commands make of others: built beside the databases, then put in the place of a key or only replied
 * with. So what is built may take its members from the key that it is to replace, and memory may run out in between.
 */

import type { Call } from '../../../engine/call.js';
import type { EventName } from '../../../keyspace/events.js';
import type { Slice } from '../../../memory/slice.js';
import { BYTES_PER_MEMBER, ZSetValue, zsets } from '../value.js';
import { writePairs } from './shared.js';

/** Members between two looks at whether there is memory for more. */
const RESERVED_MEMBERS = 1024;
/** What a small result has room for at first; fit() fits it to what there is. */
const MEAN_MEMBER = 24;
const DOUBLE_WIDTH = 8;
/** Longer members are reserved for one by one. */
const LONG_MEMBER = 256;
const RESERVED_BYTES = RESERVED_MEMBERS * (BYTES_PER_MEMBER + 2 * LONG_MEMBER);

/** Runs `fill` with an empty result for up to so many members. The result must be stored or written. */
export function build(call: Call, mostMembers: number, fill: (result: Result) => void): Result {
  const result = new Result(call, mostMembers);
  try {
    fill(result);
    result.finish();
  } catch (error) {
    result.drop();
    throw error;
  }
  return result;
}

export class Result {
  readonly zset: ZSetValue;
  private longest = 0;
  private reserved = 0;
  private readonly isLarge: boolean;

  constructor(
    private readonly call: Call,
    mostMembers: number,
  ) {
    const { staging } = call.keyspace;
    this.reserve(0);
    this.isLarge = ZSetValue.isLarge(mostMembers);
    // Only when it is stored does it become what Redis calls a listpack.
    this.zset = zsets(staging).lease().create(call.args.slice(1), mostMembers, 0, false);
    this.zset.expect(mostMembers, mostMembers * MEAN_MEMBER, DOUBLE_WIDTH);
  }

  get length(): number {
    return this.zset.length;
  }

  /** Adds a member that is not there. */
  append(member: Slice, score: number): void {
    // A run is to know what it adds.
    if (!this.isLarge) this.zset.find(member);
    this.addFound(member, score);
  }

  /** Adds a member, or gives the one that is there what `aggregate` makes of its score and this one. */
  merge(member: Slice, score: number, aggregate: (a: number, b: number) => number): void {
    const { zset } = this;
    if (!zset.find(member)) {
      this.addFound(member, score);
      return;
    }
    const before = zset.score;
    const after = aggregate(before, score);
    if (Object.is(after, before)) return;
    if (this.isLarge) zset.setUnorderedScore(after);
    else zset.setScore(after);
  }

  private addFound(member: Slice, score: number): void {
    const length = member.end - member.start;
    if (--this.reserved < 0 || length > LONG_MEMBER) this.reserve(length);
    if (length > this.longest) this.longest = length;
    if (this.isLarge) this.zset.addUnordered(member, score);
    else this.zset.add(member, score);
  }

  private reserve(bytes: number): void {
    this.call.db.arena.reserve(RESERVED_BYTES + 2 * bytes);
    this.reserved = RESERVED_MEMBERS;
  }

  finish(): void {
    if (!this.isLarge) return;
    // The tree of so many members.
    this.call.db.arena.reserve(this.length * BYTES_PER_MEMBER);
    this.zset.putInOrder();
  }

  /** Stores it at the key in argument i, or deletes that if there are no members, and replies with their number. */
  store(i: number, event: EventName, changes = 1): void {
    const { call, zset, length } = this;
    if (length === 0) {
      this.drop();
      storeNothing(call, i);
      return;
    }
    zset.fit(this.longest);
    const { db, keyspace } = call;
    const key = call.args.slice(i);
    keyspace.staging.rename(zset.ref, key, db, db.lookupForWrite(key));
    call.changed(key, event, changes);
    call.reply.integer(length);
  }

  /** Replies with the members. */
  write(withScores: boolean): void {
    const { call, zset, length } = this;
    if (withScores) {
      call.reply.pairs(length);
      writePairs(call, zset, 0, length, false);
    } else {
      call.reply.array(length);
      zset.writeMembers(call.reply, 0, length, false);
    }
    this.drop();
  }

  drop(): void {
    this.call.keyspace.staging.delete(this.zset.ref);
  }
}

/** The result is empty: deletes the key in argument i. */
export function storeNothing(call: Call, i: number): void {
  const { db } = call;
  const key = call.args.slice(i);
  const target = db.lookupForWrite(key);
  if (target !== 0) {
    db.delete(target);
    call.deleted(key);
  }
  call.reply.integer(0);
}
