/** What a function that is walked has while it is under way. */

import type { LoopCode } from '../compiler/compile.js';
import type { Surroundings } from '../compiler/context.js';
import { describe } from '../compiler/expression-kinds.js';
import type { Expression, FunctionBody, Loop, Variable } from '../compiler/syntax-tree.js';
import { type Activation, Box } from '../runtime/activation.js';
import { counters } from '../runtime/counters.js';
import { setIndex } from '../runtime/operations.js';
import { Table } from '../runtime/table.js';
import type { LuaFunction, Value } from '../runtime/value.js';

/** How often something has run, and its code, once it has one. */
export class Heat<Code> {
  runs = 0;
  code: Code | null = null;
}

/** What the functions of one text share. */
export interface WalkedText {
  readonly globals: Table;
  readonly surroundings: Surroundings;
  /** Its main function. */
  readonly main: FunctionBody;
  /** A function of the text, made where it stands. */
  functionOf(body: FunctionBody, frame: Frame): LuaFunction;
  /** How much a loop has run. */
  heatOf(loop: Loop): Heat<LoopCode>;
  compiledLoop(loop: Loop, body: FunctionBody): LoopCode;
  /** The number of a place in the source, with what messages call the values there. */
  addPlace(line: number, first?: string, second?: string, isTail?: boolean): number;
}

export class Frame implements Activation {
  readonly outer = counters.activation;
  readonly entry = counters.place;
  readonly deep: WeakSet<Expression> | null;
  place = 0;

  constructor(
    readonly text: WalkedText,
    readonly body: FunctionBody,
    /** By their ordinals: a value, or a box where functions share it. */
    readonly variables: (Value | Box)[],
    /** `...` */
    readonly varargs: readonly Value[],
  ) {
    this.deep = text.main.deep;
  }

  declare(variable: Variable, value: Value): void {
    this.variables[variable.ordinal] = variable.isCaptured ? new Box(value) : value;
  }

  read({ ordinal, isCaptured }: Variable): Value {
    const held = this.variables[ordinal];
    return isCaptured ? (held as Box).value : (held as Value);
  }

  assign({ ordinal, isCaptured }: Variable, value: Value): void {
    if (isCaptured) (this.variables[ordinal] as Box).value = value;
    else this.variables[ordinal] = value;
  }

  /** Notes a call, which is next. */
  calls(place: number): void {
    this.place = place;
    counters.place = place;
  }

  /** object[key] = value, where messages know the object's expression. */
  setIndex(expression: Expression, object: Value, key: Value, value: Value, line: number): void {
    const isPlain = object instanceof Table && object.metatable === null && !object.isReadOnly && isKey(key);
    setIndex(isPlain ? 0 : this.operates(line, describe(expression, this.body)), object, key, value);
  }

  /** Notes an operation that may call something, and gives its place. */
  operates(line: number, first?: string, second?: string): number {
    const place = this.text.addPlace(line, first, second);
    this.place = -place;
    return place;
  }
}

/** Any but nil and NaN is one. */
export function isKey(value: Value): boolean {
  return value !== undefined && !Number.isNaN(value);
}
