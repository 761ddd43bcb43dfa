/** Text to tokens, one at a time. */

import { cString } from '../runtime/c-string.js';
import { chunkIdentifier, LONGEST_WHEN_READ } from '../runtime/chunk-name.js';
import { LuaError } from '../runtime/errors.js';
import { charge } from '../runtime/limits.js';
import { stringToNumber } from '../runtime/numbers.js';

/** A reserved word, an operator, or a character that means nothing is its own kind. */
export type TokenKind = string;

/** Kinds whose text differs from one token to the next. */
export const NAME = '<name>';
export const STRING = '<string>';
export const NUMBER = '<number>';
export const END = '<eof>';

/** To themselves: strings that are the same one are compared more quickly than those that are only equal. */
const RESERVED = new Map(
  'and break do else elseif end false for function if in local nil not or repeat return then true until while'
    .split(' ')
    .map((word) => [word, word]),
);
const LONGEST_RESERVED = 'function'.length;
/** Operators that end with `=`, by their first characters: literals, so that they are the same strings as elsewhere. */
const WITH_EQUALS = new Map([
  [60, '<='],
  [61, '=='],
  [62, '>='],
  [126, '~='],
]);

const ESCAPES = new Map([
  ['a', '\x07'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
]);

const NEWLINE = 10;
const RETURN = 13;
const QUOTE = 34;
const APOSTROPHE = 39;
const MINUS = 45;
const DOT = 46;
const EQUALS = 61;
const OPENING = 91;
const BACKSLASH = 92;
const CLOSING = 93;
const UNDERSCORE = 95;

export function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

export function isLetter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === UNDERSCORE;
}

function isNewline(code: number): boolean {
  return code === NEWLINE || code === RETURN;
}

/** What becomes of a token: of the tree, and then of the code and what V8 makes of it. */
export const TOKEN_BYTES = 600;
const TOKENS_PER_CHARGE = 1000;

/** Where a lexer is. */
export type LexerState = Pick<Lexer, 'tokens' | 'kind' | 'text' | 'line' | 'literals' | 'lastLine' | 'end'>;

export class Lexer {
  /** How many have been read. */
  tokens = 0;
  kind: TokenKind = END;
  /** Of a name or a string. */
  text = '';
  /** Of a number. */
  number = 0;
  /** The line on which the present token ends. */
  line = 1;
  /** How many literals have been met, with the present token. */
  literals = 0;
  /** The line on which the token before it ends: what an operation is put down to in messages. */
  lastLine = 1;
  private position = 0;
  private start = 0;
  private stringRead = '';
  private ahead: { kind: TokenKind; text: string; number: number; line: number } | undefined;
  private readonly identifier: string;

  constructor(
    private readonly source: string,
    readonly chunkName: string,
  ) {
    this.identifier = chunkIdentifier(chunkName, LONGEST_WHEN_READ);
  }

  next(): void {
    this.lastLine = this.line;
    if (++this.tokens % TOKENS_PER_CHARGE === 0) charge(TOKENS_PER_CHARGE * TOKEN_BYTES);
    if (this.ahead === undefined) this.kind = this.scan();
    else {
      ({ kind: this.kind, text: this.text, number: this.number, line: this.line } = this.ahead);
      this.ahead = undefined;
    }
    if (this.kind === NUMBER || this.kind === STRING) this.literals++;
  }

  /** The kind of the token after the present one. */
  peek(): TokenKind {
    const { kind, text, number, line } = this;
    this.ahead = { kind: this.scan(), text: this.text, number: this.number, line: this.line };
    Object.assign(this, { kind, text, number });
    // Messages speak of the line that has been read, so it stays.
    if (this.ahead.line === line) this.line = line;
    return this.ahead.kind;
  }

  /** Between statements. */
  state(): LexerState {
    const { tokens, kind, text, line, literals, lastLine, end } = this;
    return { tokens, kind, text, line, literals, lastLine, end };
  }

