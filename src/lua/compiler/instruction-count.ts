/**
 * The instructions that Lua's own compiler makes of a function. Their number decides whether its jumps reach over them,
 * and what they refer to which constants it has: a text that is too long in either respect is refused as there.
 */

import { LuaError } from '../runtime/errors.js';
import { JumpList } from './jump-list.js';
import { Operand, OperandCode } from './operand-code.js';
import type { Expression, FunctionBody, Index, Place, Variable } from './syntax-tree.js';

/**
 * Characters: what is shorter has too few instructions for anything to be too much. `a<a<a` has five for two of them,
 * and jumps reach over 131,071.
 */
export const LEAST_COUNTED = 52_000;
const MOST_VARIABLES = 2 ** 15 - 1;
/** Of a for: what it goes by gets into them. */
const HIDDEN_VARIABLES = 3;

const NONE = new Set<Variable | null>();

interface Block {
  /** Before it. */
  readonly variables: number;
  readonly isLoop: boolean;
  /** A function in it uses a variable of it, which is closed where the block is left. */
  isClosed: boolean;
  breaks: JumpList | null;
}

export class InstructionCount extends OperandCode {
  private variables = 0;
  private readonly blocks: Block[] = [];

  // What the parser tells

  declare(): void {
    if (++this.variables > MOST_VARIABLES) throw new LuaError('too many local variables');
  }

  enterBlock(isLoop: boolean): void {
    this.blocks.push({ variables: this.visible(), isLoop, isClosed: false, breaks: null });
  }

  leaveBlock(): void {
    const { isClosed, breaks } = this.blocks.pop()!;
    if (isClosed) this.emit();
    this.aimHere(breaks);
  }

  /** A function uses the variable with this number of those that are visible. */
  close(number: number): void {
    const block = this.blocks.findLast(({ variables }) => variables <= number);
    if (block !== undefined) block.isClosed = true;
  }

  callStatement(call: Expression): void {
    this.begin();
    this.operand(call);
  }

  /** Before the variables are declared. */
  local(count: number, values: readonly Expression[]): void {
    this.begin();
    this.adjusted(values, count);
  }

  assign(places: readonly Place[], values: readonly Expression[]): void {
    this.begin();
    // Those by which places are found: one that is assigned to as well is copied before.
    const used = places.length === 1 ? NONE : new Set<Variable | null>();
    for (const place of places) {
      if (place.kind === 'index') this.target(place, used);
      else if (place.kind === 'global') this.addConstant(place.name);
      else if (used.delete(place.variable)) this.emit();
    }
    let last = this.adjusted(values, places.length, true);
    for (let i = places.length - 1; i >= 0; i--) {
      this.store(places[i]!, last ?? this.made(this.free, 'register'));
      last = null;
    }
  }

  localFunction(body: FunctionBody): void {
    this.closure(body);
  }

  return(values: readonly Expression[]): void {
    this.begin();
    const only = values.length === 1 ? this.operand(values[0]!) : undefined;
    if (only === undefined) this.list(values);
    else if (!only.isOpen) this.toRegister(only);
    this.emit();
  }

  /** The jumps that are taken if it is false. */
  condition(expression: Expression): JumpList | null {
    this.begin();
    const operand = this.operand(expression);
    if (operand.state === 'nil') operand.state = 'false';
    this.goOnIf(true, operand);
    return operand.whenFalse;
  }

  /** A branch ends that another follows: `exit` leads there. The jumps from the branches to the end of all. */
  endBranch(ends: JumpList | null, exit: JumpList | null): JumpList | null {
    const all = this.joined(ends, this.emitJump());
    this.aimHere(exit);
    return all;
  }

  endIf(ends: JumpList | null, exit: JumpList | null): void {
    this.aimHere(this.joined(ends, exit));
  }

  jumpBack(start: number): void {
    this.aim(this.emitJump(), start);
  }

  /** The condition of a repeat, while its block is there still; then the block is left, and endRepeat() is next. */
  until(condition: Expression): { isClosed: boolean; exit: JumpList | null } {
    const exit = this.condition(condition);
    const { isClosed } = this.blocks.at(-1)!;
    if (isClosed) {
      this.break();
      this.aimHere(exit);
    }
    return { isClosed, exit };
  }

  endRepeat({ isClosed, exit }: { isClosed: boolean; exit: JumpList | null }, start: number): void {
    if (isClosed) this.jumpBack(start);
    else this.aim(exit, start);
  }

  break(): void {
    const loop = this.blocks.findLastIndex(({ isLoop }) => isLoop);
    if (this.blocks.slice(loop + 1).some(({ isClosed }) => isClosed)) this.emit();
    const block = this.blocks[loop]!;
    block.breaks = this.joined(block.breaks, this.emitJump());
  }

  /** The jump over the body of a loop, which begins after it. */
  numericFor(start: Expression, limit: Expression, step: Expression | undefined): JumpList {
    this.begin(this.visible() - HIDDEN_VARIABLES);
    for (const each of [start, limit]) this.toNext(this.operand(each));
    this.toNext(step === undefined ? new Operand(this.free, 'number', 1) : this.operand(step));
    this.emit();
    return new JumpList(this.count - 1, true);
  }

  genericFor(values: readonly Expression[]): JumpList {
    this.begin(this.visible() - HIDDEN_VARIABLES);
    this.adjusted(values, HIDDEN_VARIABLES);
    return this.emitJump();
  }

  endFor(over: JumpList, isNumeric: boolean): void {
    const start = over.first + 1;
    this.aimHere(over);
    this.emit();
    this.aim(isNumeric ? new JumpList(this.count - 1, true) : this.emitJump(), start);
  }

  end(): void {
    this.emit();
  }

  // Lists and places

  /** With `isLastKept` the last one of as many as are wanted is returned as it is. */
  private adjusted(values: readonly Expression[], count: number, isLastKept = false): Operand | null {
    const last = this.allButLast(values);
    if (last !== null && isLastKept && values.length === count) return last;
    if (last?.isOpen) return null;
    if (last !== null) this.toNext(last);
    if (count > values.length) this.emitNils(this.free, count - values.length);
    return null;
  }

  private target({ object, key }: Index, used: Set<Variable | null>): void {
    const owner = this.operand(object);
    this.toRegister(owner);
    const name = this.operand(key);
    this.toOperand(name);
    for (const { state, variable } of [owner, name]) if (state === 'local' && used !== NONE) used.add(variable);
  }

  private store(place: Place, operand: Operand): void {
    if (place.kind !== 'local' || place.variable.owner !== this.body) {
      if (place.kind === 'index') this.toOperand(operand);
      else this.toRegister(operand);
      this.emit();
      return;
    }
    this.fetch(operand);
    const { state, variable } = operand;
    if (state === 'nil') this.emitNils(place.variable.register, 1);
    else if (state === 'register' || (state === 'local' && variable !== place.variable)) this.emit();
    else if (state !== 'local') this.load(operand);
    this.endJumps(operand);
  }
}
