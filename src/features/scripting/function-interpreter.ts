/**
 * Lua as libraries of functions meet it: a state of their own. While a library is loaded it can do little more than
 * register functions; once these run they have what a script has, but KEYS and ARGV, which they get as arguments.
 */

import type { Engine } from '../../engine/engine.js';
import { begin, call, caughtValue, end } from '../../lua/runtime/calls.js';
import { Kill, LuaError, OutOfMemory } from '../../lua/runtime/errors.js';
import type { Host } from '../../lua/runtime/limits.js';
import { toText } from '../../lua/runtime/numbers.js';
import { Table } from '../../lua/runtime/table.js';
import { type LuaFunction, NO_RESULTS, type Results, type Value } from '../../lua/runtime/value.js';
import { LuaState } from '../../lua/state.js';
import * as errors from '../../protocol/errors.js';
import { type FunctionLibrary, isName } from './function-library.js';
import { HeapLimit } from './heap-limit.js';
import { protectGlobals } from './interpreter.js';
import { addLog, pcallForTexts, raise, redisLibrary } from './redis-library.js';
import { FLAG_NAMES } from './script-flags.js';
import type { ScriptRun } from './script-run.js';

const CHUNK = '@user_function';
/** Microseconds. */
const LOADING_LIMIT = 500_000;
const REGISTER = 'redis.register_function';
/** The same, by the two names that the table has. */
const REGISTERS = new Map(['redis', 'server'].map((name) => [name, 'register_function']));

/** Names of arguments that are given by name. */
interface Registration {
  name?: string;
  body?: LuaFunction;
  description: string | null;
  flags: number;
}

export class FunctionInterpreter {
  private readonly state: LuaState;
  /** What stands in the globals while a library is loaded, and when functions run: these look there. */
  private readonly loading = new Table();
  private readonly running = new Table();
  private readonly lookup = new Table(0, 1);
  /** The library that is being loaded. */
  private library: FunctionLibrary | null = null;

  constructor(
    private readonly engine: Engine,
    run: ScriptRun,
  ) {
    this.state = new LuaState(run.randomNumbers);
    const { globals } = this.state;
    const { running, loading, lookup } = this;
    for (const key of keysOf(globals)) {
      running.set(key, globals.get(key));
      globals.set(key, undefined);
    }
    running.setString('_G', running);
    running.setString('pcall', pcallForTexts as LuaFunction);
    running.setString('redis', redisLibrary(engine, run));
    running.setString('server', running.getString('redis'));
    const redis = new Table();
    addLog(redis, engine);
    redis.setString('register_function', (...values: Value[]) => this.register(values));
    loading.setString('redis', redis);
    loading.setString('server', redis);
    // While there is little in it, what is missed in the library itself is an error, too.
    for (const table of [running, redis, loading]) protectGlobals(table);
    globals.metatable = lookup;
    globals.isReadOnly = true;
    lookup.setString('__index', running);
  }

  /**
   * Runs a library's text, which registers its functions.
   * @param isResumable whether they have to be such as can be suspended
   * @throws CommandError
   */
  load(library: FunctionLibrary, text: string, isResumable = false): void {
    const { state, lookup } = this;
    let main: LuaFunction;
    try {
      main = state.load(text, CHUNK, isResumable);
      library.keepsState = state.keepsState(text, CHUNK, REGISTERS);
    } catch (error) {
      if (!(error instanceof LuaError)) throw error;
      throw errors.commandError(`Error compiling function: ${toText(error.value)}`);
    }
    this.library = library;
    lookup.setString('__index', this.loading);
    try {
      begin(new LoadingLimit(this.engine));
      call(main);
    } catch (error) {
      throw errors.commandError(`Error registering functions: ${messageOf(error)}`);
    } finally {
      end();
      this.library = null;
      lookup.setString('__index', this.running);
    }
    if (library.functions.size === 0) throw errors.commandError('No functions registered');
  }

