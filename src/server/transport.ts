/**
 * Listeners, and the channels of the connections that they accept.
 *
 * Accepted handles are taken before net.Server wraps them, because only a socket that we make ourselves can read into a shared
 * buffer (`onread`), and only its descriptor can be written without a copy (docs/architecture.md has the figures). net.Server does
 * not know these sockets and would otherwise count them for ever, so they are counted here. Because this rests on members of
 * net.Server's handle that are not documented, checkHandles() tries the whole path once per process; where it fails, 'data' events
 * feed the same channels.
 */
import fs from 'node:fs';
import net from 'node:net';
import { Channel, type ChannelHandler, type ChannelOwner, ReadBuffer, type StreamHandle } from './channel.js';
import type { ListenAddress } from './listen-address.js';

const setTimer = globalThis.setTimeout;
const clearTimer = globalThis.clearTimeout;
const setTurn = globalThis.setImmediate;

/** What net.Server keeps in `_handle` on the Nodes where the check succeeds. */
interface ListenHandle {
  onconnection: (status: number, handle?: StreamHandle) => void;
}

export interface TransportOptions {
  /** Whether listeners and connections keep the process alive. */
  ref: boolean;
  /** TCP keepalive of accepted connections; 0 for none. Read at every accept. */
  keepAliveSeconds: () => number;
  onChannel: (channel: Channel) => void;
  /** A listener could not accept: usually, out of descriptors. */
  onAcceptError: (error: Error) => void;
  /** `events` forces the fallback; without it checkHandles() decides. */
  mode?: 'handles' | 'events';
}

/** With several addresses and port 0, the port that the system chose for the first may be taken on another: then choose again. */
const PORT_ATTEMPTS = 10;

export class Transport implements ChannelOwner {
  readonly readBuffer = new ReadBuffer();
  readonly channels = new Set<Channel>();
  private readonly listeners = new Set<net.Server>();
  private toFlush: Channel[] = [];
  private isFlushPlanned = false;
  private usesHandles = false;
  private onEmpty: (() => void) | undefined;

  constructor(private readonly options: TransportOptions) {}

  get ref(): boolean {
    return this.options.ref;
  }

  /** Listens on all addresses with one port and returns it; 0 lets the system choose. Fails as a whole or not at all. */
  async listen(addresses: readonly ListenAddress[], port: number, backlog: number): Promise<number> {
    for (let attempt = 1; ; attempt++) {
      const opened: net.Server[] = [];
      try {
        let chosen = port;
        for (const { host, ipv6, optional } of addresses) {
          try {
            const server = await this.open({ host, port: chosen, backlog, ipv6Only: ipv6 });
            opened.push(server);
            chosen = (server.address() as net.AddressInfo).port;
          } catch (error) {
            if (!optional || !isMissingAddress(error)) throw error;
          }
        }
        if (opened.length === 0) throw new Error('no address to listen on');
        return chosen;
      } catch (error) {
        await Promise.all(opened.map((server) => this.closeListener(server)));
        const isTaken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
        if (!(port === 0 && isTaken && opened.length > 0 && attempt < PORT_ATTEMPTS)) throw error;
      }
    }
  }

  /** Listens on a socket file, in place of one that a dead server left behind. `permissions` of 0 leaves them as they are. */
  async listenUnix(path: string, permissions: number, backlog: number): Promise<void> {
    if (process.platform !== 'win32') fs.rmSync(path, { force: true });
    await this.open({ path, backlog });
    if (permissions !== 0) fs.chmodSync(path, permissions);
  }

  /** Closes listeners and connections; resolves when nothing is left of them. */
  async close(): Promise<void> {
    const closing = [...this.listeners].map((server) => this.closeListener(server));
    for (const channel of this.channels) channel.destroy();
    if (this.channels.size > 0) {
      closing.push(
        new Promise((resolve) => {
          this.onEmpty = resolve;
        }),
      );
    }
    await Promise.all(closing);
  }

  flushLater(channel: Channel): void {
    this.toFlush.push(channel);
    if (this.isFlushPlanned) return;
    this.isFlushPlanned = true;
    setTurn(this.flush);
  }

  /** Writes what was queued for the end of this turn. */
  readonly flush = (): void => {
    this.isFlushPlanned = false;
    const channels = this.toFlush;
    this.toFlush = [];
    for (const channel of channels) {
      channel.isFlushScheduled = false;
      channel.flush();
    }
  };