  goTo(state: LexerState): void {
    const { end, ...rest } = state;
    Object.assign(this, rest);
    this.position = end;
  }

  // For who reads literals and comments only

  /** The kind of the token at a position, where it leaves off. */
  scanAt(position: number): TokenKind {
    this.position = position;
    return this.scan();
  }

  skipCommentAt(position: number): void {
    this.position = position + '--'.length;
    this.skipComment();
  }

  isLongBracket(position: number): boolean {
    this.position = position;
    return this.longBracket(OPENING) !== -1;
  }

  get end(): number {
    return this.position;
  }

  // Errors

  /** Throws a syntax error at the present token. */
  fail(message: string): never {
    // To Lua this one says that there is no token to be named.
    if (this.kind === '\0') this.failPlainly(message);
    this.failNear(message, this.tokenText());
  }

  /** Throws an error that names no token. */
  failPlainly(message: string): never {
    throw new LuaError(`${this.identifier}:${this.line}: ${message}`);
  }

  private failNear(message: string, near: string): never {
    this.failPlainly(`${message} near '${cString(near)}'`);
  }

  private tokenText(): string {
    switch (this.kind) {
      case NAME:
        return this.text;
      case STRING:
        return this.stringRead;
      case NUMBER:
        return this.source.slice(this.start, this.position);
      default:
        return describe(this.kind);
    }
  }

  private scan(): TokenKind {
    const { source } = this;
    for (;;) {
      if (this.position >= source.length) return END;
      const code = source.charCodeAt(this.position);
      if (isLetter(code)) return this.scanName();
      if (isNewline(code)) {
        this.skipNewline();
        continue;
      }
      if (code === 32 || (code >= 9 && code <= 12)) {
        this.position++;
        continue;
      }
      if (code !== MINUS) return this.scanSymbol(code);
      if (source.charCodeAt(this.position + 1) !== MINUS) {
        this.position++;
        return '-';
      }
      this.position += 2;
      this.skipComment();
    }
  }

  private scanName(): TokenKind {
    const { source } = this;
    const start = this.position;
    let position = start + 1;
    for (;;) {
      const code = source.charCodeAt(position);
      if (!isLetter(code) && !isDigit(code)) break;
      position++;
    }
    this.position = position;
    const text = source.slice(start, position);
    const reserved = text.length > 1 && text.length <= LONGEST_RESERVED ? RESERVED.get(text) : undefined;
    if (reserved !== undefined) return reserved;
    this.text = text;
    return NAME;
  }

  private scanSymbol(code: number): TokenKind {
    const { source } = this;
    const following = source.charCodeAt(this.position + 1);
    switch (code) {
      case QUOTE:
      case APOSTROPHE:
        return this.scanString(code);
      case OPENING: {
        const level = this.longBracket(OPENING);
        if (level >= 0) return this.scanLongString(level);
        if (level < -1) this.failNear('invalid long string delimiter', `[${'='.repeat(-level - 1)}`);
        break;
      }
      case EQUALS:
      case 60: // <
      case 62: // >
      case 126: // ~
        if (following !== EQUALS) break;
        this.position += 2;
        return WITH_EQUALS.get(code)!;
      case DOT:
        if (isDigit(following)) return this.scanNumber();
        if (following !== DOT) break;
        if (source.charCodeAt(this.position + 2) === DOT) {
          this.position += 3;
          return '...';
        }
        this.position += 2;
        return '..';
      default:
        if (isDigit(code)) return this.scanNumber();
    }
    this.position++;
    return String.fromCharCode(code);
  }

  private scanNumber(): TokenKind {
    const { source } = this;
    const start = this.position;
    let position = start;
    while (isDigit(source.charCodeAt(position)) || source.charCodeAt(position) === DOT) position++;
    if (source[position] === 'e' || source[position] === 'E') {
      position++;
      if (source[position] === '+' || source[position] === '-') position++;
    }
    while (isLetter(source.charCodeAt(position)) || isDigit(source.charCodeAt(position))) position++;
    this.start = start;
    this.position = position;
    const text = source.slice(start, position);
    const number = stringToNumber(text);
    if (number === undefined) this.failNear('malformed number', text);
    this.number = number;
    return NUMBER;
  }