  private register(values: readonly Value[]): Results {
    const { library } = this;
    if (library === null) raise(`ERR ${REGISTER} can only be called on FUNCTION LOAD command`);
    const registration = readRegistration(values);
    const { name, body, description, flags } = registration;
    if (name === undefined) raise(`ERR ${REGISTER} must get a function name argument`);
    if (body === undefined) raise(`ERR ${REGISTER} must get a callback argument`);
    if (!isName(name)) raise(errors.INVALID_LIBRARY_NAME.message);
    if (library.functions.has(name)) raise('ERR Function already exists in the library');
    library.functions.set(name, { name, library, body, description, flags, keepsState: library.keepsState });
    return NO_RESULTS;
  }
}

function messageOf(error: unknown): string {
  if (error instanceof Kill || error instanceof OutOfMemory) return `ERR ${error.message}`;
  const value = caughtValue(error);
  const text = value instanceof Table ? value.getString('err') : undefined;
  return typeof text === 'string' ? text : `ERR ${toText(value)}`;
}

function keysOf(table: Table): Value[] {
  const keys: Value[] = [];
  for (let key = table.nextKey(undefined); key !== undefined; key = table.nextKey(key)) keys.push(key);
  return keys;
}

/** Loading a library is over in no time, or given up. */
class LoadingLimit implements Host {
  private readonly startedAt: number;
  private readonly heap = new HeapLimit();

  constructor(private readonly engine: Engine) {
    this.startedAt = engine.stopwatch.microseconds();
  }

  poll(): void {
    const now = this.engine.stopwatch.microseconds();
    this.heap.poll(now);
    if (now - this.startedAt > LOADING_LIMIT) throw new Kill('FUNCTION LOAD timeout');
  }

  get patience(): number {
    return this.heap.patience;
  }

  checkMemory(pendingBytes: number): void {
    this.heap.check(pendingBytes);
  }

  memoryUsed(): number {
    return this.heap.usedBytes;
  }
}

function readRegistration(values: readonly Value[]): Registration {
  if (values.length < 1 || values.length > 2) raise(`ERR wrong number of arguments to ${REGISTER}`);
  const [first, body] = values;
  if (values.length === 1) {
    if (first instanceof Table) return readNamed(first);
    raise(
      `ERR calling ${REGISTER} with a single argument is only applicable to Lua table (representing named arguments).`,
    );
  }
  if (typeof first !== 'string' && typeof first !== 'number') {
    raise(`ERR first argument to ${REGISTER} must be a string`);
  }
  if (typeof body !== 'function') raise(`ERR second argument to ${REGISTER} must be a function`);
  return { name: toText(first), body: body as LuaFunction, description: null, flags: 0 };
}

function readNamed(table: Table): Registration {
  const registration: Registration = { description: null, flags: 0 };
  for (let key = table.nextKey(undefined); key !== undefined; key = table.nextKey(key)) {
    readArgument(registration, key, table.get(key));
  }
  return registration;
}

function readArgument(registration: Registration, key: Value, value: Value): void {
  const text = typeof value === 'string' || typeof value === 'number' ? toText(value) : null;
  switch (key) {
    case 'function_name':
      if (text === null) raise(`ERR function_name argument given to ${REGISTER} must be a string`);
      registration.name = text;
      return;
    case 'description':
      if (text === null) raise(`ERR description argument given to ${REGISTER} must be a string`);
      registration.description = text;
      return;
    case 'callback':
      if (typeof value !== 'function') raise(`ERR callback argument given to ${REGISTER} must be a function`);
      registration.body = value as LuaFunction;
      return;
    case 'flags':
      if (!(value instanceof Table)) {
        raise(`ERR flags argument to ${REGISTER} must be a table representing function flags`);
      }
      registration.flags = readFlags(value);
      return;
    default:
      raise(`ERR unknown argument given to ${REGISTER}`);
  }
}

function readFlags(table: Table): number {
  let flags = 0;
  for (let i = 1; table.getNumber(i) !== undefined; i++) {
    const name = table.getNumber(i);
    const flag = typeof name === 'string' ? FLAG_NAMES.get(name) : undefined;
    if (flag === undefined) raise('ERR unknown flag given');
    flags |= flag;
  }
  return flags;
}
