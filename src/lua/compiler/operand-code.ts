/** The values of expressions in Lua's own code: where they are, and which instructions that takes. */

import { CodeLength, type Constant } from './code-length.js';
import { leftOf } from './expression-kinds.js';
import type { JumpList } from './jump-list.js';
import type { Lexer } from './lexer.js';
import type { Binary, Expression, FunctionBody, TableConstructor, Variable } from './syntax-tree.js';

/** Constants that an instruction can have as an operand: the first ones. */
const MOST_OPERANDS = 256;
/** Items of a constructor that one instruction stores, and how often it can say of itself which ones. */
const ITEMS_STORED = 50;
const MOST_STORES = 511;

/**
 * What is known of the value of an expression so far: which constant it is, that a variable or a register has it, that
 * an instruction is yet to fetch it, or is there already and has no register for its result yet ('result', 'not' and
 * 'concatenation'), that a call or `...` gives it, or that a comparison jumps if it is true.
 */
type State =
  | 'nil'
  | 'true'
  | 'false'
  | 'number'
  | 'constant'
  | 'local'
  | 'register'
  | 'fetch'
  | 'result'
  | 'not'
  | 'concatenation'
  | 'call'
  | 'vararg'
  | 'jump';

export class Operand {
  /** The jumps that leave the expression because it is true, or false. */
  whenTrue: JumpList | null = null;
  whenFalse: JumpList | null = null;

  constructor(
    /** The first register that it may take. */
    readonly base: number,
    public state: State,
    public constant: Constant = null,
    readonly variable: Variable | null = null,
    readonly jump: JumpList | null = null,
  ) {}

  get hasJumps(): boolean {
    return this.whenTrue !== null || this.whenFalse !== null;
  }

  get isOpen(): boolean {
    return this.state === 'call' || this.state === 'vararg';
  }
}

export class OperandCode extends CodeLength {
  constructor(
    lexer: Lexer,
    protected readonly body: FunctionBody,
    visible: () => number,
  ) {
    super(lexer, visible);
  }

  protected operand(expression: Expression): Operand {
    if (leftOf(expression) === undefined) return this.simple(expression);
    // By a list: to its left it can be as deep as the text is long.
    const steps: Expression[] = [];
    let inner = expression;
    for (let left = leftOf(inner); left !== undefined; left = leftOf(inner)) {
      steps.push(inner);
      inner = left;
    }
    let operand = this.simple(inner);
    for (let step = steps.pop(); step !== undefined; step = steps.pop()) operand = this.continued(operand, step);
    return operand;
  }

  private simple(expression: Expression): Operand {
    switch (expression.kind) {
      case 'nil':
      case 'true':
      case 'false':
        return new Operand(this.free, expression.kind);
      case 'number':
        return new Operand(this.free, 'number', expression.value);
      case 'string':
        return this.string(expression.value);
      case 'vararg':
        this.emit();
        return new Operand(this.free, 'vararg');
      case 'function':
        return this.closure(expression.body);
      case 'local':
        if (expression.variable.owner !== this.body) return new Operand(this.free, 'fetch');
        return new Operand(this.free, 'local', null, expression.variable);
      case 'global':
        this.addConstant(expression.name);
        return new Operand(this.free, 'fetch');
      case 'parenthesis': {
        const operand = this.operand(expression.inner);
        this.fetch(operand);
        return operand;
      }
      case 'table':
        return this.table(expression);
      case 'unary': {
        const operand = this.operand(expression.operand);
        if (expression.operator === 'not') return this.negation(operand);
        this.toRegister(operand);
        this.emit();
        return this.made(operand.base, 'result');
      }
      default:
        throw new TypeError(`${expression.kind} has something on its left`);
    }
  }

