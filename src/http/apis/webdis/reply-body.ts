/** A reply in the form that was asked for. */
import { customBody } from './custom-format.js';
import { type Format, JSON_FORMAT, type QueryOptions } from './formats.js';
import { jsonText } from './json-format.js';
import { messagePack } from './message-pack-format.js';
import type { Verb } from './verbs.js';

export interface ReplyForm {
  readonly verb: Verb;
  readonly format: Format;
  readonly options: QueryOptions;
}

/** `extension`'s format, unless the query asks for a type. */
export function replyForm(verb: Verb, extension: Format | undefined, options: QueryOptions): ReplyForm {
  const { type } = options;
  const format: Format = type === undefined ? (extension ?? JSON_FORMAT) : { kind: 'custom', type };
  return { verb, format, options };
}

/** @returns undefined where there is no value and the format has no word for that */
export function bodyOf({ verb, format, options }: ReplyForm, bytes: Buffer): string | Buffer | undefined {
  // CLIENT REPLY OFF has no reply.
  if (bytes.length === 0) bytes = NO_VALUE;
  switch (format.kind) {
    case 'json': {
      const text = jsonText(bytes, verb.jsonHead, verb.shape);
      return options.callback === undefined ? text : `${options.callback}(${text});\n`;
    }
    case 'raw':
      return bytes;
    case 'message-pack':
      return messagePack(bytes, verb.text, verb.shape);
    default:
      return customBody(bytes, options.separator);
  }
}

const NO_VALUE = Buffer.from('$-1\r\n');
