/**
 * One script runs at a time, to its end: when it begins, stops, is killed or takes too much. What it calls is in
 * script-commands.ts.
 */

import { answer } from '../../engine/blocking.js';
import type { Call } from '../../engine/call.js';
import type { CompiledCommand } from '../../engine/command-table.js';
import type { Engine } from '../../engine/engine.js';
import { engineGateBit } from '../../engine/gate.js';
import { begin, call, end, isOverflow, Raised } from '../../lua/runtime/calls.js';
import { counters } from '../../lua/runtime/counters.js';
import { BeginAgain, Kill, OutOfMemory } from '../../lua/runtime/errors.js';
import { undoChanges } from '../../lua/runtime/lasting-changes.js';
import type { Host } from '../../lua/runtime/limits.js';
import { positionAtLevel } from '../../lua/runtime/positions.js';
import { RandomNumbers } from '../../lua/runtime/random-numbers.js';
import {
  isResumable,
  PAUSE,
  type ResumableFunction,
  refuseSuspension,
  requestPause,
  Suspension,
  Thread,
} from '../../lua/runtime/steps.js';
import type { Table } from '../../lua/runtime/table.js';
import { first, type LuaFunction, type Results } from '../../lua/runtime/value.js';
import type { Args } from '../../protocol/args.js';
import * as errors from '../../protocol/errors.js';
import { HeapLimit } from './heap-limit.js';
import { ScriptCommands } from './script-commands.js';
import { codeOf, failureOf } from './script-errors.js';
import { ScriptReply } from './script-reply.js';
import { StoppedScript } from './stopped-script.js';

/** A script takes so long that others are told so. */
export const BUSY = engineGateBit();

/** Whether what a script does is propagated, as redis.set_repl() says it. */
export const Replication = { NONE: 0, AOF: 1, REPLICA: 2, ALL: 3 } as const;

/** While others are answered the script stands still: for each millisecond of that it runs so many. */
const RUNS_BETWEEN_ANSWERS = 10;
const LEAST_BETWEEN_ANSWERS = 5000;
/** Microseconds: who stood still while it answered, since others had the processor, is not silent ten times as long. */
const MOST_BETWEEN_ANSWERS = 500_000;
const NOT_LOOKED_AT = -1;
/**
 * After a script that took too much. Of compiled texts a collection only finds out that nothing refers to them, the
 * next one frees them, and then the pages go back to the system: 300, 295 and 122 MB were left of a heap of 237.
 */
const COLLECTIONS = 3;
const MICROSECONDS_PER_MILLISECOND = 1000;
const OUT_OF_MEMORY = new OutOfMemory().message;
const KILLED = 'ERR Script killed by user with SCRIPT KILL...';

class Killed extends Kill {
  constructor(readonly position: string) {
    super(KILLED);
  }
}

/** What runs: a script by its name, which errors end with, or a function. */
export interface Runnable {
  readonly name: string;
  /** Bits of ScriptFlag. */
  readonly flags: number;
  /** It may keep something for the next time, so that it can't be begun anew. */
  readonly keepsState: boolean;
}

/** What a script is begun anew with: a function has its keys and arguments from here, a script has none. */
export interface Beginning {
  readonly body: ResumableFunction;
  readonly keys: Table | null;
  readonly others: Table | null;
}

/** What FUNCTION STATS says about the function that runs. */
export interface RunningFunction {
  readonly name: string;
  readonly args: Args;
  readonly milliseconds: number;
}

export class ScriptRun implements Host {
  readonly commands: ScriptCommands;
  /** Of all scripts, whatever is forgotten of them. */
  readonly randomNumbers = new RandomNumbers();
  /** What runs, and what kind it is. */
  private script: Runnable | null = null;
  private isFunction = false;
  /**
   * When it began, by the stopwatch, as of the first poll: a reading at the start made EVAL 2 % dearer. And until when
   * others are not answered.
   */
  private startedAt = 0;
  private answersAt = 0;
  /** Somebody wants it to end. */
  private isKilled = false;
  hasTakenTooMuch = false;
  /** Its calls, if they are such as can be suspended. */
  private thread: Thread | null = null;
  /** Set from when it stops first to its end; and what counters had as it stopped. */
  private stopped: StoppedScript | null = null;
  private place = 0;
  private levels = 0;
  private readonly heap = new HeapLimit();
  private readonly result: ScriptReply;

  constructor(
    private readonly engine: Engine,
    /** Gives a script, as functions that can be suspended, what it found when it began. */
    private readonly beginAgain: (call: Call, script: Runnable) => Beginning,
  ) {
    this.commands = new ScriptCommands(engine, () => this.poll());
    this.result = new ScriptReply(engine.reply, (text) => engine.countError(codeOf(text)));
  }

