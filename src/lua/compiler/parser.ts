/** Tokens to a tree, by recursive descent, with each name looked up as it is met. */

import { charge } from '../runtime/limits.js';
import { isDeep, leftOf } from './expression-kinds.js';
import { foldConstants } from './fold-constants.js';
import { LEAST_COUNTED } from './instruction-count.js';
import type { JumpList } from './jump-list.js';
import { describe, END, Lexer, NAME, NUMBER, STRING, TOKEN_BYTES } from './lexer.js';
import { Pile } from './pile.js';
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

/** Above all others but that of `^`. */
const UNARY_PRIORITY = 8;

/** Expressions that are deeper to their left are marked: there is no limit to that, but to the host's stack. */
const DEEPEST_UNMARKED = 60;

/** The body of the whole text. `levels` is how deep the stack of native calls is already, which counts for nesting. */
export function parse(source: string, chunkName: string, levels: number): FunctionBody {
  return new Parser(source, chunkName, levels).parseMain();
}

export class Parser {
  scope: FunctionScope;
  protected main: FunctionBody;
  protected readonly lexer: Lexer;
  private readonly statements = new Pile<Statement>();
  private readonly branches = new Pile<Branch>();
  private readonly expressions = new Pile<Expression>();
  private readonly fields = new Pile<Field>();
  private readonly places = new Pile<Place>();

  constructor(
    source: string,
    chunkName: string,
    private levels: number,
  ) {
    this.lexer = new Lexer(source, chunkName);
    this.scope = new FunctionScope(this.lexer, undefined, 0, source.length >= LEAST_COUNTED);
    this.main = this.scope.body;
    this.main.isVararg = true;
  }

  parseMain(): FunctionBody {
    this.lexer.next();
    this.main.block = this.parseStatements();
    this.endMain();
    charge(this.lexer.tokens * TOKEN_BYTES);
    return this.main;
  }

  protected endMain(): void {
    if (this.lexer.kind !== END) this.failExpecting(END);
    this.scope.instructions?.end();
  }

  // Tokens

  protected accept(kind: string): boolean {
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

  protected enterLevel(): void {
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
    const { height } = this.statements;
    while (!isBlockEnd(this.lexer.kind)) {
      const statement = this.parseStatement();
      this.statements.push(statement);
      this.accept(';');
      if (statement.kind === 'return' || statement.kind === 'break') break;
    }
    this.levels--;
    return this.statements.takeFrom(height);
  }

  protected parseStatement(): Statement {
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
        this.scope.instructions?.break();
        return { kind: 'break' };
      default:
        return this.parseExpressionStatement();
    }
  }

  private parseIf(line: number): Statement {
    const { height } = this.branches;
    const { instructions } = this.scope;
    let ends: JumpList | null = null;
    for (;;) {
      this.lexer.next();
      const condition = this.settle(this.parseExpression());
      const exit = instructions?.condition(condition) ?? null;
      this.expect('then');
      this.branches.push({ condition, block: this.parseBlock(false) });
      const isLast = this.lexer.kind !== 'elseif';
      if (isLast && this.lexer.kind !== 'else') instructions?.endIf(ends, exit);
      else ends = instructions?.endBranch(ends, exit) ?? null;
      if (isLast) break;
    }
    let otherwise: Statement[] | undefined;
    if (this.accept('else')) {
      otherwise = this.parseBlock(false);
      instructions?.endIf(ends, null);
    }
    this.expectClosing('end', 'if', line);
    return { kind: 'if', branches: this.branches.takeFrom(height), otherwise };
  }

  private parseWhile(line: number): Statement {
    this.lexer.next();
    const { instructions, nextVariable: firstVariable } = this.scope;
    const start = instructions?.label() ?? 0;
    const condition = this.settle(this.parseExpression());
    const exit = instructions?.condition(condition) ?? null;
    const loop = this.scope.enterBlock(true);
    this.expect('do');
    const block = this.parseBlock(false);
    instructions?.jumpBack(start);
    this.expectClosing('end', 'while', line);
    this.scope.leaveBlock(loop, true);
    instructions?.aimHere(exit);
    return { kind: 'while', condition, block, firstVariable };
  }

  private parseRepeat(line: number): Statement {
    const { instructions, nextVariable: firstVariable } = this.scope;
    const start = instructions?.label() ?? 0;
    const loop = this.scope.enterBlock(true);
    const count = this.scope.enterBlock(false);
    this.lexer.next();
    const block = this.parseStatements();
    this.expectClosing('until', 'repeat', line);
    // The condition sees the variables of the block.
    const condition = this.settle(this.parseExpression());
    const until = instructions?.until(condition);
    this.scope.leaveBlock(count, false);
    if (until !== undefined) instructions?.endRepeat(until, start);
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
    const over = this.scope.instructions?.numericFor(start, limit, step);
    this.expect('do');
    const { lastLine: line } = this.lexer;
    const [variables, block] = this.parseLoopBody([name]);
    if (over !== undefined) this.scope.instructions?.endFor(over, true);
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
    const over = this.scope.instructions?.genericFor(values);
    this.expect('do');
    this.scope.body.hasCalls = true;
    const [variables, block] = this.parseLoopBody(names);
    if (over !== undefined) this.scope.instructions?.endFor(over, false);
    return { kind: 'genericFor', variables, values, block, line, firstVariable: variables[0]!.ordinal };
  }

  private parseLoopBody(names: string[]): [Variable[], Statement[]] {
    const count = this.scope.enterBlock(false);
    const variables = names.map((name) => this.scope.declare(name));
    const block = this.parseBlock(false);
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
    const values: Expression[] = [{ kind: 'function', body }];
    this.scope.instructions?.assign([place], values);
    return { kind: 'assign', places: [place], values, line };
  }

