/** From a request to its command, and from the command's reply to the answer. */
import { DB_OUT_OF_RANGE, errorReply } from '../../../protocol/errors.js';
import { FULL_ACCESS } from '../../access/access.js';
import { errorCodeOf, errorOf } from '../../flat-reply.js';
import type { Gateway, RunOptions } from '../../gateway.js';
import type { HttpReply, HttpRequest } from '../../message.js';
import { HttpProblem } from '../../problem.js';
import { STREAMING, type Streaming } from '../../route.js';
import { asksForWebSocket, handshakeRefusal } from '../../web-socket-handshake.js';
import { isAllowed } from './acl.js';
import { CommandReader } from './command-reader.js';
import type { CommandSocketOptions } from './command-socket.js';
import { entityTag, isKnown } from './etag.js';
import { parseQuery } from './formats.js';
import { bodyOf, type ReplyForm, replyForm } from './reply-body.js';
import type { WebdisSettings } from './settings.js';
import { subscribe } from './subscription.js';
import { type Verb, Verbs } from './verbs.js';

const SLASH = 0x2f;
const SOCKET_PATHS: ReadonlySet<string> = new Set(['/', '/.json', '/.raw']);
/** Longest message of a WebSocket. */
const MAX_MESSAGE_BYTES = 128 * 1024 * 1024;

export type Answer = HttpReply | Promise<HttpReply> | Streaming;

export class Handlers {
  private readonly reader = new CommandReader();
  /** Where WebSockets are spoken: what they need is loaded then only. */
  openSocket: ((options: CommandSocketOptions) => void) | undefined;
  private readonly verbs: Verbs;
  /** By database. */
  private readonly runOptions: readonly RunOptions[];

  constructor(
    private readonly gateway: Gateway,
    private readonly settings: WebdisSettings,
  ) {
    const { table, keyspace } = gateway.engine;
    this.verbs = new Verbs(table);
    this.runOptions = keyspace.databases.map((_, database) => ({ database, protocol: 2 }));
  }

  get(request: HttpRequest): Answer {
    if (request.method === 'HEAD') throw new HttpProblem('method-not-allowed', 405, 'HEAD is not allowed');
    const { path } = request;
    if (this.openSocket !== undefined && SOCKET_PATHS.has(path) && asksForWebSocket(request)) {
      return this.upgrade(request, this.openSocket);
    }
    return this.answer(request, path === '/' ? (this.settings.defaultRoot ?? path) : path, 1, undefined);
  }

  private upgrade(request: HttpRequest, open: (options: CommandSocketOptions) => void): Answer {
    const refusal = handshakeRefusal(request);
    if (refusal !== undefined) return refusal;
    const runOptions = this.runOptionsOf(request, undefined);
    if (runOptions === undefined) throw forbidden();
    open({
      request,
      verbs: this.verbs,
      runOptions,
      maxMessageBytes: Math.min(this.settings.maxRequestBytes, MAX_MESSAGE_BYTES),
      isRaw: request.path === '/.raw',
      check: (verb) => this.check(verb, request),
    });
    return STREAMING;
  }

  post(request: HttpRequest): Answer {
    this.checkLength(request);
    const { body } = request;
    const text = body.toString('latin1');
    const queryAt = text.indexOf('?');
    return this.answer(request, queryAt < 0 ? text : text.slice(0, queryAt), body[0] === SLASH ? 1 : 0, undefined);
  }

  put(request: HttpRequest): Answer {
    this.checkLength(request);
    const { body } = request;
    return this.answer(request, request.path, 1, body.length > 0 ? body : undefined);
  }

  /** Whether the request may run this command. @throws HttpProblem */
  private check(verb: Verb, request: HttpRequest): void {
    const { acl } = this.settings;
    if (verb.isNeverAllowed || (acl.length > 0 && !isAllowed(acl, verb.capitals, request))) throw forbidden();
  }

  private checkLength({ body }: HttpRequest): void {
    if (body.length <= this.settings.maxRequestBytes) return;
    throw new HttpProblem('too-large', 413, `the body is longer than ${this.settings.maxRequestBytes} bytes`);
  }

  private answer(request: HttpRequest, text: string, from: number, last: Buffer | undefined): Answer {
    const { reader, gateway } = this;
    reader.read(text, from, last);
    if (reader.verb === '') throw forbidden();
    const verb = this.verbs.of(reader.verb);
    this.check(verb, request);
    const form = replyForm(verb, reader.format, parseQuery(request.query));
    const runOptions = this.runOptionsOf(request, reader.database);
    if (runOptions === undefined) return replyTo(request, form, errorReply(DB_OUT_OF_RANGE.message));
    switch (verb.mode) {
      case 'at-once':
        return replyTo(request, form, gateway.run(reader.args, runOptions));
      case 'waits':
        return this.wait(request, form, runOptions);
      default:
        return subscribe({
          gateway,
          exchange: request.exchange,
          args: reader.args,
          runOptions,
          form,
          headers: disposition(form),
          onError: (reply) => replyTo(request, form, reply),
        });
    }
  }

  /** @returns undefined where there is no such database. @throws HttpProblem where the token is for another one */
  private runOptionsOf({ access }: HttpRequest, asked: number | undefined): RunOptions | undefined {
    if (access === FULL_ACCESS) return this.runOptions[asked ?? this.settings.database];
    if (asked !== undefined && access.database !== undefined && asked !== access.database) throw forbidden();
    const options = this.runOptions[asked ?? access.database ?? this.settings.database];
    return options === undefined ? undefined : { ...options, access };
  }

  private wait(request: HttpRequest, form: ReplyForm, runOptions: RunOptions): Answer {
    const waited = this.gateway.wait(this.reader.args, runOptions, request.exchange);
    const answer = (bytes: Buffer): HttpReply => replyTo(request, form, bytes);
    return Buffer.isBuffer(waited) ? answer(waited) : waited.then(answer);
  }
}

function forbidden(): HttpProblem {
  return new HttpProblem('forbidden', 403, 'Forbidden');
}

function isRefused(bytes: Buffer): boolean {
  const error = errorOf(bytes);
  return error !== undefined && errorCodeOf(error) === 'NOPERM';
}

/** @throws HttpProblem where the request's token does not allow the command */
function replyTo(request: HttpRequest, form: ReplyForm, bytes: Buffer): HttpReply {
  if (request.access !== FULL_ACCESS && isRefused(bytes)) throw forbidden();
  const body = bodyOf(form, bytes);
  if (body === undefined) return NOTHING_FOUND;
  const tag = entityTag(body);
  const known = request.header('if-none-match');
  if (known !== undefined && isKnown(tag, known))
    return { status: 304, type: '', body: '', headers: `ETag: ${tag}\r\n` };
  return { status: 200, type: form.format.type, body, headers: `${disposition(form)}ETag: ${tag}\r\n` };
}

const NOTHING_FOUND: HttpReply = { status: 404, type: '', body: '' };

/** A header line, or none. */
function disposition({ options: { filename } }: ReplyForm): string {
  if (filename === undefined) return '';
  return `Content-Disposition: attachment; filename="${filename.replace(/["\\]/g, '_')}"\r\n`;
}
