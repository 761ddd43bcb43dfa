/**
 * SUBSCRIBE, PSUBSCRIBE and MONITOR as server-sent events: each message is one event, its parts with commas between
 * them (`data: message,channel,text`).
 *
 * Bytes of messages go out as they are. One that holds line breaks becomes several `data:` lines, as the format of
 * events has it.
 */
import type { Caller } from '../../../engine/caller.js';
import { clearTimer, setTimer } from '../../../net/timers.js';
import type { Args } from '../../../protocol/args.js';
import { type ReplyNode, readReplies } from '../../../protocol/reply-reader.js';
import { databaseOf } from '../../database.js';
import type { HttpRequest, ReplyStream } from '../../message.js';

/** Proxies end connections on which nothing happens for half a minute or a minute. */
const HEARTBEAT_MS = 15_000;
const HEARTBEAT = Buffer.from(': \n\n');

/** The streams of one API. */
export class EventStreams {
  private readonly streams = new Set<EventStream>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly heartbeatMs = HEARTBEAT_MS) {}

  /**
   * Answers a request by what a command sends from now on.
   * @returns the error that the command answered; undefined: the stream has begun
   */
  open(request: HttpRequest, args: Args): string | undefined {
    const stream = new EventStream(request, () => this.ended(stream));
    this.streams.add(stream);
    this.timer ??= this.planBeat();
    return stream.begin(args);
  }

  close(): void {
    for (const stream of [...this.streams]) stream.end();
  }

  private readonly beat = (): void => {
    for (const stream of [...this.streams]) stream.write(HEARTBEAT);
    this.timer = this.streams.size === 0 ? undefined : this.planBeat();
  };

  private planBeat(): NodeJS.Timeout {
    return setTimer(this.beat, this.heartbeatMs).unref();
  }

  private ended(stream: EventStream): void {
    this.streams.delete(stream);
    if (this.streams.size > 0) return;
    clearTimer(this.timer);
    this.timer = undefined;
  }
}

class EventStream {
  private readonly caller: Caller;
  private stream: ReplyStream | undefined;
  private hasEnded = false;

  constructor(
    private readonly request: HttpRequest,
    private readonly onEnd: () => void,
  ) {
    const events = {
      onBytes: (bytes: Buffer) => this.write(eventsOf(bytes)),
      onResumed() {},
      onClosed: () => this.end(),
    };
    const { access, exchange, gateway } = request;
    this.caller = gateway.caller(events, { database: databaseOf(request), protocol: 2, access }, exchange);
  }

  begin(args: Args): string | undefined {
    const { exchange } = this.request;
    const bytes = this.caller.run(args);
    const [first] = readReplies(bytes);
    if (first?.type === 'error') {
      this.end();
      return first.value;
    }
    this.stream = exchange.stream({ status: 200, type: 'text/event-stream', headers: 'Cache-Control: no-cache\r\n' });
    exchange.onGone(() => this.end());
    this.write(eventsOf(bytes));
    return undefined;
  }

  write(events: Buffer): void {
    if (this.stream?.write(events) === false) this.end();
  }

  end(): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    this.caller.end();
    this.stream?.end();
    this.onEnd();
  }
}

function eventsOf(replies: Buffer): Buffer {
  let events = '';
  for (const reply of readReplies(replies)) {
    for (const line of textOf(reply).split(/\r\n|\r|\n/)) events += `data: ${line}\n`;
    events += '\n';
  }
  return Buffer.from(events, 'latin1');
}

/** One character a byte. */
function textOf(reply: ReplyNode): string {
  switch (reply.type) {
    case 'array':
      return reply.value.map(textOf).join(',');
    case 'bulk':
      return reply.value.toString('latin1');
    case 'status':
      // MONITOR's own answer is JSON, and the lines that follow it are not.
      return reply.value === 'OK' ? '"OK"' : reply.value;
    case 'null':
      return '';
    default:
      return String(reply.value);
  }
}
