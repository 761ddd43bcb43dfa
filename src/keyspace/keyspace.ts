/**
 * The keyspace: all databases over one arena, and the one place that hears of every change.
 *
 * keyChanged() is called after each mutation of a key. It counts dirty and tells the observers: waiting clients, WATCH,
 * notifications, later tracking. While nobody observes it costs one addition and one test.
 */

import { Arena } from '../memory/arena.js';
import type { Slice } from '../memory/slice.js';
import type { HashSeeds } from '../memory/table.js';
import { Compactor } from './compactor.js';
import type { DataTypes } from './data-type.js';
import {
  Database,
  type DatabaseContext,
  type DatabaseState,
  type ElementExpiry,
  type KeyspaceLimits,
  type Propagation,
} from './database.js';
import { EVENTS, type EventClass, type EventName } from './events.js';
import { Eviction } from './eviction.js';
import { clockMinutes, FrequencyLimits, INITIAL_COUNT, touched } from './frequency.js';
import type { KindTable } from './kinds.js';
import { Reclaimer, type ReclaimerState } from './reclaimer.js';

export interface KeyObserver {
  keyChanged(db: Database, key: Slice, event: EventName, eventClass: EventClass): void;
  /** All keys of a database may have changed at once: FLUSH, SWAPDB, restore. */
  databaseChanged(db: Database): void;
}

export interface KeyspaceOptions {
  clock: { now(): number };
  random: { int32(): number; below(limit: number): number };
  databases: number;
  types: DataTypes;
}

/** All databases at one instant; close() lets go of their pages. */
export class KeyspaceSnapshot {
  readonly arena: Arena;
  readonly takenAtMs: number;
  /** Changes since the last save, when it was taken. */
  readonly dirty: number;
  /** @internal For restore(). */
  readonly states: readonly DatabaseState[];
  /** @internal */
  readonly reclaimer: ReclaimerState;
  private opened: readonly Database[] | null = null;

  constructor(
    private readonly keyspace: Keyspace,
    kept: boolean,
  ) {
    this.arena = keyspace.arena.snapshot(kept);
    this.takenAtMs = keyspace.now();
    this.dirty = keyspace.dirty;
    this.states = keyspace.databases.map((db) => db.state());
    this.reclaimer = keyspace.reclaimer.state();
  }

  get types(): DataTypes {
    return this.keyspace.types;
  }

  /** Frozen: reading works as in the live ones. Made when first asked for, to keep the taking of a snapshot short. */
  get databases(): readonly Database[] {
    this.opened ??= this.states.map((state, index) => {
      const database = new Database(this.arena, this.keyspace, index);
      database.load(state);
      return database;
    });
    return this.opened;
  }

  /** Memory ran out and the snapshot was given up for it: it can not be read any more. */
  get isLost(): boolean {
    return this.arena.isLost;
  }

  close(): void {
    this.arena.close();
  }
}

export class Keyspace implements DatabaseContext {
  readonly arena: Arena;
  readonly random: KeyspaceOptions['random'];
  readonly databases: Database[] = [];
  readonly types: DataTypes;
  readonly kinds: KindTable;
  readonly limits: KeyspaceLimits;
  readonly compactor: Compactor;
  readonly reclaimer: Reclaimer;
  readonly eviction: Eviction;
  readonly frequency = new FrequencyLimits();
  /** Changes since the last save. */
  dirty = 0;
  hits = 0;
  misses = 0;
  expiredKeys = 0;
  /** Elements of values that went by their own deadlines. */
  expiredElements = 0;
  evictedKeys = 0;
  activeExpiry = true;
  /**
   * CLIENT PAUSE, while a command runs that writes nothing: a key that is due is not found, and stays where it is until
   * the pause is over.
   */
  keepsExpired = false;
  /** While a command of a client with CLIENT NO-TOUCH runs: lookups leave no trace of use in keys. */
  leavesNoTrace = false;
  /** Called when a key goes because it expired or was evicted, for propagation. */
  onRemoved: (db: Database, key: Slice) => void = () => {};

  /** What carries effects beyond a key's removal that no command of a client has. */
  propagation: Propagation = { active: false, emit() {} };

  /** Called for keys that appear, and for lookups that miss, while somebody asks for these events. */
  onKeyAdded: ((db: Database, key: Slice) => void) | null = null;
  onKeyMissed: ((db: Database, key: Slice) => void) | null = null;

