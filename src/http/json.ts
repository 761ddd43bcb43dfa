/**
 * JSON as it was sent: numbers keep their digits, however many, objects the order of their members, and no member's
 * name means anything to JavaScript.
 */

import { stringEnd } from './json-source.js';

/** A number by its text. */
export class JsonNumber {
  constructor(readonly text: string) {}

  get isInteger(): boolean {
    return /^-?\d+$/.test(this.text);
  }
}

export type Json = null | boolean | string | JsonNumber | Json[] | Map<string, Json>;

/** Arrays and objects within one another. */
const MOST_LEVELS = 200;

/** @throws SyntaxError */
export function parseJson(text: string): Json {
  return new Parser(text).whole();
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const BLANK = /[ \t\r\n]*/y;
const WORDS: readonly (readonly [string, Json])[] = [
  ['null', null],
  ['true', true],
  ['false', false],
];

class Parser {
  private at = 0;

  constructor(private readonly text: string) {}

  whole(): Json {
    const value = this.value(0);
    this.pass(BLANK);
    if (this.at < this.text.length) throw this.unexpected();
    return value;
  }

  private value(level: number): Json {
    if (level > MOST_LEVELS) throw new SyntaxError(`JSON of more than ${MOST_LEVELS} levels`);
    this.pass(BLANK);
    switch (this.text[this.at]) {
      case '{':
        return this.object(level);
      case '[':
        return this.array(level);
      case '"':
        return this.string();
    }
    for (const [word, value] of WORDS) {
      if (!this.text.startsWith(word, this.at)) continue;
      this.at += word.length;
      return value;
    }
    const number = this.pass(NUMBER);
    if (number === '') throw this.unexpected();
    return new JsonNumber(number);
  }

  private array(level: number): Json[] {
    const elements: Json[] = [];
    this.at++;
    if (this.takes(']')) return elements;
    do elements.push(this.value(level + 1));
    while (this.takes(','));
    this.need(']');
    return elements;
  }

  private object(level: number): Map<string, Json> {
    const members = new Map<string, Json>();
    this.at++;
    if (this.takes('}')) return members;
    do {
      this.pass(BLANK);
      const name = this.string();
      this.need(':');
      members.set(name, this.value(level + 1));
    } while (this.takes(','));
    this.need('}');
    return members;
  }

  private string(): string {
    const end = this.text[this.at] === '"' ? stringEnd(this.text, this.at) : 0;
    if (end === 0) throw this.unexpected();
    const quoted = this.text.slice(this.at, end);
    this.at = end;
    // What may stand between quotes, and what an escape means, JSON.parse knows.
    return JSON.parse(quoted) as string;
  }

  private takes(sign: string): boolean {
    this.pass(BLANK);
    if (this.text[this.at] !== sign) return false;
    this.at++;
    return true;
  }

  private need(sign: string): void {
    if (!this.takes(sign)) throw this.unexpected();
  }

  private pass(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const [found] = pattern.exec(this.text) ?? [''];
    this.at += found.length;
    return found;
  }

  private unexpected(): SyntaxError {
    const sign = this.text[this.at];
    return new SyntaxError(
      sign === undefined ? 'JSON that ends too early' : `JSON with ${JSON.stringify(sign)} at ${this.at}`,
    );
  }
}
