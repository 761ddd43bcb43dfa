/** Bodies of requests about users and clients: JSON objects whose members are checked one by one. */
import { isUtf8 } from 'node:buffer';
import { type Json, JsonNumber, parseJson } from '../../../json.js';
import type { HttpRequest } from '../../../message.js';
import { HttpProblem } from '../../../problem.js';
import { queryPairs } from '../../../query.js';
import { problemsText } from '../python.js';
import type { Allowance } from './records.js';

export class Body {
  private readonly problems = new Map<string, string>();

  /** @throws HttpProblem for what is no JSON object */
  static of({ body }: HttpRequest): Body {
    if (body.length === 0) return new Body(new Map());
    let json: Json;
    try {
      if (!isUtf8(body)) throw new SyntaxError('no UTF-8');
      json = parseJson(body.toString());
    } catch (error) {
      throw new HttpProblem('bad-request', 400, `the body is no JSON: ${(error as Error).message}`);
    }
    if (!(json instanceof Map)) throw new HttpProblem('bad-request', 400, 'the body must be a JSON object');
    return new Body(json);
  }

  private constructor(private readonly members: ReadonlyMap<string, Json>) {}

  /** @throws HttpProblem that names all that is wrong */
  check(): void {
    if (this.problems.size > 0) throw new HttpProblem('bad-request', 400, problemsText(this.problems));
  }

  wrong(name: string, what: string): void {
    if (!this.problems.has(name)) this.problems.set(name, what);
  }

  /** Needed, unless there is a fallback. */
  text(name: string, fallback?: string): string {
    const value = this.members.get(name);
    if (typeof value === 'string' && (value !== '' || fallback !== undefined)) return value;
    if (value === undefined && fallback !== undefined) return fallback;
    this.wrong(name, value === undefined || value === null || value === '' ? 'Required' : 'is not a string');
    return '';
  }

  texts(name: string, fallback: readonly string[]): readonly string[] {
    const value = this.members.get(name);
    if (value === undefined) return fallback;
    if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value;
    this.wrong(name, 'is not a list of strings');
    return fallback;
  }

  boolean(name: string, fallback: boolean): boolean {
    const value = this.members.get(name);
    if (value === undefined) return fallback;
    if (typeof value !== 'boolean') this.wrong(name, 'is not true or false');
    return value === true;
  }

  /** A positive integer. */
  count(name: string, fallback: number): number {
    const value = this.members.get(name);
    if (value === undefined) return fallback;
    const count = value instanceof JsonNumber && /^\d{1,10}$/.test(value.text) ? Number(value.text) : 0;
    if (count === 0) this.wrong(name, 'is not a positive integer');
    return count;
  }

  /** What tokens may do; as it was where it is not said. */
  allowance(before: Allowance): Allowance {
    const scopes = this.texts('scopes', before.scopes);
    if (!scopes.every((scope) => SCOPE.test(scope))) this.wrong('scopes', 'holds a scope with blanks or quotes');
    let { database } = before;
    const given = this.members.get('database');
    if (given === null) database = null;
    else if (given instanceof JsonNumber && /^\d{1,9}$/.test(given.text)) database = Number(given.text);
    else if (given !== undefined) this.wrong('database', 'is not a number of a database');
    return {
      scopes,
      prefix: this.text('prefix', before.prefix),
      database,
      readOnly: this.boolean('readOnly', before.readOnly),
    };
  }
}

/** As RFC 6749 has them. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/** A form's, or a query's, fields; of several with one name the last. */
export function formOf(text: string): Record<string, string> {
  return Object.fromEntries(queryPairs(text).map(([name, value]) => [name, value.toString()]));
}
