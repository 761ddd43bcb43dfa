/**
 * Decodes replies of both protocols: incrementally into nodes that keep types and raw bytes (scripts, differential
 * tests), and from there into JavaScript values (calls within the process).
 */

/** Why there is no value: `$-1`, `*-1` or RESP3's `_`. */
export type NullKind = 'bulk' | 'array' | 'null';

/** A decoded reply. Strings of lines are latin1 (one character a byte), all other content stays bytes. */
export type ReplyNode = (
  | { type: 'status' | 'error'; value: string }
  | { type: 'integer' | 'big-number'; value: bigint }
  | { type: 'bulk'; value: Buffer }
  /** An error that came as a bulk string, and may hold line breaks. */
  | { type: 'bulk-error'; value: Buffer }
  | { type: 'null'; value: NullKind }
  | { type: 'double'; value: number }
  | { type: 'boolean'; value: boolean }
  | { type: 'verbatim'; format: string; value: Buffer }
  | { type: 'array' | 'set' | 'push'; value: ReplyNode[] }
  | { type: 'map'; value: [ReplyNode, ReplyNode][] }
) & {
  /** Attributes that came ahead of the reply. */
  attributes?: [ReplyNode, ReplyNode][];
};

/** Bytes that are no reply. */
export class MalformedReplyError extends Error {
  override name = 'MalformedReplyError';
}

/**
 * An aggregate whose elements are still arriving; maps and attributes take their keys and values one after the other.
 */
interface OpenAggregate {
  type: 'array' | 'set' | 'push' | 'map' | 'attributes';
  missing: number;
  elements: ReplyNode[];
  attributes: [ReplyNode, ReplyNode][] | undefined;
}

const CR = 0x0d;
const LF = 0x0a;
const EMPTY = Buffer.alloc(0);

/** Lines longer than this are no headers, numbers or error texts of ours. */
const MAX_LINE = 1024 * 1024;

export class ReplyReader {
  /** The bytes of the reply that next() gave last; a view, valid until the next feed(). */
  raw: Buffer = EMPTY;

  private bytes: Buffer = EMPTY;
  /** End of what has arrived. */
  private end = 0;
  /** Where the reply began that is being read. */
  private start = 0;
  /** Where its next element begins. */
  private position = 0;
  /** How far the line at `position` has been searched for its end. */
  private searched = 0;
  private readonly open: OpenAggregate[] = [];
  private attributes: [ReplyNode, ReplyNode][] | undefined;

