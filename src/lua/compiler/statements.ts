/** Statements of Lua to statements of JavaScript. */

import { ENTRY, type FunctionContext, isMultiple } from './context.js';
import { isReadLate } from './expression-kinds.js';
import { Expressions } from './expressions.js';
import type { Expression, GenericFor, Loop, NumericFor, Place, Statement, Variable } from './syntax-tree.js';

/** Where a loop or a function comes round, so that it can be ended. */
const TICK = 'if(--$n<0)$n=$poll();';
const TICK_OR_PAUSE = 'if(--$n<0||$s.isPausing){$n=$poll();if($s.isPausing)yield $pause;}';
/** What messages call the function that a generic for calls. */
export const ITERATOR = "local '(for generator)'";
/** Longer chains of elseif are blocks with a label: V8 would run out of stack as it reads them. */
const MOST_BRANCHES = 50;

export class Statements {
  private readonly expressions: Expressions;
  private readonly tick: string;

  constructor(private readonly context: FunctionContext) {
    this.expressions = new Expressions(context);
    this.tick = context.chunk.isResumable ? TICK_OR_PAUSE : TICK;
  }

  /** The whole body of the function. */
  body(): string {
    const { body } = this.context;
    // The whole text is no part of a recursion but by loadstring(), which counts by itself.
    let text = body.hasCalls && body.parent !== undefined ? this.tick : '';
    if (body.argumentTable !== undefined && !body.usesVararg) {
      text += `var ${this.name(body.argumentTable)}=$argumentTable($v);`;
    } else if (body.argumentTable !== undefined) text += `var ${this.name(body.argumentTable)};`;
    const block = this.block(body.block);
    const entry = this.context.needsEntry ? `var ${ENTRY}=$s.place;` : '';
    const declarations = body.parent === undefined ? this.context.chunk.declarations() : '';
    text = `${entry}${declarations}${this.context.declarations()}${text}${block}`;
    return body.block.at(-1)?.kind === 'return' ? text : `${text}return $none;`;
  }

  private block(statements: readonly Statement[]): string {
    let text = '';
    for (const statement of statements) text += this.statement(statement);
    return text;
  }

  private statement(statement: Statement): string {
    const mark = this.context.mark;
    const text = this.statementOf(statement);
    this.context.release(mark);
    return text;
  }

  private statementOf(statement: Statement): string {
    switch (statement.kind) {
      case 'call':
        return this.callStatement(statement.call);
      case 'local':
        return this.local(statement.variables, statement.values);
      case 'localFunction':
        return this.declaration(statement.variable, this.context.chunk.generateFunction(statement.body), true);
      case 'assign':
        return this.assignment(statement.places, statement.values, statement.line);
      case 'if':
        return this.conditional(statement);
      case 'while':
      case 'repeat':
      case 'numericFor':
      case 'genericFor':
        return this.loopStatement(statement);
      case 'do':
        return `{${this.block(statement.block)}}`;
      case 'return':
        return this.returning(statement.values);
      case 'break':
        return 'break;';
    }
  }

  private callStatement(call: Expression): string {
    const raised = this.expressions.raised(call);
    if (raised !== undefined) return `return ${raised};`;
    const code = this.expressions.call(call);
    if (!this.expressions.isTailCall(call)) return `${code};`;
    if (!this.context.isHot) return `$finish(${code});`;
    const results = this.context.temporary();
    return `(${results}=${code})instanceof $TailCall&&$finish(${results});`;
  }

  private returning(values: readonly Expression[]): string {
    const only = values.length === 1 ? values[0]! : undefined;
    if (only?.kind !== 'call' && only?.kind !== 'method') return `return ${this.expressions.results(values)};`;
    const raised = this.expressions.raised(only);
    if (raised !== undefined) return `return ${raised};`;
    if (this.context.chunk.isResumable || !this.expressions.isCountedTailCall(only))
      return `return ${this.expressions.call(only, true)};`;
    const results = this.context.temporary();
    return `return ${results}=${this.expressions.call(only, true)},$s.tails--,${results};`;
  }

  // Variables

  private name(variable: Variable): string {
    return this.context.chunk.variableName(variable);
  }

  /** A variable that is declared anew each time round and that functions keep must be a new one each time. */
  private declaration(variable: Variable, value: string, isRecursive = false): string {
    const name = this.name(variable);
    if (variable.isInLoop && variable.isCaptured) {
      return isRecursive ? `let ${name};${name}=${value};` : `let ${name}=${value};`;
    }
    return `var ${name}=${value};`;
  }

  private local(variables: readonly Variable[], values: readonly Expression[]): string {
    if (variables.length === 1 && values.length <= 1) {
      if (values.length === 1) variables[0]!.constant = this.expressions.constantValue(values[0]!);
      return this.declaration(variables[0]!, values.length === 0 ? 'undefined' : this.expressions.value(values[0]!));
    }
    const { before, texts } = this.adjusted(values, variables.length);
    return before + variables.map((variable, i) => this.declaration(variable, texts[i]!)).join('');
  }

