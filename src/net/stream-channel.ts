/**
 * A channel over a stream of Node's, which does all reading and writing: where there is no descriptor to write to, and
 * for TLS.
 */
import type net from 'node:net';
import type { ChannelOwner } from './channel.js';
import { SocketChannel } from './socket-channel.js';

export class StreamChannel extends SocketChannel {
  readonly descriptor = -1;

  /** Takes over a socket; nothing is read before start(). */
  constructor(owner: ChannelOwner, socket: net.Socket, unixPath?: string) {
    super(owner, socket, unixPath);
    // Listening for data made it flow.
    socket.pause();
  }

  /** Nothing: the stream reads. */
  readNow(): number {
    return 0;
  }

  /** Nothing: what the kernel takes of a stream's write is known only when all of it is gone. */
  protected writeNow(): number {
    return 0;
  }

  protected writePiecesNow(): number {
    return 0;
  }
}