  /** Copies the bytes in; any cut is fine. */
  feed(bytes: Uint8Array): void {
    const rest = this.end - this.start;
    if (this.end + bytes.length > this.bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(1024, (rest + bytes.length) * 2));
      this.bytes.copy(grown, 0, this.start, this.end);
      this.bytes = grown;
      this.position -= this.start;
      this.searched -= this.start;
      this.start = 0;
      this.end = rest;
    }
    this.bytes.set(bytes, this.end);
    this.end += bytes.length;
  }

  /** Bytes that have arrived and do not belong to a whole reply yet. */
  get pendingBytes(): number {
    return this.end - this.start;
  }

  /** The next whole reply, or undefined until more has arrived. */
  next(): ReplyNode | undefined {
    for (;;) {
      const element = this.readElement();
      if (element === undefined) return undefined;
      if (element === 'opened') continue;
      const whole = this.close(element);
      if (whole === undefined) continue;
      this.raw = this.bytes.subarray(this.start, this.position);
      this.start = this.position;
      return whole;
    }
  }

  /**
   * Puts a complete element into the aggregate it belongs to, and so on outwards; gives the reply when that was the
   * last one.
   */
  private close(element: ReplyNode): ReplyNode | undefined {
    if (this.attributes !== undefined) {
      element.attributes = this.attributes;
      this.attributes = undefined;
    }
    for (;;) {
      const parent = this.open.at(-1);
      if (parent === undefined) return element;
      parent.elements.push(element);
      if (--parent.missing > 0) return undefined;
      this.open.pop();
      if (parent.type === 'attributes') {
        this.attributes = pairsOf(parent.elements);
        return undefined;
      }
      element = aggregate(parent.type, parent.elements);
      if (parent.attributes !== undefined) element.attributes = parent.attributes;
    }
  }

  /** Reads one element; an aggregate with elements is opened instead. */
  private readElement(): ReplyNode | 'opened' | undefined {
    const lineEnd = this.findLine();
    if (lineEnd < 0) return undefined;
    const type = String.fromCharCode(this.bytes[this.position]);
    const line = this.bytes.toString('latin1', this.position + 1, lineEnd);
    const behind = lineEnd + 2;
    switch (type) {
      case '+':
        return this.leaf(behind, { type: 'status', value: line });
      case '-':
        return this.leaf(behind, { type: 'error', value: line });
      case ':':
        return this.leaf(behind, { type: 'integer', value: integerOf(line) });
      case '(':
        return this.leaf(behind, { type: 'big-number', value: integerOf(line) });
      case ',':
        return this.leaf(behind, { type: 'double', value: doubleOf(line) });
      case '#':
        if (line !== 't' && line !== 'f') throw new MalformedReplyError(`boolean '${line}'`);
        return this.leaf(behind, { type: 'boolean', value: line === 't' });
      case '_':
        if (line !== '') throw new MalformedReplyError(`null '${line}'`);
        return this.leaf(behind, { type: 'null', value: 'null' });
      case '$':
      case '=':
      case '!':
        return this.readBulk(type, line, behind);
      case '*':
      case '~':
      case '>':
      case '%':
      case '|':
        return this.readAggregate(type, line, behind);
      default:
        throw new MalformedReplyError(`type ${JSON.stringify(type)}`);
    }
  }

  private readBulk(type: '$' | '=' | '!', line: string, start: number): ReplyNode | undefined {
    if (type === '$' && line === '-1') return this.leaf(start, { type: 'null', value: 'bulk' });
    const end = start + lengthOf(line);
    if (end + 2 > this.end) return undefined;
    if (this.bytes[end] !== CR || this.bytes[end + 1] !== LF) throw new MalformedReplyError('bulk string without end');
    if (type === '=') {
      if (end - start < 4 || this.bytes[start + 3] !== 0x3a)
        throw new MalformedReplyError('verbatim string without format');
      const format = this.bytes.toString('latin1', start, start + 3);
      return this.leaf(end + 2, { type: 'verbatim', format, value: Buffer.from(this.bytes.subarray(start + 4, end)) });
    }
    const value = Buffer.from(this.bytes.subarray(start, end));
    return this.leaf(end + 2, type === '$' ? { type: 'bulk', value } : { type: 'bulk-error', value });
  }

  private readAggregate(sign: '*' | '~' | '>' | '%' | '|', line: string, behind: number): ReplyNode | 'opened' {
    if (sign === '*' && line === '-1') return this.leaf(behind, { type: 'null', value: 'array' });
    const length = lengthOf(line);
    const type = AGGREGATES[sign];
    if (length === 0 && type !== 'attributes') return this.leaf(behind, aggregate(type, []));
    this.moveTo(behind);
    if (length === 0) return 'opened';
    const missing = type === 'map' || type === 'attributes' ? length * 2 : length;
    this.open.push({ type, missing, elements: [], attributes: this.attributes });
    this.attributes = undefined;
    return 'opened';
  }

  private leaf(behind: number, node: ReplyNode): ReplyNode {
    this.moveTo(behind);
    return node;
  }

  private moveTo(position: number): void {
    this.position = position;
    this.searched = position;
  }

  /** Where the line at `position` ends, or -1 until that has arrived. */
  private findLine(): number {
    const { bytes, end } = this;
    let at = this.searched;
    while (at + 1 < end && (bytes[at] !== CR || bytes[at + 1] !== LF)) at++;
    if (at + 1 < end) return at;
    if (end - this.position > MAX_LINE) throw new MalformedReplyError('line without end');
    this.searched = Math.max(this.position, at);
    return -1;
  }
}