  /** As many values as are wanted, evaluated `before` they are used. */
  private adjusted(values: readonly Expression[], count: number): { before: string; texts: string[] } {
    let before = '';
    const texts: string[] = [];
    values.forEach((value, i) => {
      const held = this.context.temporary();
      if (i === values.length - 1 && isMultiple(value) && count > i + 1) {
        before += `${held}=$all(${this.expressions.call(value)});`;
        for (let k = 0; texts.length < count; k++) texts.push(`${held}[${k}]`);
      } else {
        before += `${held}=${this.expressions.value(value)};`;
        texts.push(held);
      }
    });
    while (texts.length < count) texts.push('undefined');
    return { before, texts };
  }

  private assignment(places: readonly Place[], values: readonly Expression[], line: number): string {
    if (places.length === 1 && values.length === 1) return this.singleAssignment(places[0]!, values[0]!, line);
    let text = '';
    // What the places lie in is evaluated before the values, and nothing is assigned until all is evaluated.
    const targets = places.map((place): [Place, string[]] => {
      if (place.kind !== 'index') return [place, []];
      const parts = (place.key.kind === 'string' ? [place.object] : [place.object, place.key]).map((part) => {
        const held = this.context.temporary();
        text += `${held}=${this.expressions.value(part)};`;
        return held;
      });
      return [place, parts];
    });
    const { before, texts } = this.adjusted(values, places.length);
    text += before;
    for (let i = targets.length - 1; i >= 0; i--)
      text += `${this.store(targets[i]![0], targets[i]![1], texts[i]!, line)};`;
    return text;
  }

  private singleAssignment(place: Place, value: Expression, line: number): string {
    if (place.kind !== 'index') return `${this.store(place, [], this.expressions.value(value), line)};`;
    let before = '';
    const { body } = this.context;
    const operands = place.key.kind === 'string' ? [place.object, value] : [place.object, place.key, value];
    const isPlain = !operands.some((operand) => isReadLate(operand, body));
    const texts = operands.map((operand) => {
      const text = this.expressions.value(operand);
      if (isPlain || isReadLate(operand, body)) return text;
      const held = this.context.temporary();
      before += `${held}=${text};`;
      return held;
    });
    return `${before}${this.store(place, texts.slice(0, -1), texts.at(-1)!, line)};`;
  }

  private store(place: Place, parts: readonly string[], value: string, line: number): string {
    const { chunk } = this.context;
    switch (place.kind) {
      case 'local':
        return `${this.name(place.variable)}=${value}`;
      case 'global':
        return `$setField(${chunk.place(line)},$G,${chunk.globalSite(place.name, this.context.isHot)},${value})`;
      case 'index': {
        const at = chunk.place(line, this.expressions.describe(place.object));
        if (place.key.kind !== 'string') return `$setIndex(${at},${parts.join(',')},${value})`;
        return `$setField(${at},${parts[0]},${this.expressions.fieldSite(place.key.value)},${value})`;
      }
    }
  }

  // Control

  /**
   * A loop. One that is under way goes on with what the hidden variables hold that are the function's first ones: of a
   * numeric for its counter, limit and step; of a generic one the iterator, or function, state and control.
   */
  loopStatement(statement: Loop, isUnderWay = false): string {
    switch (statement.kind) {
      case 'while':
        return this.loop(
          () => `while(${this.expressions.condition(statement.condition)}){${this.tick}${this.block(statement.block)}}`,
        );
      case 'repeat':
        return this.repeat(statement.block, statement.condition);
      case 'numericFor':
        return this.numericFor(statement, isUnderWay);
      case 'genericFor':
        return this.genericFor(statement, isUnderWay);
    }
  }

  /** The code of what a loop repeats. */
  private loop(generate: () => string): string {
    this.context.loops++;
    const text = generate();
    this.context.loops--;
    return text;
  }

  private conditional({ branches, otherwise }: Statement & { kind: 'if' }): string {
    const codes = branches.map(({ condition, block }) => {
      return { test: this.expressions.condition(condition), code: this.block(block) };
    });
    const last = otherwise === undefined ? '' : this.block(otherwise);
    if (codes.length > MOST_BRANCHES) {
      const label = this.context.hiddenVariable();
      const texts = codes.map(({ test, code }) => `if(${test}){${code}${endsAbruptly(code) ? '' : `break ${label};`}}`);
      return `${label}:{${texts.join('')}${last}}`;
    }
    const text = codes.map(({ test, code }) => `if(${test}){${code}}`).join('else ');
    return otherwise === undefined ? text : `${text}else{${last}}`;
  }

