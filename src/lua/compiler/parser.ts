/** Tokens to a tree, by recursive descent, with each name looked up as it is met. */

import { charge } from '../runtime/limits.js';
import { power } from '../runtime/power.js';
import { checkConstants, LEAST_TEXT } from './constant-limit.js';
import { describe, END, Lexer, NAME, NUMBER, STRING, TOKEN_BYTES } from './lexer.js';
import { FunctionScope, MOST_LEVELS } from './scope.js';
import type {
  BinaryOperator,
  Branch,
  Call,
  Expression,
  Field,
  FunctionBody,
  MethodCall,
  Place,
  Statement,
  TableConstructor,
  Variable,
} from './syntax-tree.js';

/** How strongly an operator binds what is on its left and on its right. */
const PRIORITIES = new Map<string, readonly [left: number, right: number]>([
  ['or', [1, 1]],
  ['and', [2, 2]],
  ...['<', '>', '<=', '>=', '~=', '=='].map((operator) => [operator, [3, 3]] as const),
  ['..', [5, 4]],
  ['+', [6, 6]],
  ['-', [6, 6]],
  ['*', [7, 7]],
  ['/', [7, 7]],
  ['%', [7, 7]],
  ['^', [10, 9]],
]);
const UNARY_PRIORITY = 8;

/** Expressions that are deeper to their left are not walked: there is no limit to that, but to the host's stack. */
const DEEPEST_WALKED = 60;

const BLOCK_ENDS = new Set(['else', 'elseif', 'end', 'until', END]);

/** The body of the whole text. `levels` is how deep the stack of native calls is already, which counts for nesting. */
export function parse(source: string, chunkName: string, levels: number): FunctionBody {
  return new Parser(new Lexer(source, chunkName), levels, source.length >= LEAST_TEXT).parseMain();
}

class Parser {
  private scope!: FunctionScope;
  private isWalkable = true;

  constructor(
    private readonly lexer: Lexer,
    private levels: number,
    private readonly isLong: boolean,
  ) {}

  parseMain(): FunctionBody {
    this.scope = new FunctionScope(this.lexer, undefined, 0);
    const { body } = this.scope;
    body.isVararg = true;
    this.lexer.next();
    body.block = this.parseBlock(false);
    if (this.lexer.kind !== END) this.failExpecting(END);
    if (this.isLong) checkConstants(body);
    charge(this.lexer.tokens * TOKEN_BYTES);
    body.isWalkable = this.isWalkable;
    return body;
  }

  // Tokens

  private accept(kind: string): boolean {
    if (this.lexer.kind !== kind) return false;
    this.lexer.next();
    return true;
  }

  private expect(kind: string): void {
    if (!this.accept(kind)) this.failExpecting(kind);
  }

  private failExpecting(kind: string): never {
    this.lexer.fail(`'${describe(kind)}' expected`);
  }

  /** The token that closes what an `opening` one began. */
  private expectClosing(closing: string, opening: string, line: number): void {
    if (this.accept(closing)) return;
    if (line === this.lexer.line) this.failExpecting(closing);
    this.lexer.fail(`'${closing}' expected (to close '${opening}' at line ${line})`);
  }

  private expectName(): string {
    if (this.lexer.kind !== NAME) this.failExpecting(NAME);
    const { text } = this.lexer;
    this.lexer.next();
    return text;
  }

  /** Puts an expression down to the line read so far, if it isn't to one yet: here its value is fetched. */
  private settle<Kind extends Expression>(expression: Kind): Kind {
    if ((expression.kind === 'global' || expression.kind === 'index') && expression.line === 0) {
      expression.line = this.lexer.lastLine;
    }
    return expression;
  }

  private enterLevel(): void {
    if (++this.levels > MOST_LEVELS) this.lexer.failPlainly('chunk has too many syntax levels');
  }

  // Blocks and statements

  private parseBlock(isLoop: boolean): Statement[] {
    const count = this.scope.enterBlock(isLoop);
    const block = this.parseStatements();
    this.scope.leaveBlock(count, isLoop);
    return block;
  }

