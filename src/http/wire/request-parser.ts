/**
 * Takes HTTP/1.1 requests out of a connection's bytes, whatever pieces they come in (RFC 9112).
 *
 * What two programs could read differently is refused: line ends that are none, two lengths, folded headers. The
 * connection ends then, because nobody knows where the next request would begin.
 *
 * Bytes are looked at where they lie, in the buffer that all connections share; only what is not complete is copied,
 * and bodies, which belong to their requests.
 */
import { systemMemory } from '../../memory/system-memory.js';

export interface RequestHead {
  readonly method: string;
  /** Up to the '?', as it was sent, one character a byte. */
  readonly path: string;
  /** After it; '' where there is none. */
  readonly query: string;
  /** By names in lower case; values of several headers with one name have commas between them. */
  readonly headers: ReadonlyMap<string, string>;
  /** HTTP/1.1 rather than 1.0: knows chunks. */
  readonly isModern: boolean;
  readonly keepsAlive: boolean;
}

/** What is no request, or one that is not taken. The connection ends after it is answered. */
export class UnreadableRequest extends Error {
  override name = 'UnreadableRequest';

  constructor(
    readonly status: number,
    message: string,
    /** As far as there is one. */
    readonly head: RequestHead | undefined = undefined,
  ) {
    super(message);
  }
}

export interface ParserLimits {
  maxBodyBytes: number;
}

const EMPTY = Buffer.alloc(0);
const CR = 0x0d;
const LF = 0x0a;
/** Heads up to this length are remembered. */
const MAX_REMEMBERED = 1024;
const MAX_HEAD_BYTES = 64 * 1024;
/** The first room for a body whose length is only promised. */
const FIRST_BODY_BYTES = 64 * 1024;
/** A chunk's length and what may follow it. */
const MAX_CHUNK_LINE = 1024;
const MAX_TRAILER_BYTES = 16 * 1024;

const METHOD = /^[A-Z]{1,20}$/;
const HEADER_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** A line end that is none, and what no head may hold. */
const STRAY = /\r(?!\n)|(?<!\r)\n|\0/;
const LENGTH = /^\d{1,15}$/;

/** What of a body comes next. */
const enum Stage {
  HEAD,
  BODY,
  CHUNK_SIZE,
  CHUNK,
  CHUNK_END,
  TRAILER,
}

export class RequestParser {
  /** The request whose body is being read, or has just been given. */
  head: RequestHead | undefined;
  body: Buffer = EMPTY;

  private stage = Stage.HEAD;
  private bytes: Buffer = EMPTY;
  private at = 0;
  private end = 0;
  /** `bytes` are our own, not the buffer that all share. */
  private isOwn = false;
  /** Up to here no end of a head was found. */
  private searched = 0;
  private bodyBytes = 0;
  /** Of the body, or of the chunk. */
  private missing = 0;
  private trailerBytes = 0;

  /** The last head. Clients repeat themselves, and to read a dozen headers takes as long as 30 commands. */
  private lastText = '';
  private lastHead: RequestHead | undefined;

  constructor(private readonly limits: ParserLimits) {}

  /** Bytes that have come and are no whole request yet. */
  get heldBytes(): number {
    return this.end - this.at + this.bodyBytes;
  }

  /** A request has begun to arrive. */
  get hasBegun(): boolean {
    return this.stage !== Stage.HEAD || this.at < this.end;
  }

  /** The client may be told to go on with the body. */
  get expectsContinue(): boolean {
    const { head, stage } = this;
    if (stage === Stage.HEAD || head === undefined) return false;
    return head.isModern && head.headers.get('expect')?.toLowerCase() === '100-continue';
  }

  /** `length` bytes at the start of a buffer, which stays as it is until retain(). */
  feed(bytes: Buffer, length: number): void {
    if (this.at === this.end) {
      this.bytes = bytes;
      this.at = 0;
      this.end = length;
      this.searched = 0;
      this.isOwn = false;
      return;
    }
    this.own(length);
    bytes.copy(this.bytes, this.end, 0, length);
    this.end += length;
  }

