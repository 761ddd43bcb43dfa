/** Expressions of Lua to expressions of JavaScript, which the statements take together. */

import { givesOneValue } from '../runtime/single-values.js';
import { isResumable } from '../runtime/steps.js';
import { constructorPlaces } from '../runtime/table-sizes.js';
import type { Value } from '../runtime/value.js';
import { ENTRY, type FunctionContext, isMultiple, quote } from './context.js';
import {
  concatenated,
  constantOf,
  describe,
  gatherDeep,
  isBoolean,
  isConstant,
  isLiteral,
  isReadLate,
  iterationOf,
  spineLength,
  withLeft,
} from './expression-kinds.js';
import type { Binary, BinaryOperator, Call, Expression, MethodCall, TableConstructor } from './syntax-tree.js';

const ARITHMETIC: ReadonlyMap<BinaryOperator, string> = new Map([
  ['+', '$add'],
  ['-', '$subtract'],
  ['*', '$multiply'],
  ['/', '$divide'],
  ['%', '$modulo'],
  ['^', '$power'],
]);

/** What cold code calls instead of doing it in place: these do for all values. */
const COMPARISON: ReadonlyMap<BinaryOperator, string> = new Map([
  ['<', '$lessThan'],
  ['<=', '$lessOrEqual'],
  ['>', '$greaterThan'],
  ['>=', '$greaterOrEqual'],
]);

/** Expressions nested more deeply to their left are evaluated in steps: V8 would run out of stack as it reads them. */
const DEEPEST = 60;
/** Longer chains of concatenations are lists. */
const MOST_NESTED_CONCATS = 8;
/** Items of a list that are put into their table at one go. */
export const ITEMS_AT_ONCE = 50;

/** The code of an operand, and what is known of it. */
interface Operand {
  readonly text: string;
  readonly isNumber: boolean;
}

/** Of an operation, and the code that has to come before it. */
interface Operands {
  readonly before: string;
  readonly left: Operand;
  readonly right: Operand;
}

export class Expressions {
  private depth = 0;

  constructor(private readonly context: FunctionContext) {}

  /** One value. */
  value(expression: Expression): string {
    const mark = this.context.mark;
    if (++this.depth > DEEPEST && spineLength(expression) > DEEPEST / 2) {
      const text = this.flattened(expression);
      this.depth--;
      this.context.release(mark);
      return text;
    }
    const text = this.valueOf(expression);
    this.depth--;
    this.context.release(mark);
    return text;
  }

  private valueOf(expression: Expression): string {
    switch (expression.kind) {
      case 'nil':
        return 'undefined';
      case 'held':
        return expression.text;
      case 'true':
      case 'false':
        return expression.kind;
      case 'number':
        return this.literal(expression) ?? numberLiteral(this.context.constant(expression.value));
      case 'string':
        return this.literal(expression) ?? quote(expression.value);
      case 'vararg':
        return '$v[0]';
      case 'function':
        return this.context.chunk.generateFunction(expression.body);
      case 'parenthesis':
        return this.value(expression.inner);
      case 'table':
        return this.table(expression);
      case 'and':
      case 'or':
        return this.logical(expression);
      case 'unary':
        return this.unary(expression.operator, expression.operand, expression.line);
      case 'binary':
        return this.binary(expression);
      case 'local':
        return this.context.chunk.variableName(expression.variable);
      case 'global':
        return this.global(expression.name, expression.line);
      case 'index':
        return this.index(expression);
      case 'call':
      case 'method':
        return this.singleResult(expression);
    }
  }

  private literal(expression: Expression & { kind: 'number' | 'string' }): string | undefined {
    return this.context.chunk.literal(expression, this.context.isHot);
  }

  private givesOneValue(expression: Expression): boolean {
    return expression.kind === 'call' && givesOneValue(this.constantValue(expression.callee));
  }

  private singleResult(expression: Call | MethodCall): string {
    if (this.givesOneValue(expression)) return this.call(expression);
    const selected = this.selectedOne(expression);
    if (selected !== undefined) return selected;
    if (!this.context.isHot) return `$first(${this.call(expression)})`;
    const results = this.context.temporary();
    return `((${results}=${this.call(expression)})instanceof Array?$finish(${results})[0]:${results})`;
  }