  private parseStatements(): Statement[] {
    this.enterLevel();
    const statements: Statement[] = [];
    while (!BLOCK_ENDS.has(this.lexer.kind)) {
      const statement = this.parseStatement();
      statements.push(statement);
      this.accept(';');
      if (statement.kind === 'return' || statement.kind === 'break') break;
    }
    this.levels--;
    return statements;
  }

  private parseStatement(): Statement {
    const { line } = this.lexer;
    switch (this.lexer.kind) {
      case 'if':
        return this.parseIf(line);
      case 'while':
        return this.parseWhile(line);
      case 'do': {
        this.lexer.next();
        const block = this.parseBlock(false);
        this.expectClosing('end', 'do', line);
        return { kind: 'do', block };
      }
      case 'for':
        return this.parseFor(line);
      case 'repeat':
        return this.parseRepeat(line);
      case 'function':
        return this.parseFunctionStatement(line);
      case 'local':
        this.lexer.next();
        return this.accept('function') ? this.parseLocalFunction() : this.parseLocal();
      case 'return':
        return this.parseReturn();
      case 'break':
        this.lexer.next();
        if (!this.scope.isInLoop) this.lexer.fail('no loop to break');
        return { kind: 'break' };
      default:
        return this.parseExpressionStatement();
    }
  }

  private parseIf(line: number): Statement {
    const branches: Branch[] = [];
    let otherwise: Statement[] | undefined;
    do {
      this.lexer.next();
      const condition = this.settle(this.parseExpression());
      this.expect('then');
      branches.push({ condition, block: this.parseBlock(false) });
    } while (this.lexer.kind === 'elseif');
    if (this.accept('else')) otherwise = this.parseBlock(false);
    this.expectClosing('end', 'if', line);
    return { kind: 'if', branches, otherwise };
  }

  private parseWhile(line: number): Statement {
    this.lexer.next();
    const firstVariable = this.scope.nextVariable;
    const condition = this.settle(this.parseExpression());
    const loop = this.scope.enterBlock(true);
    this.expect('do');
    const block = this.parseBlock(false);
    this.expectClosing('end', 'while', line);
    this.scope.leaveBlock(loop, true);
    return { kind: 'while', condition, block, firstVariable };
  }

  private parseRepeat(line: number): Statement {
    const firstVariable = this.scope.nextVariable;
    const loop = this.scope.enterBlock(true);
    const count = this.scope.enterBlock(false);
    this.lexer.next();
    const block = this.parseStatements();
    this.expectClosing('until', 'repeat', line);
    // The condition sees the variables of the block.
    const condition = this.settle(this.parseExpression());
    this.scope.leaveBlock(count, false);
    this.scope.leaveBlock(loop, true);
    return { kind: 'repeat', block, condition, firstVariable };
  }

  private parseFor(line: number): Statement {
    const loop = this.scope.enterBlock(true);
    this.lexer.next();
    const name = this.expectName();
    let statement: Statement;
    switch (this.lexer.kind) {
      case '=':
        statement = this.parseNumericFor(name);
        break;
      case ',':
      case 'in':
        statement = this.parseGenericFor(name, line);
        break;
      default:
        this.lexer.fail(`'=' or 'in' expected`);
    }
    this.expectClosing('end', 'for', line);
    this.scope.leaveBlock(loop, true);
    return statement;
  }

  private parseNumericFor(name: string): Statement {
    this.scope.reserve(3);
    this.scope.checkRoom(1);
    this.lexer.next();
    const start = this.settle(this.parseExpression());
    this.expect(',');
    const limit = this.settle(this.parseExpression());
    const step = this.accept(',') ? this.settle(this.parseExpression()) : undefined;
    this.expect('do');
    const { lastLine: line } = this.lexer;
    const [variables, block] = this.parseLoopBody([name]);
    const [variable] = variables as [Variable];
    return { kind: 'numericFor', variable, start, limit, step, block, line, firstVariable: variable.ordinal };
  }

