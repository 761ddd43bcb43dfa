/** A Lua of its own: global variables, libraries, and what compiles texts for them. */

import { compile, hasCoroutines } from './compiler/compile.js';
import { keepsState } from './compiler/lasting-state.js';
import { parse } from './compiler/parser.js';
import { Reading } from './compiler/reading.js';
import { Templates } from './compiler/templates.js';
import { INTRINSICS, openBase, selectOne } from './library/base.js';
import { openBit } from './library/bit.js';
import { openCjson } from './library/cjson.js';
import { openCmsgpack } from './library/cmsgpack.js';
import { openCoroutine } from './library/coroutine.js';
import { openMath } from './library/math.js';
import { openOs } from './library/os.js';
import { openString } from './library/string.js';
import { openStruct } from './library/struct.js';
import { openTable } from './library/table.js';
import { counters } from './runtime/counters.js';
import { RandomNumbers } from './runtime/random-numbers.js';
import type { State } from './runtime/state.js';
import { Table } from './runtime/table.js';
import type { LuaFunction, Value } from './runtime/value.js';
import { walk, walkReading } from './walker/walk.js';

/** In what order they are opened is the order in which pairs() finds their names. */
const LIBRARIES: readonly ((state: State) => void)[] = [
  openBase,
  openCoroutine,
  openTable,
  openOs,
  openString,
  openMath,
  ({ globals }) => globals.setString('cjson', openCjson()),
  ({ globals }) => globals.setString('struct', openStruct()),
  ({ globals }) => globals.setString('cmsgpack', openCmsgpack()),
  ({ globals }) => globals.setString('bit', openBit()),
];

/** Characters: to read a longer text twice takes less than to keep its tree. */
const LONG = 128 * 1024;

export class LuaState implements State {
  readonly globals = new Table();
  /** Globals that are assigned to although `isFrozen` is set: the compiler doesn't rely on them. */
  readonly changing = new Set<string>();
  /** From now on global variables, and the read-only tables among them, stay as they are. */
  isFrozen = false;
  readonly intrinsics = INTRINSICS;
  readonly selectOne = selectOne;
  private readonly templates = new Templates();

  constructor(readonly randomNumbers = new RandomNumbers()) {
    for (const open of LIBRARIES) open(this);
  }

  /** Compiles a text; throws a LuaError for one that is none of Lua's. */
  load(source: string, chunkName: string, isResumable = false): LuaFunction {
    return this.loadAs(source, chunkName, isResumable || hasCoroutines(source), false);
  }

  /** The same for a text that may not come again: it is compiled no further than pays in one run. */
  loadOnce(source: string, chunkName: string): LuaFunction {
    const canSuspend = hasCoroutines(source);
    return this.loadAs(source, chunkName, canSuspend, !canSuspend);
  }

  private loadAs(source: string, chunkName: string, canSuspend: boolean, isOnce: boolean): LuaFunction {
    const { globals } = this;
    const origin = { chunkName, globals, surroundings: this };
    const read = () => parse(source, chunkName, counters.levels);
    const compileAnew = (varying: ReadonlySet<number> | null) => compile(read(), origin, canSuspend, varying);
    // What may change yet would be part of the code.
    if (!this.isFrozen) return compileAnew(null).make([]);
    const first = () => {
      if (isOnce && source.length >= LONG) {
        const reading = new Reading(source, chunkName, counters.levels);
        if (reading.body.isWalkable) return walkReading(reading, origin);
      }
      const body = read();
      return isOnce && body.isWalkable ? walk(body, origin) : compile(body, origin, canSuspend, null).make([]);
    };
    return this.templates.load(source, `${canSuspend} ${counters.levels} ${chunkName}\n`, compileAnew, first);
  }

  /** Throws a LuaError for a text that is none of Lua's. */
  check(source: string, chunkName: string): void {
    new Reading(source, chunkName, counters.levels);
  }

  /** Whether functions of a text could keep something from one call to the next; see keepsState(). */
  keepsState(source: string, chunkName: string, registers: ReadonlyMap<string, string>): boolean {
    return keepsState(parse(source, chunkName, counters.levels), registers);
  }

  constant(name: string, field?: string): Value {
    if (!this.isFrozen || this.changing.has(name)) return undefined;
    const value = this.globals.getString(name);
    if (field === undefined) return value;
    if (value === this.globals) return this.constant(field);
    return value instanceof Table && value.isReadOnly ? value.getString(field) : undefined;
  }
}
