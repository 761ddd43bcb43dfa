/** What replies of commands are in the envelope's `data`: JSON, written as text, so that numbers keep their digits. */
import { isUtf8 } from 'node:buffer';
import type { ReplyNode } from '../../../protocol/reply-reader.js';
import { HttpProblem } from '../../problem.js';
import type { Word } from './fields.js';
import { floatText } from './python.js';

/** What a conversion may depend on. */
export interface ReplyContext {
  /** Bytes are given in base64. */
  readonly isBase64: boolean;
  /** A field's word; undefined where it was not given. */
  field(name: string): Word | readonly Word[] | undefined;
}

export type Conversion = (node: ReplyNode, context: ReplyContext) => string;

const NOTHING = 'null';

// ---- Texts

function bytesOf(node: ReplyNode): Buffer | null {
  switch (node.type) {
    case 'bulk':
    case 'verbatim':
      return node.value;
    case 'status':
      return Buffer.from(node.value, 'latin1');
    case 'integer':
      return Buffer.from(String(node.value));
    default:
      return null;
  }
}

function textOf(node: ReplyNode): string {
  return bytesOf(node)?.toString() ?? '';
}

/** Bytes that are no UTF-8 are `{"$binary": base64}`, unless all are to be in base64. */
function bytesJson(bytes: Buffer, { isBase64 }: ReplyContext): string {
  if (isBase64) return `"${bytes.toString('base64')}"`;
  return isUtf8(bytes) ? JSON.stringify(bytes.toString()) : `{"$binary":"${bytes.toString('base64')}"}`;
}

export const string: Conversion = (node, context) => {
  const bytes = bytesOf(node);
  return bytes === null ? NOTHING : bytesJson(bytes, context);
};

/** A text that begins with `{` is given as the JSON that it is, if it is. */
export const decoded: Conversion = (node, context) => {
  const bytes = bytesOf(node);
  if (bytes === null) return NOTHING;
  return !context.isBase64 && bytes[0] === OPEN_BRACE && isJson(bytes) ? bytes.toString() : bytesJson(bytes, context);
};

const OPEN_BRACE = 0x7b;

function isJson(bytes: Buffer): boolean {
  if (!isUtf8(bytes)) return false;
  try {
    JSON.parse(bytes.toString());
    return true;
  } catch {
    return false;
  }
}

/** As Python writes it: a line end after each 76 signs, and at the end. */
export const base64: Conversion = (node) => {
  const bytes = bytesOf(node);
  if (bytes === null) return NOTHING;
  return JSON.stringify(bytes.toString('base64').replace(/.{1,76}/g, '$&\n'));
};

// ---- Numbers and truth

export const integer: Conversion = (node) => (node.type === 'integer' ? String(node.value) : NOTHING);

/** 1 or a status is true, 0 is false; nil stays null. */
export const boolean: Conversion = (node) => {
  if (node.type === 'null') return NOTHING;
  return String(node.type === 'status' || (node.type === 'integer' && node.value === 1n));
};

export const float: Conversion = (node, context) => {
  const bytes = bytesOf(node);
  return bytes === null ? NOTHING : scoreJson(bytes.toString(), castOf(context));
};

/** No deadline and a deadline that is now are both null; -2 for a key that is not there. */
export const timeToLive: Conversion = (node) => {
  const isNull = node.type !== 'integer' || node.value === -1n || node.value === 0n;
  return isNull ? NOTHING : String(node.value);
};

/** Unix seconds as this machine's time, without its zone. */
export const localTime: Conversion = (node) => {
  if (node.type !== 'integer') return NOTHING;
  const date = new Date(Number(node.value) * 1000);
  const two = (part: number): string => String(part).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `"${day}T${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}"`;
};

/** REFCOUNT, IDLETIME and FREQ are numbers, ENCODING a text. */
export const numberOrString: Conversion = (node, context) =>
  node.type === 'integer' ? String(node.value) : string(node, context);

function castOf({ field }: ReplyContext): string {
  return String(field('score_cast_func') ?? 'float');
}

function scoreJson(text: string, cast: string): string {
  const value = Number(text.replace('inf', 'Infinity'));
  if (cast === 'str' || !Number.isFinite(value)) return JSON.stringify(text);
  return cast === 'int' ? BigInt(Math.trunc(value)).toString() : floatText(value);
}

// ---- Lists and objects

function elementsOf(node: ReplyNode): readonly ReplyNode[] {
  return node.type === 'array' || node.type === 'set' ? node.value : [];
}

function listJson(nodes: readonly ReplyNode[], convert: Conversion, context: ReplyContext): string {
  return `[${nodes.map((node) => convert(node, context)).join(',')}]`;
}

/** nil stays null. */
export const list: Conversion = (node, context) =>
  node.type === 'null' ? NOTHING : listJson(elementsOf(node), string, context);