  private parseGenericFor(first: string, line: number): Statement {
    this.scope.reserve(3);
    const names = [first];
    while (this.accept(',')) {
      this.scope.checkRoom(names.length);
      names.push(this.expectName());
    }
    this.scope.checkRoom(names.length);
    this.expect('in');
    const values = this.parseExpressions();
    this.settle(values.at(-1)!);
    this.expect('do');
    this.scope.body.hasCalls = true;
    const [variables, block] = this.parseLoopBody(names);
    return { kind: 'genericFor', variables, values, block, line, firstVariable: variables[0]!.ordinal };
  }

  private parseLoopBody(names: string[]): [Variable[], Statement[]] {
    const count = this.scope.enterBlock(false);
    const variables = names.map((name) => this.scope.declare(name));
    const block = this.parseStatements();
    this.scope.leaveBlock(count, false);
    return [variables, block];
  }

  private parseFunctionStatement(line: number): Statement {
    this.lexer.next();
    let place = this.parseVariable();
    let isMethod = false;
    while (!isMethod && (this.lexer.kind === '.' || this.lexer.kind === ':')) {
      isMethod = this.lexer.kind === ':';
      this.settle(place);
      this.lexer.next();
      place = { kind: 'index', object: place, key: nameKey(this.expectName()), line: 0 };
    }
    const body = this.parseFunctionBody(isMethod, line);
    this.markAssigned(place);
    return { kind: 'assign', places: [place], values: [{ kind: 'function', body }], line };
  }

  private parseLocalFunction(): Statement {
    const variable = this.scope.declare(this.expectName());
    variable.isFunction = true;
    const body = this.parseFunctionBody(false, this.lexer.line);
    return { kind: 'localFunction', variable, body };
  }

  private parseLocal(): Statement {
    const names: string[] = [];
    do {
      this.scope.checkRoom(names.length + 1);
      names.push(this.expectName());
    } while (this.accept(','));
    let values: Expression[] = [];
    if (this.accept('=')) {
      values = this.parseExpressions();
      this.settle(values.at(-1)!);
    }
    const variables = names.map((name) => this.scope.declare(name));
    if (variables.length === 1 && values.length === 1) {
      variables[0]!.isNumber = values[0]!.kind === 'number';
      variables[0]!.isFunction = values[0]!.kind === 'function';
    }
    return { kind: 'local', variables, values };
  }

  private parseReturn(): Statement {
    this.lexer.next();
    if (BLOCK_ENDS.has(this.lexer.kind) || this.lexer.kind === ';') return { kind: 'return', values: [] };
    const values = this.parseExpressions();
    this.scope.checkRegisters(values.length);
    this.settle(values.at(-1)!);
    return { kind: 'return', values };
  }

  private parseExpressionStatement(): Statement {
    const expression = this.parseSuffixed();
    if (expression.kind === 'call' || expression.kind === 'method') return { kind: 'call', call: expression };
    const places: Place[] = [];
    for (let place: Expression = expression; ; place = this.parseSuffixed()) {
      if (place.kind !== 'local' && place.kind !== 'global' && place.kind !== 'index') this.lexer.fail('syntax error');
      places.push(place);
      if (!this.accept(',')) break;
      this.scope.checkLimit(places.length, MOST_LEVELS - this.levels, 'variables in assignment');
    }
    this.expect('=');
    const values = this.parseExpressions();
    this.settle(values.at(-1)!);
    for (const place of places) this.markAssigned(place);
    return { kind: 'assign', places, values, line: this.lexer.lastLine };
  }

  private markAssigned(place: Place): void {
    if (place.kind === 'local') place.variable.isReassigned = true;
  }

  // Expressions

  /** One or more; all but the last are settled. */
  private parseExpressions(): Expression[] {
    const expressions = [this.parseExpression()];
    while (this.accept(',')) {
      this.settle(expressions.at(-1)!);
      this.scope.takeRegisters(1);
      expressions.push(this.parseExpression());
    }
    this.scope.takeRegisters(1 - expressions.length);
    return expressions;
  }