  /** `select(n, ...)` as one value. */
  private selectedOne(call: Call | MethodCall): string | undefined {
    if (call.kind !== 'call' || call.args.length !== 2 || call.args[1]!.kind !== 'vararg') return undefined;
    const { chunk } = this.context;
    if (chunk.surroundings.intrinsics.get(this.constantValue(call.callee)) !== 'select') return undefined;
    const place = chunk.place(call.line, this.describe(call.callee), undefined, false);
    return `${this.constant(chunk.surroundings.selectOne)}($at(${this.value(call.args[0]!)},${place}),$v)`;
  }

  /** A condition of JavaScript: whether the value is neither nil nor false. */
  condition(expression: Expression): string {
    switch (expression.kind) {
      case 'true':
      case 'number':
      case 'string':
        return 'true';
      case 'false':
        return 'false';
      case 'parenthesis':
        return this.condition(expression.inner);
      case 'and':
      case 'or':
        if (spineLength(expression) > DEEPEST / 2) break;
        return `(${this.condition(expression.left)}${expression.kind === 'and' ? '&&' : '||'}${this.condition(expression.right)})`;
    }
    if (isBoolean(expression)) return this.value(expression);
    const mark = this.context.mark;
    const text = this.value(expression);
    if (isIdentifier(text)) return `(${text}!==undefined&&${text}!==false)`;
    if (!this.context.isHot) return `$true(${text})`;
    const held = this.context.temporary();
    this.context.release(mark);
    return `((${held}=${text})!==undefined&&${held}!==false)`;
  }

  /** All values of a list, as the elements of an array or the arguments of a call. */
  list(expressions: readonly Expression[]): string {
    const last = expressions.length - 1;
    return expressions.map((each, i) => (i === last ? this.spread(each) : this.value(each))).join(',');
  }

  private spread(expression: Expression): string {
    if (expression.kind === 'vararg') return '...$v';
    const isOpen = isMultiple(expression) && !this.givesOneValue(expression);
    return isOpen ? `...$all(${this.call(expression)})` : this.value(expression);
  }

  /** The results of a function: what a return statement returns. */
  results(expressions: readonly Expression[]): string {
    if (expressions.length === 0) return '$none';
    const only = expressions.length === 1 ? expressions[0]! : undefined;
    if (only?.kind === 'vararg') return '$v';
    if (only !== undefined && !isMultiple(only)) return this.value(only);
    return `[${this.list(expressions)}]`;
  }

  // Operators

  /** Whether its code can be read again, with the same value although `other` has been evaluated in between. */
  private isSteady(expression: Expression, other?: Expression): boolean {
    switch (expression.kind) {
      case 'nil':
      case 'true':
      case 'false':
      case 'number':
      case 'string':
      case 'held':
        return true;
      case 'local': {
        const { variable } = expression;
        // A function's own variable is read as late as the operation is done, as Lua's registers are.
        if (this.context.owns(variable) || !variable.isReassigned) return true;
        return other === undefined || this.isSteady(other);
      }
      case 'parenthesis':
        return this.isSteady(expression.inner, other);
      default:
        return false;
    }
  }

  /** @param depth how many more operations may lie in one another */
  private isNumber(expression: Expression, depth = DEEPEST): boolean {
    switch (expression.kind) {
      case 'number':
        return true;
      case 'local':
        return expression.variable.isNumber && !expression.variable.isReassigned;
      case 'parenthesis':
        return this.isNumber(expression.inner, depth - 1);
      case 'unary':
        return (
          expression.operator === '#' || (expression.operator === '-' && this.isNumber(expression.operand, depth - 1))
        );
      case 'binary':
        if (depth <= 0 || !ARITHMETIC.has(expression.operator)) return false;
        return this.isNumber(expression.left, depth - 1) && this.isNumber(expression.right, depth - 1);
      default:
        return false;
    }
  }

  /**
   * The two operands as code that can be read repeatedly, and what has to be evaluated before, in the order of Lua.
   * What is done with them decides when the temporary variables are free again. A literal on the left may be met
   * later than what is on the right, as a constant (FunctionContext.constant()).
   */
  private operands(left: Expression, right: Expression, isLeftLate = false): Operands {
    let before = '';
    const hold = (expression: Expression, isSteady: boolean): Operand => {
      const isNumber = this.isNumber(expression);
      const text = this.value(expression);
      if (isSteady) return { text, isNumber };
      const held = this.context.temporary();
      before += `${held}=${text},`;
      return { text: held, isNumber };
    };
    let first = isLeftLate ? undefined : hold(left, this.isSteady(left, right));
    const second = hold(right, this.isSteady(right));
    first ??= hold(left, true);
    return { before, left: first, right: second };
  }