  /** The shared buffer is about to be overwritten: keeps what is left of it. */
  retain(): void {
    if (this.at === this.end) {
      this.bytes = EMPTY;
      this.at = this.end = this.searched = 0;
    } else if (!this.isOwn) {
      this.own(0);
    }
  }

  /** Whether there is a whole request now: `head` and `body`. @throws UnreadableRequest */
  next(): boolean {
    if (this.stage === Stage.HEAD && !this.readHead()) return false;
    while (this.stage !== Stage.HEAD) if (!this.readBody()) return false;
    return true;
  }

  /** The refusal of the request that has begun to arrive. */
  refusal(status: number, message: string): UnreadableRequest {
    if (this.stage !== Stage.HEAD) return new UnreadableRequest(status, message, this.head);
    const begun = this.bytes.toString('latin1', this.at, Math.min(this.end, this.at + MAX_HEAD_BYTES));
    return unreadable(begun, message, status);
  }

  /** What has come and was not read, for another protocol. */
  takeRest(): Buffer {
    const rest = Buffer.from(this.bytes.subarray(this.at, this.end));
    this.clear();
    return rest;
  }

  /** Forgets what has come. */
  clear(): void {
    this.bytes = this.body = EMPTY;
    this.at = this.end = this.searched = this.bodyBytes = 0;
    this.head = undefined;
    this.stage = Stage.HEAD;
  }

  // ---- Head

  private readHead(): boolean {
    // Some clients send a line end too much after a body.
    while (this.at < this.end && (this.bytes[this.at] === CR || this.bytes[this.at] === LF)) this.at++;
    const length = this.find('\r\n\r\n');
    if (length < 0 || length > MAX_HEAD_BYTES) {
      if (length > 0 || this.end - this.at > MAX_HEAD_BYTES) {
        throw this.refusal(431, 'the headers of the request are too long');
      }
      return false;
    }
    const text = this.bytes.toString('latin1', this.at, this.at + length);
    this.at += length + 4;
    this.searched = 0;
    const head = text === this.lastText ? (this.lastHead as RequestHead) : this.parse(text);
    this.head = head;
    this.body = EMPTY;
    this.bodyBytes = 0;
    this.beginBody(head);
    return true;
  }

  private parse(text: string): RequestHead {
    const head = parseHead(text);
    if (text.length <= MAX_REMEMBERED) {
      this.lastText = text;
      this.lastHead = head;
    }
    return head;
  }

  private beginBody(head: RequestHead): void {
    const { headers } = head;
    const length = headers.get('content-length');
    const encoding = headers.get('transfer-encoding');
    if (encoding !== undefined) {
      if (length !== undefined) throw new UnreadableRequest(400, 'the request has two lengths', head);
      if (encoding.toLowerCase() !== 'chunked' || !head.isModern) {
        throw new UnreadableRequest(501, 'the transfer encoding is not known', head);
      }
      this.stage = Stage.CHUNK_SIZE;
    } else if (length !== undefined) {
      if (!LENGTH.test(length)) throw new UnreadableRequest(400, 'the Content-Length is no number', head);
      this.missing = Number(length);
      this.checkBodyLength(this.missing);
      if (this.missing > 0) this.stage = Stage.BODY;
    }
  }

  // ---- Body

  /** Goes one step on. False: more has to arrive. */
  private readBody(): boolean {
    switch (this.stage) {
      case Stage.BODY:
        return this.readPart(Stage.HEAD);
      case Stage.CHUNK:
        return this.readPart(Stage.CHUNK_END);
      case Stage.CHUNK_SIZE:
        return this.readChunkSize();
      case Stage.CHUNK_END:
        if (this.end - this.at < 2) return false;
        if (this.bytes[this.at] !== CR || this.bytes[this.at + 1] !== LF) throw this.unreadableChunk();
        this.at += 2;
        this.stage = Stage.CHUNK_SIZE;
        return true;
      default:
        return this.readTrailer();
    }
  }

