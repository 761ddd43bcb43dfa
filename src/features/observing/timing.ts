/**
 * What commands take: where commandstats, latencystats, SLOWLOG and LATENCY have their times from.
 *
 * Reading a fine clock costs a tenth of a GET, so that a pipeline of plain commands is not timed one by one:
 *
 * - A command by itself: one that is neither flagged `fast` nor O(1), one whose request came in pieces, one that is all
 *   its client sent.
 * - So is a call that says takesLong() when it sees how much there is to do, of a command whose calls are mostly brief.
 * - The others between two readings of the clock (mostly all of a turn's) share the time in equal parts.
 * - Under load, when there are more than some thousand turns a second, one of sixteen stands for all.
 * - A fast command with a reply so long that its turn ends may have been slow: the clock is read after it, and those
 *   before it since the last reading are taken to have lasted as long as the fast ones do on average.
 * - While `slowlog-log-slower-than` is below a millisecond, or LATENCY watches, every command by itself.
 *
 * A command that has joined the current interval pays one comparison: `interval` is ALONE (which no command ever has)
 * while the next one is to be timed by itself, and commands that are not brief never join. Flags and lengths tested one
 * by one cost ten times that.
 *
 * Invariants: in a turn that is measured `markAt` is the last reading. A command is in `joined` once if it ran since
 * then without being timed, which is when its `interval` is the current one; its calls since then are those above
 * `settledCalls`.
 */

import { defaultOf } from '../../config/binding.js';
import type { CallTimer } from '../../engine/call-timer.js';
import type { Client } from '../../engine/client.js';
import { NOT_TIMED, type Stopwatch } from '../../engine/clock.js';
import { CommandFlag, CompiledCommand } from '../../engine/command-table.js';
import type { Engine } from '../../engine/engine.js';
import { LatencyHistogram } from '../../engine/latency-histogram.js';
import type { Args } from '../../protocol/args.js';
import { LatencyMonitor } from './latency-monitor.js';
import { SlowLog } from './slow-log.js';

/** Below this many microseconds a slow command can hide in a turn. */
const FINE_THRESHOLD = 1000;
const MAX_INTERVAL = 2 ** 30;
/** In the place of an interval's number: the next command is timed by itself. */
const ALONE = -1;

/**
 * Turns that are measured in each tick of the server before the others are sampled: of 100 ms, 0.05 ms for looking at
 * the clock.
 */
const MEASURED_PER_TICK = 512;
const SAMPLED_TURNS = 16;

/** Where Redis says that the commands of scripts come from. */
const SCRIPT_ADDRESS = '?:0';

export class Timing implements CallTimer {
  readonly slowLog = new SlowLog();
  readonly latency: LatencyMonitor;
  /** `latency-tracking`: whether histograms are kept. */
  tracks = defaultOf('latency-tracking');
  /** What a command's `interval` is if it has joined the current one. */
  interval = 1;
  /** Turns, and what their commands took together. */
  turns = 0;
  busyMicroseconds = 0;

  private timesEach = false;
  /** The request that comes next was long. */
  private isLongNext = false;
  /** The number of the interval since the last reading. */
  private number = 1;
  private measuredLeft = MEASURED_PER_TICK;
  private turnsToSkip = 0;
  /**
   * False in turns that are not sampled. Commands that join then stay in `joined`, and the next sampled turn drops
   * them.
   */
  private isMeasured = true;
  /** For how many turns this one stands. */
  private weight = 1;
  private markAt = 0;
  /**
   * The first `joinedCount` of these: emptying an array gives its memory away, and each turn would allocate it anew
   * (100 ns).
   */
  private readonly joined: CompiledCommand[] = [];
  private joinedCount = 0;
  private sharedMicroseconds = 0;
  private sharedCalls = 0;

  private readonly stopwatch: Stopwatch;

  constructor(private readonly engine: Engine) {
    this.stopwatch = engine.stopwatch;
    this.latency = new LatencyMonitor(() => engine.clock.now());
    engine.timer = this;
  }

  /** The directives changed. */
  configure(settings: { slowerThan: number; maxLength: number; latencyThreshold: number; tracks: boolean }): void {
    const { slowLog } = this;
    slowLog.slowerThan = settings.slowerThan;
    slowLog.maxLength = settings.maxLength;
    slowLog.trim();
    this.latency.threshold = settings.latencyThreshold;
    this.tracks = settings.tracks;
    const isFine = settings.slowerThan >= 0 && settings.slowerThan < FINE_THRESHOLD;
    this.timesEach = isFine || settings.latencyThreshold > 0;
    this.interval = this.usualInterval;
    this.turnsToSkip = 0;
  }

  /** Commands of one client begin. `isSingle`: as far as one can see there is only one. */
  beginTurn(isSingle: boolean): void {
    this.turns++;
    if (this.turnsToSkip > 0) {
      this.turnsToSkip--;
      return;
    }
    this.isMeasured = true;
    if (this.joinedCount > 0) this.startInterval();
    this.weight = --this.measuredLeft < 0 ? SAMPLED_TURNS : 1;
    this.interval = (isSingle && this.weight === 1) || this.isLongNext ? ALONE : this.usualInterval;
    this.markAt = this.stopwatch.microseconds();
  }

  endTurn(): void {
    if (!this.isMeasured) return;
    this.interval = this.usualInterval;
    if (this.joinedCount > 0) this.endInterval(this.stopwatch.microseconds());
    if (this.measuredLeft >= 0 || this.timesEach) return;
    this.turnsToSkip = SAMPLED_TURNS - 1;
    this.isMeasured = false;
  }

