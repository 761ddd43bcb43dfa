import { connect, type Socket } from 'node:net';
import { PATIENCE_MS } from './patience.js';
import { ReplyFramer } from './reply-framer.js';

/** Where a server listens. */
export type Address = { host?: string; port: number } | { path: string };

export type Argument = string | number | Uint8Array;
export type Command = readonly Argument[];

/** Encodes a command as the multibulk frame that client libraries send; strings become UTF-8. */
export function encodeCommand(command: Command): Buffer {
  return encodeCommands([command]);
}

/** Many commands in one piece. Text is joined before it becomes bytes: a buffer for each word took thrice as long. */
export function encodeCommands(commands: readonly Command[]): Buffer {
  const parts: Uint8Array[] = [];
  let text = '';
  for (const command of commands) {
    text += `*${command.length}\r\n`;
    for (const argument of command) {
      if (typeof argument === 'object') {
        parts.push(Buffer.from(`${text}$${argument.length}\r\n`), argument);
        text = '\r\n';
      } else {
        const word = String(argument);
        text += `$${Buffer.byteLength(word)}\r\n${word}\r\n`;
      }
    }
  }
  parts.push(Buffer.from(text));
  return Buffer.concat(parts);
}

/**
 * One connection that sends exact bytes and returns every reply as raw bytes, in order of arrival. Pushes (`>`) are
 * collected apart, in `pushes`. Reads fail after `timeoutMs`, so that a server which never answers fails a test
 * instead of hanging it.
 */
export class RawClient {
  readonly pushes: Buffer[] = [];
  /** Resolves when the connection is closed, by whichever side. */
  readonly closed: Promise<void>;
  private readonly socket: Socket;
  private readonly framer = new ReplyFramer();
  private readonly replies: Buffer[] = [];
  private waiting: { resolve: (reply: Buffer) => void; reject: (error: Error) => void; timer: NodeJS.Timeout }[] = [];
  private failure: Error | undefined;

  private constructor(
    socket: Socket,
    readonly timeoutMs: number,
  ) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.receive(chunk));
    socket.on('error', (error) => this.fail(error));
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.fail(new Error('connection closed'));
        resolve();
      });
    });
  }

  static async connect(address: Address, options: { protocol?: 2 | 3; timeoutMs?: number } = {}): Promise<RawClient> {
    const socket = connect({ host: '127.0.0.1', ...address });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    const client = new RawClient(socket, options.timeoutMs ?? PATIENCE_MS);
    if (options.protocol !== undefined) {
      const reply = await client.call('HELLO', options.protocol);
      if (reply[0] === 0x2d) throw new Error(`HELLO ${options.protocol}: ${reply.toString('latin1')}`);
    }
    return client;
  }

  /** Writes bytes as they are; `read()` returns the replies. */
  write(bytes: Uint8Array | string): void {
    this.socket.write(bytes);
  }

  /** Sends one command; `read()` returns its reply. */
  send(command: Command): void {
    this.write(encodeCommand(command));
  }

  /** The next reply. */
  read(): Promise<Buffer> {
    const ready = this.replies.shift();
    if (ready !== undefined) return Promise.resolve(ready);
    if (this.failure !== undefined) return Promise.reject(this.failure);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiting = this.waiting.filter((waiter) => waiter.timer !== timer);
        reject(new Error(`no reply within ${this.timeoutMs} ms`));
      }, this.timeoutMs);
      this.waiting.push({ resolve, reject, timer });
    });
  }

  /** Sends one command and returns its raw reply. */
  call(...command: Argument[]): Promise<Buffer> {
    this.write(encodeCommand(command));
    return this.read();
  }

  /**
   * Sends all commands in one write and returns their raw replies; stops early, without failing, when the server
   * closes. `bytes` are the commands, where they are encoded already.
   */
  async pipeline(commands: readonly Command[], bytes = encodeCommands(commands)): Promise<Buffer[]> {
    this.write(bytes);
    const replies: Buffer[] = [];
    while (replies.length < commands.length) {
      try {
        replies.push(await this.read());
      } catch (error) {
        if (this.failure === undefined) {
          throw new Error(`${(error as Error).message} to command ${replies.length} of ${commands.length}`);
        }
        break;
      }
    }
    return replies;
  }

  /** How many replies have arrived and were not read yet. */
  get unread(): number {
    return this.replies.length;
  }

  /** Stops or resumes reading from the socket, to play a slow reader. */
  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  end(): void {
    this.socket.end();
  }

  reset(): void {
    this.socket.resetAndDestroy();
  }

  close(): Promise<void> {
    this.socket.destroy();
    return this.closed;
  }

  private receive(chunk: Buffer): void {
    let replies: Buffer[];
    try {
      replies = this.framer.push(chunk);
    } catch (error) {
      this.fail(error as Error);
      this.socket.destroy();
      return;
    }
    for (const reply of replies) {
      if (reply[0] === 0x3e) {
        this.pushes.push(reply);
        continue;
      }
      const waiter = this.waiting.shift();
      if (waiter === undefined) {
        this.replies.push(reply);
      } else {
        clearTimeout(waiter.timer);
        waiter.resolve(reply);
      }
    }
  }

  private fail(error: Error): void {
    this.failure ??= error;
    for (const waiter of this.waiting.splice(0)) {
      clearTimeout(waiter.timer);
      waiter.reject(this.failure);
    }
  }
}
