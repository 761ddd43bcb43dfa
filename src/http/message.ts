/** A request as an API sees it, and what it answers. */
import type { Access } from './access/access.js';
import type { ClientConnection, Gateway } from './gateway.js';
import type { Problem } from './problem.js';
import type { RequestHead } from './wire/request-parser.js';

/** Lines `Name: value\r\n`, as they are sent. */
export type HeaderLines = string;

export interface HttpReply {
  readonly status: number;
  /** Content-Type; none where it is ''. */
  readonly type: string;
  /** Text is sent as UTF-8. */
  readonly body: string | Buffer;
  readonly headers?: HeaderLines;
}

/** A reply whose end is not known when it begins: chunked, or events. */
export interface ReplyStream {
  /** Sends a piece, which is not changed afterwards. False: nobody takes it, or so slowly that it was given up. */
  write(bytes: string | Buffer): boolean;
  end(): void;
}

/** A connection that speaks another protocol from here on. */
export interface UpgradedConnection {
  write(bytes: Buffer): boolean;
  end(): void;
  /** Bytes that arrive; they are the receiver's own. */
  onBytes: (bytes: Buffer) => void;
}

/** What a request's connection does for it beyond one reply. */
export interface Exchange extends ClientConnection {
  stream(reply: Omit<HttpReply, 'body'>): ReplyStream;
  /** @returns undefined where the request asks for no upgrade */
  upgrade(headers: HeaderLines): UpgradedConnection;
  /** Runs what a timer or a promise brings: a fault closes the connection, and reaches nobody else. */
  attempt(work: () => void): void;
}

export class HttpRequest {
  /** Below the API's mount; begins with '/', and is not decoded. */
  path = '/';
  /** Parameters in the path by name, decoded; the last may stand for all that follows, undecoded. */
  pathValues: Readonly<Record<string, string>> = NOTHING;
  /** Who asks, and what that one may do. */
  access!: Access;

  constructor(
    readonly head: RequestHead,
    readonly body: Buffer,
    /** The other side's `ip:port`. */
    readonly remoteAddress: string,
    readonly isLocal: boolean,
    readonly gateway: Gateway,
    readonly exchange: Exchange,
  ) {}

  get method(): string {
    return this.head.method;
  }

  /** Without the '?'. */
  get query(): string {
    return this.head.query;
  }

  /** A header's value; of several with one name the values, with commas between them. `name` in lower case. */
  header(name: string): string | undefined {
    return this.head.headers.get(name);
  }
}

const NOTHING: Readonly<Record<string, string>> = {};

export const JSON_TYPE = 'application/json';

export function jsonReply(status: number, value: unknown, headers?: HeaderLines): HttpReply {
  const body = JSON.stringify(value);
  return headers === undefined ? { status, type: JSON_TYPE, body } : { status, type: JSON_TYPE, body, headers };
}

/** A problem as `{"error": …}`: for APIs that have no other shape for it, and where no API is. */
export function problemReply({ status, message }: Problem): HttpReply {
  return jsonReply(status, { error: message });
}

/** Header lines of names and values; what would end a line becomes a space. */
export function headerLines(headers: Readonly<Record<string, string>>): HeaderLines {
  let lines = '';
  for (const [name, value] of Object.entries(headers)) lines += `${name}: ${value.replace(/[\r\n\0]/g, ' ')}\r\n`;
  return lines;
}
