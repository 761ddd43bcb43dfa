/**
 * Callers in process: commands that run without a socket, as clients that speak RESP3.
 *
 * execute() keeps nothing between calls: a command that changes its connection (SELECT, MULTI, CLIENT REPLY OFF) is
 * refused, so that no caller meets what another one left behind, and a blocking command answers at once. A session is a
 * client of its own: what it selects, queues or subscribes to stays until it is closed, and its blocking commands wait.
 */
import { types } from 'node:util';
import { Caller, type CallerOwner, isAsNew, NO_EVENTS } from '../engine/caller.js';
import { nextTurn, setTurn } from '../net/timers.js';
import { Args } from '../protocol/args.js';
import { type Reply, ReplyError, type ReplyNode, readReplies, readReply, toJs } from '../protocol/reply-reader.js';
import { RedisServerError, shown, stopped } from './server-error.js';

/** What a command is made of: text as UTF-8, numbers as their decimal digits, bytes as they are. */
export type CommandArgument = string | number | bigint | Uint8Array;

export interface SessionOptions {
  /** Messages of channels that the session is subscribed to, and what MONITOR shows. Called in a turn of its own. */
  onMessage?: ((message: Reply) => void) | undefined;
}

/** All callers in process of one server. */
export class InProcess {
  private caller: Caller;
  private readonly sessions = new Set<ServerSession>();

  constructor(private readonly owner: CallerOwner) {
    this.caller = this.newCaller();
  }

  async execute(command: readonly CommandArgument[], buffers: boolean): Promise<Reply> {
    const args = argumentsOf(command);
    while (this.owner.isBusy()) await nextTurn();
    if (this.owner.isStopped()) throw stopped();
    const bytes = this.caller.run(args);
    this.owner.engine.bytesLeave();
    if (!isAsNew(this.caller.client, 0, 3)) {
      this.caller.end();
      this.caller = this.newCaller();
      if (!args.is(0, 'RESET') && !args.is(0, 'QUIT')) throw needsSession(args);
    }
    return readReply(bytes, { buffers });
  }

  session(options: SessionOptions): ServerSession {
    if (this.owner.isStopped()) throw stopped();
    const session = new ServerSession(this.owner, options, () => this.sessions.delete(session));
    this.sessions.add(session);
    return session;
  }

  /** The server ends. */
  end(): void {
    for (const session of this.sessions) session.end(stopped());
  }

  private newCaller(): Caller {
    return new Caller(this.owner, NO_EVENTS, { mayBlock: false, protocol: 3 });
  }
}

interface PendingCommand {
  readonly args: Args;
  readonly buffers: boolean;
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
}

/** A client in process that keeps its state: database, transaction, subscriptions. Commands run one after the other. */
export class ServerSession {
  private readonly caller: Caller;
  private readonly queue: PendingCommand[] = [];
  /** The command that runs, or that blocks. */
  private pending: PendingCommand | undefined;
  private isRunning = false;
  /** Why nothing runs here any more. */
  private ended: RedisServerError | undefined;

  /** @internal */
  constructor(
    private readonly owner: CallerOwner,
    private readonly options: SessionOptions,
    private readonly onEnd: () => void,
  ) {
    const events = {
      onBytes: (bytes: Buffer) => this.received(bytes),
      onResumed: () => {
        // CLIENT REPLY left the reply out.
        if (this.pending !== undefined) this.answer([]);
        this.runQueue();
      },
      onClosed: () => this.close(),
    };
    this.caller = new Caller(owner, events, { mayBlock: true, protocol: 3 });
  }

  /** Runs one command, after those before it; a blocking one waits. Resolves to the reply; an error reply rejects. */
  execute<T extends Reply = Reply>(...command: CommandArgument[]): Promise<T> {
    return this.enqueue(command, false) as Promise<T>;
  }

  /** The same with strings of the reply as Buffers. */
  executeBuffer<T extends Reply = Reply>(...command: CommandArgument[]): Promise<T> {
    return this.enqueue(command, true) as Promise<T>;
  }

