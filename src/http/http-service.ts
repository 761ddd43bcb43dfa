/**
 * HTTP beside RESP: listeners of their own, and on them the APIs, each at its mount. Loaded when `http-port` is set.
 *
 * A request's way: wire/ takes it out of the bytes, access/ says what its sender may do, the router finds the route,
 * the route's handler runs commands by the gateway and gives a reply, which wire/ writes in the same turn unless the
 * handler had to wait.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Config } from '../config/config.js';
import type { OutputBufferLimit } from '../config/value-types.js';
import type { CallerOwner } from '../engine/caller.js';
import type { Logger } from '../engine/logger.js';
import type { BlockPool } from '../memory/block-pool.js';
import { isRefusedMemory } from '../memory/system-memory.js';
import type { Channel } from '../net/channel.js';
import { parseBind } from '../net/listen-address.js';
import { clearTimer, performanceNow, setTimer } from '../net/timers.js';
import { Transport } from '../net/transport.js';
import * as errors from '../protocol/errors.js';
import { AccessControl } from './access/access-control.js';
import { parseTokensFile, type TokenEntry } from './access/tokens-file.js';
import { apis } from './apis/index.js';
import { corsHeaders, preflight, SERVER_OPTIONS } from './cors.js';
import { Gateway } from './gateway.js';
import { type HttpReply, HttpRequest, problemReply } from './message.js';
import { HttpProblem, type Problem } from './problem.js';
import { type Api, type ApiContext, STREAMING } from './route.js';
import { type Mounted, Router } from './router.js';
import { type Answer, HttpConnection, type HttpConnectionOwner } from './wire/http-connection.js';
import { HttpReplyWriter } from './wire/reply-writer.js';
import type { ParserLimits, RequestHead, UnreadableRequest } from './wire/request-parser.js';

const SWEEP_MS = 1000;
/** Silence between two requests of a connection. */
const IDLE_SECONDS = 75;

export interface HttpServiceOptions {
  readonly owner: CallerOwner;
  readonly config: Config;
  readonly log: Logger;
  readonly ref: boolean;
  /** 0 takes any free one. */
  readonly port: number;
  readonly mode: 'handles' | 'events' | undefined;
  readonly onFault: (error: unknown, where: string) => void;
  readonly onAcceptError: (error: Error) => void;
  /** Beside those of clients: connections that are being closed take a part of them. */
  readonly spareDescriptors: number;
  /** Files may be written. */
  keepsFiles(): boolean;
}

export class HttpService implements HttpConnectionOwner {
  readonly limits: ParserLimits;
  readonly replies = new HttpReplyWriter(() => this.transport.flush());
  readonly requestSeconds: number;
  readonly idleSeconds = IDLE_SECONDS;
  nowSeconds = 0;
  port = 0;
  private readonly gateway: Gateway;
  private readonly access: AccessControl;
  private readonly transport: Transport;
  private readonly connections = new Set<HttpConnection>();
  private readonly startedAtMs = performanceNow();
  private readonly maxWaiting: number;
  private router!: Router;
  private sweepTimer: ReturnType<typeof setTimer> | undefined;

  /** Listens. @throws what is wrong with the settings, or the system's error */
  static async start(options: HttpServiceOptions): Promise<HttpService> {
    const service = new HttpService(options);
    try {
      service.router = new Router(await service.mounts());
      const { config } = options;
      service.port = await service.transport.listen(
        parseBind(config.get('http-bind')),
        options.port,
        config.get('tcp-backlog'),
      );
    } catch (error) {
      await service.close();
      throw error;
    }
    return service;
  }