  /** The call of the command that began the script which runs. */
  private get outer(): Call {
    return this.commands.outer as Call;
  }

  /** A script runs. */
  get isRunning(): boolean {
    return this.script !== null;
  }

  /** It has stopped half way, and has to be gone on with. */
  get hasStopped(): boolean {
    return this.stopped !== null;
  }

  // ---- The script

  /**
   * Runs a script to its end and writes its reply. With `keys` it is a function, which takes them and the other
   * arguments.
   * @throws CommandError if it may not run at all
   */
  run(
    outer: Call,
    script: Runnable,
    body: LuaFunction,
    isReadOnly: boolean,
    keys: Table | null,
    args: Table | null,
  ): void {
    this.commands.begin(outer.client, script.flags, isReadOnly, !script.keepsState);
    this.engine.reply.protocol = 2;
    this.script = script;
    this.isFunction = keys !== null;
    this.startedAt = NOT_LOOKED_AT;
    this.answersAt = 0;
    this.isKilled = false;
    this.heap.begin();
    begin(this);
    this.proceed(outer, body, keys, args);
  }

  /** Goes on with the script that has stopped, within a call of the same command. */
  goOn(outer: Call): void {
    const { nowMs } = this.stopped as StoppedScript;
    this.engine.keyspace.resumeCommand(nowMs);
    begin(this);
    counters.levels = this.levels;
    counters.place = this.place;
    // A request to end it is heard where it comes round.
    counters.isPauseWanted = this.isKilled;
    this.proceed(outer, null, null, null);
  }

  /** Runs the script to its end and writes its reply, or to where it stops for others; without a body it goes on. */
  private proceed(outer: Call, body: LuaFunction | null, keys: Table | null, args: Table | null): void {
    const { engine, commands } = this;
    const { effects, reply } = engine;
    const start = reply.mark();
    let isOver = true;
    commands.outer = outer;
    effects.begin();
    try {
      const results = body === null ? this.advance() : this.start(body, keys, args);
      isOver = results !== PAUSE;
      reply.protocol = outer.client.protocol;
      if (isOver) this.result.write(first(results as Results), commands.client.protocol);
      if (isOver && this.result.hasErrors) (outer.command as CompiledCommand).failedCalls++;
    } catch (error) {
      reply.rewind(start);
      this.fail(error, outer);
    } finally {
      end();
      if (isOver) this.isOver();
      reply.protocol = outer.client.protocol;
      effects.end();
      outer.noEffect();
      commands.end();
    }
    if (!isOver) this.stop(outer);
  }

  private fail(error: unknown, outer: Call): void {
    const { engine } = this;
    const { name } = this.script as Runnable;
    const failure = failureOf(error, name, this.isFunction ? '@user_function' : '@user_script');
    engine.reply.protocol = outer.client.protocol;
    this.hasTakenTooMuch = failure.text.includes(OUT_OF_MEMORY);
    if (!failure.isCounted) engine.countError(codeOf(failure.text));
    (outer.command as CompiledCommand).failedCalls++;
    engine.reply.errorText(failure.text);
  }

  private isOver(): void {
    this.script = null;
    this.thread = null;
    this.engine.setGate(BUSY, false);
    this.engine.effects.isMuted = false;
  }

  private start(body: LuaFunction, keys: Table | null, args: Table | null): Results | Suspension {
    try {
      if (isResumable(body)) return this.startInSteps(body, keys, args);
      return keys === null ? call(body) : call(body, keys, args ?? undefined);
    } catch (error) {
      if (!(error instanceof BeginAgain) && !(isOverflow(error) && this.commands.isUnnoticed)) throw error;
    }
    undoChanges();
    const again = this.beginAgain(this.outer, this.script as Runnable);
    begin(this);
    this.engine.effects.isMuted = false;
    this.commands.beginAgain(this.outer.client);
    return this.startInSteps(again.body, again.keys, again.others);
  }

  private startInSteps(body: ResumableFunction, keys: Table | null, args: Table | null): Results | Suspension {
    this.thread = new Thread(keys === null ? body.steps() : body.steps(keys, args ?? undefined));
    counters.levels = 1;
    return this.advance();
  }

  private advance(): Results | Suspension {
    const results = (this.thread as Thread).run(undefined);
    if (results instanceof Suspension && results !== PAUSE) refuseSuspension();
    if (results instanceof Raised) throw results.error;
    return results;
  }

