/** EVAL and its family: finds or compiles a script, gives it its arguments, and runs it. */

import type { Call } from '../../engine/call.js';
import type { Client } from '../../engine/client.js';
import { CommandFlag, type CompiledCommand } from '../../engine/command-table.js';
import type { Engine } from '../../engine/engine.js';
import { GateStage } from '../../engine/hooks.js';
import { call } from '../../lua/runtime/calls.js';
import { Table } from '../../lua/runtime/table.js';
import type { LuaFunction, Value } from '../../lua/runtime/value.js';
import type { Args } from '../../protocol/args.js';
import * as errors from '../../protocol/errors.js';
import { MONITORED, Monitors } from '../observing/monitors.js';
import { Interpreter } from './interpreter.js';
import { latin1Slice } from './latin1.js';
import { NAME_LENGTH, Script } from './script.js';
import { ScriptCache } from './script-cache.js';
import { type Beginning, BUSY, ScriptRun } from './script-run.js';

/** A little of what most scripts do; it comes to no command, whatever a script has left in KEYS and ARGV. */
const SAMPLE = `
local key, count = KEYS[1] or 'key', #ARGV
for i = 1, 3 do count = count + 2 * tonumber(i) end
if count < 0 and key ~= 'x' then redis.call('SET', key, count, 'EX', 10) end
local function fail(text) error('no ' .. text) end
return {count, key .. ':' .. count, pcall(fail, 'text'), cjson.encode({a = {1, 'b'}})}`;

/** Characters: to compile a longer text takes as long as ten runs that are walked, for 1 MB a second or two. */
const LONG = 64 * 1024;
const RUNS_OF_LONG = 10;

/**
 * Arguments that lie within so many bytes are pieces of one text: to leave JavaScript for each takes 70 ns, and BullMQ
 * passes up to 24. V8 keeps the text as long as a script keeps a piece.
 */
const LONGEST_TEXT = 4096;

export class Scripting {
  readonly cache = new ScriptCache();
  readonly run: ScriptRun;
  /** Flags in the first lines of scripts that are another server's and mean nothing here. Redis knows none such. */
  readonly ignoredFlags = new Set<string>();
  /** What begins a function anew, which the feature for functions sets. */
  beginFunctionAgain: ((call: Call, name: string) => Beginning) | null = null;
  /** Made by the first script. */
  private interpreter: Interpreter | null = null;

  constructor(private readonly engine: Engine) {
    this.run = new ScriptRun(engine, (call, script) =>
      script instanceof Script ? this.beginAgain(call, script) : this.beginFunctionAgain!(call, script.name),
    );
    engine.register({
      gate: [{ stage: GateStage.LOADING, engine: BUSY, check: this.refuseWhileBusy }],
      keepsKeys: BUSY,
    });
  }

  /** EVAL and EVAL_RO: the script itself is the first argument. */
  eval(call: Call, isReadOnly: boolean): void {
    if (this.run.hasStopped) {
      this.goOn(call);
      return;
    }
    this.show(call);
    const { args } = call;
    const keyCount = readKeyCount(args);
    const text = args.slice(1);
    const known = this.cache.withText(text);
    const script = known ?? this.cache.make(text);
    const body = script.run ?? this.compile(script);
    if (known === undefined) this.cache.add(script, false);
    this.runScript(call, script, body, keyCount, isReadOnly);
  }

  /** EVALSHA and EVALSHA_RO: the script's name is. */
  evalNamed(call: Call, isReadOnly: boolean): void {
    if (this.run.hasStopped) {
      this.goOn(call);
      return;
    }
    this.show(call);
    const { args } = call;
    const keyCount = readKeyCount(args);
    const script = args.length(1) === NAME_LENGTH ? this.find(args, 1) : undefined;
    if (script === undefined) throw errors.NOSCRIPT;
    this.runScript(call, script, script.run ?? this.compile(script), keyCount, isReadOnly);
  }

  /** SCRIPT LOAD. @returns the script's name @throws CommandError */
  load(args: Args): string {
    const text = args.slice(2);
    let script = this.cache.withText(text);
    if (script === undefined) {
      script = this.cache.make(text);
      // Of what is loaded some is never run: its code is made by the first run.
      this.interpreter ??= new Interpreter(this.engine, this.run);
      this.interpreter.check(script.readText(this.ignoredFlags));
    }
    this.cache.add(script, true);
    return script.name;
  }

