/**
 * Bodies of requests, checked as FastAPI does it with pydantic 1: what is taken for text and for integers, and what is
 * answered to a body that is not as its model says.
 */
import { isUtf8 } from 'node:buffer';
import { isTooDeep } from '../../json-source.js';
import { type HttpReply, type HttpRequest, jsonReply } from '../../message.js';
import { PythonJsonError, PythonLimitError, PythonNumber, type PythonValue, parsePythonJson } from './python-json.js';

export type FieldType = 'str' | 'int' | 'strs' | 'pairs';

export interface Field {
  readonly name: string;
  readonly type: FieldType;
  readonly isOptional?: boolean;
  readonly description: string;
}

export interface Pair {
  readonly key: string;
  readonly value: string;
}

/** Checked values by the fields' names. */
export interface Values {
  str(name: string): string;
  int(name: string): number | bigint | undefined;
  strs(name: string): readonly string[];
  pairs(name: string): readonly Pair[];
}

type Value = string | number | bigint | readonly string[] | readonly Pair[];

class CheckedValues implements Values {
  readonly values = new Map<string, Value>();

  str(name: string): string {
    return (this.values.get(name) ?? '') as string;
  }

  int(name: string): number | bigint | undefined {
    return this.values.get(name) as number | bigint | undefined;
  }

  strs(name: string): readonly string[] {
    return this.values.get(name) as readonly string[];
  }

  pairs(name: string): readonly Pair[] {
    return this.values.get(name) as readonly Pair[];
  }
}

/** One entry of `detail`. */
interface Mistake {
  readonly loc: readonly (string | number)[];
  readonly msg: string;
  readonly type: string;
  readonly ctx?: object;
}

/** What a body says; or the reply to one that is not as it should be. `tokenIsGiven`: it need not say a token. */
export function readBody(
  request: HttpRequest,
  fields: readonly Field[],
  tokenIsGiven: boolean,
): Values | { readonly reply: HttpReply } {
  const { body } = request;
  if (body.length === 0) return refusal([missing(['body'])]);
  if (!isJsonType(request.header('content-type'))) return refusal([noDict(['body'])]);
  if (!isUtf8(body)) return UNPARSABLE;
  const text = body.toString().replace(/^\ufeff/, '');
  if (isTooDeep(text)) return UNPARSABLE;
  const quick = quickValues(text, fields, tokenIsGiven);
  if (quick !== undefined) return quick;
  try {
    return new Checker(tokenIsGiven).body(parsePythonJson(text), fields);
  } catch (error) {
    if (error instanceof PythonLimitError) return UNPARSABLE;
    if (error instanceof PythonJsonError) return refusal([decodeMistake(error)]);
    throw error;
  }
}

const UNPARSABLE = { reply: jsonReply(400, { detail: 'There was an error parsing the body' }) };

/** Whether a body of this type is read as JSON; without a type it is. */
function isJsonType(type: string | undefined): boolean {
  if (type === undefined || type === '') return true;
  const [full] = type.split(';', 1);
  return /^application\/(?:json|[^/]*\+json)$/.test(full.trim().toLowerCase());
}

// ---- As it should be

/** The values of a body that is just as its model says; undefined for one to look at more closely. */
function quickValues(text: string, fields: readonly Field[], tokenIsGiven: boolean): CheckedValues | undefined {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return undefined;
  const checked = new CheckedValues();
  for (const { name, type, isOptional } of fields) {
    const value: unknown = Object.hasOwn(body, name) ? (body as Record<string, unknown>)[name] : undefined;
    if (value === undefined && (isOptional === true || (tokenIsGiven && name === 'token'))) continue;
    if (!IS_JUST[type](value)) return undefined;
    checked.values.set(name, value as Value);
  }
  return checked;
}

const isText = (value: unknown): boolean => typeof value === 'string';

const IS_JUST: Readonly<Record<FieldType, (value: unknown) => boolean>> = {
  str: isText,
  int: (value) => Number.isSafeInteger(value) && !Object.is(value, -0),
  strs: (value) => Array.isArray(value) && value.every(isText),
  pairs: (value) => Array.isArray(value) && value.every((each) => isText(each?.key) && isText(each?.value)),
};

// ---- As pydantic does it

class Checker {
  private readonly mistakes: Mistake[] = [];

