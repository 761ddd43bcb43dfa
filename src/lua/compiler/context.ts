/** What the generators of one text, and of one function in it, share. */

import type { Chunk } from '../runtime/chunk.js';
import { FieldSite } from '../runtime/shape.js';
import type { Value } from '../runtime/value.js';
import type { Expression, FunctionBody, Variable } from './syntax-tree.js';

/** What a text can rely on. */
export interface Surroundings {
  /** The value of a global that never changes, or of its field; undefined if it can't be relied on. */
  constant(name: string, field?: string): Value;
  /** The base library's functions for which there is shorter code, by what they are. */
  readonly intrinsics: ReadonlyMap<Value, Intrinsic>;
}

/** The code's name for what called the function. */
export const ENTRY = '$e';

export type Intrinsic = 'error' | 'pairs' | 'ipairs' | 'next' | 'select' | 'type';

export class ChunkContext {
  readonly constants: (Value | FieldSite)[] = [];
  /** The numbers of the literals that the code takes from its argument. */
  readonly variable = new Set<number>();
  private readonly constantNumbers = new Map<Value, number>();
  /** Those without names, by line. */
  private readonly plainPlaces = new Map<number, number>();

  constructor(
    private readonly chunk: Chunk,
    readonly surroundings: Surroundings,
    /** Whether functions can be suspended anywhere. */
    readonly isResumable: boolean,
    /** The numbers of literals that are others in another text, so that they are no constants; null: all are. */
    private readonly varying: ReadonlySet<number> | null,
    readonly generateFunction: (body: FunctionBody) => string,
  ) {}

  /** The code's name for a literal, if it need not be a constant: numbers are where V8 could compute with them. */
  literal(expression: Expression & { kind: 'number' | 'string' }): string | undefined {
    const { literal, value } = expression;
    if (this.varying === null || literal < 0 || value === 0) return undefined;
    if (expression.kind === 'number' && expression.isHot && !this.varying.has(literal)) return undefined;
    this.variable.add(literal);
    return `$l${literal}`;
  }

  /** The number of a place in the source, with what messages call the values there. */
  place(line: number, first?: string, second?: string, isTail = false): number {
    const isPlain = first === undefined && second === undefined && !isTail;
    const known = isPlain ? this.plainPlaces.get(line) : undefined;
    if (known !== undefined) return known;
    const place = this.chunk.add({ line, first, second, isTail });
    if (isPlain) this.plainPlaces.set(line, place);
    return place;
  }

  /** The name of a value that is made before the code. */
  constant(value: Value): string {
    let number = this.constantNumbers.get(value);
    if (number === undefined) {
      number = this.constants.push(value) - 1;
      this.constantNumbers.set(value, number);
    }
    return `$k${number}`;
  }

  /** The name of what remembers, for a place in the code that uses a constant name, where tables have that. */
  fieldSite(name: string): string {
    return `$k${this.constants.push(new FieldSite(name)) - 1}`;
  }
}

/** Of a function: its temporary variables, of which none holds anything from one statement to the next. */
export class FunctionContext {
  private temporaries = 0;
  private mostTemporaries = 0;
  private hidden = 0;
  private zero: number | undefined;
  /** How many calls the code has so far. */
  calls = 0;
  /** The code needs ENTRY: what counters.place was as the function was entered. */
  needsEntry = false;

  constructor(
    readonly chunk: ChunkContext,
    readonly body: FunctionBody,
  ) {}

  temporary(): string {
    if (++this.temporaries > this.mostTemporaries) this.mostTemporaries = this.temporaries;
    return `t${this.temporaries}`;
  }

  /** How many temporary variables are in use, which `release` wants back. */
  get mark(): number {
    return this.temporaries;
  }

  release(mark: number): void {
    this.temporaries = mark;
  }

  /** A variable of a loop's own, or of another statement that contains statements. */
  hiddenVariable(): string {
    return `h${this.hidden++}`;
  }

  declarations(): string {
    if (this.mostTemporaries === 0) return '';
    let text = 'var t1';
    for (let i = 2; i <= this.mostTemporaries; i++) text += `,t${i}`;
    return `${text};`;
  }

  /** A number literal. Lua keeps 0 and -0 as one constant of a function, which is what it met first. */
  constant(value: number): number {
    if (value !== 0) return value;
    this.zero ??= value;
    return this.zero;
  }

  owns(variable: Variable): boolean {
    return variable.owner === this.body;
  }
}

/** The code's name for a variable. */
export function variableName(variable: Variable): string {
  return `L${variable.ordinal}`;
}

/** A call or `...`: what can have any number of values. */
export function isMultiple(expression: Expression): boolean {
  return expression.kind === 'call' || expression.kind === 'method' || expression.kind === 'vararg';
}

/** A string literal; what lies outside ASCII is escaped so that the code remains a string of one byte a character. */
export function quote(text: string): string {
  return JSON.stringify(text).replace(/[\x7f-\xff]/g, (character) => {
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
}
