/**
 * A client without a socket: code within the process runs commands by it, and gets the bytes that a socket would.
 *
 * What a command replies comes back from run(); what comes later (the reply of a command that waited, messages of
 * channels) goes to onBytes(), a whole reply or message at a time.
 */
import { isRefusedMemory } from '../memory/system-memory.js';
import type { Args } from '../protocol/args.js';
import * as errors from '../protocol/errors.js';
import { type Client, ClientGate, type ClientSink, type ConnectionFacts, ReplyMode } from './client.js';
import type { Engine } from './engine.js';

/** A connection that speaks another protocol than RESP. */
export interface OtherConnection {
  readonly remoteAddress: string;
  /** What it holds, as far as it grows. */
  readonly memoryBytes: number;
  /** It has to go. */
  evict(): void;
}

/** What callers need of the server that they run on. */
export interface CallerOwner {
  /** A connection has come. False: there is no room for it among the clients. */
  enter(connection: OtherConnection): boolean;
  leave(connection: OtherConnection): void;
  readonly engine: Engine;
  /** The engine runs a command right now. */
  isBusy(): boolean;
  isStopped(): boolean;
  /** One whose sink has facts() is among the connected clients until it is disconnected. */
  newClient(sink: ClientSink, mayBlock: boolean): Client;
  /** Runs a command; the reply is what follows in the engine's reply writer. */
  run(client: Client, args: Args): void;
  /** Runs work that has the engine execute commands, several in one turn. */
  turn(work: () => void): void;
  /** Calls back in a later turn. */
  later(callback: () => void): void;
  /** A caller could not take what it got, and is closed. */
  failed(error: unknown): void;
}

export interface CallerEvents {
  /** Bytes that came outside of run(). They never change. */
  onBytes(bytes: Buffer): void;
  /** A command waits no more, and has been answered if it is to be: the next one may run. */
  onResumed(): void;
  /** The server closed the client: QUIT, CLIENT KILL, or because what came could not be taken. Does not throw. */
  onClosed(): void;
}

/** For callers whose commands never wait and who subscribe to nothing. */
export const NO_EVENTS: CallerEvents = { onBytes() {}, onResumed() {}, onClosed() {} };

export interface CallerOptions {
  readonly mayBlock: boolean;
  readonly protocol: 2 | 3;
  /** Of the connection whose client this is, if it is some connection's: CLIENT LIST shows it then. */
  readonly facts?: (() => ConnectionFacts) | undefined;
}

export class Caller {
  readonly client: Client;
  private isRunning = false;
  private hasEnded = false;
  /** What the running command sent to this very client: it follows the reply. */
  private messages: Buffer[] = [];

  constructor(
    private readonly owner: CallerOwner,
    private readonly events: CallerEvents,
    options: CallerOptions,
  ) {
    const sink: ClientSink = {
      send: (bytes, start, end) => {
        const piece = bytes.subarray(start, end);
        if (this.isRunning) this.messages.push(piece);
        else this.attempt(() => this.events.onBytes(piece));
      },
      unblocked: () => this.owner.later(() => this.attempt(() => this.resume())),
      close: () => this.events.onClosed(),
      facts: () => options.facts?.() ?? null,
    };
    this.client = owner.newClient(sink, options.mayBlock);
    this.client.protocol = options.protocol;
  }

  /**
   * Runs a command while the engine is not busy and no other one of this caller waits. Empty when it waits: its reply
   * comes by onBytes().
   */
  run(args: Args): Buffer {
    return this.runAsIs(args);
  }

  /** run() for what it has looked at already: a command that a pause held back runs by this. */
  protected runAsIs(args: Args): Buffer {
    const { reply } = this.owner.engine;
    const from = reply.length;
    this.isRunning = true;
    try {
      this.owner.run(this.client, args);
    } finally {
      this.isRunning = false;
    }
    const bytes = this.taken(from);
    // From within its own command (QUIT), the engine forgets the client when that is over.
    if (this.hasEnded) this.owner.engine.disconnect(this.client);
    if (this.messages.length === 0) return bytes;
    const all = Buffer.concat([bytes, ...this.messages]);
    this.messages = [];
    return all;
  }

  private taken(from: number): Buffer {
    try {
      return this.owner.engine.reply.take(from);
    } catch (error) {
      if (!isRefusedMemory(error)) throw error;
      return errors.errorReply(errors.OOM.shown);
    }
  }

  /** Ends the caller as a client that hangs up: what it waits for nobody else misses. */
  end(): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    this.client.closing = true;
    if (!this.isRunning) this.owner.engine.disconnect(this.client);
  }

  /** It is another client's command that runs, or nobody's: what goes wrong here is nothing to them. */
  private attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.owner.failed(error);
      this.end();
      this.events.onClosed();
    }
  }

  /** The wait is over, or what a pause held back may run. */
  private resume(): void {
    if (this.hasEnded) return;
    const { held } = this.client;
    if (held !== null) {
      this.client.held = null;
      const bytes = this.runAsIs(held);
      if (bytes.length > 0) this.events.onBytes(bytes);
    }
    if (!this.client.isWaiting && !this.hasEnded) this.events.onResumed();
  }
}

/** No command has changed anything that the next one could notice. */
export function isAsNew(client: Client, database: number, protocol: 2 | 3): boolean {
  return (
    client.databaseIndex === database &&
    client.protocol === protocol &&
    (client.gate & ~ClientGate.NEEDS_AUTH) === 0 &&
    client.replyMode === ReplyMode.ON &&
    client.transaction === null &&
    client.watched.length === 0 &&
    client.name === '' &&
    client.libraryName === '' &&
    client.libraryVersion === '' &&
    !client.noEvict &&
    !client.closing
  );
}