  /** Called ten times a second: what comes now and then is measured, all of it. */
  tick(): void {
    this.measuredLeft = MEASURED_PER_TICK;
    this.turnsToSkip = 0;
  }

  /** The next command's request did not fit into one read. */
  expectLong(): void {
    this.isLongNext = true;
    this.interval = ALONE;
  }

  meet(command: CompiledCommand): number {
    if (this.interval === ALONE || !command.isBrief) return this.start();
    command.interval = this.interval;
    command.settledCalls = command.calls;
    this.joined[this.joinedCount++] = command;
    return NOT_TIMED;
  }

  /** Before a command that is timed by itself; commands that run inside of it may be too. */
  private start(): number {
    this.isLongNext = false;
    this.interval = this.usualInterval;
    if (!this.isMeasured) {
      this.startInterval();
      this.markAt = this.stopwatch.microseconds();
    } else if (this.joinedCount > 0) {
      this.endInterval(this.stopwatch.microseconds());
    }
    return this.markAt;
  }

  leave(command: CompiledCommand): number {
    if (this.joinedCount === 0 || command.interval !== this.interval) return NOT_TIMED;
    return this.start();
  }

  stop(client: Client, command: CompiledCommand, args: Args, startedAt: number): void {
    command.settledCalls++;
    command.timedCalls++;
    const microseconds = this.measure(startedAt);
    // A client that waits now has not had its command yet.
    if (client.waiter === null) this.record(client, command, args, microseconds);
    else command.microseconds += microseconds;
  }

  startWaiter(): number {
    const now = this.stopwatch.microseconds();
    if (!this.isMeasured) this.startInterval();
    else if (this.joinedCount > 0) this.endInterval(now);
    this.markAt = now;
    return now;
  }

  stopWaiter(client: Client, command: CompiledCommand, args: Args, startedAt: number): void {
    this.record(client, command, args, this.measure(startedAt));
  }

  /**
   * The turn was cut short by its reply size: the command that ran last may have been slow, so it is timed now. It has
   * joined the interval and is counted.
   */
  stopLongReply(client: Client, args: Args): void {
    const command = client.lastCommand;
    if (!(command instanceof CompiledCommand)) return;
    // Timed by itself already.
    if (this.joinedCount === 0 || command.interval !== this.interval) return;
    if (!this.isMeasured) {
      // Too late for this one; the next turns will be looked at.
      this.tick();
      return;
    }
    const now = this.stopwatch.microseconds();
    const elapsed = now - this.markAt;
    command.settledCalls++;
    command.timedCalls++;
    const others = this.unsettledCalls();
    const mean = this.sharedCalls === 0 ? 0 : this.sharedMicroseconds / this.sharedCalls;
    const microseconds = Math.max(elapsed - others * mean, elapsed / (others + 1));
    this.endInterval(now - microseconds);
    this.markAt = now;
    this.busyMicroseconds += microseconds;
    this.record(client, command, args, microseconds);
  }

  resetStatistics(): void {
    this.turns = 0;
    this.busyMicroseconds = 0;
  }

  /** What has passed since a command began that is timed by itself. */
  private measure(startedAt: number): number {
    const now = this.stopwatch.microseconds();
    // What ran inside (EXEC, a script) shares the time.
    if (this.joinedCount > 0) this.endInterval(now, 1);
    else this.busyMicroseconds += now - this.markAt;
    this.markAt = now;
    return now - startedAt;
  }

  private record(client: Client, command: CompiledCommand, args: Args, microseconds: number): void {
    command.microseconds += microseconds;
    if (this.tracks) histogramOf(command).record(microseconds * 1000);
    const { slowLog, latency } = this;
    if (latency.threshold !== 0) {
      latency.sample((command.flags & CommandFlag.FAST) !== 0 ? 'fast-command' : 'command', microseconds / 1000);
    }
    if (slowLog.slowerThan < 0 || microseconds < slowLog.slowerThan) return;
    if ((command.flags & CommandFlag.SKIP_SLOWLOG) !== 0) return;
    const at = Math.floor(this.engine.clock.now() / 1000);
    const address = client.isScript ? SCRIPT_ADDRESS : (client.sink.facts()?.remoteAddress ?? '');
    slowLog.add({ at, microseconds: Math.floor(microseconds), address, clientName: client.name }, command, args);
  }

  private unsettledCalls(): number {
    let calls = 0;
    for (let i = 0; i < this.joinedCount; i++) calls += this.joined[i].calls - this.joined[i].settledCalls;
    return calls;
  }

  /** Ends the interval: who joined it shares its time. */
  private endInterval(now: number, weight = this.weight): void {
    const { joined } = this;
    const elapsed = now - this.markAt;
    const calls = this.unsettledCalls();
    const share = calls === 0 ? 0 : elapsed / calls;
    for (let i = 0; i < this.joinedCount; i++) {
      const command = joined[i];
      const own = (command.calls - command.settledCalls) * weight;
      if (own === 0) continue;
      command.timedCalls += own;
      command.microseconds += share * own;
      if (this.tracks) histogramOf(command).record(share * 1000, own);
    }
    this.sharedMicroseconds += elapsed;
    this.sharedCalls += calls;
    this.busyMicroseconds += elapsed * weight;
    this.markAt = now;
    this.startInterval();
  }

  private startInterval(): void {
    this.joinedCount = 0;
    this.number = this.number === MAX_INTERVAL ? 1 : this.number + 1;
    if (this.interval !== ALONE) this.interval = this.number;
  }

  private get usualInterval(): number {
    return this.timesEach ? ALONE : this.number;
  }
}

function histogramOf(command: CompiledCommand): LatencyHistogram {
  return (command.histogram ??= new LatencyHistogram());
}