  /** Ends the session as a client that hangs up: what still waits rejects. */
  close(): void {
    this.end(new RedisServerError('SESSION_CLOSED', 'the session is closed'));
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** @internal */
  end(reason: RedisServerError): void {
    if (this.ended !== undefined) return;
    this.ended = reason;
    this.caller.end();
    this.onEnd();
    if (!this.isRunning) this.leave();
  }

  private leave(): void {
    const unanswered = this.pending === undefined ? this.queue : [this.pending, ...this.queue];
    this.pending = undefined;
    for (const { reject } of unanswered.splice(0)) reject(this.ended as RedisServerError);
    this.queue.length = 0;
  }

  private enqueue(command: readonly CommandArgument[], buffers: boolean): Promise<Reply> {
    return new Promise((resolve, reject) => {
      if (this.ended !== undefined) throw this.ended;
      this.queue.push({ args: argumentsOf(command), buffers, resolve, reject });
      this.runQueue();
    });
  }

  private readonly runQueue = (): void => {
    if (this.owner.isBusy()) {
      if (this.queue.length > 0) setTurn(this.runQueue);
      return;
    }
    while (this.pending === undefined && this.ended === undefined) {
      this.pending = this.queue.shift();
      if (this.pending === undefined) return;
      this.run(this.pending.args);
    }
  };

  private run(args: Args): void {
    this.isRunning = true;
    try {
      const bytes = this.caller.run(args);
      if (this.caller.client.isWaiting) this.received(bytes);
      else this.answer(readReplies(bytes));
    } catch (error) {
      this.pending?.reject(error as Error);
      this.pending = undefined;
    }
    this.isRunning = false;
    const { client } = this.caller;
    if (client.closing) this.close();
    if (this.ended !== undefined) this.leave();
  }

  private received(bytes: Buffer): void {
    for (const node of readReplies(bytes)) {
      if (node.type === 'push' || this.pending === undefined) this.deliver(node);
      else this.answer([node]);
    }
  }

  /** Replies to SUBSCRIBE and its like are pushes; a command without any reply is answered with null. */
  private answer(nodes: readonly ReplyNode[]): void {
    const { pending } = this;
    if (pending === undefined) return;
    this.owner.engine.bytesLeave();
    this.pending = undefined;
    const [first = { type: 'null', value: 'null' } as const, ...others] = nodes;
    try {
      const value = toJs(first, { buffers: pending.buffers });
      if (value instanceof ReplyError) pending.reject(value);
      else pending.resolve(value);
    } catch (error) {
      // Longer than a string can be.
      pending.reject(error as Error);
    }
    for (const node of others) this.deliver(node);
  }

  private deliver(node: ReplyNode): void {
    const { onMessage } = this.options;
    if (onMessage === undefined) return;
    this.owner.engine.bytesLeave();
    // What the callback throws is the caller's to see, and nothing of the server's is on the stack then.
    setTurn(() => onMessage(toJs(node)));
  }
}

function needsSession(args: Args): RedisServerError {
  const name = args.text(0).toUpperCase();
  const command = name === 'CLIENT' && args.count > 1 ? `${name} ${args.text(1).toUpperCase()}` : name;
  return new RedisServerError(
    'NEEDS_SESSION',
    `${command} changes the state of its connection, and execute() keeps none: use a session()`,
  );
}

/** @throws RedisServerError for what is no argument of a command */
function argumentsOf(command: readonly CommandArgument[]): Args {
  if (command.length === 0) throw new RedisServerError('INVALID_ARGUMENT', 'no command was given');
  if (command.length === 1 && Array.isArray(command[0])) {
    throw new RedisServerError('INVALID_ARGUMENT', "the parts of a command are arguments: execute('SET', 'k', 'v')");
  }
  return Args.from(command.map((part, index) => argumentOf(part, index, command[0])));
}

function argumentOf(part: unknown, index: number, name: unknown): CommandArgument {
  if (typeof part === 'string' || typeof part === 'bigint') return part;
  if (typeof part === 'number' && Number.isFinite(part)) return part;
  // Of any realm: Jest runs tests in one of their own.
  if (types.isUint8Array(part)) {
    try {
      return Buffer.from(part.buffer, part.byteOffset, part.byteLength);
    } catch {
      // Its memory was given to somebody else (a worker).
    }
  }
  const place = index === 0 ? "the command's name" : `argument ${index} of ${String(name).toUpperCase()}`;
  throw new RedisServerError(
    'INVALID_ARGUMENT',
    `${place} is ${shown(part)}: a command takes strings, finite numbers, bigints and Uint8Arrays`,
  );
}