/** A list where there is one, as with a count. */
export const stringOrList: Conversion = (node, context) =>
  node.type === 'array' ? list(node, context) : string(node, context);

export const object: Conversion = (node, context) => objectJson(elementsOf(node), context);

/** @throws HttpProblem where a name is no text */
function objectJson(nodes: readonly ReplyNode[], context: ReplyContext): string {
  const members: string[] = [];
  for (let i = 0; i + 1 < nodes.length; i += 2) {
    const name = bytesOf(nodes[i]) as Buffer;
    if (!context.isBase64 && !isUtf8(name)) {
      throw new HttpProblem('bad-request', 400, 'a field is no UTF-8: ask with ?encoding=base64');
    }
    members.push(`${bytesJson(name, context)}:${string(nodes[i + 1], context)}`);
  }
  return `{${members.join(',')}}`;
}

/** With scores, if they were asked for, pairs of member and score. */
export const members: Conversion = (node, context) =>
  context.field('withscores') === '1' ? pairsJson(elementsOf(node), context) : list(node, context);

function pairsJson(nodes: readonly ReplyNode[], context: ReplyContext): string {
  const pairs: string[] = [];
  for (let i = 0; i + 1 < nodes.length; i += 2) {
    pairs.push(`[${string(nodes[i], context)},${float(nodes[i + 1], context)}]`);
  }
  return `[${pairs.join(',')}]`;
}

/** What a walk found, beside the next cursor, which is a text. */
function scanned(convert: (nodes: readonly ReplyNode[], context: ReplyContext) => string): Conversion {
  return (node, context) => {
    const [cursor, found] = elementsOf(node);
    return `[${JSON.stringify(textOf(cursor))},${convert(elementsOf(found), context)}]`;
  };
}

export const scannedList = scanned((nodes, context) => listJson(nodes, string, context));
export const scannedObject = scanned(objectJson);
export const scannedPairs = scanned(pairsJson);

/** With `groups`, as many elements each as there are patterns to get. */
export const sorted: Conversion = (node, context) => {
  if (node.type === 'integer') return String(node.value);
  if (context.field('groups') !== '1') return list(node, context);
  const nodes = elementsOf(node);
  const size = (context.field('get') as readonly Word[]).length / 2;
  const groups: string[] = [];
  for (let i = 0; i < nodes.length; i += size) groups.push(listJson(nodes.slice(i, i + size), string, context));
  return `[${groups.join(',')}]`;
};

// ---- Texts of the server's own

/** `name:value` lines; numbers are numbers, and `a=1,b=2` is an object. */
export const info: Conversion = (node) => {
  const sections = new Map<string, string>();
  for (const line of textOf(node).split('\r\n')) {
    const colon = line.indexOf(':');
    if (!line.startsWith('#') && colon > 0) sections.set(line.slice(0, colon), infoValue(line.slice(colon + 1)));
  }
  return memberJson(sections);
};

function infoValue(text: string): string {
  if (text.includes(',') && text.includes('=')) {
    const members = text.split(',').map((item): [string, string] => {
      const equals = item.lastIndexOf('=');
      return equals < 0 ? [item, '""'] : [item.slice(0, equals), infoNumber(item.slice(equals + 1))];
    });
    return memberJson(new Map(members));
  }
  return infoNumber(text);
}

function infoNumber(text: string): string {
  if (/^[+-]?\d+$/.test(text)) return BigInt(text.replace('+', '')).toString();
  return /^[+-]?\d*\.\d*$/.test(text) && /\d/.test(text) ? floatText(Number(text)) : JSON.stringify(text);
}

function memberJson(members: ReadonlyMap<string, string>): string {
  return `{${Array.from(members, ([name, json]) => `${JSON.stringify(name)}:${json}`).join(',')}}`;
}

/** A line a client. */
export const clients: Conversion = (node) => {
  const lines = textOf(node)
    .split('\n')
    .filter((line) => line !== '');
  return `[${lines.map((line) => memberJson(new Map(line.split(' ').map(factOf)))).join(',')}]`;
};

function factOf(fact: string): [string, string] {
  const equals = fact.indexOf('=');
  return [fact.slice(0, equals), JSON.stringify(fact.slice(equals + 1))];
}

const DEBUG_NUMBERS = ['refcount', 'serializedlength', 'lru', 'lru_seconds_idle'];

/** `Value at:0x… refcount:1 encoding:…` */
export const debugObject: Conversion = (node) => {
  const facts = new Map<string, string>();
  for (const fact of `type:${textOf(node)}`.split(' ')) {
    const colon = fact.indexOf(':');
    const name = fact.slice(0, colon);
    const value = fact.slice(colon + 1);
    if (colon > 0) facts.set(name, DEBUG_NUMBERS.includes(name) && /^\d+$/.test(value) ? value : JSON.stringify(value));
  }
  return memberJson(facts);
};