  /**
   * The two operands as arguments of a call, in the order of Lua; undefined where the code must read the left one once
   * more when the right one has been evaluated, or is hot.
   */
  private asArguments(left: Expression, right: Expression, isLeftLate = isLiteral(left)): string | undefined {
    if (this.context.isHot) return undefined;
    if (isReadLate(left, this.context.body) && !this.isSteady(right)) return undefined;
    if (!isLeftLate) return `${this.value(left)},${this.value(right)}`;
    const second = this.value(right);
    return `${this.value(left)},${second}`;
  }

  private binary(expression: Binary): string {
    switch (expression.operator) {
      case '..':
        return this.concatenation(expression);
      case '==':
        return this.equality(expression);
      case '~=':
        return `!${this.equality(expression)}`;
      case '<':
      case '<=':
      case '>':
      case '>=':
        return this.comparison(expression);
      default:
        return this.arithmetic(expression);
    }
  }

  private arithmetic({ operator, left, right, line }: Binary): string {
    const args = this.isNumber(left) && this.isNumber(right) ? undefined : this.asArguments(left, right);
    if (args !== undefined) {
      const place = this.context.chunk.place(line, this.describe(left), this.describe(right));
      return `${ARITHMETIC.get(operator)}(${place},${args})`;
    }
    const { before, left: a, right: b } = this.operands(left, right, isLiteral(left));
    const result =
      operator === '%'
        ? `${a.text}-Math.floor(${a.text}/${b.text})*${b.text}`
        : operator === '^'
          ? `$pow(${a.text},${b.text})`
          : `${a.text}${operator}${spaced(b.text)}`;
    const checks = numberChecks([a, b]);
    if (checks === '') return `(${before}${result})`;
    const place = this.context.chunk.place(line, this.describe(left), this.describe(right));
    return `(${before}${checks}?${result}:${ARITHMETIC.get(operator)}(${place},${a.text},${b.text}))`;
  }

  private comparison({ operator, left, right, line }: Binary): string {
    const args = this.isNumber(left) && this.isNumber(right) ? undefined : this.asArguments(left, right, false);
    if (args !== undefined) return `${COMPARISON.get(operator)}(${this.context.chunk.place(line)},${args})`;
    const { before, left: a, right: b } = this.operands(left, right);
    const result = `${a.text}${operator}${spaced(b.text)}`;
    const checks = numberChecks([a, b]);
    if (checks === '') return `(${before}${result})`;
    const place = this.context.chunk.place(line);
    const isReverse = operator === '>' || operator === '>=';
    const name = operator.length === 1 ? '$lessThan' : '$lessOrEqual';
    const values = isReverse ? `${b.text},${a.text}` : `${a.text},${b.text}`;
    return `(${before}${checks}?${result}:${name}(${place},${values}))`;
  }

  private equality({ left, right, line }: Binary): string {
    if (isConstant(left) || isConstant(right)) {
      if (this.isSteady(left, right) && !this.isSteady(right)) return `(${this.value(right)}===${this.value(left)})`;
      return `(${this.value(left)}===${this.value(right)})`;
    }
    const args = this.asArguments(left, right, false);
    if (args !== undefined) return `$equal(${this.context.chunk.place(line)},${args})`;
    const { before, left: a, right: b } = this.operands(left, right);
    const place = this.context.chunk.place(line);
    return `(${before}${a.text}===${b.text}||typeof ${a.text}==="object"&&$equals(${place},${a.text},${b.text}))`;
  }

  private concatenation(expression: Binary): string {
    const operands = concatenated(expression);
    const texts = operands.map((operand) => this.value(operand));
    const names = operands.map((operand) => this.describe(operand));
    const { line } = expression;
    const places = names.slice(1).map((name, i) => this.context.chunk.place(line, names[i], name));
    if (texts.length > MOST_NESTED_CONCATS) return `$concatAll([${places.join(',')}],[${texts.join(',')}])`;
    let text = texts.at(-1)!;
    for (let i = places.length - 1; i >= 0; i--) text = `$concat(${places[i]},${texts[i]},${text})`;
    return text;
  }

