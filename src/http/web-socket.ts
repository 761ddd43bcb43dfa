/**
 * A connection that speaks WebSocket (RFC 6455): the framing is ws's, on a connection that is not one of node:net's.
 * Extensions are not offered, so that nothing is compressed.
 */
import { createHash } from 'node:crypto';
import type { Writable } from 'node:stream';
import * as ws from 'ws';
import type { Exchange, HttpRequest, UpgradedConnection } from './message.js';

/** What ws offers beside its sockets; its types leave it out. */
interface Framing {
  readonly Receiver: new (options: ReceiverOptions) => Writable;
  readonly Sender: { frame(data: Buffer, options: FrameOptions): Buffer[] };
}

interface ReceiverOptions {
  readonly isServer: boolean;
  readonly maxPayload: number;
  readonly maxFragments: number;
}

interface FrameOptions {
  readonly fin: boolean;
  readonly opcode: number;
  readonly mask: boolean;
  readonly readOnly: boolean;
  readonly rsv1: boolean;
}

const { Receiver, Sender } = ws as unknown as Framing;

const Opcode = { TEXT: 1, BINARY: 2, CLOSE: 8, PONG: 10 } as const;

/** Why a connection ends. */
export const CloseCode = {
  NORMAL: 1000,
  PROTOCOL_ERROR: 1002,
  NO_UTF8: 1007,
  TOO_LONG: 1009,
  OVERLOADED: 1013,
} as const;

/** None was sent with the end. */
const NO_CODE = 1005;
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const MAX_FRAGMENTS = 16 * 1024;

export interface WebSocketEvents {
  onMessage(data: Buffer, isBinary: boolean): void;
  /** Called once, whichever side ended it. */
  onClosed(): void;
}

export class WebSocketConnection {
  private readonly connection: UpgradedConnection;
  private readonly receiver: Writable;
  private hasEnded = false;

  /** Of a request that has no handshakeRefusal(). */
  constructor(
    request: HttpRequest,
    private readonly events: WebSocketEvents,
    maxMessageBytes: number,
  ) {
    const accept = createHash('sha1')
      .update(`${request.header('sec-websocket-key')}${GUID}`)
      .digest('base64');
    const receiver = new Receiver({ isServer: true, maxPayload: maxMessageBytes, maxFragments: MAX_FRAGMENTS });
    this.receiver = receiver;
    receiver.on('message', (data: Buffer, isBinary: boolean) => {
      if (!this.hasEnded) events.onMessage(data, isBinary);
    });
    receiver.on('ping', (data: Buffer) => this.frame(Opcode.PONG, data));
    receiver.on('conclude', (code: number) => this.close(code === NO_CODE ? CloseCode.NORMAL : code));
    receiver.on('error', (error: Error & { code?: string }) => this.close(closeCodeOf(error.code)));
    this.connection = upgraded(request.exchange, accept);
    this.connection.onBytes = (bytes) => {
      if (!this.hasEnded) receiver.write(bytes);
    };
    request.exchange.onGone(() => this.end());
  }

  send(data: Buffer, isBinary: boolean): void {
    this.frame(isBinary ? Opcode.BINARY : Opcode.TEXT, data);
  }

  close(code: number): void {
    if (this.hasEnded) return;
    this.frame(Opcode.CLOSE, Buffer.from([code >> 8, code & 0xff]));
    this.end();
    this.connection.end();
  }

  private frame(opcode: number, data: Buffer): void {
    if (this.hasEnded) return;
    const pieces = Sender.frame(data, { fin: true, opcode, mask: false, readOnly: true, rsv1: false });
    if (!this.connection.write(Buffer.concat(pieces))) this.end();
  }

  private end(): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    this.receiver.destroy();
    this.events.onClosed();
  }
}

function upgraded(exchange: Exchange, accept: string): UpgradedConnection {
  return exchange.upgrade(`Upgrade: websocket\r\nSec-WebSocket-Accept: ${accept}\r\n`) as UpgradedConnection;
}

function closeCodeOf(error: string | undefined): number {
  if (error === 'WS_ERR_INVALID_UTF8') return CloseCode.NO_UTF8;
  return error === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' ? CloseCode.TOO_LONG : CloseCode.PROTOCOL_ERROR;
}