  /** An expression what is on whose left there is already. */
  private continued(left: Operand, expression: Expression): Operand {
    switch (expression.kind) {
      case 'index':
        this.toRegister(left);
        this.toOperand(this.operand(expression.key));
        return new Operand(left.base, 'fetch');
      case 'call':
        this.toNext(left);
        this.list(expression.args);
        this.emit();
        return this.made(left.base, 'call');
      case 'method':
        this.toRegister(left);
        this.toOperand(this.string(expression.name));
        this.emit();
        this.free = left.base + 2;
        this.list(expression.args);
        this.emit();
        return this.made(left.base, 'call');
      case 'and': {
        this.goOnIf(true, left);
        const right = this.operand(expression.right);
        this.fetch(right);
        right.whenFalse = this.joined(right.whenFalse, left.whenFalse);
        return right;
      }
      case 'or': {
        this.goOnIf(false, left);
        const right = this.operand(expression.right);
        this.fetch(right);
        right.whenTrue = this.joined(right.whenTrue, left.whenTrue);
        return right;
      }
      default:
        return this.binary(left, expression as Binary);
    }
  }

  private binary(left: Operand, { operator, right: expression }: Binary): Operand {
    switch (operator) {
      case '..': {
        this.toNext(left);
        const right = this.operand(expression);
        this.toValue(right);
        // One instruction joins all.
        if (right.state === 'concatenation') return right;
        this.toNext(right);
        this.emit();
        return this.made(left.base, 'concatenation');
      }
      case '==':
      case '~=':
      case '<':
      case '<=':
      case '>':
      case '>=':
        this.toOperand(left);
        this.toOperand(this.operand(expression));
        this.emit();
        this.free = left.base;
        return new Operand(left.base, 'jump', null, null, this.emitJump());
      default: {
        // A number waits whether the operation is done at once.
        if (left.state !== 'number' || left.hasJumps) this.toOperand(left);
        this.toOperand(this.operand(expression));
        this.toOperand(left);
        this.emit();
        return this.made(left.base, 'result');
      }
    }
  }

  private negation(operand: Operand): Operand {
    this.fetch(operand);
    switch (operand.state) {
      case 'nil':
      case 'false':
        operand.state = 'true';
        break;
      case 'true':
      case 'number':
      case 'constant':
        operand.state = 'false';
        break;
      case 'jump':
        break;
      default:
        this.emit();
        this.free = operand.base;
        operand.state = 'not';
    }
    const { whenTrue, whenFalse } = operand;
    operand.whenTrue = whenFalse;
    operand.whenFalse = whenTrue;
    for (const jumps of [whenTrue, whenFalse]) if (jumps !== null) jumps.lacksValue = true;
    return operand;
  }

  protected closure({ upvalues }: FunctionBody): Operand {
    this.addFunction();
    this.emit(1 + upvalues.length);
    return new Operand(this.free, 'result');
  }

  private table({ fields }: TableConstructor): Operand {
    const base = this.free++;
    this.emit();
    let item: Operand | null = null;
    let items = 0;
    for (const { key, value } of fields) {
      if (item !== null) {
        this.toNext(item);
        if (items % ITEMS_STORED === 0) this.emitStore(items, base);
      }
      item = null;
      if (key === undefined) {
        item = this.operand(value);
        items++;
      } else {
        const { free } = this;
        this.toOperand(this.operand(key));
        this.toOperand(this.operand(value));
        this.emit();
        this.free = free;
      }
    }
    if (item !== null && !item.isOpen) this.toNext(item);
    if (item !== null || items % ITEMS_STORED > 0) this.emitStore(items, base);
    return this.made(base, 'register');
  }

  /** Of a constructor whose table is in a register. */
  private emitStore(items: number, table: number): void {
    this.free = table + 1;
    this.emit(Math.ceil(items / ITEMS_STORED) > MOST_STORES ? 2 : 1);
  }

  // Where values get to

  /** What is in a variable that is no local one, in a table, or given by a call is fetched. */
  protected fetch(operand: Operand): void {
    switch (operand.state) {
      case 'fetch':
        this.emit();
        this.free = operand.base;
        operand.state = 'result';
        break;
      case 'call':
        operand.state = 'register';
        break;
      case 'vararg':
        operand.state = 'result';
    }
  }

  /** To the next free register. */
  protected toNext(operand: Operand): void {
    this.fetch(operand);
    this.free = operand.base;
    if (operand.state === 'local') this.emit();
    else this.load(operand);
    this.endJumps(operand);
  }