  private parseExpression(limit = 0): Expression {
    this.enterLevel();
    let left = this.parseOperand();
    for (let depth = 0; ; depth++) {
      const operator = this.lexer.kind;
      const priority = PRIORITIES.get(operator);
      if (priority === undefined || priority[0] <= limit) break;
      this.lexer.next();
      this.settle(left);
      if (depth > DEEPEST_WALKED) this.isWalkable = false;
      const right = this.settle(this.parseExpression(priority[1]));
      if (operator === 'and' || operator === 'or') left = { kind: operator, left, right };
      else {
        const folded = foldConstants(operator, left, right);
        if (folded !== undefined) left = this.computed(folded);
        else
          left = {
            kind: 'binary',
            operator: operator as BinaryOperator,
            left,
            right,
            line: this.lexer.lastLine,
          };
      }
    }
    this.levels--;
    return left;
  }

  private parseOperand(): Expression {
    const operator = this.lexer.kind;
    if (operator !== '-' && operator !== 'not' && operator !== '#') return this.parseSimple();
    this.lexer.next();
    const operand = this.settle(this.parseExpression(UNARY_PRIORITY));
    // A constant but for NaN is negated at once.
    if (operator === '-' && operand.kind === 'number') return this.computed(-operand.value);
    return { kind: 'unary', operator, operand, line: this.lexer.lastLine };
  }

  /** A constant that the text does not have as it is. */
  private computed(value: number): Expression {
    // What -0 is depends on the constants before it in the code (FunctionContext.constant()).
    if (Object.is(value, -0)) this.isWalkable = false;
    return { kind: 'number', value, literal: -1, isHot: true };
  }

  private parseSimple(): Expression {
    const { lexer } = this;
    let expression: Expression;
    switch (lexer.kind) {
      case NUMBER:
        expression = { kind: 'number', value: lexer.number, literal: lexer.literals - 1, isHot: this.scope.isHot };
        break;
      case STRING:
        expression = { kind: 'string', value: lexer.text, literal: lexer.literals - 1 };
        break;
      case 'nil':
      case 'true':
      case 'false':
        expression = { kind: lexer.kind };
        break;
      case '...':
        if (!this.scope.body.isVararg) lexer.fail("cannot use '...' outside a vararg function");
        this.scope.body.usesVararg = true;
        expression = { kind: 'vararg' };
        break;
      case '{':
        return this.parseTable();
      case 'function':
        lexer.next();
        return { kind: 'function', body: this.parseFunctionBody(false, lexer.line) };
      default:
        return this.parseSuffixed();
    }
    lexer.next();
    return expression;
  }

  private parseVariable(): Place {
    const name = this.expectName();
    const variable = this.scope.find(name);
    return variable === undefined ? { kind: 'global', name, line: 0 } : { kind: 'local', variable };
  }

  private parsePrefix(): Expression {
    const { line } = this.lexer;
    switch (this.lexer.kind) {
      case NAME:
        return this.parseVariable();
      case '(': {
        this.lexer.next();
        const inner = this.parseExpression();
        this.expectClosing(')', '(', line);
        return inner.kind === 'number' ? inner : { kind: 'parenthesis', inner: this.settle(inner) };
      }
      default:
        return this.lexer.fail('unexpected symbol');
    }
  }

  /** A name or a parenthesis with indexes and calls after it. */
  private parseSuffixed(): Expression {
    let expression = this.parsePrefix();
    for (let depth = 0; ; depth++) {
      if (depth > DEEPEST_WALKED) this.isWalkable = false;
      switch (this.lexer.kind) {
        case '.': {
          this.settle(expression);
          this.lexer.next();
          const key = nameKey(this.expectName());
          expression = { kind: 'index', object: expression, key, line: 0 };
          break;
        }
        case '[': {
          this.settle(expression);
          expression = { kind: 'index', object: expression, key: this.parseKey(), line: 0 };
          break;
        }
        case ':': {
          this.lexer.next();
          const name = this.expectName();
          const nameLine = this.lexer.lastLine;
          this.settle(expression);
          const { line } = this.lexer;
          const call: MethodCall = { kind: 'method', object: expression, name, nameLine, args: [], line, place: 0 };
          call.args = this.parseArguments(2);
          expression = call;
          break;
        }
        case '(':
        case STRING:
        case '{': {
          this.settle(expression);
          const call: Call = { kind: 'call', callee: expression, args: [], line: this.lexer.line, place: 0 };
          call.args = this.parseArguments(1);
          expression = call;
          break;
        }
        default:
          return expression;
      }
    }
  }