  constructor(private readonly tokenIsGiven: boolean) {}

  body(body: PythonValue, fields: readonly Field[]): Values | { readonly reply: HttpReply } {
    if (body === null) return refusal([missing(['body'])]);
    const members = dictOf(body);
    if (members === undefined) return refusal([noDict(['body'])]);
    const checked = new CheckedValues();
    for (const { name, type, isOptional } of fields) {
      const value = members.get(name);
      const mayMiss = isOptional === true || (name === 'token' && this.tokenIsGiven);
      if (mayMiss && (value === undefined || value === null)) continue;
      const result = this.field(value, type, ['body', name]);
      if (result !== undefined) checked.values.set(name, result);
    }
    return this.mistakes.length > 0 ? refusal(this.mistakes) : checked;
  }

  private field(value: PythonValue | undefined, type: FieldType, loc: readonly (string | number)[]): Value | undefined {
    if (value === undefined) return this.mistake(missing(loc));
    if (value === null) {
      return this.mistake({ loc, msg: 'none is not an allowed value', type: 'type_error.none.not_allowed' });
    }
    switch (type) {
      case 'str':
        return textOf(value) ?? this.mistake({ loc, msg: 'str type expected', type: 'type_error.str' });
      case 'int':
        return (
          integerOf(value) ?? this.mistake({ loc, msg: 'value is not a valid integer', type: 'type_error.integer' })
        );
      default:
        if (!Array.isArray(value)) {
          return this.mistake({ loc, msg: 'value is not a valid list', type: 'type_error.list' });
        }
        if (type === 'strs') return value.map((each, i) => this.field(each, 'str', [...loc, i]) as string);
        return value.map((each, i) => this.pair(each, [...loc, i]) as Pair);
    }
  }

  private pair(value: PythonValue, loc: readonly (string | number)[]): Pair | undefined {
    if (value === null) return this.field(value, 'pairs', loc) as undefined;
    const members = dictOf(value);
    if (members === undefined) return this.mistake(noDict(loc));
    return {
      key: this.field(members.get('key'), 'str', [...loc, 'key']) as string,
      value: this.field(members.get('value'), 'str', [...loc, 'value']) as string,
    };
  }

  private mistake(mistake: Mistake): undefined {
    this.mistakes.push(mistake);
  }
}

/** dict() of a value: of an object, and of what consists of pairs as well. */
function dictOf(value: PythonValue): Map<string, PythonValue> | undefined {
  if (value instanceof Map) return value;
  if (value === '') return new Map();
  if (!Array.isArray(value)) return undefined;
  const members = new Map<string, PythonValue>();
  for (const each of value) {
    const pair = typeof each === 'string' ? [...each] : each;
    if (!Array.isArray(pair) || pair.length !== 2 || typeof pair[0] !== 'string') return undefined;
    members.set(pair[0], pair[1]);
  }
  return members;
}

function textOf(value: PythonValue): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return value instanceof PythonNumber ? value.toString() : undefined;
}

const INTEGER = /^[+-]?\d+(?:_\d+)*$/;
const MAX_DIGITS = 4300;

function integerOf(value: PythonValue): bigint | undefined {
  if (typeof value === 'boolean') return value ? 1n : 0n;
  if (value instanceof PythonNumber) return value.toInteger();
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  if (!INTEGER.test(text)) return undefined;
  const digits = text.replaceAll('_', '').replace(/^[+-]/, '');
  if (digits.length > MAX_DIGITS) return undefined;
  return text.startsWith('-') ? -BigInt(digits) : BigInt(digits);
}

function missing(loc: readonly (string | number)[]): Mistake {
  return { loc, msg: 'field required', type: 'value_error.missing' };
}

function noDict(loc: readonly (string | number)[]): Mistake {
  return { loc, msg: 'value is not a valid dict', type: 'type_error.dict' };
}

function decodeMistake({ msg, doc, pos, lineno, colno }: PythonJsonError): Mistake {
  return {
    loc: ['body', pos],
    msg: `${msg}: line ${lineno} column ${colno} (char ${pos})`,
    type: 'value_error.jsondecode',
    ctx: { msg, doc, pos, lineno, colno },
  };
}

function refusal(detail: readonly Mistake[]): { readonly reply: HttpReply } {
  return { reply: jsonReply(422, { detail }) };
}