  released(channel: Channel): void {
    this.channels.delete(channel);
    if (this.channels.size === 0) this.onEmpty?.();
  }

  private async open(options: net.ListenOptions): Promise<net.Server> {
    this.usesHandles = (this.options.mode ?? ((await checkHandles()) ? 'handles' : 'events')) === 'handles';
    const server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(options, () => {
        server.off('error', reject);
        resolve();
        // In the same turn as the listening itself: nothing can have been accepted yet.
        this.accept(server, options.path);
      });
    });
    return server;
  }

  private accept(server: net.Server, unixPath: string | undefined): void {
    this.listeners.add(server);
    if (!this.options.ref) server.unref();
    server.on('error', this.options.onAcceptError);
    if (this.usesHandles) {
      takeHandles(server, (handle, error) => {
        if (handle === undefined) this.options.onAcceptError(error!);
        else this.opened(Channel.fromHandle(this, handle, unixPath));
      });
    } else {
      server.on('connection', (socket) => this.opened(Channel.fromSocket(this, socket, unixPath)));
    }
  }

  private opened(channel: Channel): void {
    this.channels.add(channel);
    channel.socket.setNoDelay(true);
    const keepAliveSeconds = this.options.keepAliveSeconds();
    if (keepAliveSeconds > 0) channel.socket.setKeepAlive(true, keepAliveSeconds * 1000);
    this.options.onChannel(channel);
  }

  private closeListener(server: net.Server): Promise<void> {
    this.listeners.delete(server);
    return new Promise((resolve) => server.close(() => resolve()));
  }
}

function isMissingAddress(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT' || code === 'EPROTONOSUPPORT' || code === 'ENOTFOUND';
}

function takeHandles(server: net.Server, accepted: (handle?: StreamHandle, error?: Error) => void): void {
  const { _handle: listening } = server as unknown as { _handle: ListenHandle };
  if (typeof listening?.onconnection !== 'function') throw new Error('net.Server has no handle of the kind expected');
  listening.onconnection = (status, handle) => {
    if (handle !== undefined && status === 0) accepted(handle);
    else accepted(undefined, new Error(`accept failed with status ${status}`));
  };
}

let check: Promise<boolean> | undefined;

/**
 * Whether accepted handles can be had and used in this Node: a connection is accepted, read through a shared buffer, answered
 * through its descriptor and closed, and the listener closes too. Takes about a millisecond, once per process.
 */
export function checkHandles(): Promise<boolean> {
  check ??= tryHandles();
  return check;
}

const CHECK_TIMEOUT_MS = 500;

async function tryHandles(): Promise<boolean> {
  const server = net.createServer();
  let client: net.Socket | undefined;
  let timer: NodeJS.Timeout | undefined;
  const owner: ChannelOwner = { readBuffer: new ReadBuffer(), ref: true, flushLater: () => {}, released: () => {} };
  let accepted: Channel | undefined;
  try {
    return await new Promise<boolean>((resolve) => {
      const fail = () => resolve(false);
      timer = setTimer(fail, CHECK_TIMEOUT_MS);
      server.once('error', fail);
      server.listen(0, '127.0.0.1', () => {
        try {
          takeHandles(server, (handle) => {
            try {
              accepted = Channel.fromHandle(owner, handle!);
              accepted.start(new CheckHandler(accepted));
            } catch {
              fail();
            }
          });
        } catch {
          fail();
          return;
        }
        client = net.connect({ host: '127.0.0.1', port: (server.address() as net.AddressInfo).port });
        client.on('error', fail);
        client.on('connect', () => client!.write('?'));
        client.on('data', (answer) => {
          client!.destroy();
          accepted!.destroy();
          // Calls back only if the listener has not counted the connection.
          server.close(() => resolve(answer.toString() === '!'));
        });
      });
    });
  } catch {
    return false;
  } finally {
    clearTimer(timer);
    client?.destroy();
    accepted?.destroy();
    server.close();
  }
}

class CheckHandler implements ChannelHandler {
  constructor(private readonly channel: Channel) {}

  onBytes(bytes: Buffer, _view: DataView, length: number): boolean {
    if (length === 1 && bytes[0] === 0x3f) this.channel.send(Buffer.from('!'), 0, 1);
    return true;
  }

  onEnd(): void {}
  onProgress(): void {}
  onClosed(): void {}
}
