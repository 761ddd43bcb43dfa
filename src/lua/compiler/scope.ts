/** Which variables a name can mean at a place in the text, and how many of them a function may have. */

import type { Lexer } from './lexer.js';
import { FunctionBody, Variable } from './syntax-tree.js';

/** How deep blocks and expressions, and calls of native code, may lie in one another. */
export const MOST_LEVELS = 200;
const MOST_VARIABLES = 200;
const MOST_UPVALUES = 60;
const MOST_REGISTERS = 250;

export class FunctionScope {
  readonly body: FunctionBody;
  private readonly visible: Variable[] = [];
  /** Of nameless variables that a loop needs. */
  private reserved = 0;
  private readonly reservedBefore: number[] = [];
  private registers = 0;
  private loops = 0;
  /** Variables of a text are numbered together, so that each has a name of its own. */
  private readonly ordinals: { next: number };

  constructor(
    private readonly lexer: Lexer,
    private readonly parent: FunctionScope | undefined,
    line: number,
  ) {
    this.ordinals = parent?.ordinals ?? { next: 0 };
    this.body = new FunctionBody(parent?.body, line, this.ordinals.next);
  }

  /** The ordinal of the variable that is declared next. */
  get nextVariable(): number {
    return this.ordinals.next;
  }

  get isInLoop(): boolean {
    return this.loops > 0;
  }

  /** What is here runs more than once. */
  get isHot(): boolean {
    return this.parent !== undefined || this.loops > 0;
  }

  /** How many variables are visible, which `leaveBlock` wants back. */
  enterBlock(isLoop: boolean): number {
    if (isLoop) this.loops++;
    this.reservedBefore.push(this.reserved);
    return this.visible.length;
  }

  leaveBlock(count: number, isLoop: boolean): void {
    if (isLoop) this.loops--;
    this.visible.length = count;
    this.reserved = this.reservedBefore.pop()!;
  }

  /** Keeps room for nameless variables until the block ends. */
  reserve(count: number): void {
    this.checkRoom(count);
    this.reserved += count;
  }

  declare(name: string): Variable {
    this.checkRoom(1);
    const variable = new Variable(name, this.body, this.ordinals.next++, this.isInLoop);
    this.visible.push(variable);
    return variable;
  }

  /** The variable that a name means here; undefined if it is a global. */
  find(name: string): Variable | undefined {
    const own = this.visible.findLast((variable) => variable.name === name);
    if (own !== undefined) return own;
    const outer = this.parent?.find(name);
    const { upvalues } = this.body;
    if (outer === undefined || upvalues.includes(outer)) return outer;
    this.checkLimit(upvalues.length + 1, MOST_UPVALUES, 'upvalues');
    upvalues.push(outer);
    outer.isCaptured = true;
    return outer;
  }

  /** Fails if there is no room for so many variables more. */
  checkRoom(count: number): void {
    this.checkLimit(this.visible.length + this.reserved + count, MOST_VARIABLES, 'local variables');
  }

  checkLimit(count: number, limit: number, what: string): void {
    if (count <= limit) return;
    const { line } = this.body;
    const owner = this.parent === undefined ? 'main function' : `function at line ${line}`;
    this.lexer.failPlainly(`${owner} has more than ${limit} ${what}`);
  }

  /** Counts the values that a nested expression leaves waiting. */
  takeRegisters(count: number): void {
    this.registers += count;
    this.checkRegisters(0);
  }

  /** Fails if there can't be so many values more. */
  checkRegisters(count: number): void {
    if (this.registers + this.visible.length + this.reserved + count >= MOST_REGISTERS) {
      this.lexer.fail('function or expression too complex');
    }
  }
}
