/** What Lua's own compiler writes of a function, as far as there are limits to it. */

import { LuaError } from '../runtime/errors.js';
import { JumpList } from './jump-list.js';
import type { Lexer } from './lexer.js';
import type { Literal } from './syntax-tree.js';

/** Constants, and nested functions: as many as an instruction can number. */
const MOST_NUMBERED = 2 ** 18 - 1;

export type Constant = Literal | boolean | null;

export class CodeLength {
  /** Of instructions. */
  count = 0;
  /** The next register, and the first that no variable has. */
  protected free = 0;
  private firstFree = 0;
  protected readonly constants = new Map<Constant, number>();
  private functions = 0;
  /** Jumps to the next instruction. */
  private pending: JumpList | null = null;
  private lastTarget = -1;
  /** The last instruction that sets registers to nil: where it is, and which. */
  private nilsAt = -1;
  private firstNil = 0;
  private lastNil = 0;

  constructor(
    private readonly lexer: Lexer,
    /** How many variables are visible. */
    protected readonly visible: () => number,
  ) {}

  // Instructions

  /** Before a statement, or a condition. */
  protected begin(variables = this.visible()): void {
    this.free = variables;
    this.firstFree = variables;
  }

  protected emit(count = 1): void {
    this.aim(this.pending, this.count);
    this.pending = null;
    this.count += count;
  }

  /** Left out where they are nil: as a function begins, or after another that can set these as well. */
  protected emitNils(first: number, count: number): void {
    if (this.count > this.lastTarget) {
      if (this.count === 0 && first >= this.firstFree) return;
      if (this.count > 0 && this.nilsAt === this.count - 1 && this.firstNil <= first && first <= this.lastNil + 1) {
        this.lastNil = Math.max(this.lastNil, first + count - 1);
        return;
      }
    }
    this.nilsAt = this.count;
    this.firstNil = first;
    this.lastNil = first + count - 1;
    this.emit();
  }

  protected addConstant(constant: Constant): void {
    if (this.constants.has(constant)) return;
    if (this.constants.size === MOST_NUMBERED) this.failOverflow();
    this.constants.set(constant, this.constants.size);
  }

  /** That names no place. */
  private failOverflow(): never {
    throw new LuaError('constant table overflow');
  }

  protected addFunction(): void {
    if (++this.functions > MOST_NUMBERED) this.failOverflow();
  }

  // Jumps

  /** A place that can be jumped back to. */
  label(): number {
    this.lastTarget = this.count;
    return this.count;
  }

  /** A jump that is yet to be aimed, with those to it: they go where it goes. */
  protected emitJump(lacksValue = true): JumpList {
    const jump = new JumpList(this.count++, lacksValue);
    const { pending } = this;
    this.pending = null;
    return this.joined(jump, pending)!;
  }

  protected joined(list: JumpList | null, other: JumpList | null): JumpList | null {
    if (list === null || other === null) return list ?? other;
    if (!list.add(other)) this.failTooLong();
    return list;
  }

  aimHere(jumps: JumpList | null): void {
    this.label();
    this.pending = this.joined(this.pending, jumps);
  }

  protected aim(jumps: JumpList | null, target: number): void {
    if (jumps !== null && !jumps.canReach(target)) this.failTooLong();
  }

  private failTooLong(): never {
    this.lexer.fail('control structure too long');
  }
}