  private logical(expression: Expression & { kind: 'and' | 'or' }): string {
    const { left, right } = expression;
    const isAnd = expression.kind === 'and';
    // Nothing asks for its value, so that it is none of the function's constants.
    if (isAnd && isLiteral(left)) return this.value(right);
    if (isBoolean(left)) return `(${this.condition(left)}${isAnd ? '&&' : '||'}${this.value(right)})`;
    if (!this.context.isHot && this.isSteady(right)) {
      return `$${expression.kind}(${this.value(left)},${this.value(right)})`;
    }
    const first = this.value(left);
    let name = first;
    let test = first;
    if (!this.isSteady(left)) {
      name = this.context.temporary();
      test = `(${name}=${first})`;
    }
    // What `left` was is needed only until `right` begins, unless it is the result.
    return isAnd
      ? `(${test}===undefined||${name}===false?${name}:${this.value(right)})`
      : `(${test}!==undefined&&${name}!==false?${name}:${this.value(right)})`;
  }

  private unary(operator: '-' | 'not' | '#', operand: Expression, line: number): string {
    if (operator === 'not') return `!${this.condition(operand)}`;
    const place = this.context.chunk.place(line, this.describe(operand));
    if (operator === '#') return `$length(${place},${this.value(operand)})`;
    const { first, again } = this.readable(operand);
    return `(typeof ${first}==="number"&&${again}===${again}?-${again}:$negate(${place},${again}))`;
  }

  /** Code that is evaluated `first`, and read `again`. */
  private readable(expression: Expression): { first: string; again: string } {
    const text = this.value(expression);
    if (this.isSteady(expression)) return { first: text, again: text };
    const again = this.context.temporary();
    return { first: `(${again}=${text})`, again };
  }

  // Names and places

  private global(name: string, line: number): string {
    const constant = this.context.chunk.surroundings.constant(name);
    if (constant !== undefined) return this.constant(constant);
    if (this.context.chunk.surroundings.changing.has(name)) return this.context.chunk.changingGlobal(name);
    return `$field(${this.context.chunk.place(line)},$G,${this.context.chunk.globalSite(name, this.context.isHot)})`;
  }

  /** The code for what remembers where tables have a name. */
  fieldSite(name: string): string {
    return this.context.chunk.fieldSite(name, this.context.isHot);
  }

  private constant(value: Value): string {
    if (typeof value === 'number') return numberLiteral(value);
    if (typeof value === 'string' && value.length < 40) return quote(value);
    return this.context.chunk.constant(value, this.context.isHot);
  }

  constantValue(expression: Expression): Value {
    return constantOf(expression, this.context.chunk.surroundings);
  }

  private index(expression: Expression & { kind: 'index' }): string {
    const constant = this.constantValue(expression);
    if (constant !== undefined) return this.constant(constant);
    const { object, key, line } = expression;
    const place = this.context.chunk.place(line, this.describe(object));
    if (key.kind !== 'string') {
      if (!isReadLate(object, this.context.body)) return `$index(${place},${this.value(object)},${this.value(key)})`;
      const held = this.context.temporary();
      return `(${held}=${this.value(key)},$index(${place},${this.value(object)},${held}))`;
    }
    return `$field(${place},${this.value(object)},${this.fieldSite(key.value)})`;
  }

  describe(expression: Expression): string | undefined {
    return describe(expression, this.context.body);
  }

  // Calls

  /** The results of a call, or of `...`, in the form in which functions return them. */
  call(expression: Expression, isTail = false): string {
    if (expression.kind === 'vararg') return '$v';
    return expression.kind === 'method'
      ? this.methodCall(expression, isTail)
      : this.functionCall(expression as Call, isTail);
  }

  private functionCall({ callee, args, line }: Call, isTail: boolean): string {
    const { chunk } = this.context;
    const place = chunk.place(line, this.describe(callee), undefined, isTail);
    const constant = this.constantValue(callee);
    const mark = this.context.mark;
    if (typeof constant === 'function' && !(chunk.isResumable && isResumable(constant))) {
      if (chunk.surroundings.intrinsics.get(constant) === 'error') {
        const code = this.raising(args, place, '$error');
        if (code !== undefined) return code;
      }
      const name = this.constant(constant);
      const noted = this.context.isHot ? `($s.place=${place},${name})` : `$at(${name},${place})`;
      const code = `${noted}(${this.arguments(args, place)})`;
      this.context.release(mark);
      this.context.calls++;
      return code;
    }
    if (!this.context.isHot && !chunk.isResumable) return this.coldCall(callee, args, place);
    const { first, again } = this.readable(callee);
    const isFunction = callee.kind === 'local' && callee.variable.isFunction && !callee.variable.isReassigned;
    const code = this.invocation(first, again, place, this.arguments(args, place), isTail, isFunction);
    this.context.release(mark);
    return code;
  }

