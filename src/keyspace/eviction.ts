/**
 * Eviction: which keys go when the data takes more than `maxmemory`, and when.
 *
 * makeRoom() runs before a command, never inside a handler. It takes keys away until the data fits, or tells that
 * nothing may go. One call is bounded (see KEYS_AT_ONCE); what is left to do goes on before the next command and
 * in idle time, and meanwhile commands run although the data is too large.
 *
 * What counts is usedBytes: the live blocks of the arena, each as large as its size class, and PAGE_OVERHEAD for every
 * page in use, which is what JavaScript keeps of it. JavaScript's own heap and the buffers of connections do not count:
 * they come and go with garbage collection and traffic, and keys must not.
 *
 * LRU and LFU are approximated as in Redis: of each database some keys are looked at, picked at random, and the best of
 * what was seen wait in a small pool between calls, from which the best goes. A candidate is a place in the dense array
 * with the reference that was seen there. If that is there no more, or was used since, the candidate is dropped, so
 * the pool owns nothing and need not hear of anything. volatile-ttl needs no sample: the expiry heap knows.
 */

import { defaultOf } from '../config/binding.js';
import type { Arena, Ref } from '../memory/arena.js';
import type { Database } from './database.js';

export type EvictionPolicy =
  | 'volatile-lru'
  | 'volatile-lfu'
  | 'volatile-random'
  | 'volatile-ttl'
  | 'allkeys-lru'
  | 'allkeys-lfu'
  | 'allkeys-random'
  | 'noeviction';

/** What came of a call. */
export const EvictionVerdict = {
  /** The data fits. */
  ENOUGH: 0,
  /** It does not yet; there is more to evict. */
  MORE: 1,
  /** It does not, and nothing may be evicted. */
  NONE: 2,
} as const;
export type EvictionVerdict = (typeof EvictionVerdict)[keyof typeof EvictionVerdict];

/** A row of 8 integers, a Buffer, a DataView and their places in two arrays. */
const PAGE_OVERHEAD = 256;
/**
 * Keys for one call at a tenacity of 10, about half a millisecond; a tenth of that for each step below, 15 % more for
 * each above.
 */
const KEYS_AT_ONCE = 200;
const DEFAULT_TENACITY = 10;
const UNBOUNDED_TENACITY = 100;
const TENACITY_GROWTH = 1.15;
const RECLAIMED_PER_STEP = 512;
const POOL_SIZE = 16;
/** Keys of which the one goes that expires first, where elements of values expire, too. */
const SOONEST_OF = 16;

/** What eviction needs of the keyspace. */
export interface EvictionContext {
  readonly arena: Arena;
  readonly databases: readonly Database[];
  readonly random: { below(limit: number): number };
  readonly reclaimer: { readonly isBusy: boolean; step(units: number): boolean };
  readonly countsUse: boolean;
  now(): number;
  countUse(countsUse: boolean): void;
}

export class Eviction {
  /** Bytes; 0: no limit, and nobody calls makeRoom(). */
  maxMemory = defaultOf('maxmemory');
  /** Since when the data has taken too much, as far as calls have seen; 0: it does not. */
  private exceededSince = 0;
  private exceededBefore = 0;
  samples = defaultOf('maxmemory-samples');
  private currentPolicy: EvictionPolicy = defaultOf('maxmemory-policy');
  private volatileOnly = false;
  private keysAtOnce = KEYS_AT_ONCE;
  /** The next database of those that take turns under a random policy. */
  private turn = 0;

  // The pool, by rising scores: the last is the best to evict.
  private count = 0;
  private readonly databases: (Database | null)[] = new Array(POOL_SIZE).fill(null);
  private readonly places = new Int32Array(POOL_SIZE);
  private readonly refs = new Int32Array(POOL_SIZE);
  private readonly scores = new Int32Array(POOL_SIZE);

  constructor(private readonly keyspace: EvictionContext) {}