  private parseLocalFunction(): Statement {
    const variable = this.scope.declare(this.expectName());
    variable.isFunction = true;
    const body = this.parseFunctionBody(false, this.lexer.line);
    this.scope.instructions?.localFunction(body);
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
    this.scope.instructions?.local(names.length, values);
    const variables = names.map((name) => this.scope.declare(name));
    if (variables.length === 1 && values.length === 1) {
      variables[0]!.isNumber = values[0]!.kind === 'number';
      variables[0]!.isFunction = values[0]!.kind === 'function';
    }
    return { kind: 'local', variables, values };
  }

  private parseReturn(): Statement {
    this.lexer.next();
    let values: Expression[] = [];
    if (!isBlockEnd(this.lexer.kind) && this.lexer.kind !== ';') {
      values = this.parseExpressions();
      this.scope.checkRegisters(values.length);
      this.settle(values.at(-1)!);
    }
    this.scope.instructions?.return(values);
    return { kind: 'return', values };
  }

  private parseExpressionStatement(): Statement {
    const expression = this.parseSuffixed();
    if (expression.kind === 'call' || expression.kind === 'method') {
      this.scope.instructions?.callStatement(expression);
      return { kind: 'call', call: expression };
    }
    const { height } = this.places;
    for (let place: Expression = expression; ; place = this.parseSuffixed()) {
      if (place.kind !== 'local' && place.kind !== 'global' && place.kind !== 'index') this.lexer.fail('syntax error');
      this.places.push(place);
      if (!this.accept(',')) break;
      this.scope.checkLimit(this.places.height - height, MOST_LEVELS - this.levels, 'variables in assignment');
    }
    const places = this.places.takeFrom(height);
    this.expect('=');
    const values = this.parseExpressions();
    this.settle(values.at(-1)!);
    for (const place of places) this.markAssigned(place);
    this.scope.instructions?.assign(places, values);
    return { kind: 'assign', places, values, line: this.lexer.lastLine };
  }

  private markAssigned(place: Place): void {
    if (place.kind === 'local') place.variable.isReassigned = true;
  }

  // Expressions

  /** One or more; all but the last are settled. */
  private parseExpressions(): Expression[] {
    const { height } = this.expressions;
    let last = this.parseExpression();
    this.expressions.push(last);
    while (this.accept(',')) {
      this.settle(last);
      this.scope.takeRegisters(1);
      last = this.parseExpression();
      this.expressions.push(last);
    }
    const expressions = this.expressions.takeFrom(height);
    this.scope.takeRegisters(1 - expressions.length);
    return expressions;
  }

  private parseExpression(limit = 0): Expression {
    this.enterLevel();
    let left = this.parseOperand();
    let depth = 0;
    for (; ; depth++) {
      const operator = this.lexer.kind;
      const priority = priorityOf(operator);
      if (priority <= limit) break;
      this.lexer.next();
      this.settle(left);
      const right = this.settle(this.parseExpression(isRightAssociative(operator) ? priority - 1 : priority));
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
    return depth > DEEPEST_UNMARKED ? this.marked(left) : left;
  }

  /** Who walks the tree begins on the left there; also from the next node on, as where a call is a statement. */
  private marked(expression: Expression): Expression {
    this.main.deep ??= new WeakSet();
    for (const each of [expression, leftOf(expression)]) {
      if (each !== undefined && isDeep(each)) this.main.deep.add(each);
    }
    return expression;
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
    if (Object.is(value, -0)) this.main.isWalkable = false;
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
    return variable === undefined ? { kind: 'global', name, line: 0 } : variable.place;
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
          return depth > DEEPEST_UNMARKED ? this.marked(expression) : expression;
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
    const { height } = this.fields;
    let last: Field | undefined;
    this.expect('{');
    this.scope.takeRegisters(1);
    while (this.lexer.kind !== '}') {
      if (last !== undefined && last.key === undefined) this.settle(last.value);
      last = this.parseField();
      this.fields.push(last);
      if (!this.accept(',') && !this.accept(';')) break;
    }
    this.expectClosing('}', '{', line);
    this.scope.takeRegisters(-1);
    if (last !== undefined) this.settle(last.value);
    return { kind: 'table', fields: this.fields.takeFrom(height), line };
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
    return { key, value };
  }

  private parseFunctionBody(isMethod: boolean, line: number): FunctionBody {
    const outer = this.scope;
    this.scope = new FunctionScope(this.lexer, outer, line, outer.instructions !== null);
    const { body } = this.scope;
    this.expect('(');
    if (isMethod) body.parameters.push(this.scope.declare('self'));
    this.parseParameters(body);
    this.expect(')');
    body.block = this.parseStatements();
    this.expectClosing('end', 'function', line);
    this.scope.instructions?.end();
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

// Of tokens: to look them up in a Map and a Set took a tenth of the time in which a text is read

/** How strongly an operator binds; 0 for what is none. */
function priorityOf(token: string): number {
  switch (token) {
    case 'or':
      return 1;
    case 'and':
      return 2;
    case '<':
    case '>':
    case '<=':
    case '>=':
    case '~=':
    case '==':
      return 3;
    case '..':
      return 5;
    case '+':
    case '-':
      return 6;
    case '*':
    case '/':
    case '%':
      return 7;
    case '^':
      return 10;
    default:
      return 0;
  }
}

function isRightAssociative(operator: string): boolean {
  return operator === '..' || operator === '^';
}

export function isBlockEnd(token: string): boolean {
  switch (token) {
    case 'else':
    case 'elseif':
    case 'end':
    case 'until':
    case END:
      return true;
    default:
      return false;
  }
}