  /** Of the main text: it is no recursion, so that its tail calls are not counted. */
  private coldCall(callee: Expression, args: readonly Expression[], place: number): string {
    const code = `$callee(${this.value(callee)},${place})(${this.arguments(args, place)})`;
    this.context.calls++;
    return code;
  }

  /** error() with a value, and with level 2, which nothing but the function's entry can tell cheaply. */
  private raising(args: readonly Expression[], place: number, how: '$error' | '$raised'): string | undefined {
    const [value, level] = args;
    if (args.length === 1 && !isMultiple(value!)) return `${how}(${place},${this.value(value!)})`;
    if (args.length !== 2 || level!.kind !== 'number' || level!.value !== 2) return undefined;
    this.context.needsEntry = true;
    return `${how}ForCaller(${place},${this.value(value!)},${ENTRY})`;
  }

  /** What a function returns for an error() in a statement; undefined for other calls, and if nobody looks for it. */
  raised(call: Expression): string | undefined {
    const { chunk } = this.context;
    if (call.kind !== 'call' || chunk.isResumable) return undefined;
    if (chunk.surroundings.intrinsics.get(this.constantValue(call.callee)) !== 'error') return undefined;
    return this.raising(call.args, chunk.place(call.line, this.describe(call.callee)), '$raised');
  }

  private methodCall({ object, name, nameLine, args, line }: MethodCall, isTail: boolean): string {
    const { chunk } = this.context;
    const mark = this.context.mark;
    const { first, again } = this.readable(object);
    const found = this.context.temporary();
    const namePlace = chunk.place(nameLine, this.describe(object));
    const place = chunk.place(line, `method '${name}'`, undefined, isTail);
    const lookup = `(${found}=$method(${namePlace},${first},${this.fieldSite(name)}))`;
    const all = args.length === 0 ? again : `${again},${this.arguments(args, place)}`;
    const code = this.invocation(lookup, found, place, all, isTail);
    this.context.release(mark);
    return code;
  }

  /**
   * The arguments of a call that has noted its place. If calls among them have noted theirs, the last argument does it
   * once more.
   */
  private arguments(args: readonly Expression[], place: number): string {
    if (args.length === 0) return '';
    const { calls } = this.context;
    const last = args[args.length - 1]!;
    const others = args
      .slice(0, -1)
      .map((arg) => `${this.value(arg)},`)
      .join('');
    const callsBefore = this.context.calls;
    const text = this.spread(last);
    if (this.context.calls === calls) return others + text;
    if (this.context.calls === callsBefore) {
      return `${others}${text === '...$v' ? `...($s.place=${place},$v)` : `($s.place=${place},${text})`}`;
    }
    if (!this.context.isHot) {
      return text.startsWith('...') ? `${others}...$at(${text.slice(3)},${place})` : `${others}$at(${text},${place})`;
    }
    const held = this.context.temporary();
    const [dots, value] = text.startsWith('...') ? ['...', text.slice(3)] : ['', text];
    return `${others}${dots}(${held}=${value},$s.place=${place},${held})`;
  }

  private invocation(
    first: string,
    again: string,
    place: number,
    args: string,
    isTail: boolean,
    isFunction = false,
  ): string {
    this.context.calls++;
    // What is called comes first, since calls in it note their places.
    const callee = first === again ? '' : `${first},`;
    const note = `${callee}$s.place=${place}`;
    if (this.context.chunk.isResumable) return this.step(again, note, place, args, isTail);
    const test = isFunction ? '' : `typeof ${again}==="function"&&`;
    if (isTail) return `(${note},${test}++$s.tails<200?${again}:$tail(${again},${place}))(${args})`;
    if (isFunction) return `(${note},${again})(${args})`;
    return `(${note},${test.slice(0, -2)}?${again}:$callable(${again},${place}))(${args})`;
  }

