/**
 * The clock of a server: the system's, until somebody takes hold of it. It can be frozen, moved and let go again, and
 * everything that depends on time (expiry, blocking timeouts, idle connections) follows.
 *
 * Invariants: callbacks run in the order of their times, each at a time not before its own; while the clock is frozen
 * nothing falls due by itself; what clients sent before advance() or set() was called has run before the time moves;
 * and these resolve when all that fell due on the way has run and been written to the sockets.
 */
import type { Clock, ScheduledCall } from '../../engine/clock.js';
import { nextTurn } from '../../net/timers.js';
import { RedisServerError, shown } from '../server-error.js';
import { SystemClock } from './system-clock.js';

/** The times that a Date can have, from 1970 on. */
const MAX_TIME_MS = 8.64e15;

/** The server's time, as the test that holds it sees it. */
export interface ServerClock {
  readonly isFrozen: boolean;
  /** Milliseconds since the epoch, as this server sees it. */
  now(): number;
  /**
   * Stops the time, at the present instant or at the given one (ms since the epoch or a Date).
   * @throws RedisServerError for what is no time
   */
  freeze(at?: number | Date): void;
  /** Lets the time run on from where it stands. */
  resume(): void;
  /**
   * Moves the time forward, frozen or not: first what clients in this process have sent is run, then what falls due, in
   * order. Resolves when all of it has been answered; rejects with a RedisServerError for a negative number or none.
   */
  advance(ms: number): Promise<void>;
  /** Sets the time (ms since the epoch or a Date), forwards or backwards. Resolves and rejects as advance() does. */
  set(time: number | Date): Promise<void>;
}

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

export class ControllableClock implements Clock, ServerClock {
  /** Soonest first; among equals the one that was scheduled first. */
  private readonly alarms: Alarm[] = [];
  private timer: ScheduledCall | undefined;
  private timerAtMs = Number.POSITIVE_INFINITY;
  private frozenAtMs: number | undefined;
  /** How far we are ahead of the system's clock. */
  private offsetMs = 0;
  private moving: Promise<void> = Promise.resolve();
  private isMoving = false;
  private isHeld = false;

  constructor(
    private readonly system: Clock = new SystemClock(),
    /** Called whenever time was moved by hand and the callbacks that fell due have run. */
    private readonly settled: () => void = () => {},
    /** Resolves when what is on its way has arrived; awaited before time is moved by hand. */
    private readonly letIn: () => Promise<void> = nextTurn,
  ) {}

  get isFrozen(): boolean {
    return this.frozenAtMs !== undefined;
  }

  now(): number {
    return this.frozenAtMs ?? this.system.now() + this.offsetMs;
  }

  freeze(at: number | Date = this.now()): void {
    this.frozenAtMs = timeOf(at, 'freeze');
    this.arm();
  }

  resume(): void {
    if (this.frozenAtMs === undefined) return;
    this.offsetMs = this.frozenAtMs - this.system.now();
    this.frozenAtMs = undefined;
    this.arm();
  }

  /** Nothing falls due until it is let go, and nobody moves the time; it passes as it did. */
  hold(isHeld: boolean): void {
    this.isHeld = isHeld;
    this.arm();
  }

  async advance(ms: number): Promise<void> {
    if (!(typeof ms === 'number' && ms >= 0 && ms <= MAX_TIME_MS)) {
      throw refused(`advance() takes milliseconds, 0 or more, not ${shown(ms)}`);
    }
    return this.enqueue(() => this.moveTo(Math.min(this.now() + Math.floor(ms), MAX_TIME_MS)));
  }

  async set(time: number | Date): Promise<void> {
    const target = timeOf(time, 'set');
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
    const next = async () => {
      await this.letIn();
      await move();
    };
    this.moving = this.moving.then(next, next);
    return this.moving;
  }

  private async moveTo(targetMs: number): Promise<void> {
    this.isMoving = true;
    const isBackwards = targetMs < this.now();
    try {
      for (;;) {
        while (this.isHeld) await nextTurn();
        if (this.nextDue() > targetMs) break;
        this.jump(Math.max(this.now(), this.nextDue()));
        this.alarms.shift()!.callback();
        // Long work goes on in slices, each scheduled anew at the same time: one per turn, as when the time passes by
        // itself.
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
    const dueAtMs =
      this.isFrozen || this.isMoving || this.isHeld ? Number.POSITIVE_INFINITY : this.nextDue() - this.offsetMs;
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

/** Whole milliseconds since the epoch. @throws RedisServerError */
function timeOf(time: number | Date, method: string): number {
  const ms = typeof time === 'number' || Object.prototype.toString.call(time) === '[object Date]' ? Number(time) : NaN;
  if (ms >= 0 && ms <= MAX_TIME_MS) return Math.floor(ms);
  throw refused(`${method}() takes milliseconds since the epoch or a Date, not ${shown(time)}`);
}

function refused(message: string): RedisServerError {
  return new RedisServerError('INVALID_ARGUMENT', message);
}
