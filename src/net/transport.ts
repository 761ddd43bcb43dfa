/**
 * Listeners, and the channels of the connections that they accept.
 *
 * Accepted handles are taken before net.Server wraps them, because only a socket that we make ourselves can read into a
 * shared buffer (`onread`), and only its descriptor can be written without a copy (docs/architecture.md has the
 * figures). net.Server does not know these sockets and would otherwise count them for ever, so they are counted here.
 *
 * This rests on one member of net.Server's handle that is not documented. Where it is missing, 'connection' events
 * bring the sockets, 'data' events their bytes, and the same channels work with those. All else heals by itself, see
 * DescriptorChannel.
 */
import fs from 'node:fs';
import net from 'node:net';
import { dirname } from 'node:path';
import type { BlockPool } from '../memory/block-pool.js';
import type { Channel, ChannelOwner } from './channel.js';
import { DescriptorChannel, type StreamHandle } from './descriptor-channel.js';
import { listenAtOnce } from './immediate-listener.js';
import type { ListenAddress } from './listen-address.js';
import { OutputMemory } from './output-queue.js';
import { ReadBuffer } from './read-buffer.js';
import { isNode } from './runtime.js';
import type { SocketChannel } from './socket-channel.js';
import { StreamChannel } from './stream-channel.js';
import { performanceNow, setTimer, setTurn } from './timers.js';

const TRIM_DELAY_MS = 500;
/** What writing to subscribers may take in one turn, and after how many of them that is looked at. */
const FLUSH_SLICE_MS = 1;
const CHANNELS_PER_LOOK = 16;

/** What net.Server keeps in `_handle`, as far as it concerns us. */
interface ListenHandle {
  onconnection: (status: number, handle?: StreamHandle) => void;
}

export interface TransportOptions {
  /** Whether listeners and connections keep the process alive. */
  ref: boolean;
  /** TCP keepalive of accepted connections; 0 for none. Read at every accept. */
  keepAliveSeconds: () => number;
  onChannel: (channel: Channel) => void;
  /** Bytes are about to leave, of whichever channel. */
  onBytesLeave: () => void;
  /** Where the chunks of long replies come from, and go back to when they are written. */
  replies: BlockPool;
  /** A listener could not accept: usually, out of descriptors. */
  onAcceptError: (error: Error) => void;
  /** A callback of a channel's threw, and the channel was closed. */
  onFault: (error: unknown, where: string) => void;
  /** `events` forces the fallback; by default the runtime decides. */
  mode?: 'handles' | 'events';
}

/** Connections that are no clients any more and wait for the other side to close, where descriptors are plenty. */
const MOST_LINGERING = 1000;

const DEFAULT_MODE = isNode ? 'handles' : 'events';

/**
 * With several addresses and port 0, the port that the system chose for the first may be taken on another: then choose
 * again.
 */
const PORT_ATTEMPTS = 10;

export class Transport implements ChannelOwner {
  readonly readBuffer = new ReadBuffer();
  readonly output: OutputMemory;
  readonly channels = new Set<Channel>();
  /** So many channels may wait for the other side to close. */
  mostLingering = MOST_LINGERING;
  /** Those that do, the oldest first. */
  private readonly lingering = new Set<Channel>();
  private readonly listeners = new Set<net.Server>();
  /** Those of TCP among them, and their addresses. */
  private readonly tcpListeners = new Set<net.Server>();
  private tcpAddresses: readonly ListenAddress[] = [];
  private toFlush: Channel[] = [];
  private isFlushPlanned = false;
  private isTrimPlanned = false;
  private onEmpty: (() => void) | undefined;

  constructor(private readonly options: TransportOptions) {
    this.output = new OutputMemory(options.replies, () => this.planTrim());
  }

  get ref(): boolean {
    return this.options.ref;
  }

