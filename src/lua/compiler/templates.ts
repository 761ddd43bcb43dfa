/**
 * Texts that differ in their literals only share their code: who puts values into the text of a script, instead of
 * passing them as arguments, makes a new text each time. A script takes five times as long when its code is new.
 */

import type { LuaFunction } from '../runtime/value.js';
import { type Outline, outlineOf } from './outline.js';
import type { Literal } from './syntax-tree.js';

/** A compiled text. */
export interface Template {
  /** Makes its function, with the values of its literals. */
  readonly make: (literals: readonly Literal[]) => LuaFunction;
  /** The numbers of the literals that the code takes from there; it has the others in itself. */
  readonly variable: ReadonlySet<number>;
}

/**
 * Compiles a text. Literals become variable where that costs no speed, and those with the numbers in `varying`; with
 * null none does.
 */
export type Compile = (varying: ReadonlySet<number> | null) => Template;

interface Known {
  /** Null as long as there was one text only: most have no other like them, and gain nothing from variables. */
  readonly template: Template | null;
  /** Of the text that was compiled. */
  readonly literals: readonly Literal[];
}

const MOST_TEMPLATES = 200;
/** Nobody makes longer ones again and again. */
const LONGEST_SOURCE = 4096;

export class Templates {
  /** By outlines; the one that has not been used for longest is the first. */
  private readonly known = new Map<string, Known>();

  /**
   * The function of a text.
   * @param circumstances what else its code depends on
   * @param first makes the function if no text like it has come before
   */
  load(source: string, circumstances: string, compile: Compile, first: () => LuaFunction): LuaFunction {
    const outline = source.length <= LONGEST_SOURCE ? outlineOf(source) : undefined;
    // One that can't be read has an error, which compiling tells.
    if (outline === undefined) return first();
    const key = circumstances + outline.text;
    const known = this.known.get(key);
    this.known.delete(key);
    if (known === undefined) {
      const made = first();
      this.keep(key, { template: null, literals: outline.literals });
      return made;
    }
    const { template } = known;
    if (template !== null && fits(template, known.literals, outline.literals)) {
      this.keep(key, known);
      return template.make(outline.literals);
    }
    const different = differences(known, outline);
    const isSame = different.size === 0;
    const made = compile(isSame ? null : different);
    this.keep(key, isSame ? known : { template: made, literals: outline.literals });
    return made.make(outline.literals);
  }

  private keep(key: string, known: Known): void {
    this.known.set(key, known);
    if (this.known.size > MOST_TEMPLATES) this.forgetOldest();
  }

  private forgetOldest(): void {
    const [oldest] = this.known.keys();
    this.known.delete(oldest!);
  }
}

/** Whether the code does for the literals of another text. */
function fits(template: Template, literals: readonly Literal[], others: readonly Literal[]): boolean {
  if (others.length !== literals.length) return false;
  for (let i = 0; i < others.length; i++) {
    if (others[i] === literals[i]) continue;
    // 0 is no variable one: Lua takes -0 for the same constant, so what it stands for depends on what came before.
    if (others[i] === 0 || !template.variable.has(i)) return false;
  }
  return true;
}

/** The numbers of the literals that are others than before, or that the code has as variable ones already. */
function differences({ template, literals }: Known, outline: Outline): ReadonlySet<number> {
  const found = new Set(template?.variable);
  outline.literals.forEach((literal, i) => {
    if (literal !== literals[i]) found.add(i);
  });
  return found;
}
