/**
 * All connections of a server and the turns they take: accepts channels, runs what one turn left over after everyone
 * else had theirs, and keeps clients, engine and transport informed about each other.
 */
import type { Config } from '../../config/config.js';
import { Client, ClientGate, type ClientSink } from '../../engine/client.js';
import type { Engine } from '../../engine/engine.js';
import type { Logger } from '../../engine/logger.js';
import { Timing } from '../../features/observing/timing.js';
import type { Channel, ChannelHandler } from '../../net/channel.js';
import { setTurn } from '../../net/timers.js';
import { errorReply, ProtocolError } from '../../protocol/errors.js';
import { RequestBatch } from '../../protocol/request-batch.js';
import { RequestDecoder, type RequestLimits } from '../../protocol/request-decoder.js';
import { SpareBuffers } from '../../protocol/spare-buffers.js';
import type { Clients } from '../clients/clients.js';
import type { Faults } from '../faults.js';
import { BesideReader, Connection, type ConnectionOwner, Traffic } from './connection.js';

const REPLIES_COLLECTED = 128 * 1024;

export interface TurnsOptions {
  engine: Engine;
  config: Config;
  clients: Clients;
  logger: Logger;
  /** Commands have run; they may have changed when the next key expires. */
  commandsRan: () => void;
  /** Commands are about to run on a server that rests. */
  wake: () => void;
  faults: Faults;
}

export class Turns implements ConnectionOwner {
  readonly engine: Engine;
  readonly timing: Timing;
  readonly batch = new RequestBatch();
  readonly traffic = new Traffic();
  private readonly repliers: Connection[] = [];
  private areRepliesPlanned = false;
  private readonly spareBuffers = new SpareBuffers();
  readonly limits: RequestLimits = { maxBulkLength: 0, onLongRequest: () => this.timing.expectLong() };
  coarseNowMs: number;
  readonly commandsRan: () => void;
  private readonly clients: Clients;
  /** Made when it is needed first. */
  private busy: BesideReader | null = null;
  private waiting: Connection[] = [];
  private isTurnPlanned = false;
  private lastClientId = 0;
  /** Commands of a connection are being run, and the engine is not free. */
  isRunning = false;
  /** There are no ticks that keep the time of commands. */
  isResting = false;

  constructor(private readonly options: TurnsOptions) {
    this.engine = options.engine;
    this.timing = options.engine.feature(Timing);
    this.clients = options.clients;
    this.commandsRan = options.commandsRan;
    this.coarseNowMs = this.engine.clock.now();
  }

  /** A client of this server's: a connection's, or with `mayBlock` false a caller in process. */
  newClient(sink: ClientSink, mayBlock: boolean): Client {
    return new Client(++this.lastClientId, sink, this.engine.clock.now(), mayBlock);
  }

  /** A listener has accepted a connection. */
  readonly accept = (channel: Channel): void => {
    if (this.isResting) this.wake();
    const { clients } = this;
    const refusal = clients.refusal(channel);
    if (refusal !== undefined) {
      clients.connectionsRejected++;
      refuse(channel, refusal);
      return;
    }
    clients.connectionsReceived++;
    const connection = new Connection(this, channel, new RequestDecoder(this.limits, this.spareBuffers));
    const client = this.newClient(connection, true);
    connection.client = client;
    client.isLocal = channel.isLocal;
    client.lastActiveAtMs = this.coarseNowMs;
    if (this.engine.server.authentication.isRequired) client.gate |= ClientGate.NEEDS_AUTH;
    clients.add(connection);
    channel.start(connection);
  };

  /** Above this much in the reply writer, a turn begins with an empty one, so that it need not outgrow its buffer. */
  beginReplies(connection: Connection): number {
    if (this.isResting) this.wake();
    const { reply } = this.engine;
    if (reply.length > REPLIES_COLLECTED || connection.repliesFrom >= 0) this.sendReplies();
    return reply.length;
  }

  /**
   * Replies leave when all connections that had something to read have had their turn. Written one by one, each would
   * wake a client that sleeps again before the next: half of a write's time is the waking (docs/architecture.md).
   */
  repliesWritten(connection: Connection): void {
    const { reply } = this.engine;
    connection.repliesTo = reply.length;
    this.repliers.push(connection);
    if (reply.hasSpilled) {
      this.sendReplies();
    } else if (!this.areRepliesPlanned) {
      this.areRepliesPlanned = true;
      setTurn(this.sendPlannedReplies);
    }
  }

  private readonly sendPlannedReplies = (): void => {
    this.areRepliesPlanned = false;
    this.sendReplies();
  };

  sendReplies(): void {
    const { repliers } = this;
    if (repliers.length === 0) return;
    for (let i = 0; i < repliers.length; i++) repliers[i].sendReplies();
    repliers.length = 0;
    this.engine.reply.clear();
  }

  /** Commands that have arrived wait for their turn, or replies for theirs. */
  get hasTurns(): boolean {
    return this.isTurnPlanned || this.areRepliesPlanned;
  }

  private wake(): void {
    this.isResting = false;
    this.options.wake();
  }

  enqueue(connection: Connection): void {
    if (connection.isQueued) return;
    connection.isQueued = true;
    this.waiting.push(connection);
    if (this.isTurnPlanned) return;
    this.isTurnPlanned = true;
    setTurn(this.takeTurns);
  }

  get outputAlarmBytes(): number {
    return this.clients.outputAlarmBytes;
  }

  inputGrew(connection: Connection): void {
    this.clients.checkInput(connection);
  }

  outputGrew(connection: Connection): void {
    this.clients.checkOutput(connection);
  }

  /**
   * One command takes very long: what has come from other connections meanwhile is read here, past the event loop, and
   * answered at once. Where sockets have no descriptors they wait.
   */
  answerBesides(): void {
    this.busy ??= new BesideReader();
    for (const connection of this.clients.everyConnection()) connection.takeTurnBeside(this.busy);
  }

  requestFailed(connection: Connection, error: unknown): void {
    const { logger, faults } = this.options;
    if (!(error instanceof ProtocolError)) {
      faults.caught(error, 'a connection is closed');
      return;
    }
    logger.debug(`${error.message} (id=${connection.client.id} addr=${connection.channel.remoteAddress})`);
  }

  closed(connection: Connection): void {
    this.clients.remove(connection);
    this.engine.disconnect(connection.client);
  }

  private readonly takeTurns = (): void => {
    this.isTurnPlanned = false;
    const connections = this.waiting;
    this.waiting = [];
    for (const connection of connections) {
      try {
        connection.takeTurn();
      } catch (error) {
        connection.channel.fail(error);
      }
    }
  };
}

function refuse(channel: Channel, text: string): void {
  const handler: ChannelHandler = { onBytes: () => true, onEnd() {}, onProgress() {}, onClosed() {} };
  channel.start(handler);
  const reply = errorReply(text);
  channel.send(reply, 0, reply.length);
  channel.finish();
}
