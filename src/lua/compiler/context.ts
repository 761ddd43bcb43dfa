/** What the generators of one text, and of one function in it, share. */

import type { Chunk } from '../runtime/chunk.js';
import { FieldSite } from '../runtime/shape.js';
import type { Value } from '../runtime/value.js';
import type { Expression, FunctionBody, Variable } from './syntax-tree.js';

/** What a text can rely on. */
export interface Surroundings {
  /** The value of a global that never changes, or of its field; undefined if it can't be relied on. */
  constant(name: string, field?: string): Value;
  /** Globals that change between two runs of a text only. */
  readonly changing: ReadonlySet<string>;
  /** The base library's functions for which there is shorter code, by what they are. */
  readonly intrinsics: ReadonlyMap<Value, Intrinsic>;
  /** Of a number or `#`, and the values of `...`: what select() gives where one value is wanted. */
  readonly selectOne: (n: Value, values: readonly Value[]) => Value;
}

/** The code's name for what called the function. */
export const ENTRY = '$e';

export type Intrinsic = 'error' | 'pairs' | 'ipairs' | 'select';

/** What stands around a part of a text that is compiled by itself. */
export class Outside {
  /** Those variables that the part uses. */
  readonly used = new Set<Variable>();

  /** Variables from `firstVariable` on are its own. */
  constructor(private readonly firstVariable: number) {}

  has(variable: Variable): boolean {
    return variable.ordinal < this.firstVariable;
  }
}

export class ChunkContext {
  readonly constants: (Value | FieldSite)[] = [];
  /** The numbers of the literals that the code takes from its argument. */
  readonly variable = new Set<number>();
  /** The declarations of variables that come before all other code. */
  private readonly variables = new Set<string>();
  private readonly constantNumbers = new Map<Value | FieldSite, number>();
  private readonly globalSites = new Map<string, FieldSite>();
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
    /** Null for a whole text. */
    private readonly outside: Outside | null = null,
  ) {}

  /** The code's name for a variable. What functions outside share with the part lies in boxes. */
  variableName(variable: Variable): string {
    const name = `L${variable.ordinal}`;
    if (this.outside === null || !this.outside.has(variable)) return name;
    this.outside.used.add(variable);
    return variable.isCaptured ? `${name}.value` : name;
  }

  /** The code's name for a literal, if it need not be a constant: numbers are where V8 could compute with them. */
  literal(expression: Expression & { kind: 'number' | 'string' }, isHot: boolean): string | undefined {
    const { literal, value } = expression;
    if (this.varying === null || literal < 0 || value === 0) return undefined;
    if (expression.kind === 'number' && expression.isHot && !this.varying.has(literal)) return undefined;
    this.variable.add(literal);
    return this.element('$l', literal, isHot);
  }

  /** The code for an element of an array that is there before the code. */
  private element(array: '$k' | '$l', number: number, isHot: boolean): string {
    if (!isHot) return `${array}[${number}]`;
    // Code that runs often has a variable for it.
    this.variables.add(`${array}${number}=${array}[${number}]`);
    return `${array}${number}`;
  }

  /** What has to come before all other code. */
  declarations(): string {
    return this.variables.size === 0 ? '' : `var ${[...this.variables].join(',')};`;
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

  /** The code for a value that is made before the code. */
  constant(value: Value, isHot: boolean): string {
    return this.element('$k', this.numberOf(value), isHot);
  }

  private numberOf(value: Value | FieldSite): number {
    let number = this.constantNumbers.get(value);
    if (number === undefined) {
      number = this.constants.push(value) - 1;
      this.constantNumbers.set(value, number);
    }
    return number;
  }

  /** The code for what remembers, for a place in the code that uses a constant name, where tables have that. */
  fieldSite(name: string, isHot: boolean): string {
    return this.element('$k', this.constants.push(new FieldSite(name)) - 1, isHot);
  }

  /** The code for a global that stays the same one as long as the text runs. */
  changingGlobal(name: string): string {
    this.variables.add(`$${name}=$G.getField(${this.globalSite(name, false)})`);
    return `$${name}`;
  }

  /** The same for the name of a global variable, which all places share: the table is always the same one. */
  globalSite(name: string, isHot: boolean): string {
    let site = this.globalSites.get(name);
    if (site === undefined) {
      site = new FieldSite(name);
      this.globalSites.set(name, site);
    }
    return this.element('$k', this.numberOf(site), isHot);
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
  /** How many loops contain the place for which there is code next. */
  loops = 0;

  constructor(
    readonly chunk: ChunkContext,
    readonly body: FunctionBody,
  ) {}

  /**
   * Whether the code here can run often before the text is over. If not, it calls what hot code does in place: V8 takes
   * most of the time that a new text takes, and half as long for half the code.
   */
  get isHot(): boolean {
    return this.loops > 0 || this.body.parent !== undefined;
  }

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

/** A call or `...`: what can have any number of values. */
export function isMultiple(expression: Expression): boolean {
  return expression.kind === 'call' || expression.kind === 'method' || expression.kind === 'vararg';
}

/** What needs no escape: most strings. */
const PLAIN = /^[\w :;,.!?*+\-/#%&()[\]{}<>=|@$^~]*$/;

/** A string literal; what lies outside ASCII is escaped so that the code remains a string of one byte a character. */
export function quote(text: string): string {
  if (PLAIN.test(text)) return `"${text}"`;
  return JSON.stringify(text).replace(/[\x7f-\xff]/g, (character) => {
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
}
