/** One request as bytes, and the reply's parts. */
import { connect } from 'node:net';
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
  const { method = 'GET', path, headers = {}, body = '' } = request;
  const bytes = Buffer.from(body);
  const length =
    bytes.length > 0 || method === 'POST' || method === 'PUT' ? { 'Content-Length': `${bytes.length}` } : {};
  const lines = Object.entries({ Host: 'localhost', Connection: 'close', ...length, ...headers });
  const head = `${method} ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port });
    const pieces: Buffer[] = [];
    socket.on('data', (piece) => pieces.push(piece));
    socket.once('error', reject);
    socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error(`no answer to ${method} ${path}`)));
    socket.once('close', () => {
      try {
        resolve(parseReply(Buffer.concat(pieces)));
      } catch (error) {
        reject(error);
      }
    });
    socket.write(Buffer.concat([Buffer.from(head, 'latin1'), bytes]));
  });
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