  get policy(): EvictionPolicy {
    return this.currentPolicy;
  }

  set policy(policy: EvictionPolicy) {
    this.currentPolicy = policy;
    this.volatileOnly = policy.startsWith('volatile');
    this.clearPool();
    this.keyspace.countUse(policy.endsWith('lfu'));
  }

  /** maxmemory-eviction-tenacity, 0 to 100. */
  set tenacity(tenacity: number) {
    if (tenacity >= UNBOUNDED_TENACITY) this.keysAtOnce = Number.POSITIVE_INFINITY;
    else if (tenacity > DEFAULT_TENACITY) {
      this.keysAtOnce = Math.floor(KEYS_AT_ONCE * TENACITY_GROWTH ** (tenacity - DEFAULT_TENACITY));
    } else this.keysAtOnce = Math.max(1, (KEYS_AT_ONCE / DEFAULT_TENACITY) * tenacity);
  }

  get usedBytes(): number {
    const { arena } = this.keyspace;
    return arena.usedBytes + arena.usedPages * PAGE_OVERHEAD;
  }

  limit(bytes: number): void {
    this.maxMemory = bytes;
    if (bytes === 0) this.endExcess();
  }

  /** For how many ms the data has taken too much, this time; and in all. */
  get currentExceededMs(): number {
    return this.exceededSince === 0 ? 0 : Math.max(this.keyspace.now() - this.exceededSince, 0);
  }

  get totalExceededMs(): number {
    return this.exceededBefore + this.currentExceededMs;
  }

  resetStatistics(): void {
    this.exceededBefore = 0;
    if (this.exceededSince !== 0) this.exceededSince = this.keyspace.now();
  }

  private endExcess(): void {
    this.exceededBefore += this.currentExceededMs;
    this.exceededSince = 0;
  }

  /** Evicts until the data fits, or until the call has done its share. Call it outside of handlers. */
  makeRoom(): EvictionVerdict {
    const room = this.usedBytes <= this.maxMemory ? EvictionVerdict.ENOUGH : this.evict();
    if (room !== EvictionVerdict.ENOUGH) this.exceededSince ||= this.keyspace.now();
    else if (this.exceededSince !== 0) this.endExcess();
    return room;
  }

  private evict(): EvictionVerdict {
    const { keyspace, maxMemory } = this;
    for (let left = this.keysAtOnce; left > 0; left--) {
      // What is on its way out already goes before any key has to.
      if (keyspace.reclaimer.isBusy) keyspace.reclaimer.step(RECLAIMED_PER_STEP);
      else if (!this.evictOne()) return EvictionVerdict.NONE;
      keyspace.arena.settle();
      if (this.usedBytes <= maxMemory) return EvictionVerdict.ENOUGH;
    }
    return EvictionVerdict.MORE;
  }

  private evictOne(): boolean {
    switch (this.currentPolicy) {
      case 'noeviction':
        return false;
      case 'allkeys-random':
      case 'volatile-random':
        return this.evictRandom();
      case 'volatile-ttl':
        return this.evictSoonest();
      default:
        return this.evictBest();
    }
  }

  /** Keys that may go. */
  private eligible(db: Database): number {
    return this.volatileOnly ? db.expiring : db.size;
  }

  /** 0 <= index < eligible(). */
  private eligibleAt(db: Database, index: number): Ref {
    return this.volatileOnly ? this.volatileAt(db, index) : db.at(index);
  }

  /** The heap also has keys of which only elements expire: the next one that has a deadline of its own. */
  private volatileAt(db: Database, index: number): Ref {
    const { heap } = db;
    let ref = heap.entryAt(index);
    while (!db.hasDeadline(ref)) ref = heap.entryAt(++index % heap.size);
    return ref;
  }

