/**
 * The clock of a server: the system's, until somebody takes hold of it. It can be frozen, moved and let go again, and everything that
 * depends on time (expiry, blocking timeouts, idle connections) follows.
 *
 * Invariants: callbacks run in the order of their times, each at a time not before its own; while the clock is frozen nothing falls
 * due by itself; advance() resolves when all that fell due on the way has run and been written to the sockets.
 */
import type { Clock, ScheduledCall } from '../../engine/clock.js';
import { SystemClock } from './system-clock.js';

const setTurn = globalThis.setImmediate;

class Alarm implements ScheduledCall {
  constructor(
    readonly atMs: number,
    readonly callback: () => void,
    private readonly alarms: Alarm[],
    private readonly changed: () => void,
  ) {}

  cancel(): void {
    const index = this.alarms.indexOf(this);
    if (index < 0) return;
    this.alarms.splice(index, 1);
    if (index === 0) this.changed();
  }
}

export class ControllableClock implements Clock {
  /** Soonest first; among equals the one that was scheduled first. */
  private readonly alarms: Alarm[] = [];
  private timer: ScheduledCall | undefined;
  private timerAtMs = Number.POSITIVE_INFINITY;
  private frozenAtMs: number | undefined;
  /** How far we are ahead of the system's clock. */
  private offsetMs = 0;
  private moving: Promise<void> = Promise.resolve();
  private isMoving = false;

  constructor(
    private readonly system: Clock = new SystemClock(),
    /** Called whenever time was moved by hand and the callbacks that fell due have run. */
    public settled: () => void = () => {},
  ) {}

  get isFrozen(): boolean {
    return this.frozenAtMs !== undefined;
  }

  now(): number {
    return this.frozenAtMs ?? this.system.now() + this.offsetMs;
  }

  /** Stops the time, at the present instant or at the given one (ms since the epoch). */
  freeze(atMs: number = this.now()): void {
    this.frozenAtMs = Math.floor(atMs);
    this.arm();
  }

  /** Lets the time run on from where it stands. */
  resume(): void {
    if (this.frozenAtMs === undefined) return;
    this.offsetMs = this.frozenAtMs - this.system.now();
    this.frozenAtMs = undefined;
    this.arm();
  }

  /** Moves the time forward, frozen or not. Resolves when all that fell due has been answered. */
  advance(ms: number): Promise<void> {
    if (!(ms >= 0)) return Promise.reject(new RangeError('advance() takes a number of milliseconds >= 0'));
    return this.enqueue(() => this.moveTo(this.now() + Math.floor(ms)));
  }

  /** Sets the time (ms since the epoch or a Date), forwards or backwards. Resolves as advance() does. */
  set(time: number | Date): Promise<void> {
    const target = Math.floor(Number(time));
    if (!Number.isFinite(target)) return Promise.reject(new RangeError('set() takes a time'));
    return this.enqueue(() => this.moveTo(target));
  }

  schedule(atMs: number, callback: () => void): ScheduledCall {
    const alarm = new Alarm(atMs, callback, this.alarms, this.arm);
    let index = this.alarms.length;
    while (index > 0 && this.alarms[index - 1]!.atMs > atMs) index--;
    this.alarms.splice(index, 0, alarm);
    if (index === 0) this.arm();
    return alarm;
  }

  /** Forgets everything that was scheduled. */
  clear(): void {
    this.alarms.length = 0;
    this.arm();
  }

  /** Moves one after the other: two callers that advance at once advance by the sum. */
  private enqueue(move: () => Promise<void>): Promise<void> {
    this.moving = this.moving.then(move, move);
    return this.moving;
  }

  private async moveTo(targetMs: number): Promise<void> {
    this.isMoving = true;
    const isBackwards = targetMs < this.now();
    try {
      while (this.nextDue() <= targetMs) {
        this.jump(Math.max(this.now(), this.nextDue()));
        this.alarms.shift()!.callback();
        // Long work goes on in slices, each scheduled anew at the same time: one per turn, as when the time passes by itself.
        await nextTurn();
      }
      // A running clock has moved meanwhile.
      this.jump(isBackwards ? targetMs : Math.max(targetMs, this.now()));
    } finally {
      this.isMoving = false;
      this.arm();
    }
    this.settled();
  }

  private jump(toMs: number): void {
    if (this.frozenAtMs !== undefined) this.frozenAtMs = toMs;
    else this.offsetMs = toMs - this.system.now();
  }

  private nextDue(): number {
    return this.alarms[0]?.atMs ?? Number.POSITIVE_INFINITY;
  }

  /** One timer of the system's, for the soonest alarm. */
  private readonly arm = (): void => {
    const dueAtMs = this.isFrozen || this.isMoving ? Number.POSITIVE_INFINITY : this.nextDue() - this.offsetMs;
    if (dueAtMs === this.timerAtMs) return;
    this.timer?.cancel();
    this.timer = dueAtMs === Number.POSITIVE_INFINITY ? undefined : this.system.schedule(dueAtMs, this.ring);
    this.timerAtMs = dueAtMs;
  };

  private readonly ring = (): void => {
    this.timer = undefined;
    this.timerAtMs = Number.POSITIVE_INFINITY;
    const alarm = this.nextDue() <= this.now() ? this.alarms.shift() : undefined;
    this.arm();
    alarm?.callback();
  };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTurn(resolve));
}
