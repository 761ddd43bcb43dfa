/**
 * What runs a text that is new: it walks the tree, since most texts that are new run once, and code takes V8 as long as
 * all else together. What runs often in it, a loop or a function, is compiled by itself.
 */

import { compileFunction, compileLoop, type FunctionCode, type LoopCode, type Source } from '../compiler/compile.js';
import type { Surroundings } from '../compiler/context.js';
import type { Reading } from '../compiler/reading.js';
import type { FunctionBody, Loop, Statement } from '../compiler/syntax-tree.js';
import type { Box } from '../runtime/activation.js';
import { Chunk } from '../runtime/chunk.js';
import { counters } from '../runtime/counters.js';
import { charge, tick } from '../runtime/limits.js';
import { argumentTable } from '../runtime/support.js';
import type { Table } from '../runtime/table.js';
import type { LuaFunction, Results, Value } from '../runtime/value.js';
import { Frame, Heat, type WalkedText } from './frame.js';
import { resultsOf, resultsOfEach } from './statements.js';

/** Calls of a function until it is compiled. */
const CALLS_WALKED = 50;
const FEW_PARAMETERS = 4;
/** With the name that messages call it. */
const PLACE_BYTES = 160;

/** The function of a text, which takes the text's `...`, for one run: to the end of that its places are known. */
export function walk(body: FunctionBody, source: Source): LuaFunction {
  const text = new Text(source, body);
  return (...args: Value[]) => walkFunction(text, body, [], args);
}

/** The same for a text whose statements are read as they run. */
export function walkReading(reading: Reading, source: Source): LuaFunction {
  const text = new Text(source, reading.body);
  return (...args: Value[]) => walkFunction(text, reading.body, [], args, reading.statements());
}

/** Stack traces show by it where a frame is: it keeps its name. */
function walkFunction(
  text: Text,
  body: FunctionBody,
  variables: (Value | Box)[],
  args: readonly Value[],
  statements?: Iterable<Statement>,
): Results {
  const { parameters, argumentTable: table } = body;
  const frame = new Frame(text, body, variables, body.isVararg ? args.slice(parameters.length) : []);
  counters.activation = frame;
  if (body.parent !== undefined) tick();
  for (let i = 0; i < parameters.length; i++) frame.declare(parameters[i]!, args[i]);
  if (table !== undefined) frame.declare(table, body.usesVararg ? undefined : argumentTable(frame.varargs));
  const results = statements === undefined ? resultsOf(body.block, frame) : resultsOfEach(statements, frame);
  counters.activation = frame.outer;
  return results;
}

class Text implements WalkedText {
  readonly globals: Table;
  readonly surroundings: Surroundings;
  /** The one that has room for places. */
  private chunk: Chunk | null = null;
  private readonly loops = new WeakMap<Loop, Heat<LoopCode>>();
  private readonly functions = new WeakMap<FunctionBody, Heat<FunctionCode>>();

  constructor(
    private readonly source: Source,
    readonly main: FunctionBody,
  ) {
    this.globals = source.globals;
    this.surroundings = source.surroundings;
  }

  functionOf(body: FunctionBody, frame: Frame): LuaFunction {
    const captured: Box[] = [];
    for (const { ordinal } of body.upvalues) captured[ordinal] = frame.variables[ordinal] as Box;
    const heat = entryOf(this.functions, body);
    const { source } = this;
    let compiled: LuaFunction | null = null;
    const run = (args: readonly Value[]) => {
      if (++heat.runs <= CALLS_WALKED) return walkFunction(this, body, captured.slice(), args);
      heat.code ??= compileFunction(body, source);
      compiled = heat.code(captured);
      return compiled(...args);
    };
    if (body.isVararg || body.parameters.length > FEW_PARAMETERS) {
      // biome-ignore lint/complexity/useArrowFunction: string.dump() knows functions of Lua's by their beginning.
      return function (...args: Value[]) {
        return compiled === null ? run(args) : compiled(...args);
      };
    }
    // An array of arguments would take longer than the call.
    // biome-ignore lint/complexity/useArrowFunction: as above.
    return function (a: Value, b: Value, c: Value, d: Value) {
      return compiled === null ? run([a, b, c, d]) : compiled(a, b, c, d);
    };
  }

  heatOf(loop: Loop): Heat<LoopCode> {
    return entryOf(this.loops, loop);
  }

  compiledLoop(loop: Loop, body: FunctionBody): LoopCode {
    return compileLoop(loop, body, this.source);
  }

  addPlace(line: number, first?: string, second?: string, isTail = false): number {
    if (this.chunk === null || this.chunk.isFull) {
      // In a text without loops nobody else counts.
      if (this.chunk !== null) charge(this.chunk.sites.length * PLACE_BYTES);
      this.chunk = new Chunk(this.source.chunkName);
      this.chunk.registerInPassing();
    }
    return this.chunk.add({ line, first, second, isTail });
  }
}

function entryOf<Key extends object, Code>(entries: WeakMap<Key, Heat<Code>>, key: Key): Heat<Code> {
  let entry = entries.get(key);
  if (entry === undefined) {
    entry = new Heat();
    entries.set(key, entry);
  }
  return entry;
}