  /** The key that falls due first; where elements expire, too, the first of some. */
  private soonestOf(db: Database): Ref {
    if (db.expiring === db.heap.size) return db.heap.first();
    let soonest = 0;
    for (let i = 0; i < SOONEST_OF; i++) {
      const ref = this.volatileAt(db, this.keyspace.random.below(db.expiring));
      if (soonest === 0 || db.deadlineOf(ref) < db.deadlineOf(soonest)) soonest = ref;
    }
    return soonest;
  }

  private evictRandom(): boolean {
    const { databases, random } = this.keyspace;
    for (let i = 0; i < databases.length; i++) {
      const db = databases[this.turn++ % databases.length];
      const eligible = this.eligible(db);
      if (eligible === 0) continue;
      db.evict(this.eligibleAt(db, random.below(eligible)));
      return true;
    }
    return false;
  }

  private evictSoonest(): boolean {
    let soonest: Database | null = null;
    let soonestRef = 0;
    let earliest = Number.POSITIVE_INFINITY;
    for (const db of this.keyspace.databases) {
      if (db.expiring === 0) continue;
      const ref = this.soonestOf(db);
      const deadline = db.deadlineOf(ref);
      if (deadline >= earliest && soonest !== null) continue;
      soonest = db;
      soonestRef = ref;
      earliest = deadline;
    }
    if (soonest === null) return false;
    soonest.evict(soonestRef);
    return true;
  }

  // --- the pool ---

  private evictBest(): boolean {
    for (;;) {
      let total = 0;
      for (const db of this.keyspace.databases) {
        const eligible = this.eligible(db);
        if (eligible > 0) this.sample(db, eligible);
        total += eligible;
      }
      if (total === 0) return false;
      while (this.count > 0) {
        const at = --this.count;
        const db = this.databases[at] as Database;
        const ref = this.refs[at];
        if (!this.isStillThere(at)) continue;
        db.evict(ref);
        return true;
      }
    }
  }

  private sample(db: Database, eligible: number): void {
    const { random } = this.keyspace;
    for (let left = Math.min(this.samples, eligible); left > 0; left--) {
      const ref = this.eligibleAt(db, random.below(eligible));
      this.offer(db, ref, this.scoreOf(db, ref));
    }
  }

  /** The higher, the better to evict. */
  private scoreOf(db: Database, ref: Ref): number {
    return this.keyspace.countsUse ? 255 - db.frequencyOf(ref) : db.idleSeconds(ref);
  }

  private offer(db: Database, ref: Ref, score: number): void {
    for (let at = 0; at < this.count; at++) {
      if (this.refs[at] === ref && this.databases[at] === db) return;
    }
    const isFull = this.count === POOL_SIZE;
    if (isFull && score <= this.scores[0]) return;
    // From the end down: the pool is short, and what is offered late is often among the best.
    let to = this.count;
    while (to > 0 && this.scores[to - 1] > score) to--;
    if (isFull) {
      to--;
      for (let at = 0; at < to; at++) this.move(at + 1, at);
    } else {
      for (let at = this.count; at > to; at--) this.move(at - 1, at);
      this.count++;
    }
    this.databases[to] = db;
    this.places[to] = db.dict.positionOf(ref);
    this.refs[to] = ref;
    this.scores[to] = score;
  }

  private move(from: number, to: number): void {
    this.databases[to] = this.databases[from];
    this.places[to] = this.places[from];
    this.refs[to] = this.refs[from];
    this.scores[to] = this.scores[from];
  }

  /** The key is where it was seen, may go, and was not used since. */
  private isStillThere(at: number): boolean {
    const db = this.databases[at] as Database;
    const place = this.places[at];
    const ref = this.refs[at];
    if (place >= db.size || db.at(place) !== ref || (this.volatileOnly && !db.hasDeadline(ref))) return false;
    return this.scoreOf(db, ref) >= this.scores[at];
  }

  private clearPool(): void {
    this.count = 0;
    this.databases.fill(null);
  }
}
