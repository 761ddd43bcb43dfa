/** A text without its literals. */

import { LuaError } from '../runtime/errors.js';
import { isDigit, isLetter, Lexer, STRING } from './lexer.js';
import type { Literal } from './syntax-tree.js';

export interface Outline {
  /** The text with a mark in the place of each literal, without comments, but with all its lines. */
  readonly text: string;
  /** In the order of the text. */
  readonly literals: readonly Literal[];
}

/** In a text that has these characters itself, they count for literals too many. */
const NUMBER_MARK = '\x01';
const STRING_MARK = '\x02';

const QUOTE = 34;
const APOSTROPHE = 39;
const MINUS = 45;
const DOT = 46;
const OPENING = 91;

/** Undefined for a text with a literal or a comment that can't be read. */
export function outlineOf(source: string): Outline | undefined {
  try {
    return new OutlineReader(source).read();
  } catch (error) {
    if (error instanceof LuaError) return undefined;
    throw error;
  }
}

class OutlineReader {
  private readonly lexer: Lexer;
  private position = 0;
  /** What is copied begins here. */
  private start = 0;
  private text = '';
  private line = 1;
  private readonly literals: Literal[] = [];

  constructor(private readonly source: string) {
    this.lexer = new Lexer(source, '');
  }

  read(): Outline {
    const { source } = this;
    while (this.position < source.length) {
      const code = source.charCodeAt(this.position);
      if (isLetter(code)) this.skipName();
      else if (isDigit(code) || code === QUOTE || code === APOSTROPHE) this.literal();
      else if (code === DOT) this.dots();
      else if (code === OPENING && this.lexer.isLongBracket(this.position)) this.literal();
      else if (code === MINUS && source.charCodeAt(this.position + 1) === MINUS) this.comment();
      else this.position++;
    }
    this.text += source.slice(this.start);
    return { text: this.text, literals: this.literals };
  }

  private skipName(): void {
    const { source } = this;
    let position = this.position + 1;
    for (;;) {
      const code = source.charCodeAt(position);
      if (!isLetter(code) && !isDigit(code)) break;
      position++;
    }
    this.position = position;
  }

  private literal(): void {
    const { lexer } = this;
    const kind = lexer.scanAt(this.position);
    this.literals.push(kind === STRING ? lexer.text : lexer.number);
    this.replace(kind === STRING ? STRING_MARK : NUMBER_MARK);
  }

  private comment(): void {
    this.lexer.skipCommentAt(this.position);
    this.replace(' ');
  }

  /** Puts a mark in the place of what the lexer has read, and the lines of that. */
  private replace(mark: string): void {
    this.text += this.source.slice(this.start, this.position) + mark;
    this.position = this.lexer.end;
    this.start = this.position;
    for (; this.line < this.lexer.line; this.line++) this.text += '\n';
  }

  /** `.`, `..`, `...`, or a number that begins with a point. */
  private dots(): void {
    const { source } = this;
    const following = source.charCodeAt(this.position + 1);
    if (isDigit(following)) this.literal();
    else if (following !== DOT) this.position++;
    else this.position += source.charCodeAt(this.position + 2) === DOT ? 3 : 2;
  }
}