  private readonly clock: KeyspaceOptions['clock'];
  private readonly observers = new Set<KeyObserver>();
  private observed = false;
  private nowMs = 0;
  /**
   * The access bits that a lookup writes into the entry's word, shifted to their place. Under an LRU policy (and
   * without one) that is the clock. Under an LFU policy it is the full counter of this minute: an entry that says so is
   * left alone, and any other gets what touchedByUse() says, so that telling the policies apart costs a lookup under
   * LRU nothing.
   */
  useBits = 0;
  /** What a new entry begins with. */
  newBits = 0;
  /** An LFU policy is in force: entries count how often they are used, not when they were. */
  countsUse = false;
  private stagingDatabase: Database | null = null;
  private seeds: HashSeeds | null = null;

  constructor(options: KeyspaceOptions, arena = new Arena()) {
    this.arena = arena;
    this.clock = options.clock;
    this.random = options.random;
    this.types = options.types;
    this.kinds = options.types.kinds;
    this.limits = options.types.newLimits();
    for (let index = 0; index < options.databases; index++) this.databases.push(new Database(arena, this, index));
    this.compactor = new Compactor(this);
    this.reclaimer = new Reclaimer(arena, this, () => new Database(arena, this, -1));
    this.eviction = new Eviction(this);
    this.refreshLruClock();
    // The first command finds its spare pages, too.
    arena.settle();
  }

  /** With what all tables inside of values hash. */
  get hashSeeds(): HashSeeds {
    this.seeds ??= { seed: this.random.int32(), reseed: () => this.random.int32() };
    return this.seeds;
  }

  // --- time ---

  /** Every command sees one time, read when it first asks. */
  beginCommand(): void {
    this.nowMs = 0;
  }

  /** A command goes on that has stopped for others: its time is what it was. */
  resumeCommand(nowMs: number): void {
    this.nowMs = nowMs;
  }

  now(): number {
    if (this.nowMs === 0) {
      this.nowMs = this.clock.now();
      if (this.countsUse) this.setFrequencyBits();
      else this.useBits = this.newBits = (this.nowMs / 1000) << 8;
    }
    return this.nowMs;
  }

  private setFrequencyBits(): void {
    const minutes = clockMinutes(this.nowMs) << 16;
    this.useBits = minutes | 0xff00;
    this.newBits = minutes | (INITIAL_COUNT << 8);
  }

  /** Called once a turn: plain lookups touch the LRU clock without reading the time. */
  refreshLruClock(): void {
    this.nowMs = 0;
    this.now();
  }

  /** Seconds, 24 bits. */
  get lruClock(): number {
    return (this.now() / 1000) & 0xffffff;
  }

  /** Minutes, 16 bits: the clock of the LFU counters. */
  get minuteClock(): number {
    return clockMinutes(this.now());
  }

  /** An LFU policy begins or ends. What entries say of their use is not converted: as in Redis it adjusts with time. */
  countUse(countsUse: boolean): void {
    this.countsUse = countsUse;
    this.refreshLruClock();
  }

  /** The word of an entry's kind and use after one more use, under an LFU policy. */
  touchedByUse(word: number): number {
    return touched(word, this.minuteClock, this.frequency, this.random);
  }

  // --- changes ---

  observe(observer: KeyObserver): void {
    this.observers.add(observer);
    this.observed = true;
  }

  unobserve(observer: KeyObserver): void {
    this.observers.delete(observer);
    this.observed = this.observers.size > 0;
  }

  /**
   * After every mutation of a key, and before the next: what happened, and as how many changes that counts (0: it is
   * counted by another event). Handlers say call.changed().
   */
  keyChanged(db: Database, key: Slice, event: EventName, changes: number): void {
    this.dirty += changes;
    if (this.observed) this.announce(db, key, event);
  }

  /** A key met its deadline and is deleted already. No command has changed it, so dirty stays as it is. */
  keyExpired(db: Database, key: Slice): void {
    this.expiredKeys++;
    this.onRemoved(db, key);
    if (this.observed) this.announce(db, key, 'expired');
  }

  /** Elements of a key met their deadlines, and are removed already; dirty stays as it is. */
  elementsExpired(db: Database, key: Slice, event: EventName, count: number): void {
    this.expiredElements += count;
    if (this.observed) this.announce(db, key, event);
  }