  private parseKey(): Expression {
    this.lexer.next();
    const key = this.settle(this.parseExpression());
    this.expect(']');
    return key;
  }

  /** `taken` registers hold the function and its object. */
  private parseArguments(taken: number): Expression[] {
    const { lexer } = this;
    this.scope.body.hasCalls = true;
    if (lexer.kind === STRING) {
      const argument: Expression = { kind: 'string', value: lexer.text, literal: lexer.literals - 1 };
      lexer.next();
      return [argument];
    }
    if (lexer.kind === '{') return [this.parseTable()];
    const { line } = lexer;
    if (lexer.kind !== '(') lexer.fail('function arguments expected');
    if (line !== lexer.lastLine) lexer.fail('ambiguous syntax (function call x new statement)');
    lexer.next();
    if (this.accept(')')) return [];
    this.scope.takeRegisters(taken);
    const args = this.parseExpressions();
    this.expectClosing(')', '(', line);
    this.scope.checkRegisters(args.length);
    this.scope.takeRegisters(-taken);
    this.settle(args.at(-1)!);
    return args;
  }

  private parseTable(): TableConstructor {
    const { line } = this.lexer;
    const table: TableConstructor = { kind: 'table', fields: [], line };
    this.expect('{');
    this.scope.takeRegisters(1);
    while (this.lexer.kind !== '}') {
      const previous = table.fields.at(-1);
      if (previous !== undefined && previous.key === undefined) this.settle(previous.value);
      table.fields.push(this.parseField());
      if (!this.accept(',') && !this.accept(';')) break;
    }
    this.expectClosing('}', '{', line);
    this.scope.takeRegisters(-1);
    const last = table.fields.at(-1);
    if (last !== undefined) this.settle(last.value);
    return table;
  }

  private parseField(): Field {
    let key: Expression | undefined;
    if (this.lexer.kind === '[') {
      key = this.parseKey();
      this.expect('=');
    } else if (this.lexer.kind === NAME && this.lexer.peek() === '=') {
      key = nameKey(this.expectName());
      this.lexer.next();
    }
    const value = this.parseExpression();
    if (key !== undefined) this.settle(value);
    return { key, value, line: this.lexer.lastLine };
  }

  private parseFunctionBody(isMethod: boolean, line: number): FunctionBody {
    const outer = this.scope;
    this.scope = new FunctionScope(this.lexer, outer, line);
    const { body } = this.scope;
    this.expect('(');
    if (isMethod) body.parameters.push(this.scope.declare('self'));
    this.parseParameters(body);
    this.expect(')');
    body.block = this.parseStatements();
    this.expectClosing('end', 'function', line);
    if (this.isLong) checkConstants(body);
    this.scope = outer;
    return body;
  }

  private parseParameters(body: FunctionBody): void {
    if (this.lexer.kind === ')') return;
    const names: string[] = [];
    do {
      if (this.accept('...')) {
        body.isVararg = true;
        this.scope.checkRoom(names.length + 1);
        break;
      }
      if (this.lexer.kind !== NAME) this.lexer.fail("<name> or '...' expected");
      this.scope.checkRoom(names.length + 1);
      names.push(this.expectName());
    } while (this.accept(','));
    for (const name of names) body.parameters.push(this.scope.declare(name));
    if (body.isVararg) body.argumentTable = this.scope.declare('arg');
  }
}

function nameKey(value: string): Expression {
  return { kind: 'string', value, literal: -1 };
}

/** Arithmetic on two constants is done at once, unless it is not a number. */
function foldConstants(operator: string, left: Expression, right: Expression): number | undefined {
  if (left.kind !== 'number' || right.kind !== 'number') return undefined;
  if ((operator === '/' || operator === '%') && right.value === 0) return undefined;
  const value = arithmeticOf(operator, left.value, right.value);
  return Number.isNaN(value) ? undefined : value;
}

/** NaN for an operator that is none of arithmetic. */
function arithmeticOf(operator: string, a: number, b: number): number {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    case '%':
      return a - Math.floor(a / b) * b;
    case '^':
      return power(a, b);
    default:
      return Number.NaN;
  }
}