  /** To a register, if it is in none. */
  protected toRegister(operand: Operand): void {
    if (operand.state !== 'local' || operand.hasJumps) this.toNext(operand);
  }

  private toValue(operand: Operand): void {
    if (operand.hasJumps) this.toRegister(operand);
    else this.fetch(operand);
  }

  /** To a register, if it is no constant that can be an operand. */
  protected toOperand(operand: Operand): void {
    this.toValue(operand);
    switch (operand.state) {
      case 'nil':
      case 'true':
      case 'false':
      case 'number':
        if (this.constants.size >= MOST_OPERANDS) break;
        if (operand.state !== 'number') operand.constant = operand.state === 'nil' ? null : operand.state === 'true';
        this.addConstant(operand.constant);
        operand.state = 'constant';
        return;
      case 'constant':
        if (this.constants.get(operand.constant)! < MOST_OPERANDS) return;
    }
    this.toRegister(operand);
  }

  protected load(operand: Operand): void {
    switch (operand.state) {
      case 'nil':
        this.emitNils(this.free, 1);
        break;
      case 'number':
        this.addConstant(operand.constant);
        this.emit();
        break;
      case 'true':
      case 'false':
      case 'constant':
        this.emit();
    }
  }

  /** All ways through an expression end where its value is in its register. */
  protected endJumps(operand: Operand): void {
    const { state, jump, whenFalse } = operand;
    const whenTrue = state === 'jump' ? this.joined(operand.whenTrue, jump) : operand.whenTrue;
    let [falseAt, trueAt] = [0, 0];
    if (whenTrue?.lacksValue || whenFalse?.lacksValue) {
      const over = state === 'jump' ? null : this.emitJump();
      falseAt = this.label();
      this.emit();
      trueAt = this.label();
      this.emit();
      this.aimHere(over);
    }
    if (whenTrue !== null || whenFalse !== null) {
      const end = this.label();
      this.aim(whenFalse, whenFalse?.lacksValue ? falseAt : end);
      this.aim(whenTrue, whenTrue?.lacksValue ? trueAt : end);
    }
    operand.whenTrue = null;
    operand.whenFalse = null;
    operand.state = 'register';
    this.free = operand.base + 1;
  }

  /** What takes a register, or none. */
  protected made(base: number, state: State): Operand {
    this.free = state === 'register' || state === 'call' ? base + 1 : base;
    return new Operand(base, state);
  }

  private string(value: string): Operand {
    this.addConstant(value);
    return new Operand(this.free, 'constant', value);
  }

  /** Jumps away unless it is true, or false; the jumps that were taken because it is lead here. */
  protected goOnIf(wanted: boolean, operand: Operand): void {
    this.fetch(operand);
    const jump = this.jumpUnless(wanted, operand);
    this.free = operand.base;
    if (wanted) {
      operand.whenFalse = this.joined(operand.whenFalse, jump);
      this.aimHere(operand.whenTrue);
      operand.whenTrue = null;
    } else {
      operand.whenTrue = this.joined(operand.whenTrue, jump);
      this.aimHere(operand.whenFalse);
      operand.whenFalse = null;
    }
  }

  private jumpUnless(wanted: boolean, operand: Operand): JumpList | null {
    switch (operand.state) {
      case 'number':
      case 'constant':
      case 'true':
        if (wanted) return null;
        break;
      case 'nil':
      case 'false':
        if (!wanted) return null;
        break;
      case 'jump':
        return operand.jump;
      case 'not':
        // The test is the other way round instead.
        this.count--;
        this.emit();
        return this.emitJump();
    }
    this.load(operand);
    this.emit();
    return this.emitJump(false);
  }

  protected list(values: readonly Expression[]): void {
    const last = this.allButLast(values);
    if (last !== null && !last.isOpen) this.toNext(last);
  }

  protected allButLast(values: readonly Expression[]): Operand | null {
    for (let i = 0; i < values.length - 1; i++) this.toNext(this.operand(values[i]!));
    return values.length === 0 ? null : this.operand(values.at(-1)!);
  }
}