  private repeat(block: readonly Statement[], condition: Expression): string {
    return this.loop(() => {
      const code = this.block(block);
      return `for(;;){${this.tick}${code}if(${this.expressions.condition(condition)})break;}`;
    });
  }

  private numericFor(statement: NumericFor, isUnderWay: boolean): string {
    const { variable, start, step, block } = statement;
    const { context } = this;
    const hidden = [context.hiddenVariable(), context.hiddenVariable(), context.hiddenVariable()] as const;
    const [counter, end, increment] = hidden;
    const steps = step === undefined ? 1 : step.kind === 'number' && step.value !== 0 ? step.value : undefined;
    const by = steps === undefined ? increment : String(steps);
    const head = isUnderWay ? '' : this.numericForHead(statement, hidden, steps);
    // Lua subtracts the step before the loop and adds it at its head: that can round.
    const isExact =
      start.kind === 'number' && start.value !== 0 && steps !== undefined && isExactSum(start.value, steps);
    const first = isExact || isUnderWay ? '' : `${counter}=${counter}-(${by})+(${by})`;
    const up = `${counter}<=${end}`;
    const down = `${end}<=${counter}`;
    const test = steps === undefined ? `(0<${increment}?${up}:${down})` : steps > 0 ? up : down;
    variable.isNumber = true;
    const body = this.loop(() => this.block(block));
    return `${head}for(${first};${test};${counter}+=${by}){${this.tick}${this.declaration(variable, counter)}${body}}`;
  }

  /** `steps` is the step if that is a constant. */
  private numericForHead(
    { start, limit, step, line }: NumericFor,
    [counter, end, increment]: readonly [string, string, string],
    steps: number | undefined,
  ): string {
    const { expressions, context } = this;
    let text = `var ${counter}=${expressions.value(fixed(start))},${end}=${expressions.value(limit)}`;
    text += steps === undefined ? `,${increment}=${expressions.value(step!)};` : ';';
    const parts: [name: string, expression: Expression | undefined, what: string][] = [
      [counter, start, 'initial value'],
      [end, limit, 'limit'],
    ];
    if (steps === undefined) parts.push([increment, step, 'step']);
    for (const [name, expression, what] of parts) {
      if (expression!.kind === 'number') continue;
      text += `if(typeof ${name}!=="number")${name}=$loopNumber(${context.chunk.place(line)},${name},"${what}");`;
    }
    return text;
  }

  private genericFor(statement: GenericFor, isUnderWay: boolean): string {
    const { variables, values, block, line } = statement;
    const { context } = this;
    const iterated = this.expressions.iteration(values);
    if (iterated !== undefined) return this.tableFor(statement, iterated, isUnderWay);
    const hidden = [context.hiddenVariable(), context.hiddenVariable(), context.hiddenVariable()];
    const [iterate, state, control] = hidden;
    let text = '';
    if (!isUnderWay) {
      const { before, texts } = this.adjusted(values, 3);
      text = `${before}var ${hidden.map((name, i) => `${name}=${texts[i]}`).join(',')};`;
    }
    const at = context.chunk.place(line, ITERATOR);
    const results = context.hiddenVariable();
    text += `var ${results};for(;;){${this.tick}${results}=$iterate(${at},${iterate},${state},${control});`;
    text += `if((${control}=${results}[0])===undefined)break;`;
    variables.forEach((variable, i) => {
      text += this.declaration(variable, i === 0 ? control! : `${results}[${i}]`);
    });
    return `${text}${this.loop(() => this.block(block))}}`;
  }

  /** A loop over a table by pairs() or ipairs(), which needs neither the function nor its arrays of results. */
  private tableFor({ variables, block }: GenericFor, table: string, isUnderWay: boolean): string {
    const iterator = this.context.hiddenVariable();
    const [key, value] = variables;
    const rest = variables.slice(2).map((variable) => this.declaration(variable, 'undefined'));
    let declarations = this.declaration(key!, `${iterator}.key`);
    if (value !== undefined) declarations += this.declaration(value, `${iterator}.value`);
    declarations += rest.join('');
    const body = this.loop(() => this.block(block));
    const head = isUnderWay ? '' : `var ${iterator}=${table};`;
    return `${head}while(${iterator}.advance()){${this.tick}${declarations}${body}}`;
  }
}

/** A number that decides on the code is no variable one. */
function fixed(expression: Expression): Expression {
  return expression.kind === 'number' ? { ...expression, literal: -1 } : expression;
}

function endsAbruptly(code: string): boolean {
  return code.endsWith('break;');
}

/** Two integers of which neither the sum nor the difference is rounded. */
function isExactSum(a: number, b: number): boolean {
  return Number.isInteger(a) && Number.isInteger(b) && Math.abs(a) + Math.abs(b) <= Number.MAX_SAFE_INTEGER;
}
