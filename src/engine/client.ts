/** What the engine knows of a client: a connection of the server's, or a caller in process. */

import type { Args } from '../protocol/args.js';
import type { ScheduledCall } from './clock.js';
import type { RunningCommand } from './running-command.js';

/** A wait of a blocked client, as others see it; blocking.ts owns it. */
export interface ClientWait {
  /** What ends it by time-out; null: it lasts for ever. */
  readonly timer: ScheduledCall | null;
}

/** What a client has queued since MULTI, as the engine and CLIENT LIST see it. */
export interface ClientTransaction {
  readonly queue: { readonly length: number; readonly bytes: number };
  /** A command's flags as the gate takes them: EXEC stands for all that it would run. */
  flagsOf(command: RunningCommand): number;
  /** A command was refused before it could be queued: EXEC will run none. */
  abort(): void;
}

/** What CLIENT LIST says about a connection. */
export interface ConnectionFacts {
  /** The other side's `ip:port`, `[ip]:port` or `path:0`. */
  readonly remoteAddress: string;
  readonly localAddress: string;
  readonly isUnixSocket: boolean;
  /** The system's number for the socket; -1 where it has none. */
  readonly descriptor: number;
  /** Bytes of requests that are not complete, and the room they are kept in. */
  readonly queryBytes: number;
  readonly queryCapacity: number;
  /** Replies that the network has not taken. */
  readonly pendingReplies: number;
  readonly pendingReplyBytes: number;
  /** What the client takes in all, about. */
  readonly memoryBytes: number;
}

/** What a caller in process shows, which has no connection. */
export const NO_CONNECTION: ConnectionFacts = {
  remoteAddress: '',
  localAddress: '',
  isUnixSocket: false,
  descriptor: -1,
  queryBytes: 0,
  queryCapacity: 0,
  pendingReplies: 0,
  pendingReplyBytes: 0,
  memoryBytes: 0,
};

/**
 * Where bytes for a client go that are no reply to the command that runs.
 *
 * None of this throws: it is another client's command that runs, or nobody's. A client that can't be given what it is
 * to get (there is no memory for it, say) is closed, and nobody else notices.
 */
export interface ClientSink {
  /**
   * bytes[start, end) for this client: the reply of a served waiter, a message. They never change from here on. While
   * the client's own command runs the sink keeps them, and they follow its reply: nobody else ever holds them.
   */
  send(bytes: Buffer, start: number, end: number): void;
  /** The client waits no more: what it sent meanwhile may run, in a later turn. */
  unblocked(): void;
  /** Closes the connection: at once, or after the replies that it is still owed. */
  close(afterReplies: boolean): void;
  /** What CLIENT LIST and others tell of the connection; null for a caller in process. */
  facts(): ConnectionFacts | null;
}

/**
 * Why the gate must look at a client's commands, beside what features claim bits for: a plain command of a plain client
 * costs one test of this word.
 */
export const ClientGate = {
  NEEDS_AUTH: 1,
  /** CLIENT NO-TOUCH: its lookups leave no trace of use in keys. */
  NO_TOUCH: 2,
} as const;

let claimedBits: number = ClientGate.NO_TOUCH;

/** One more bit, for a state of clients that a feature looks at: claimed once, when its module loads. */
export function clientGateBit(): number {
  claimedBits *= 2;
  if (claimedBits > 2 ** 30) throw new Error('a client has no more bits in its gate');
  return claimedBits;
}

/** CLIENT REPLY's state. OFF and SKIP may both be set inside an EXEC. */
export const ReplyMode = {
  ON: 0,
  OFF: 1,
  /** The reply to this command is left out; SKIP_NEXT: that to the one after it. */
  SKIP: 2,
  SKIP_NEXT: 4,
  /** OFF or SKIP. */
  MUTED: 3,
} as const;

/** Classes of clients, as CLIENT LIST TYPE and the limits on output know them. */
export type ClientType = 'normal' | 'master' | 'replica' | 'pubsub';

/** What a client watches that watches nothing: shared by all of them. */
export const NO_WATCHES: readonly never[] = [];

/** Names that a client is subscribed to, one character a byte; pubsub/ keeps them. */
export class Subscriptions {
  readonly channels = new Set<string>();
  readonly patterns = new Set<string>();
  readonly shardChannels = new Set<string>();
}

export class Client {
  type: ClientType = 'normal';
  databaseIndex = 0;
  protocol: 2 | 3 = 2;
  gate = 0;
  replyMode: number = ReplyMode.ON;
  /** Set while a blocking command waits. */
  waiter: ClientWait | null = null;
  /** A command that CLIENT PAUSE held back, until it runs after all. */
  held: Args | null = null;
  /** The pause goes on. */
  isHeld = false;
  /** Set between MULTI and the end of EXEC. */
  transaction: ClientTransaction | null = null;
  /** Keys that it watches; features/transactions keeps them. */
  watched: readonly unknown[] = NO_WATCHES;
  /** A watched key was changed. */
  watchBroken = false;
  /** Set once the client subscribes to something. */
  subscriptions: Subscriptions | null = null;
  /** What it holds on JavaScript's heap, beside its connection; ClientMemory counts it. */
  heapBytes = 0;
  /** The connection is closed once what it is owed is written. */
  closing = false;
  name = '';
  user = 'default';
  libraryName = '';
  libraryVersion = '';
  noEvict = false;
  /** It is none of the clients, but whom the commands of scripts come from. */
  isScript = false;
  /** On this machine: over loopback, a Unix socket or in process. */
  isLocal = true;
  lastCommand: RunningCommand | null = null;
  lastActiveAtMs: number;

  constructor(
    readonly id: number,
    readonly sink: ClientSink,
    readonly createdAtMs: number,
    /** An in-process caller and EXEC never wait: blocking commands answer at once as if they timed out. */
    public mayBlock = true,
  ) {
    this.lastActiveAtMs = createdAtMs;
  }

  /** Whatever else it sends has to wait. */
  get isWaiting(): boolean {
    return this.waiter !== null || this.isHeld;
  }
}
