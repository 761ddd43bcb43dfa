/** What a command of the cache works with: checked values, the login's keys, the engine. */
import { base64Bytes } from '../../base64.js';
import { errorOf } from '../../flat-reply.js';
import type { Gateway, Words } from '../../gateway.js';
import { HttpProblem } from '../../problem.js';
import type { Pair, Values } from './bodies.js';

/** What a command answers instead of a value: text in a reply that is otherwise like any other. */
export class Failure extends Error {
  override name = 'Failure';
}

const OPTIONS = { database: 0, protocol: 2 } as const;

export class CacheCall {
  constructor(
    readonly gateway: Gateway,
    readonly values: Values,
    /** Before every key; '' where all logins share their keys. */
    readonly prefix: string,
    /** Keys, values, fields and elements are base64, in the body and in the answer. */
    private readonly isBase64: boolean,
  ) {}

  /** @throws HttpProblem for what is no base64 where it is to be */
  bytes(text: string): string | Buffer {
    if (!this.isBase64) return text;
    const bytes = base64Bytes(text);
    if (bytes === undefined) throw new HttpProblem('bad-request', 400, 'with encoding=base64 all text is base64');
    return bytes;
  }

  text(name: string): string | Buffer {
    return this.bytes(this.values.str(name));
  }

  texts(name: string): (string | Buffer)[] {
    return this.values.strs(name).map((each) => this.bytes(each));
  }

  fieldsAndValues(name: string): (string | Buffer)[] {
    return this.values.pairs(name).flatMap(({ key, value }: Pair) => [this.bytes(key), this.bytes(value)]);
  }

  key(): string | Buffer {
    return this.prefixed(this.text('key'));
  }

  prefixed(key: string | Buffer): string | Buffer {
    if (this.prefix === '') return key;
    return typeof key === 'string' ? this.prefix + key : Buffer.concat([Buffer.from(this.prefix), key]);
  }

  /** @throws Failure with the text of an error reply */
  run(words: Words): Buffer {
    const reply = this.gateway.run(words, OPTIONS);
    const error = errorOf(reply);
    if (error !== undefined) throw new Failure(error);
    return reply;
  }

  /** A string, or null, in JSON. */
  json(bytes: Buffer | null): string {
    if (bytes === null) return 'null';
    return this.isBase64 ? `"${bytes.toString('base64')}"` : JSON.stringify(bytes.toString());
  }
}
