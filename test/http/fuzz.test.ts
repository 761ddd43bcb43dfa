/**
 * Requests of any kind to every route that there is: each is answered in the shape of its API, and none by a fault of
 * ours. FUZZ_REQUESTS says how many, FUZZ_SEED where to begin.
 */
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SeededRandom } from '../../src/engine/random.js';
import { RedisServer } from '../../src/server/redis-server.js';

const REQUESTS = Number(process.env['FUZZ_REQUESTS'] ?? 2000);
const SEED = Number(process.env['FUZZ_SEED'] ?? 1);

const random = new SeededRandom([SEED, 5, 5, 5]);
const pick = <T>(list: readonly T[]): T => list[random.below(list.length)];
const chance = (of: number): boolean => random.below(of) === 0;

/** What waits or streams without end, ends the server, or asks for a password from then on. */
const ENDLESS = /subscribe|monitor|shutdown|debug|sync|failover|wait|b[lrqz][a-z]*(pop|move)|block|pause|config|oauth/i;

interface Operation {
  readonly method: string;
  readonly path: string;
  /** Names of what may stand in the query, or in the body. */
  readonly names: readonly string[];
}

interface Answer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

let server: RedisServer;
let operations: Operation[];
let client: Client;
const logged: string[] = [];

beforeAll(async () => {
  const log = (message: string): void => void logged.push(message);
  const logger = { debug() {}, info() {}, warn: log, error: log };
  server = await RedisServer.start({ port: 0, logger, http: { port: 0, maxRequestSize: '64kb' } });
  operations = await described();
  client = new Client(Number(new URL(String(server.httpUrl)).port));
});

afterAll(async () => {
  client?.end();
  await server?.stop();
});

interface Schema {
  readonly $ref?: string;
  readonly properties?: object;
}

interface Described {
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
}

/** Of all APIs, from what they say of themselves. */
async function described(): Promise<Operation[]> {
  const document = (await (await fetch(`${server.httpUrl}/openapi.json`)).json()) as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
    readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
  };
  const resolved = (schema: Schema): Schema =>
    schema.$ref === undefined ? schema : document.components.schemas[schema.$ref.split('/').at(-1)!];
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters, requestBody }]) => {
      const bodies = Object.values(requestBody?.content ?? {}).flatMap(({ schema }) =>
        Object.keys(resolved(schema).properties ?? {}),
      );
      const queries = parameters.filter((each) => each.in === 'query').map(({ name }) => name);
      return { method: method.toUpperCase(), path, names: [...queries, ...bodies] };
    }),
  );
}

/** A connection that is kept, and made anew where the server has ended it. */
class Client {
  private socket: Socket | undefined;
  private text = '';
  private hasEnded = false;
  private wake: () => void = () => {};

  constructor(private readonly port: number) {}

  /** As clients do, asks again on a new connection where the server has ended a kept one before it was asked. */
  async ask(request: string, isHead: boolean): Promise<Answer> {
    const wasKept = this.socket !== undefined;
    const answer = (await this.tryToAsk(request, isHead)) ?? (wasKept && (await this.tryToAsk(request, isHead)));
    if (!answer) throw new Error(`no answer but ${JSON.stringify(this.text)} to ${request}`);
    return answer;
  }