  /** A call that hands itself out if what is called can be suspended. */
  private step(callee: string, note: string, place: number, args: string, isTail: boolean): string {
    const code = `(${note},$steps(${callee},${place}))(${args})`;
    if (isTail) return code;
    const results = this.context.temporary();
    return `((${results}=${code})instanceof $Steps?yield ${results}:${results})`;
  }

  /** What a loop goes by, if that is pairs() or ipairs(). */
  iteration(values: readonly Expression[]): string | undefined {
    const { chunk } = this.context;
    const kind = iterationOf(values, chunk.surroundings);
    if (kind === undefined) return undefined;
    const only = values[0] as Call;
    const place = chunk.place(only.line, this.describe(only.callee));
    return `($s.place=${place},$${kind})(${this.arguments(only.args, place)})`;
  }

  /** Whether what is called may leave a tail call: a library's function does not. */
  isTailCall(expression: Expression): boolean {
    if (expression.kind === 'method') return true;
    return expression.kind === 'call' && typeof this.constantValue(expression.callee) !== 'function';
  }

  /** Whether a call in a return statement needs counting. */
  isCountedTailCall(expression: Expression): boolean {
    return this.isTailCall(expression) && (this.context.isHot || expression.kind === 'method');
  }

  // Tables

  private table({ fields, line }: TableConstructor): string {
    if (fields.length === 0) return 'new $Table(0,0)';
    const items = fields.filter((field) => field.key === undefined);
    const last = fields.at(-1)!;
    const isOpen = last.key === undefined && isMultiple(last.value);
    const sizes = `${constructorPlaces(items.length - (isOpen ? 1 : 0))},${constructorPlaces(fields.length - items.length)}`;
    const table = this.context.temporary();
    if (items.length === fields.length && items.length <= ITEMS_AT_ONCE) {
      return `$list(${sizes},[void 0,${this.list(fields.map(({ value }) => value))}])`;
    }
    const place = this.context.chunk.place(line);
    let text = `(${table}=new $Table(${sizes})`;
    let start = 1;
    let pending: string[] = [];
    const flush = () => {
      if (pending.length > 0) text += `,$setList(${table},${start},[${pending.join(',')}])`;
      start += pending.length;
      pending = [];
    };
    for (const field of fields) {
      if (field.key !== undefined) {
        text += `,${this.fieldStore(table, field.key, field.value, place)}`;
        continue;
      }
      if (pending.length === ITEMS_AT_ONCE) flush();
      if (field === last) pending.push(this.spread(field.value));
      else if (items.length === fields.length || isConstant(field.value)) pending.push(this.value(field.value));
      else {
        const item = this.context.temporary();
        text += `,${item}=${this.value(field.value)}`;
        pending.push(item);
      }
    }
    flush();
    return `${text},${table})`;
  }

  private fieldStore(table: string, key: Expression, value: Expression, place: number): string {
    if (key.kind !== 'string') return `$setIndex(${place},${table},${this.value(key)},${this.value(value)})`;
    return `${table}.setField(${this.fieldSite(key.value)},${this.value(value)})`;
  }

  // Depth

  /** An expression that is deep to its left, from the innermost on, each step from the one before. */
  private flattened(expression: Expression): string {
    const spine: Expression[] = [];
    const rest = gatherDeep(expression, spine);
    const depth = this.depth;
    this.depth = 0;
    const result = this.context.temporary();
    const steps = [`${result}=${this.value(rest)}`];
    let original = rest;
    for (const step of spine.reverse()) {
      steps.push(`${result}=${this.value(withLeft(step, { kind: 'held', text: result, original }))}`);
      original = step;
    }
    this.depth = depth;
    return `(${steps.join(',')})`;
  }
}

function numberChecks(operands: readonly Operand[]): string {
  const checks = operands.filter(({ isNumber }) => !isNumber).map(({ text }) => `typeof ${text}==="number"`);
  return [...new Set(checks)].join('&&');
}

/** A minus sign must not meet another one. */
function spaced(text: string): string {
  return text.startsWith('-') ? `(${text})` : text;
}

function isIdentifier(text: string): boolean {
  return /^[\w$]+$/.test(text);
}

function numberLiteral(value: number): string {
  if (Object.is(value, -0)) return '(-0)';
  return value < 0 ? `(${value})` : String(value);
}