  /** The last of them was removed, and the key with it. */
  keyEmptied(db: Database, key: Slice): void {
    if (this.observed) this.announce(db, key, 'del');
  }

  /** A key made room for others; it is deleted already. */
  keyEvicted(db: Database, key: Slice): void {
    this.evictedKeys++;
    this.onRemoved(db, key);
    if (this.observed) this.announce(db, key, 'evicted');
  }

  private announce(db: Database, key: Slice, event: EventName): void {
    for (const observer of this.observers) observer.keyChanged(db, key, event, EVENTS[event]);
  }

  private announceDatabase(db: Database): void {
    if (this.observed) for (const observer of this.observers) observer.databaseChanged(db);
  }

  // --- expiry ---

  /** The next time at which a key of any database falls due, or Infinity. */
  nextDeadline(): number {
    let next = Infinity;
    if (!this.activeExpiry) return next;
    for (let i = 0; i < this.databases.length; i++) {
      if (this.databases[i].heap.size > 0) next = Math.min(next, this.databases[i].nextDeadline());
    }
    return next;
  }

  /** Removes and announces up to `limit` due keys; returns how many. Call it outside of commands. */
  expireDue(limit: number): number {
    // A timer may have been set before DEBUG SET-ACTIVE-EXPIRE 0.
    if (!this.activeExpiry) return 0;
    this.beginCommand();
    let count = 0;
    for (let i = 0; i < this.databases.length && count < limit; i++) {
      if (this.databases[i].heap.size > 0) count += this.databases[i].expireDue(limit - count);
    }
    return count;
  }

  /**
   * A database beside the others, empty between commands: values that come in pieces, of which a later one may be wrong
   * or one too many, are built there and then renamed into their own.
   */
  get staging(): Database {
    return (this.stagingDatabase ??= new Database(this.arena, this, -1));
  }

  expiryOf(typeId: number): ElementExpiry | undefined {
    return this.types.expiryOf(typeId);
  }

  // --- whole databases ---

  /** Empties all databases; returns how many keys they had. */
  flushAll(): number {
    const removed = this.databases.reduce((sum, db) => sum + db.size, 0);
    this.arena.reset();
    this.reclaimer.forget();
    this.compactor.stop();
    for (const db of this.databases) db.forget();
    for (const db of this.databases) this.announceDatabase(db);
    return removed;
  }

  /** Empties one database; its memory returns in slices (reclaimer). Returns how many keys it had. */
  flush(db: Database): number {
    const removed = db.size;
    if (removed === 0) return 0;
    if (this.databases.every((other) => other === db || other.size === 0)) return this.flushAll();
    this.reclaimer.takeDatabase(db);
    this.announceDatabase(db);
    return removed;
  }

  swap(first: number, second: number): void {
    if (first === second) return;
    const a = this.databases[first];
    const b = this.databases[second];
    a.index = second;
    b.index = first;
    this.databases[first] = b;
    this.databases[second] = a;
    this.announceDatabase(a);
    this.announceDatabase(b);
  }

  // --- snapshots ---

  /**
   * The keyspace as it is now, for good: microseconds, whatever its size. Close it when done. When memory runs out it
   * may be lost, unless it is `kept` (see Arena.snapshot).
   */
  snapshot(kept = false): KeyspaceSnapshot {
    return new KeyspaceSnapshot(this, kept);
  }

  /** Makes the keyspace what it was when the snapshot was taken; the snapshot stays as it is. */
  restore(snapshot: KeyspaceSnapshot): void {
    this.compactor.stop();
    this.arena.restore(snapshot.arena);
    this.databases.forEach((db, index) => {
      db.load(snapshot.states[index]);
    });
    this.reclaimer.load(snapshot.reclaimer);
    this.dirty++;
    for (const db of this.databases) this.announceDatabase(db);
  }

  /** Throws unless every block has one owner and all books agree. */
  checkIntegrity(): void {
    this.arena.settle();
    for (const db of this.databases) {
      db.dict.checkIntegrity();
      db.heap.checkIntegrity();
      for (let position = 0; position < db.size; position++) {
        const ref = db.at(position);
        this.types.of(db, ref).checkIntegrity?.(db, ref);
      }
    }
    this.arena.checkIntegrity(this.blocks());
  }

  private *blocks(): Generator<number> {
    for (const db of this.databases) yield* db.blocks();
    yield* this.reclaimer.blocks();
  }
}