const AGGREGATES = { '*': 'array', '~': 'set', '>': 'push', '%': 'map', '|': 'attributes' } as const;

function aggregate(type: 'array' | 'set' | 'push' | 'map', elements: ReplyNode[]): ReplyNode {
  return type === 'map' ? { type, value: pairsOf(elements) } : { type, value: elements };
}

function pairsOf(elements: ReplyNode[]): [ReplyNode, ReplyNode][] {
  const pairs: [ReplyNode, ReplyNode][] = [];
  for (let i = 0; i < elements.length; i += 2) pairs.push([elements[i], elements[i + 1]]);
  return pairs;
}

function lengthOf(line: string): number {
  if (!/^\d{1,10}$/.test(line)) throw new MalformedReplyError(`length '${line}'`);
  return Number(line);
}

function integerOf(line: string): bigint {
  if (!/^[+-]?\d+$/.test(line)) throw new MalformedReplyError(`integer '${line}'`);
  return BigInt(line.startsWith('+') ? line.slice(1) : line);
}

function doubleOf(line: string): number {
  if (/^[+-]?inf$/.test(line)) return line.startsWith('-') ? -Infinity : Infinity;
  if (/^-?nan$/.test(line)) return Number.NaN;
  if (!/^[+-]?\d+(\.\d*)?([eE][+-]?\d+)?$/.test(line)) throw new MalformedReplyError(`double '${line}'`);
  return Number(line);
}

// ---- JavaScript values

/** A reply as a JavaScript value. An error within an aggregate is a ReplyError in its place. */
export type Reply =
  | string
  | number
  | bigint
  | boolean
  | null
  | Buffer
  | ReplyError
  | Reply[]
  | Set<Reply>
  | Map<Reply, Reply>;

/** An error that a command answered with. */
export class ReplyError extends Error {
  override name = 'ReplyError';

  /** The first word of the text: `ERR`, `WRONGTYPE`, … */
  get code(): string {
    return this.message.split(' ', 1)[0];
  }
}

export interface ReplyOptions {
  /** Bulk and verbatim strings as Buffers instead of UTF-8 text, also where they are keys of a Map. */
  buffers?: boolean;
}

/**
 * Integers are numbers where they are safe and bigints beyond; RESP3's maps become Maps and its sets Sets; attributes
 * are dropped.
 */
export function toJs(node: ReplyNode, options: ReplyOptions = {}): Reply {
  switch (node.type) {
    case 'status':
    case 'double':
    case 'boolean':
    case 'big-number':
      return node.value;
    case 'integer':
      return Number.isSafeInteger(Number(node.value)) ? Number(node.value) : node.value;
    case 'bulk':
    case 'verbatim':
      return options.buffers ? node.value : node.value.toString('utf8');
    case 'error':
      return new ReplyError(Buffer.from(node.value, 'latin1').toString('utf8'));
    case 'bulk-error':
      return new ReplyError(node.value.toString('utf8'));
    case 'null':
      return null;
    case 'array':
    case 'push':
      return node.value.map((element) => toJs(element, options));
    case 'set':
      return new Set(node.value.map((element) => toJs(element, options)));
    case 'map':
      return new Map(node.value.map(([key, value]) => [toJs(key, options), toJs(value, options)]));
  }
}

/** All whole replies in the bytes, in order. */
export function readReplies(bytes: Uint8Array): ReplyNode[] {
  const reader = new ReplyReader();
  reader.feed(bytes);
  const replies: ReplyNode[] = [];
  for (let reply = reader.next(); reply !== undefined; reply = reader.next()) replies.push(reply);
  return replies;
}

/**
 * The JavaScript value of the one reply in the bytes; out-of-band messages around it are passed over, and no reply at
 * all is null. An error reply is thrown.
 */
export function readReply(bytes: Uint8Array, options: ReplyOptions = {}): Reply {
  const reply = readReplies(bytes).find((node) => node.type !== 'push');
  if (reply === undefined) return null;
  const value = toJs(reply, options);
  if (value instanceof ReplyError) throw value;
  return value;
}