  /** The event loop turns, and clients that connect hear that the server is busy; then the script goes on. */
  private stop(outer: Call): void {
    const { engine } = this;
    this.place = counters.place;
    this.levels = counters.levels;
    if (this.stopped === null) {
      this.stopped = new StoppedScript(outer, engine.stopwatch.microseconds(), engine.keyspace.now());
      outer.client.waiter = this.stopped;
      engine.server.standStill(true);
    }
    engine.server.nextTurn(this.goOnInTurn);
  }

  private readonly goOnInTurn = (): void => {
    const { engine } = this;
    const stopped = this.stopped as StoppedScript;
    const { client } = stopped;
    const reply = engine.runWaiter(stopped, stopped.stoppedAt);
    if (this.script !== null) return;
    this.stopped = null;
    client.waiter = null;
    if (!client.closing) answer(client, reply);
    if (engine.blocking.hasReady) engine.blocking.serve();
    engine.server.standStill(false);
  };

  /** After a script: what one has left that took too much memory is given back. */
  collect(): void {
    if (!this.hasTakenTooMuch) return;
    this.hasTakenTooMuch = false;
    this.collectInTurns(COLLECTIONS);
  }

  /** What WeakRefs have given, as the texts that a script has compiled, stays for the turn. */
  private collectInTurns(count: number): void {
    if (count === 0) return;
    this.engine.server.nextTurn(() => {
      this.heap.collectGarbage();
      this.collectInTurns(count - 1);
    });
  }

  /** redis.setresp() */
  setProtocol(protocol: 2 | 3): void {
    this.commands.client.protocol = protocol;
  }

  /** redis.set_repl() */
  setReplication(flags: number): void {
    this.engine.effects.isMuted = flags === Replication.NONE;
  }

  // ---- When it takes long

  /** What runs, for FUNCTION STATS; null if nothing does, or if it is no function. */
  get function(): RunningFunction | null {
    if (this.script === null || !this.isFunction) return null;
    const microseconds = this.engine.stopwatch.microseconds() - this.startedAt;
    const { args } = this.stopped ?? this.outer;
    return { name: this.script.name, args, milliseconds: Math.floor(microseconds / MICROSECONDS_PER_MILLISECOND) };
  }

  /** What others are told meanwhile. */
  get busyError(): errors.CommandError {
    return this.isFunction ? errors.BUSY_FUNCTION : errors.BUSY_SCRIPT;
  }

  /** SCRIPT KILL and FUNCTION KILL. @throws CommandError if there is nothing to kill, or if it must not be */
  kill(isFunction: boolean): void {
    if (this.script === null) throw errors.NOTBUSY;
    if (this.commands.hasWritten) throw errors.UNKILLABLE;
    if (this.isFunction !== isFunction) throw this.busyError;
    this.isKilled = true;
  }

  /** The server ends: whatever the script has done, it does no more. */
  end(): void {
    this.isKilled = true;
  }

  /** Called by Lua, a thousand times a second and more. */
  poll(): void {
    const { engine } = this;
    const now = engine.stopwatch.microseconds();
    if (this.startedAt === NOT_LOOKED_AT) this.startedAt = now;
    this.heap.poll(now);
    if (this.isKilled) throw new Killed(positionAtLevel(1));
    if (now < this.answersAt) return;
    const threshold = engine.server.config.get('busy-reply-threshold') * MICROSECONDS_PER_MILLISECOND;
    if (threshold <= 0 || now - this.startedAt < threshold) return;
    engine.setGate(BUSY, true);
    if (this.stops()) {
      this.answersAt = now + LEAST_BETWEEN_ANSWERS;
      return;
    }
    engine.server.answerOthers();
    const after = engine.stopwatch.microseconds();
    const silence = Math.max(LEAST_BETWEEN_ANSWERS, (after - now) * RUNS_BETWEEN_ANSWERS);
    this.answersAt = after + Math.min(silence, MOST_BETWEEN_ANSWERS);
    if (this.isKilled) throw new Killed(positionAtLevel(1));
  }

  /** Whether the script stops now, so that the event loop turns. @throws BeginAgain if it could when begun anew */
  private stops(): boolean {
    if (this.commands.hasWritten || !(this.stopped ?? this.outer).client.mayBlock) return false;
    if (this.thread === null) {
      if (this.commands.isUnnoticed && this.engine.server.hasNewcomers()) throw new BeginAgain();
      return false;
    }
    requestPause();
    return counters.isPausing;
  }

  get patience(): number {
    return this.heap.patience;
  }

  /** Called by Lua when it has taken some more memory. */
  checkMemory(pendingBytes: number): void {
    this.heap.check(pendingBytes);
  }

  stackIsFull(): void {
    if (this.commands.isUnnoticed) throw new BeginAgain();
  }

  /** For collectgarbage('count'). */
  memoryUsed(): number {
    return this.heap.usedBytes;
  }
}
