/** Lua as scripts of EVAL meet it: one state for all of them, whose globals and libraries nobody can change. */

import type { Engine } from '../../engine/engine.js';
import { cString } from '../../lua/runtime/c-string.js';
import { begin, end } from '../../lua/runtime/calls.js';
import { LuaError, libraryError, OutOfMemory } from '../../lua/runtime/errors.js';
import { toText } from '../../lua/runtime/numbers.js';
import { FieldSite } from '../../lua/runtime/shape.js';
import type { ResumableFunction } from '../../lua/runtime/steps.js';
import { Table } from '../../lua/runtime/table.js';
import type { LuaFunction, Value } from '../../lua/runtime/value.js';
import { LuaState } from '../../lua/state.js';
import * as errors from '../../protocol/errors.js';
import { addEvalFunctions, pcallForTexts, redisLibrary } from './redis-library.js';
import type { ScriptRun } from './script-run.js';

const CHUNK = '@user_script';
/** As Redis calls the function that reports globals which are not there. */
const MISSING = 'luaProtectedTableError';
/** The globals that every script finds changed; by sites, which remember where they are. */
const KEYS = new FieldSite('KEYS');
const ARGV = new FieldSite('ARGV');

export class Interpreter {
  private readonly state: LuaState;

  constructor(
    engine: Engine,
    private readonly run: ScriptRun,
  ) {
    this.state = new LuaState(run.randomNumbers);
    const { globals } = this.state;
    const redis = redisLibrary(engine, run);
    addEvalFunctions(redis);
    globals.setString('pcall', pcallForTexts as LuaFunction);
    globals.setString('redis', redis);
    globals.setString('server', redis);
    for (const site of [KEYS, ARGV]) {
      globals.setField(site, new Table());
      this.state.changing.add(site.name);
    }
    protectGlobals(globals);
    this.state.isFrozen = true;
  }

  /** @throws CommandError */
  compile(text: string): LuaFunction {
    return this.withErrors(() => this.state.load(text, CHUNK));
  }

  /** For one run of a text that may not come again. @throws CommandError */
  compileOnce(text: string): LuaFunction {
    return this.withErrors(() => this.state.loadOnce(text, CHUNK));
  }

  /** A script that runs is compiled anew at times: to a function that can be suspended. */
  compileInSteps(text: string): ResumableFunction {
    return this.state.load(text, CHUNK, true) as ResumableFunction;
  }

  /** Whether a text can be compiled. @throws CommandError */
  check(text: string): void {
    this.withErrors(() => this.state.check(text, CHUNK));
  }

  private withErrors<Result>(work: () => Result): Result {
    begin(this.run);
    try {
      return work();
    } catch (error) {
      if (!(error instanceof LuaError || error instanceof OutOfMemory)) throw error;
      const message = error instanceof LuaError ? toText(error.value) : error.message;
      throw errors.commandError(`Error compiling script (new function): ${message}`);
    } finally {
      end();
    }
  }

  /** What the next script finds in KEYS and ARGV; null where it does not look. */
  setArguments(keys: Table | null, args: Table | null): void {
    if (keys === null && args === null) return;
    const { globals } = this.state;
    globals.isReadOnly = false;
    if (keys !== null) globals.setField(KEYS, keys);
    if (args !== null) globals.setField(ARGV, args);
    globals.isReadOnly = true;
  }
}

/** Nothing can be added to globals and libraries, and what is not there is an error. */
export function protectGlobals(globals: Table): void {
  const metatable = new Table(0, 1);
  metatable.setString('__index', missing);
  globals.metatable = metatable;
  protect(globals);
}

function missing(...values: Value[]): never {
  const name = values[1];
  if (values.length !== 2) libraryError(`Wrong number of arguments to ${MISSING}`);
  if (typeof name !== 'string' && typeof name !== 'number') {
    libraryError(`Second argument to ${MISSING} must be a string or number`);
  }
  return libraryError(`Script attempted to access nonexistent global variable '${cString(toText(name))}'`);
}

function protect(table: Table): void {
  if (table.isReadOnly) return;
  table.isReadOnly = true;
  for (let key = table.nextKey(undefined); key !== undefined; key = table.nextKey(key)) {
    const value = table.get(key);
    if (value instanceof Table) protect(value);
  }
  if (table.metatable !== null) protect(table.metatable);
}