  private readPart(next: Stage): boolean {
    const length = Math.min(this.missing, this.end - this.at);
    this.makeRoom(length);
    this.bytes.copy(this.body, this.bodyBytes, this.at, this.at + length);
    this.at += length;
    this.bodyBytes += length;
    this.missing -= length;
    if (this.missing > 0) return false;
    this.stage = next;
    if (next === Stage.HEAD) this.endBody();
    return true;
  }

  /** Room grows with what has come, not with what was promised. */
  private makeRoom(length: number): void {
    const needed = this.bodyBytes + length;
    if (needed <= this.body.length) return;
    const isWhole = this.stage === Stage.BODY && this.bodyBytes === 0 && length === this.missing;
    const promised = this.stage === Stage.BODY ? this.bodyBytes + this.missing : Number.POSITIVE_INFINITY;
    const size = isWhole
      ? needed
      : Math.max(needed, Math.min(promised, Math.max(FIRST_BODY_BYTES, this.body.length * 2)));
    const grown = size < FIRST_BODY_BYTES ? Buffer.allocUnsafeSlow(size) : systemMemory.take(size);
    this.body.copy(grown, 0, 0, this.bodyBytes);
    this.body = grown;
  }

  private endBody(): void {
    this.body = this.body.subarray(0, this.bodyBytes);
    this.bodyBytes = 0;
  }

  private readChunkSize(): boolean {
    const length = this.find('\r\n');
    if (length < 0 || length > MAX_CHUNK_LINE) {
      if (length > 0 || this.end - this.at > MAX_CHUNK_LINE) throw this.unreadableChunk();
      return false;
    }
    const line = this.bytes.toString('latin1', this.at, this.at + length);
    const digits = /^([0-9a-fA-F]{1,12})[ \t]*(?:;.*)?$/.exec(line)?.[1];
    if (digits === undefined) throw this.unreadableChunk();
    this.at += length + 2;
    this.searched = 0;
    this.missing = Number.parseInt(digits, 16);
    this.checkBodyLength(this.bodyBytes + this.missing);
    this.stage = this.missing > 0 ? Stage.CHUNK : Stage.TRAILER;
    this.trailerBytes = 0;
    return true;
  }

  /** Headers that follow the last chunk are not asked for, and mean nothing here. */
  private readTrailer(): boolean {
    const length = this.find('\r\n');
    if (length < 0) {
      if (this.end - this.at > MAX_TRAILER_BYTES) throw this.unreadableChunk();
      return false;
    }
    this.at += length + 2;
    this.searched = 0;
    this.trailerBytes += length;
    if (this.trailerBytes > MAX_TRAILER_BYTES) throw this.unreadableChunk();
    if (length > 0) return true;
    this.stage = Stage.HEAD;
    this.endBody();
    return true;
  }

  private checkBodyLength(bytes: number): void {
    if (bytes <= this.limits.maxBodyBytes) return;
    throw new UnreadableRequest(413, `the request's body is longer than ${this.limits.maxBodyBytes} bytes`, this.head);
  }

  private unreadableChunk(): UnreadableRequest {
    return new UnreadableRequest(400, 'the request has a chunk that is none', this.head);
  }

  // ---- Bytes

  /** How far it is to these characters; -1 where they have not come. */
  private find(characters: string): number {
    const from = Math.max(this.at, this.searched - characters.length + 1);
    if (this.end - from < characters.length) return -1;
    // Beyond `end` lies what was there before, and what is found there is nothing; a view would cost more than to look.
    const found = this.bytes.indexOf(characters, from, 'latin1');
    if (found >= 0 && found + characters.length <= this.end) return found - this.at;
    this.searched = this.end;
    return -1;
  }

  /** Moves what is left to a buffer of our own, with room for so much more. */
  private own(more: number): void {
    const length = this.end - this.at;
    if (!this.isOwn || this.end + more > this.bytes.length) {
      const room = length + more;
      const grown = systemMemory.take(more === 0 ? room : Math.max(1024, room * 2));
      this.bytes.copy(grown, 0, this.at, this.end);
      this.bytes = grown;
      this.searched = Math.max(0, this.searched - this.at);
      this.at = 0;
      this.end = length;
      this.isOwn = true;
    }
  }
}