  private constructor(private readonly options: HttpServiceOptions) {
    const { config, owner } = options;
    this.limits = { maxBodyBytes: config.get('http-max-request-size') };
    this.requestSeconds = config.get('http-request-timeout') || Number.POSITIVE_INFINITY;
    this.maxWaiting = config.get('http-max-waiting');
    this.gateway = new Gateway(owner, this.maxWaiting);
    this.access = new AccessControl({
      tokens: readTokens(config),
      allowedHosts: config.get('http-allow-host'),
      allowedOrigins: config.get('http-allow-origin'),
      password: () => config.get('requirepass'),
      isProtected: () => config.get('protected-mode'),
      authentication: owner.engine.server.authentication,
    });
    this.transport = new Transport({
      ref: options.ref,
      keepAliveSeconds: () => config.get('tcp-keepalive'),
      onChannel: (channel) => this.accept(channel),
      onBytesLeave: () => owner.engine.bytesLeave(),
      onAcceptError: options.onAcceptError,
      onFault: options.onFault,
      replies: owner.engine.reply.pool as BlockPool,
      ...(options.mode === undefined ? {} : { mode: options.mode }),
    });
    this.transport.leaveDescriptors(options.spareDescriptors);
  }

  get isBusy(): boolean {
    return this.gateway.isBusy;
  }

  /** What a stream may be owed: what a subscriber of RESP may. */
  get streamLimit(): OutputBufferLimit {
    return this.options.config.get('client-output-buffer-limit').pubsub;
  }

  async close(): Promise<void> {
    clearTimer(this.sweepTimer);
    this.sweepTimer = undefined;
    for (const { api } of this.router?.mounts ?? []) api.close?.();
    await this.transport.close();
  }

  // ---- Connections

  private accept(channel: Channel): void {
    this.tellTime();
    const connection = new HttpConnection(this, channel);
    if (!this.options.owner.enter(connection)) {
      channel.start({ onBytes: () => true, onEnd() {}, onProgress() {}, onClosed() {} });
      const reply = problemReply({ kind: 'too-many', status: 503, message: 'too many connections' });
      this.replies.reply(channel, reply, { isHead: false, isModern: true, keepsAlive: false }, '');
      this.replies.flush(channel);
      channel.finish();
      return;
    }
    this.connections.add(connection);
    this.sweepTimer ??= this.planSweep();
    channel.start(connection);
  }

  closed(connection: HttpConnection): void {
    this.connections.delete(connection);
    this.options.owner.leave(connection);
  }

  /** While there are connections, each is looked at once a second. */
  private planSweep(): ReturnType<typeof setTimer> {
    const timer = setTimer(() => {
      this.sweepTimer = undefined;
      this.tellTime();
      for (const connection of this.connections) {
        try {
          connection.sweep(this.nowSeconds);
        } catch (error) {
          connection.channel.fail(error);
        }
      }
      if (this.connections.size > 0) this.sweepTimer = this.planSweep();
    }, SWEEP_MS);
    timer.unref();
    return timer;
  }

  private tellTime(): void {
    this.nowSeconds = (performanceNow() - this.startedAtMs) / 1000;
  }

  // ---- Requests

  request(head: RequestHead, body: Buffer, connection: HttpConnection): HttpRequest {
    const { channel } = connection;
    return new HttpRequest(head, body, channel.remoteAddress, channel.isLocal, this.gateway, connection);
  }

  answer(request: HttpRequest): Answer {
    if (request.head.path === '*') return { reply: SERVER_OPTIONS, headers: '' };
    const found = this.router.find(request);
    if (found === undefined) return { reply: problemReply(NOT_FOUND), headers: '' };
    const { api, route, allowed } = found;
    const headers = this.headersOf(api, request);
    const fail = (error: unknown): HttpReply => this.refuseBy(api, request, this.problemOf(error));
    try {
      if (request.method === 'OPTIONS' && (allowed.length > 0 || api.options !== undefined)) {
        return { reply: api.options?.(request) ?? preflight(request, allowed), headers };
      }
      request.access = this.access.accessOf(request, route?.isPublic === true ? route : api);
      if (route === undefined) {
        const isTold = allowed.length === 0 || api.options !== undefined;
        const reply = api.refuse(missing(request, allowed), request);
        return { reply, headers: isTold ? headers : `${headers}Allow: ${allowed.join(', ')}\r\n` };
      }
      checkScopes(request, route.scopes);
      const reply = route.handle(request);
      if (reply === STREAMING || !(reply instanceof Promise)) return { reply, headers };
      return { reply: reply.catch(fail), headers };
    } catch (error) {
      return { reply: fail(error), headers };
    }
  }

