/**
 * Commands over a WebSocket, each connection with a client of its own: messages are commands as JSON arrays of strings
 * and integers, answered in JSON as over HTTP, or requests of RESP, answered in RESP.
 *
 * A command that comes while another one waits is answered after it. A client that has subscribed may only subscribe
 * and unsubscribe.
 */

import type { Caller } from '../../../engine/caller.js';
import { IS_MONITOR } from '../../../features/observing/monitors.js';
import { IS_SUBSCRIBER } from '../../../features/pubsub/pub-sub.js';
import { viewOf } from '../../../memory/slice.js';
import { setTimer } from '../../../net/timers.js';
import { Args } from '../../../protocol/args.js';
import { errorReply, ProtocolError } from '../../../protocol/errors.js';
import { RequestDecoder } from '../../../protocol/request-decoder.js';
import type { RunOptions } from '../../gateway.js';
import type { HttpRequest } from '../../message.js';
import { HttpProblem } from '../../problem.js';
import { CloseCode, WebSocketConnection } from '../../web-socket.js';
import { jsonText } from './json-format.js';
import { repliesOf } from './subscription.js';
import type { Verb, Verbs } from './verbs.js';

/** What a connection needs of the API. */
export interface CommandSocketOptions {
  readonly request: HttpRequest;
  readonly verbs: Verbs;
  readonly runOptions: RunOptions;
  readonly maxMessageBytes: number;
  /** RESP rather than JSON. */
  readonly isRaw: boolean;
  /** @throws HttpProblem */
  readonly check: (verb: Verb) => void;
}

interface Pending {
  readonly verb: Verb;
  readonly args: Args;
}

const MAX_PENDING = 1024;
const BUSY_RETRY_MS = 1;
/** What a subscriber may still ask for. */
const FOR_SUBSCRIBERS: ReadonlySet<string> = new Set([
  ...['SUBSCRIBE', 'PSUBSCRIBE', 'SSUBSCRIBE'],
  ...['UNSUBSCRIBE', 'PUNSUBSCRIBE', 'SUNSUBSCRIBE'],
]);
const MESSAGES = /^\*\d+\r\n\$\d+\r\n(p?s?)message\r\n/;

export function openCommandSocket(options: CommandSocketOptions): void {
  const socket = new CommandSocket(options);
  socket.start();
}

class CommandSocket {
  private readonly caller: Caller;
  private readonly decoder: RequestDecoder;
  private readonly args = new Args();
  private readonly pending: Pending[] = [];
  private connection!: WebSocketConnection;
  /** The last command that ran: whose reply comes late. */
  private last: Verb;
  /** By 'message', 'pmessage', 'smessage': the command that asked for them, as it was sent. */
  private readonly subscribedBy = new Map<string, Verb>();
  /** The last message's: what is sent is of the same kind. */
  private isBinary = false;
  private retries = false;

  constructor(private readonly options: CommandSocketOptions) {
    const { request, runOptions, verbs, maxMessageBytes } = options;
    this.last = verbs.of('');
    this.decoder = new RequestDecoder({ maxBulkLength: maxMessageBytes });
    this.caller = request.gateway.caller(
      {
        onBytes: (bytes) => this.send(bytes),
        onResumed: () => this.proceed(),
        onClosed: () => this.connection.close(CloseCode.NORMAL),
      },
      runOptions,
      request.exchange,
    );
  }

  start(): void {
    const { request, maxMessageBytes } = this.options;
    this.connection = new WebSocketConnection(
      request,
      {
        onMessage: (data, isBinary) => this.receive(data, isBinary),
        onClosed: () => {
          this.pending.length = 0;
          this.decoder.dispose();
          this.caller.end();
        },
      },
      maxMessageBytes,
    );
  }

  private receive(data: Buffer, isBinary: boolean): void {
    this.isBinary = isBinary;
    if (this.options.isRaw) this.receiveRaw(data);
    else this.receiveJson(data);
  }

