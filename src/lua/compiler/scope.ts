/** Which variables a name can mean at a place in the text, and how many of them a function may have. */

import { InstructionCount } from './instruction-count.js';
import type { Lexer } from './lexer.js';
import { FunctionBody, type Statement, Variable } from './syntax-tree.js';

/** How deep blocks and expressions, and calls of native code, may lie in one another. */
export const MOST_LEVELS = 200;
const MOST_VARIABLES = 200;
const MOST_UPVALUES = 60;
const MOST_REGISTERS = 250;

export class FunctionScope {
  readonly body: FunctionBody;
  /** For texts that are so long that there can be too many. */
  readonly instructions: InstructionCount | null;
  private readonly visible: Variable[] = [];
  /** Of nameless variables that a loop needs. */
  private reserved = 0;
  private readonly reservedBefore: number[] = [];
  private registers = 0;
  private loops = 0;
  /** Variables of a text are numbered together, so that each has a name of its own. */
  private readonly ordinals: { next: number };
  private readonly known = new Map<number, Variable>();

  /** `before` is the same scope at its end, when the text was read before: its body and variables are this one's. */
  constructor(
    private readonly lexer: Lexer,
    private readonly parent: FunctionScope | undefined,
    line: number,
    isCounted: boolean,
    before?: FunctionScope,
  ) {
    this.ordinals = parent?.ordinals ?? { next: 0 };
    this.body = before?.body ?? new FunctionBody(parent?.body, line, this.ordinals.next);
    this.instructions = isCounted ? new InstructionCount(lexer, this.body, () => this.count) : null;
    for (const variable of before?.visible ?? []) this.known.set(variable.ordinal, variable);
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

  /** How many variables are visible, also nameless ones. */
  private get count(): number {
    return this.visible.length + this.reserved;
  }

  /** How many variables are visible that have names, which `leaveBlock` wants back. */
  enterBlock(isLoop: boolean): number {
    this.instructions?.enterBlock(isLoop);
    if (isLoop) this.loops++;
    this.reservedBefore.push(this.reserved);
    return this.visible.length;
  }

  leaveBlock(count: number, isLoop: boolean): void {
    if (isLoop) this.loops--;
    this.visible.length = count;
    this.reserved = this.reservedBefore.pop()!;
    this.instructions?.leaveBlock();
  }

  /** Keeps room for nameless variables until the block ends. */
  reserve(count: number): void {
    this.checkRoom(count);
    this.reserved += count;
    for (let i = 0; i < count; i++) this.instructions?.declare();
  }

  declare(name: string): Variable {
    this.checkRoom(1);
    this.instructions?.declare();
    const ordinal = this.ordinals.next++;
    const variable = this.known.get(ordinal) ?? new Variable(name, this.body, ordinal, this.isInLoop, this.count);
    this.visible.push(variable);
    return variable;
  }

  /** A statement that is not read again: its variables are visible now, if it declares any. */
  passOver(statement: Statement, nextVariable: number): void {
    if (statement.kind === 'local') this.visible.push(...statement.variables);
    else if (statement.kind === 'localFunction') this.visible.push(statement.variable);
    this.ordinals.next = nextVariable;
  }

  /** The variable that a name means here; undefined if it is a global. */
  find(name: string, isForInner = false): Variable | undefined {
    const { visible } = this;
    // This is asked for each name of the text: a function called for each variable takes twice as long.
    for (let i = visible.length - 1; i >= 0; i--) {
      const own = visible[i]!;
      if (own.name !== name) continue;
      if (isForInner) this.instructions?.close(own.register);
      return own;
    }
    const outer = this.parent?.find(name, true);
    const { upvalues } = this.body;
    if (outer === undefined || upvalues.includes(outer)) return outer;
    this.checkLimit(upvalues.length + 1, MOST_UPVALUES, 'upvalues');
    upvalues.push(outer);
    outer.isCaptured = true;
    return outer;
  }

  /** Fails if there is no room for so many variables more. */
  checkRoom(count: number): void {
    this.checkLimit(this.count + count, MOST_VARIABLES, 'local variables');
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
    if (this.registers + this.count + count >= MOST_REGISTERS) {
      this.lexer.fail('function or expression too complex');
    }
  }
}