function parseHead(text: string): RequestHead {
  if (STRAY.test(text)) throw unreadable(text, 'the request has a line that does not end as one');
  const found = text.indexOf('\r\n');
  const lineEnd = found < 0 ? text.length : found;
  const methodEnd = text.indexOf(' ');
  const targetEnd = text.indexOf(' ', methodEnd + 1);
  if (methodEnd < 0 || targetEnd < 0 || targetEnd > lineEnd) throw unreadable(text, NO_LINE);
  const method = text.slice(0, methodEnd);
  const target = text.slice(methodEnd + 1, targetEnd);
  const version = text.slice(targetEnd + 1, lineEnd);
  if (!METHOD.test(method) || version.includes(' ')) throw unreadable(text, NO_LINE);
  const isModern = version === 'HTTP/1.1';
  if (!isModern && version !== 'HTTP/1.0') {
    if (!/^HTTP\/\d\.\d$/.test(version)) throw unreadable(text, NO_LINE);
    throw unreadable(text, 'only HTTP/1.1 and HTTP/1.0 are spoken here', 505);
  }
  const headers = parseHeaders(text, lineEnd + 2);
  if (isModern && !headers.has('host')) throw unreadable(text, 'the request names no Host');
  const path = target.startsWith('/') ? target : originForm(target, method, headers);
  const queryAt = path.indexOf('?');
  return {
    method,
    path: queryAt < 0 ? path : path.slice(0, queryAt),
    query: queryAt < 0 ? '' : path.slice(queryAt + 1),
    headers,
    isModern,
    keepsAlive: keepsAlive(headers.get('connection'), isModern),
  };
}

const NO_LINE = 'the request begins with no line of HTTP';

/** The refusal of a head, as far as it has come, with what tells whose path it is for. */
function unreadable(text: string, message: string, status = 400): UnreadableRequest {
  const [, method, path] = /^([A-Z]{1,20}) (\/[^\s?]*)/.exec(text) ?? [];
  const head = { method, path, query: '', headers: NO_HEADERS, isModern: true, keepsAlive: false };
  return new UnreadableRequest(status, message, path === undefined ? undefined : head);
}

const NO_HEADERS: ReadonlyMap<string, string> = new Map();

function parseHeaders(text: string, from: number): Map<string, string> {
  const headers = new Map<string, string>();
  for (let at = from; at < text.length; ) {
    const found = text.indexOf('\r\n', at);
    const end = found < 0 ? text.length : found;
    const colon = text.indexOf(':', at);
    if (colon < 0 || colon > end) throw unreadable(text, 'the request has a header without a name');
    const name = text.slice(at, colon);
    if (!HEADER_NAME.test(name)) throw unreadable(text, 'the request has a header whose name is none');
    const key = name.toLowerCase();
    const value = text.slice(colon + 1, end).trim();
    const before = headers.get(key);
    if (before !== undefined && key === 'host') throw unreadable(text, 'the request names two Hosts');
    headers.set(key, before === undefined ? value : `${before}, ${value}`);
    at = end + 2;
  }
  return headers;
}

/**
 * `/path` of a target that is not one by itself: one that names scheme and host as well, as proxies get it, whose host
 * is the one that counts; or OPTIONS's `*`, for the server as a whole.
 */
function originForm(target: string, method: string, headers: Map<string, string>): string {
  if (target === '*' && method === 'OPTIONS') return target;
  const [, host, rest] = /^https?:\/\/([^/?]*)(.*)$/i.exec(target) ?? [];
  if (rest === undefined) throw new UnreadableRequest(400, 'the request is for no path');
  headers.set('host', host);
  return rest.startsWith('/') ? rest : `/${rest}`;
}

function keepsAlive(connection: string | undefined, isModern: boolean): boolean {
  if (connection === undefined) return isModern;
  const lower = connection.toLowerCase();
  return isModern ? !lower.includes('close') : lower.includes('keep-alive');
}
