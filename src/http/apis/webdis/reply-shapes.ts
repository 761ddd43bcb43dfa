/**
 * Replies that are told by names instead of positions: the fields of INFO and hashes, entries of streams, places.
 */
import { type ReplyNode, readReplies } from '../../../protocol/reply-reader.js';

/** What JSON and MessagePack can say. Maps have keys of one character a byte. */
export type Value = null | bigint | Buffer | Value[] | Map<string, Value>;

/** Of a reply that is no error. */
export type Shape = (reply: ReplyNode) => Value;

/** By the command's name in lower case. */
const SHAPES: ReadonlyMap<string, Shape> = new Map<string, Shape>([
  ['info', fieldsOfInfo],
  ['hgetall', pairs],
  ['xrange', entries],
  ['xrevrange', entries],
  ['xclaim', entries],
  ['xread', streams],
  ['xreadgroup', streams],
  ['xpending', pending],
  ['georadius', places],
  ['georadius_ro', places],
  ['georadiusbymember', places],
  ['georadiusbymember_ro', places],
]);

export function shapeOf(command: string): Shape | undefined {
  return SHAPES.get(command);
}

/** @returns undefined where the reply is an error, which has no shape of its own */
export function shaped(shape: Shape, bytes: Buffer): Value | undefined {
  const [reply] = readReplies(bytes);
  return reply.type === 'error' || reply.type === 'bulk-error' ? undefined : shape(reply);
}

/** As it is. */
function plain(reply: ReplyNode): Value {
  switch (reply.type) {
    case 'bulk':
    case 'verbatim':
    case 'bulk-error':
      return reply.value;
    case 'integer':
    case 'big-number':
      return reply.value;
    case 'array':
    case 'set':
    case 'push':
      return reply.value.map(plain);
    case 'map':
      return reply.value.flat().map(plain);
    case 'null':
      return null;
    default:
      return Buffer.from(String(reply.value), 'latin1');
  }
}

function elements(reply: ReplyNode): ReplyNode[] | undefined {
  return reply.type === 'array' ? reply.value : undefined;
}

function keyOf(reply: ReplyNode | undefined): string {
  return reply?.type === 'bulk' ? reply.value.toString('latin1') : '';
}

function pairs(reply: ReplyNode): Value {
  const list = elements(reply);
  if (list === undefined) return plain(reply);
  const map = new Map<string, Value>();
  for (let i = 0; i + 1 < list.length; i += 2) map.set(keyOf(list[i]), plain(list[i + 1]));
  return map;
}

/** Lines `name:value`; the headings of sections are left out. */
function fieldsOfInfo(reply: ReplyNode): Value {
  if (reply.type !== 'bulk') return plain(reply);
  const map = new Map<string, Value>();
  for (const line of reply.value.toString('latin1').split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0 && !line.startsWith('#')) map.set(line.slice(0, colon), Buffer.from(line.slice(colon + 1), 'latin1'));
  }
  return map;
}

/** `[{ id, msg: { field: value } }]`; ids alone where only those were asked for. */
function entries(reply: ReplyNode): Value {
  return elements(reply)?.map(entry) ?? plain(reply);
}

function entry(reply: ReplyNode): Value {
  const parts = elements(reply);
  if (parts?.length !== 2) return plain(reply);
  return new Map([
    ['id', plain(parts[0])],
    ['msg', pairs(parts[1])],
  ]);
}

/** `{ stream: [entry] }` */
function streams(reply: ReplyNode): Value {
  const list = elements(reply);
  if (list === undefined) return plain(reply);
  const map = new Map<string, Value>();
  for (const each of list) {
    const [name, content] = elements(each) ?? [];
    if (content !== undefined) map.set(keyOf(name), entries(content));
  }
  return map;
}

function pending(reply: ReplyNode): Value {
  const list = elements(reply);
  if (list === undefined) return plain(reply);
  if (list[0]?.type === 'integer') {
    const [count, first, last, consumers] = list;
    const perConsumer = new Map<string, Value>();
    for (const each of elements(consumers) ?? []) {
      const [name, messages] = elements(each) ?? [];
      if (messages !== undefined) perConsumer.set(keyOf(name), plain(messages));
    }
    return named(['msgs', 'idmin', 'idmax', 'msgsperconsumer'], [plain(count), plain(first), plain(last), perConsumer]);
  }
  return list.map((each) => named(['id', 'owner', 'elapsedtime', 'deliveries'], (elements(each) ?? []).map(plain)));
}

/** `[{ name, dist, hash, coords }]`, with what was asked for; names alone where that was nothing. */
function places(reply: ReplyNode): Value {
  return elements(reply)?.map(place) ?? plain(reply);
}

function place(reply: ReplyNode): Value {
  const parts = elements(reply);
  if (parts === undefined) return plain(reply);
  const map = new Map<string, Value>([['name', plain(parts[0])]]);
  for (const part of parts.slice(1)) {
    const name = part.type === 'array' ? 'coords' : part.type === 'integer' ? 'hash' : 'dist';
    map.set(name, plain(part));
  }
  return map;
}

function named(names: readonly string[], values: readonly Value[]): Map<string, Value> {
  return new Map(names.map((name, index) => [name, values[index] ?? null]));
}