  refuse(error: UnreadableRequest, connection: HttpConnection): Answer {
    const kind = error.status === 413 ? 'too-large' : error.status === 408 ? 'timeout' : 'bad-request';
    const problem: Problem = { kind, status: error.status, message: error.message };
    if (error.head === undefined) return { reply: problemReply(problem), headers: '' };
    const request = this.request(error.head, Buffer.alloc(0), connection);
    const api = this.router.find(request)?.api;
    if (api === undefined) return { reply: problemReply(problem), headers: '' };
    return { reply: this.refuseBy(api, request, problem), headers: this.headersOf(api, request) };
  }

  /** What every reply of the API has, and what the page that asks may do. */
  private headersOf(api: Api, request: HttpRequest): string {
    return api.headers ?? corsHeaders(request, this.access.origins);
  }

  private refuseBy(api: Api, request: HttpRequest, problem: Problem): HttpReply {
    try {
      return api.refuse(problem, request);
    } catch (error) {
      return problemReply(this.problemOf(error));
    }
  }

  private problemOf(error: unknown): Problem {
    if (error instanceof HttpProblem) return error;
    this.options.onFault(error, 'a request is answered with an error');
    if (isRefusedMemory(error)) return { kind: 'unavailable', status: 503, message: errors.OOM.message };
    return { kind: 'internal', status: 500, message: 'internal error' };
  }

  // ---- APIs

  private async mounts(): Promise<Mounted[]> {
    const { config } = this.options;
    const elsewhere = new Map(config.get('http-mount').map(({ api, path }) => [api, path]));
    const mounted: Mounted[] = [];
    const context: ApiContext = {
      config,
      gateway: this.gateway,
      access: this.access,
      log: this.options.log,
      directory: config.get('dir'),
      writableDirectory: () => (this.options.keepsFiles() ? config.get('dir') : undefined),
      mounts: mounted,
      connections: () => this.connections.size,
    };
    for (const make of apis) {
      const api = await make(context);
      const path = elsewhere.get(api.name) ?? api.mount;
      elsewhere.delete(api.name);
      if (path !== 'off') mounted.push({ api, prefix: path.replace(/\/+$/, '') });
    }
    const [unknown] = elsewhere.keys();
    if (unknown !== undefined) throw new Error(`http-mount: there is no API '${unknown}'`);
    return mounted;
  }
}

const NOT_FOUND: Problem = { kind: 'not-found', status: 404, message: 'Not Found' };

function missing(request: HttpRequest, allowed: readonly string[]): Problem {
  if (allowed.length === 0) return NOT_FOUND;
  return { kind: 'method-not-allowed', status: 405, message: `${request.method} is not allowed here`, allowed };
}

/** Allows everything. */
const ADMIN = 'admin';
/** What a token that has scopes needs where a route does not say: no more than it was meant for is open to it. */
const UNSAID_SCOPES = [ADMIN];

/** @throws HttpProblem */
function checkScopes(request: HttpRequest, needed: readonly string[] = UNSAID_SCOPES): void {
  const { scopes } = request.access;
  if (scopes === undefined || scopes.has(ADMIN) || needed.some((scope) => scope === '' || scopes.has(scope))) return;
  throw new HttpProblem(
    'forbidden',
    403,
    `Request has ${shown(scopes)} scopes and is required to have at least one of ${shown(needed)} scopes`,
  );
}

function shown(scopes: Iterable<string>): string {
  return `{${[...scopes].map((scope) => `'${scope}'`).join(', ')}}`;
}

/** @throws Error that names the file */
function readTokens(config: Config): readonly TokenEntry[] {
  const path = config.get('http-tokens-file');
  if (path === '') return [];
  try {
    return parseTokensFile(readFileSync(resolve(config.get('dir'), path), 'utf8'));
  } catch (error) {
    throw new Error(`http-tokens-file ${path}: ${(error as Error).message}`);
  }
}