  private skipNewline(): void {
    const code = this.source.charCodeAt(this.position++);
    const following = this.source.charCodeAt(this.position);
    if (isNewline(following) && following !== code) this.position++;
    this.line++;
  }

  private skipComment(): void {
    if (this.source.charCodeAt(this.position) === OPENING) {
      const level = this.longBracket(OPENING);
      if (level >= 0) {
        this.readLong(level, 'unfinished long comment');
        return;
      }
    }
    while (this.position < this.source.length && !isNewline(this.source.charCodeAt(this.position))) this.position++;
  }

  /** The number of `=` in the bracket that starts here; -1 if it is none, and less if it is the start of one. */
  private longBracket(bracket: number): number {
    let position = this.position + 1;
    while (this.source.charCodeAt(position) === EQUALS) position++;
    const level = position - this.position - 1;
    return this.source.charCodeAt(position) === bracket ? level : -level - 1;
  }

  private scanLongString(level: number): TokenKind {
    const start = this.position;
    this.text = this.readLong(level, 'unfinished long string');
    this.stringRead = this.source.slice(start, this.position);
    return STRING;
  }

  /** From the bracket that opens past the one that closes; a newline at once after the first is not counted in. */
  private readLong(level: number, complaint: string): string {
    const { source } = this;
    this.position += level + 2;
    if (isNewline(source.charCodeAt(this.position))) this.skipNewline();
    let text = '';
    let start = this.position;
    while (this.position < source.length) {
      const code = source.charCodeAt(this.position);
      if (isNewline(code)) {
        text += `${source.slice(start, this.position)}\n`;
        this.skipNewline();
        start = this.position;
        continue;
      }
      if (code === CLOSING && this.longBracket(CLOSING) === level) {
        text += source.slice(start, this.position);
        this.position += level + 2;
        return text;
      }
      this.position++;
    }
    return this.failNear(complaint, END);
  }

  private scanString(quote: number): TokenKind {
    const { source } = this;
    const delimiter = String.fromCharCode(quote);
    let text = '';
    let start = ++this.position;
    for (;;) {
      const code = source.charCodeAt(this.position);
      if (code === quote) break;
      if (this.position >= source.length) this.failNear('unfinished string', END);
      if (isNewline(code)) {
        this.failNear('unfinished string', delimiter + text + source.slice(start, this.position));
      }
      if (code !== BACKSLASH) {
        this.position++;
        continue;
      }
      text += source.slice(start, this.position);
      this.position++;
      text += this.scanEscape(delimiter + text);
      start = this.position;
    }
    this.text = text + source.slice(start, this.position++);
    this.stringRead = delimiter + this.text + delimiter;
    return STRING;
  }

  private scanEscape(before: string): string {
    const { source } = this;
    if (this.position >= source.length) return '';
    const code = source.charCodeAt(this.position);
    if (isNewline(code)) {
      this.skipNewline();
      return '\n';
    }
    if (!isDigit(code)) {
      const character = source[this.position++]!;
      return ESCAPES.get(character) ?? character;
    }
    let byte = 0;
    for (let digits = 0; digits < 3 && isDigit(source.charCodeAt(this.position)); digits++) {
      byte = byte * 10 + source.charCodeAt(this.position++) - 48;
    }
    if (byte > 255) this.failNear('escape sequence too large', before);
    return String.fromCharCode(byte);
  }
}

/** How messages write a token that has no text of its own. */
export function describe(kind: TokenKind): string {
  const code = kind.charCodeAt(0);
  return kind.length === 1 && (code < 32 || code === 127) ? `char(${code})` : kind;
}