  /** @returns undefined where the connection ended before */
  private async tryToAsk(request: string, isHead: boolean): Promise<Answer | undefined> {
    this.text = '';
    this.hasEnded = false;
    this.socket ??= this.open();
    this.socket.write(request, 'latin1');
    for (;;) {
      const answer = this.answer(isHead);
      if (answer !== undefined || this.hasEnded) return answer;
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }

  end(): void {
    this.socket?.destroy();
  }

  private open(): Socket {
    const socket = connect({ host: '127.0.0.1', port: this.port });
    socket.setEncoding('latin1').on('data', (data: string) => {
      this.text += data;
      this.wake();
    });
    socket
      .on('error', () => {})
      .on('close', () => {
        if (this.socket !== socket) return;
        this.socket = undefined;
        this.hasEnded = true;
        this.wake();
      });
    return socket;
  }

  private answer(isHead: boolean): Answer | undefined {
    const from = this.text.startsWith('HTTP/1.1 100 ') ? this.text.indexOf('\r\n\r\n') + 4 : 0;
    const headEnd = this.text.indexOf('\r\n\r\n', from);
    if (headEnd < 0) return undefined;
    const head = this.text.slice(from, headEnd + 2);
    const length = isHead ? 0 : Number(/^Content-Length: (\d+)\r$/im.exec(head)?.[1] ?? 0);
    if (this.text.length < headEnd + 4 + length) return undefined;
    const body = this.text.slice(headEnd + 4);
    if (body.length !== length) expect.unreachable(`${this.text} has ${body.length} bytes`);
    if (head.includes('Connection: close\r\n')) {
      this.end();
      this.socket = undefined;
    }
    return { status: Number(head.slice(9, 12)), head, body };
  }
}

const PARTS = [
  ...[
    'a',
    'list',
    'hash',
    '0',
    '-1',
    '1.5',
    '(1',
    '*',
    '[',
    '{}',
    'name',
    '1e400',
    '99999999999999999999',
    'x'.repeat(300),
  ],
  ...['%FF', '%', '%2', '%00', '%C3%A9', '%2F', '%0D%0A', '+', '\xe9', '.txt', '.raw', '.msg', '..', 'GET', 'LRANGE'],
  ...['INFO', 'EVAL', 'return%7B1%7D', 'XRANGE', 'HGETALL', 'SET', 'OBJECT', 'HELP', 'MULTI', 'SCAN', 'COMMAND', ''],
];
const VALUES: readonly unknown[] = [
  ...['a', 'list', '', 0, -1, 1.5, 1e300, true, false, null, [], {}, [[]], [['a', 1]], { a: 1 }, { a: [] }, '\ud800'],
  ...[{ $binary: 'AA==' }, { $binary: 1 }, ['a', 'b'], [1, null], 'inf', '2020-01-01', { $binary: '*' }, '\0', 'é'],
  ...[
    [{ key: 'f', value: 'v' }],
    [{ key: 1 }],
    '(a+)+$',
    '[',
    'base64',
    'json',
    ['SET', 'a', 1],
    [['GET', 'a'], ['x']],
  ],
];
const HEADERS = [
  ...['X-Redis-Database: 3', 'X-Redis-Database: x', 'Upstash-Encoding: base64', 'Upstash-Encoding: x'],
  ...['Upstash-Response-Format: resp2', 'If-None-Match: "x", *', 'Authorization: Basic x', 'Authorization: Bearer x'],
  ...['Origin: http://localhost:1', 'Origin: https://example.com', 'Expect: 100-continue', 'Range: bytes=0-1'],
  ...['Content-Type: text/plain', 'Content-Type: application/json', 'Accept: text/event-stream', 'X: \xff'],
  ...['Connection: close', 'Upgrade: websocket', 'X : y', 'Transfer-Encoding: gzip', 'Content-Length: x'],
];
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE'];

function bodyFor(names: readonly string[]): string {
  if (chance(4)) return JSON.stringify(pick(VALUES));
  const body: Record<string, unknown> = {};
  for (const name of names) if (!chance(5)) body[name] = pick(VALUES);
  const text = JSON.stringify(body);
  return chance(10) ? text.slice(random.below(text.length)) : text;
}

function queryFor(names: readonly string[]): string {
  if (chance(2)) return '';
  const pairs = Array.from(
    { length: random.below(4) },
    () => `${pick([...names, 'type', 'jsonp', ''])}=${pick(PARTS)}`,
  );
  return `?${pairs.join('&')}`;
}

/** A request's bytes, one character each. */
function nextRequest(): { text: string; method: string; path: string } {
  for (;;) {
    const operation = pick(operations);
    const method = chance(6) ? pick(METHODS) : operation.method;
    const filled = operation.path.replace(/\{(\w+)\}/g, (_, name) =>
      name === 'command' ? Array.from({ length: 1 + random.below(4) }, () => pick(PARTS)).join('/') : pick(PARTS),
    );
    const path = `${filled}${chance(10) ? pick(['/', '/x', '//', '%20']) : ''}${queryFor(operation.names)}`;
    const hasBody = method === 'POST' || method === 'PUT' || chance(10);
    const body = hasBody ? Buffer.from(bodyFor(operation.names)).toString('latin1') : '';
    if (ENDLESS.test(`${path}${body}`.replace(/%(?![0-9a-f]{2})/gi, '_'))) continue;
    const isChunked = hasBody && chance(8);
    const headers = Array.from({ length: random.below(3) }, () => `${pick(HEADERS)}\r\n`).join('');
    const length = isChunked ? 'Transfer-Encoding: chunked\r\n' : hasBody ? `Content-Length: ${body.length}\r\n` : '';
    const content = isChunked ? `${body.length.toString(16)}\r\n${body}\r\n${body === '' ? '' : '0\r\n\r\n'}` : body;
    return { method, path, text: `${method} ${path} HTTP/1.1\r\nHost: localhost\r\n${headers}${length}\r\n${content}` };
  }
}

/** How each API tells what is wrong. */
const SHAPES: readonly [prefix: string, shape: RegExp][] = [
  ['/webdis', /^$/],
  ['/api/0', /^\{"meta":\{"status":"error","status_code":\d+,"error_message":"|^\{"error":"|^<!doctype/],
  ['/cache', /^\{"detail":|^$/],
  // Upstash's may be asked for as RESP.
  ['/', /^\{"(error|success|status)":|^-/],
];

function shapeOf(path: string): RegExp {
  return (SHAPES.find(([prefix]) => path.startsWith(prefix)) as (typeof SHAPES)[number])[1];
}

test(`whatever is asked is answered (seed ${SEED})`, { timeout: 300_000 + REQUESTS * 30 }, async () => {
  await server.execute('RPUSH', 'list', 'a', 'b');
  await server.execute('HSET', 'hash', 'f', 'v');
  const seen = new Map<number, number>();
  const wrong: string[] = [];
  for (let i = 0; i < REQUESTS; i++) {
    const { text, method, path } = nextRequest();
    const { status, body } = await client.ask(text, method === 'HEAD');
    seen.set(status, (seen.get(status) ?? 0) + 1);
    const isShaped = status < 400 || method === 'HEAD' || shapeOf(path).test(body);
    if (status === 500 || !isShaped) wrong.push(`${text}: ${status} ${body}`);
  }
  expect(wrong).toEqual([]);
  expect(logged).toEqual([]);
  expect(await server.execute('PING')).toBe('PONG');
  // Requests that all fail alike would prove nothing.
  expect([200, 400, 404, 405].filter((status) => (seen.get(status) ?? 0) < REQUESTS / 100)).toEqual([]);
});
