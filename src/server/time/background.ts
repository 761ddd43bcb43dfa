/**
 * Work beside the commands, in slices: removal of expired keys at their deadline, memory that flushes and deletions
 * left behind, and what is looked at ten times a second.
 *
 * Expiry follows the server's clock, so that it stands still when the clock is frozen. Everything else goes by real
 * time: memory has to be given back in any case.
 *
 * A server with nothing to do rests: after some ticks in which nothing happened and nothing is due there are none,
 * until somebody wakes it. A hundred idle servers of one test run would otherwise take a tenth of a core.
 */
import type { ScheduledCall } from '../../engine/clock.js';
import type { Engine } from '../../engine/engine.js';
import { Pause } from '../../features/clients/pause.js';
import type { LatencyMonitor } from '../../features/observing/latency-monitor.js';
import { Timing } from '../../features/observing/timing.js';
import { EvictionVerdict } from '../../keyspace/eviction.js';
import { performanceNow } from '../../net/timers.js';
import { SystemClock } from './system-clock.js';

const TICK_MS = 100;
/** Rates, means of the last 16 ticks, have gone down to 0 by then. */
const TICKS_BEFORE_REST = 20;
/** What one slice may take. Together with a turn of commands it stays well below the 5 ms that a PING may wait. */
const SLICE_MS = 1;
const EXPIRED_KEYS_PER_STEP = 256;
const RECLAIMED_ENTRIES_PER_STEP = 512;
const COMPACTION_UNITS_PER_STEP = 1024;
/**
 * Memory that the system refused is asked for once a second: each refusal costs V8 some 20 ms of garbage collection.
 */
const TICKS_BETWEEN_ASKING = 10;

export interface BackgroundOptions {
  engine: Engine;
  ref: boolean;
  /** Ten times a second, by real time, unless the server rests. */
  onTick: () => void;
  /** Whether something is to be looked at in the ticks that come although no command runs. */
  hasDuties: () => boolean;
  /** From now on there are no ticks: before commands run, wake() has to be called. */
  onRest: () => void;
  /** Replies and messages to clients were queued outside of their own turns. */
  flush: () => void;
  /** A slice of work threw: the next one goes on. */
  onFault: (error: unknown) => void;
}

export class Background {
  private readonly system: SystemClock;
  private readonly pause: Pause;
  private readonly latency: LatencyMonitor;
  private tickCall: ScheduledCall | undefined;
  private sliceCall: ScheduledCall | undefined;
  private expiryCall: ScheduledCall | undefined;
  private expiryAtMs = Number.POSITIVE_INFINITY;
  private dirtySeen = -1;
  private quietTicks = 0;
  private ticks = 0;
  private isResting = false;
  private isStopped = false;
  /** DEBUG PAUSE-CRON: ticks go on and do nothing. */
  isPaused = false;
  /** A script has stopped half way: ticks go on and change nothing. */
  standsStill = false;
  /** What removing keys as they fell due took. */
  expiryMilliseconds = 0;

  constructor(private readonly options: BackgroundOptions) {
    this.system = new SystemClock(options.ref, options.onFault);
    this.pause = options.engine.feature(Pause);
    this.latency = options.engine.feature(Timing).latency;
    this.pause.onEnd = () => this.planExpiry();
  }

  start(): void {
    this.planTick();
  }

  /** Something is about to happen: the clocks that ticks keep are set, and ticks go on. */
  wake(): void {
    this.quietTicks = 0;
    if (!this.isResting || this.isStopped) return;
    this.isResting = false;
    this.options.engine.keyspace.refreshLruClock();
    this.options.onTick();
    this.planTick();
  }

  stop(): void {
    this.isStopped = true;
    this.tickCall?.cancel();
    this.sliceCall?.cancel();
    this.expiryCall?.cancel();
  }

  /** Commands have run: plans for the next deadline if something changed. */
  commandsRan(): void {
    this.quietTicks = 0;
    const { dirty } = this.options.engine.keyspace;
    if (dirty === this.dirtySeen) return;
    this.dirtySeen = dirty;
    this.planExpiry();
  }

  planExpiry(): void {
    if (this.isStopped) return;
    // While clients are paused nothing expires.
    if (this.pause.isActive) return;
    const next = this.options.engine.keyspace.nextDeadline();
    // One that is planned too early only looks again.
    if (next >= this.expiryAtMs) return;
    this.expiryCall?.cancel();
    this.expiryAtMs = next;
    this.expiryCall = this.options.engine.clock.schedule(next, this.expire);
  }

  private readonly expire = (): void => {
    const { engine } = this.options;
    const { keyspace } = engine;
    this.expiryCall = undefined;
    this.expiryAtMs = Number.POSITIVE_INFINITY;
    if (this.pause.isActive) return;
    this.wake();
    const start = performanceNow();
    const end = start + SLICE_MS;
    do {
      keyspace.expireDue(EXPIRED_KEYS_PER_STEP);
      keyspace.arena.settle();
    } while (keyspace.nextDeadline() <= keyspace.now() && performanceNow() < end);
    const elapsed = performanceNow() - start;
    this.expiryMilliseconds += elapsed;
    this.latency.sample('expire-cycle', elapsed);
    if (engine.blocking.hasReady) engine.blocking.serve();
    this.options.flush();
    this.planExpiry();
  };

  private readonly tick = (): void => {
    if (this.isStopped) return;
    this.planTick();
    const { keyspace } = this.options.engine;
    if (++this.ticks % TICKS_BETWEEN_ASKING === 0) keyspace.arena.askAgain();
    if (this.isPaused || this.standsStill) return;
    keyspace.refreshLruClock();
    this.options.onTick();
    this.planExpiry();
    if (this.sliceCall === undefined) this.slice();
    if (this.sliceCall !== undefined) this.quietTicks = 0;
    else if (++this.quietTicks >= TICKS_BEFORE_REST) this.restUnlessDue();
  };

  private planTick(): void {
    this.tickCall = this.system.schedule(this.system.now() + TICK_MS, this.tick);
  }

  private restUnlessDue(): void {
    this.quietTicks = 0;
    if (this.options.hasDuties()) return;
    this.isResting = true;
    this.tickCall?.cancel();
    this.options.onRest();
  }

  /** Evicts what no command had the time for, and gives memory back, half of the time at most. */
  private readonly slice = (): void => {
    this.sliceCall = undefined;
    if (this.isStopped) return;
    const { engine } = this.options;
    if (this.standsStill) {
      this.sliceCall = this.system.schedule(this.system.now() + TICK_MS, this.slice);
      return;
    }
    const { keyspace } = engine;
    const { evictedKeys } = keyspace;
    keyspace.beginCommand();
    const end = performanceNow() + SLICE_MS;
    let hasMore: boolean;
    do {
      hasMore = engine.makeRoom() === EvictionVerdict.MORE || keyspace.reclaimer.isBusy;
      if (hasMore) keyspace.reclaimer.step(RECLAIMED_ENTRIES_PER_STEP);
      else hasMore = keyspace.compactor.step(COMPACTION_UNITS_PER_STEP);
    } while (hasMore && performanceNow() < end);
    // Evicted keys may have left messages for subscribers.
    if (keyspace.evictedKeys !== evictedKeys) this.options.flush();
    if (hasMore) this.sliceCall = this.system.schedule(this.system.now() + SLICE_MS, this.slice);
  };
}