  /** The script that argument i names, in any case. */
  find(args: Args, i: number): Script | undefined {
    const { recent } = this.cache;
    // To make a string of the name takes longer than to look at its bytes.
    if (recent !== null && args.equals(i, recent.name)) return recent;
    const name = args.latin1(i);
    return this.cache.named(name) ?? this.cache.named(name.toLowerCase());
  }

  /** Does, in steps of some milliseconds, what the first script would have to wait for. It leaves no trace. */
  *prepare(): Iterator<void> {
    this.interpreter ??= new Interpreter(this.engine, this.run);
    for (const way of ['compileOnce', 'compile'] as const) {
      yield;
      this.interpreter ??= new Interpreter(this.engine, this.run);
      const body = this.interpreter[way](SAMPLE);
      yield;
      if (!this.run.isRunning) call(body);
    }
  }

  /** SCRIPT FLUSH: what scripts have left behind goes as well, but for the state of chance. */
  flush(): void {
    this.cache.clear();
    this.interpreter = null;
  }

  private readonly refuseWhileBusy = (_client: Client, command: CompiledCommand, args: Args): boolean => {
    const { flags, name } = command;
    if ((flags & CommandFlag.ALLOW_BUSY) === 0) throw this.run.busyError;
    if (name !== 'shutdown') return false;
    // What a script has half done must not be saved.
    if (args.count !== 2 || !args.is(1, 'NOSAVE')) throw this.run.busyError;
    this.run.end();
    return false;
  };

  /** A function that runs a script. At first it is for once: most scripts that are new don't come again. */
  private compile(script: Script): LuaFunction {
    this.interpreter ??= new Interpreter(this.engine, this.run);
    const text = script.readText(this.ignoredFlags);
    if (script.runs < (text.length < LONG ? 1 : RUNS_OF_LONG)) return this.interpreter.compileOnce(text);
    script.run = this.interpreter.compile(text);
    this.cache.addCompiled(script);
    return script.run;
  }

  private runScript(call: Call, script: Script, body: LuaFunction, keyCount: number, isReadOnly: boolean): void {
    this.cache.use(script);
    script.runs++;
    this.giveArguments(call.args, script, keyCount);
    this.run.run(call, script, body, isReadOnly, null, null);
    if (this.run.hasTakenTooMuch) this.collect();
  }

  /** A script has stopped for others: nobody else's can run before it is over. */
  private goOn(call: Call): void {
    this.run.goOn(call);
    if (this.run.hasTakenTooMuch) this.collect();
  }

  private collect(): void {
    // These hold what the script has put there until the next one comes.
    (this.interpreter as Interpreter).setArguments(new Table(), new Table());
    this.run.collect();
  }

  private giveArguments(args: Args, { readsKeys, readsArguments }: Script, keyCount: number): void {
    const keys = readsKeys ? tableOf(args, 3, 3 + keyCount) : null;
    const others = readsArguments ? tableOf(args, 3 + keyCount, args.count) : null;
    (this.interpreter as Interpreter).setArguments(keys, others);
  }

  /** A script is begun anew, as functions that can be suspended: it finds what it found at first. */
  private beginAgain({ args }: Call, script: Script): Beginning {
    const interpreter = this.interpreter as Interpreter;
    const body = script.runInSteps ?? interpreter.compileInSteps(script.readText(this.ignoredFlags));
    if (script.run !== null) script.runInSteps = body;
    this.giveArguments(args, script, readKeyCount(args));
    return { body, keys: null, others: null };
  }

  /** A monitor sees a script before what the script does. */
  show({ client, command, args }: Call): void {
    if ((this.engine.gate & MONITORED) !== 0) {
      this.engine.feature(Monitors).show(client, command as CompiledCommand, args);
    }
  }
}

/** How many of the arguments are keys. @throws CommandError */
export function readKeyCount(args: Args, error = errors.NOT_INTEGER): number {
  const count = args.integer(2, error);
  if (count > args.count - 3) throw errors.TOO_MANY_KEYS;
  if (count < 0) throw errors.NEGATIVE_KEY_COUNT;
  return count;
}

/** Arguments as an array of Lua's. */
export function tableOf({ bytes, starts, ends }: Args, from: number, to: number): Table {
  const values: Value[] = [undefined];
  const start = starts[from];
  if (to > from && ends[to - 1] - start <= LONGEST_TEXT) {
    const text = latin1Slice(bytes, start, ends[to - 1]);
    for (let i = from; i < to; i++) values.push(text.substring(starts[i] - start, ends[i] - start));
  } else for (let i = from; i < to; i++) values.push(latin1Slice(bytes, starts[i], ends[i]));
  return Table.list(values);
}