  private receiveJson(data: Buffer): void {
    const words = wordsOf(data.toString('utf8'));
    if (words === undefined) this.sayProblem(400, 'Bad Request');
    else this.take(String(words[0]), Args.from(words));
  }

  private receiveRaw(data: Buffer): void {
    const { decoder, args } = this;
    try {
      decoder.feed(data, viewOf(data), data.length);
      while (decoder.next(args)) if (args.count > 0) this.take(args.latin1(0), args);
      decoder.retain();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.sendBytes(errorReply(error.shown));
      this.connection.close(CloseCode.PROTOCOL_ERROR);
    }
  }

  /** Runs a command now, or later where another one waits. */
  private take(name: string, args: Args): void {
    const verb = this.options.verbs.of(name);
    if (this.pending.length === 0 && this.canRun) this.run(verb, args);
    else if (this.pending.length < MAX_PENDING) this.pending.push({ verb, args: args.copy() });
    else this.connection.close(CloseCode.OVERLOADED);
    if (this.pending.length > 0) this.retryLater();
  }

  private get canRun(): boolean {
    return !this.caller.client.isWaiting && !this.options.request.gateway.isBusy;
  }

  private proceed(): void {
    while (this.pending.length > 0 && this.canRun) {
      const { verb, args } = this.pending.shift() as Pending;
      this.run(verb, args);
    }
    if (this.pending.length > 0) this.retryLater();
  }

  /** A long script runs: nothing tells when it has ended. */
  private retryLater(): void {
    if (this.retries || !this.options.request.gateway.isBusy) return;
    this.retries = true;
    const again = (): void => {
      this.retries = false;
      this.proceed();
    };
    setTimer(() => this.options.request.exchange.attempt(again), BUSY_RETRY_MS);
  }

  private run(verb: Verb, args: Args): void {
    try {
      this.options.check(verb);
    } catch (error) {
      if (!(error instanceof HttpProblem)) throw error;
      this.sayProblem(error.status, error.message);
      return;
    }
    const isSubscriber = (this.caller.client.gate & (IS_SUBSCRIBER | IS_MONITOR)) !== 0;
    if (isSubscriber && !FOR_SUBSCRIBERS.has(verb.capitals)) {
      this.connection.send(Buffer.from('Command not allowed after subscribe'), false);
      return;
    }
    this.last = verb;
    if (verb.mode === 'streams') this.subscribedBy.set(kindOf(verb.capitals), verb);
    const bytes = this.caller.run(args);
    for (const reply of repliesOf(bytes)) this.send(reply);
  }

  /** A reply, or what comes of a subscription. */
  private send(bytes: Buffer): void {
    if (this.options.isRaw) {
      this.sendBytes(bytes);
      return;
    }
    const kind = MESSAGES.exec(bytes.toString('latin1', 0, 32))?.[1];
    const verb = kind === undefined ? this.last : (this.subscribedBy.get(kind) ?? this.last);
    this.sendBytes(Buffer.from(jsonText(bytes, verb.jsonHead, verb.shape)));
  }

  private sendBytes(bytes: Buffer): void {
    // RESP is no text.
    this.connection.send(bytes, this.options.isRaw || this.isBinary);
  }

  private sayProblem(status: number, message: string): void {
    const text = this.options.isRaw
      ? `-ERR ${message}\r\n`
      : JSON.stringify({ error: true, message, http_status: status });
    this.sendBytes(Buffer.from(text));
  }
}

/** What stands before 'message' in what comes: of PSUBSCRIBE a 'p'. */
function kindOf(command: string): string {
  return command.slice(0, -'SUBSCRIBE'.length).toLowerCase();
}

/** A command of strings and integers. @returns undefined for what is none */
function wordsOf(text: string): (string | number)[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const areWords = value.every((word) => typeof word === 'string' || Number.isSafeInteger(word));
  return areWords && value[0] !== '' ? value : undefined;
}
