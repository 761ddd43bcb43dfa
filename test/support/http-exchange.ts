/** One request as bytes, and the reply's parts. */
import { connect, type Socket } from 'node:net';
import { PATIENCE_MS } from './patience.js';

export interface RawRequest {
  readonly method?: string;
  /** One character a byte, sent as it is. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

export interface RawReply {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const HEAD_END = '\r\n\r\n';

/** Asks on a connection of its own, which ends afterwards. */
export function exchange(port: number, request: RawRequest): Promise<RawReply> {
  const closing = { ...request, headers: { Connection: 'close', ...request.headers } };
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port });
    const pieces: Buffer[] = [];
    socket.on('data', (piece) => pieces.push(piece));
    socket.once('error', reject);
    socket.setTimeout(PATIENCE_MS, () =>
      socket.destroy(new Error(`no answer to ${request.method ?? 'GET'} ${request.path}`)),
    );
    socket.once('close', () => {
      try {
        resolve(parseReply(Buffer.concat(pieces)));
      } catch (error) {
        reject(error);
      }
    });
    socket.write(bytesOf(closing));
  });
}

function bytesOf({ method = 'GET', path, headers = {}, body = '' }: RawRequest): Buffer {
  const bytes = Buffer.from(body);
  const length =
    bytes.length > 0 || method === 'POST' || method === 'PUT' ? { 'Content-Length': `${bytes.length}` } : {};
  const lines = Object.entries({ Host: 'localhost', ...length, ...headers });
  const head = `${method} ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
  return Buffer.concat([Buffer.from(head, 'latin1'), bytes]);
}

/** Connections on which nobody waits, by their port. */
const idle = new Map<number, KeptConnection[]>();

/** Asks on a connection that is kept for others: fetch() takes the processor for several times as long. */
export async function ask(port: number, request: RawRequest): Promise<RawReply> {
  for (;;) {
    const kept = idle.get(port)?.pop();
    const reply = await (kept ?? new KeptConnection(port)).ask(request);
    if (reply !== undefined) return reply;
    // The server may end a connection before it is asked again.
    if (kept === undefined) throw new Error(`no answer to ${request.method ?? 'GET'} ${request.path}`);
  }
}

/** The same of an URL, as fetch() would: what has no place in one is encoded, and text is said to be some. */
export function askUrl(url: string, method: string, body?: string | Buffer, headers?: Record<string, string>) {
  const { port, pathname, search } = new URL(url);
  const type = typeof body === 'string' ? { 'content-type': 'text/plain;charset=UTF-8' } : {};
  const text = body === undefined ? {} : { body };
  return ask(Number(port), { method, path: pathname + search, headers: { ...type, ...headers }, ...text });
}

class KeptConnection {
  private readonly socket: Socket;
  private received: Buffer = Buffer.alloc(0);
  private isHead = false;
  private settle: ((reply: RawReply | undefined) => void) | undefined;

  constructor(private readonly port: number) {
    this.socket = connect({ host: '127.0.0.1', port });
    this.socket.setNoDelay(true);
    this.socket.setTimeout(PATIENCE_MS, () => this.socket.destroy());
    this.socket.on('data', (piece) => this.receive(piece));
    this.socket.on('error', () => {});
    this.socket.on('close', () => this.closed());
  }

  /** @returns undefined where the connection ends before */
  ask(request: RawRequest): Promise<RawReply | undefined> {
    this.isHead = request.method === 'HEAD';
    this.socket.ref();
    this.socket.write(bytesOf(request));
    return new Promise((resolve) => {
      this.settle = resolve;
    });
  }

  private receive(piece: Buffer): void {
    this.received = this.received.length === 0 ? piece : Buffer.concat([this.received, piece]);
    if (!this.received.includes(HEAD_END)) return;
    const reply = parseReply(this.received);
    const { 'content-length': length = '0', connection } = reply.headers;
    if ('transfer-encoding' in reply.headers) throw new Error('a reply that does not tell its length');
    if (reply.body.length < (this.isHead ? 0 : Number(length))) return;
    this.received = Buffer.alloc(0);
    if (connection === 'close') {
      this.socket.destroy();
    } else {
      this.socket.unref();
      if (!idle.has(this.port)) idle.set(this.port, []);
      idle.get(this.port)?.push(this);
    }
    this.end(reply);
  }

  private closed(): void {
    const others = idle.get(this.port)?.filter((each) => each !== this);
    if (others !== undefined) idle.set(this.port, others);
    this.end(undefined);
  }

  private end(reply: RawReply | undefined): void {
    const { settle } = this;
    this.settle = undefined;
    settle?.(reply);
  }
}

function parseReply(bytes: Buffer): RawReply {
  const end = bytes.indexOf(HEAD_END);
  if (end < 0) throw new Error(`no reply of HTTP: ${JSON.stringify(bytes.toString('latin1'))}`);
  const [first, ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const status = Number(/^HTTP\/1\.[01] (\d{3}) /.exec(first)?.[1]);
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  return { status, headers, body: bytes.subarray(end + HEAD_END.length) };
}