  /**
   * Listens on all addresses with one port and returns it; 0 lets the system choose. Fails as a whole or not at all.
   */
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
        if (opened.length === 0 && addresses.length > 0) throw new Error('no address to listen on');
        for (const server of opened) this.tcpListeners.add(server);
        this.tcpAddresses = addresses;
        return opened.length === 0 ? 0 : chosen;
      } catch (error) {
        await Promise.all(opened.map((server) => this.closeListener(server)));
        const isTaken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
        if (!(port === 0 && isTaken && opened.length > 0 && attempt < PORT_ATTEMPTS)) throw error;
      }
    }
  }

  /**
   * Listens elsewhere than before, at once: on `port` of all addresses, or with none of them on no TCP. Connections
   * stay.
   * @throws the system's error when it can't; it listens where it did then
   */
  relisten(addresses: readonly ListenAddress[], port: number, portBefore: number, backlog: number): void {
    const before = [...this.tcpListeners];
    if (port !== portBefore) {
      this.openAtOnce(addresses, port, backlog);
      this.closeTcp(before);
    } else {
      // Old and new addresses may overlap, so that the old ones have to go first.
      this.closeTcp(before);
      try {
        this.openAtOnce(addresses, port, backlog);
      } catch (error) {
        this.openAtOnce(this.tcpAddresses, portBefore, backlog);
        throw error;
      }
    }
    this.tcpAddresses = addresses;
  }

  private openAtOnce(addresses: readonly ListenAddress[], port: number, backlog: number): void {
    const opened: net.Server[] = [];
    let missing: unknown;
    try {
      for (const address of addresses) {
        try {
          opened.push(listenAtOnce(address, port, backlog));
        } catch (error) {
          if (!address.optional || !isMissingAddress(error)) throw error;
          missing = error;
        }
      }
      if (opened.length === 0 && missing !== undefined) throw missing;
    } catch (error) {
      for (const server of opened) server.close();
      throw error;
    }
    for (const server of opened) {
      this.tcpListeners.add(server);
      this.accept(server, undefined);
    }
  }

  private closeTcp(servers: readonly net.Server[]): void {
    for (const server of servers) {
      this.tcpListeners.delete(server);
      void this.closeListener(server);
    }
  }

  /**
   * Listens on a socket file, in place of one that a dead server left behind. `permissions` of 0 leaves them as they
   * are.
   */
  async listenUnix(path: string, permissions: number, backlog: number): Promise<void> {
    try {
      if (process.platform !== 'win32') fs.unlinkSync(path);
    } catch {
      // There is none; or listening will say what is in the way.
    }
    try {
      await this.open({ path, backlog });
    } catch (error) {
      throw fs.existsSync(dirname(path)) ? error : missingFolder(path);
    }
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

  bytesLeave(): void {
    this.options.onBytesLeave();
  }

  flushLater(channel: Channel): void {
    this.toFlush.push(channel);
    if (this.isFlushPlanned) return;
    this.isFlushPlanned = true;
    setTurn(this.flushSlice);
  }

  /** Writes what was queued for the end of this turn, all of it. */
  readonly flush = (): void => {
    const channels = this.toFlush;
    this.toFlush = [];
    for (const channel of channels) this.flushChannel(channel);
  };

  /**
   * The same, as far as a slice goes: a message to thousands of subscribers would hold all others up for as many
   * writes.
   */
  private readonly flushSlice = (): void => {
    this.isFlushPlanned = false;
    const channels = this.toFlush;
    this.toFlush = [];
    const endsAtMs = performanceNow() + FLUSH_SLICE_MS;
    let next = 0;
    while (next < channels.length) {
      this.flushChannel(channels[next++]);
      if (next % CHANNELS_PER_LOOK === 0 && performanceNow() > endsAtMs) break;
    }
    if (next === channels.length) return;
    this.toFlush = channels.slice(next).concat(this.toFlush);
    if (this.isFlushPlanned) return;
    this.isFlushPlanned = true;
    setTurn(this.flushSlice);
  };

  private flushChannel(channel: Channel): void {
    channel.isFlushScheduled = false;
    try {
      channel.flush();
    } catch (error) {
      channel.fail(error);
    }
  }

  /** Output memory became free. It is kept for a moment, for long replies mostly follow one another. */
  private planTrim(delayMs = TRIM_DELAY_MS): void {
    if (this.isTrimPlanned) return;
    this.isTrimPlanned = true;
    setTimer(this.trim, delayMs).unref();
  }

  private readonly trim = (): void => {
    this.isTrimPlanned = false;
    try {
      if (this.output.trim()) this.planTrim(1);
    } catch (error) {
      this.options.onFault(error, 'memory is given back later');
    }
  };

  /** What clients leave free of `descriptors`: connections that linger take at most half of it. */
  leaveDescriptors(descriptors: number): void {
    this.mostLingering = Math.max(1, Math.min(MOST_LINGERING, Math.floor(descriptors / 2)));
  }

  lingers(channel: Channel): void {
    this.lingering.add(channel);
    if (this.lingering.size <= this.mostLingering) return;
    for (const oldest of this.lingering) {
      this.lingering.delete(oldest);
      oldest.abandon();
      return;
    }
  }

  failed(_channel: Channel, error: unknown): void {
    this.options.onFault(error, 'a connection is closed');
  }

  released(channel: Channel): void {
    this.channels.delete(channel);
    this.lingering.delete(channel);
    if (this.channels.size === 0) this.onEmpty?.();
  }

  private async open(options: net.ListenOptions): Promise<net.Server> {
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
    const takesHandles =
      (this.options.mode ?? DEFAULT_MODE) !== 'events' &&
      takeHandles(server, (handle, error) => {
        if (handle === undefined) this.options.onAcceptError(error!);
        else
          this.opened(
            () => new DescriptorChannel(this, handle, unixPath),
            () => handle.close(),
          );
      });
    if (takesHandles) return;
    server.on('connection', (socket) => {
      this.opened(
        () => new StreamChannel(this, socket, unixPath),
        () => socket.destroy(),
      );
    });
  }

  /** `abandon` closes what was accepted, if not even a channel can be made of it. */
  private opened(makeChannel: () => SocketChannel, abandon: () => void): void {
    let channel: SocketChannel | undefined;
    try {
      channel = makeChannel();
      this.channels.add(channel);
      channel.socket.setNoDelay(true);
      const keepAliveSeconds = this.options.keepAliveSeconds();
      if (keepAliveSeconds > 0) channel.socket.setKeepAlive(true, keepAliveSeconds * 1000);
      this.options.onChannel(channel);
    } catch (error) {
      if (channel !== undefined) channel.fail(error);
      else {
        abandon();
        this.options.onFault(error, 'a connection is closed');
      }
    }
  }

  private closeListener(server: net.Server): Promise<void> {
    this.listeners.delete(server);
    return new Promise((resolve) => server.close(() => resolve()));
  }
}

/** libuv calls it EACCES. */
function missingFolder(path: string): Error {
  return Object.assign(new Error(`listen ENOENT: ${path}`), { code: 'ENOENT', syscall: 'listen', address: path });
}

function isMissingAddress(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT' || code === 'EPROTONOSUPPORT' || code === 'ENOTFOUND';
}

/**
 * Takes a listening server's connections as bare handles. False if this Node does not let us; nothing has changed then.
 */
export function takeHandles(server: net.Server, accepted: (handle?: StreamHandle, error?: Error) => void): boolean {
  const { _handle: listening } = server as unknown as { _handle?: ListenHandle };
  if (typeof listening?.onconnection !== 'function') return false;
  listening.onconnection = (status, handle) => {
    if (handle !== undefined && status === 0) accepted(handle);
    else accepted(undefined, new Error(`accept failed with status ${status}`));
  };
  return true;
}
