/** The connected clients: who may come in, and who has to go because of what they send, owe or leave unread. */
import type { Config } from '../config/config.js';
import type { Client } from '../engine/client.js';
import type { ClientConnection, HostClients } from '../engine/host.js';
import type { Channel } from './channel.js';
import type { Connection } from './connection.js';
import type { Logger } from './logger.js';

const MS_PER_SECOND = 1000;

export class ClientRegistry implements HostClients {
  connectionsReceived = 0;
  connectionsRejected = 0;
  queryBufferLimitDisconnections = 0;
  outputBufferLimitDisconnections = 0;
  /** The smallest limit on pending output, of whichever class of clients: below it there is nothing to check. */
  outputAlarmBytes = 0;
  private readonly connections = new Map<Client, Connection>();

  constructor(
    private readonly config: Config,
    private readonly logger: Logger,
    private readonly now: () => number,
  ) {
    this.limitOutput();
    config.onChange('client-output-buffer-limit', () => this.limitOutput());
  }

  resetStatistics(): void {
    this.connectionsReceived = 0;
    this.connectionsRejected = 0;
    this.queryBufferLimitDisconnections = 0;
    this.outputBufferLimitDisconnections = 0;
  }

  get size(): number {
    return this.connections.size;
  }

  add(connection: Connection): void {
    this.connections.set(connection.client, connection);
  }

  remove(connection: Connection): void {
    this.connections.delete(connection.client);
  }

  all(): Iterable<Client> {
    return this.connections.keys();
  }

  connectionOf(client: Client): ClientConnection | undefined {
    const connection = this.connections.get(client);
    return connection === undefined ? undefined : factsOf(connection);
  }

  /** Memory that connections hold beyond their objects: requests that are not complete, replies that are not read. */
  get bufferedBytes(): number {
    let bytes = 0;
    for (const { decoder, channel } of this.connections.values()) bytes += decoder.heldCapacity + channel.pendingBytes;
    return bytes;
  }

  get largestInputBuffer(): number {
    let bytes = 0;
    for (const { decoder } of this.connections.values()) bytes = Math.max(bytes, decoder.heldCapacity);
    return bytes;
  }

  get largestOutputBuffer(): number {
    let bytes = 0;
    for (const { channel } of this.connections.values()) bytes = Math.max(bytes, channel.pendingBytes);
    return bytes;
  }

  /** The reason to turn away a connection that was just accepted, as an error's text; undefined lets it in. */
  refusal(channel: Channel): string | undefined {
    if (this.connections.size >= this.config.get('maxclients')) return 'ERR max number of clients reached';
    const isProtected =
      this.config.get('protected-mode') && this.config.get('requirepass') === '' && this.config.isDefault('bind');
    return isProtected && !channel.isLocal ? PROTECTED : undefined;
  }

  /** Closes a client whose unexecuted requests are too large. */
  checkInput(connection: Connection): void {
    const held = connection.decoder.heldBytes;
    if (held === 0 || held <= this.config.get('client-query-buffer-limit')) return;
    this.queryBufferLimitDisconnections++;
    this.logger.warn(`Closing client that reached the query buffer limit: ${describe(connection)} qbuf=${held}`);
    connection.channel.destroy();
  }

  /** Applies `client-output-buffer-limit`. */
  private limitOutput(): void {
    const limits = Object.values(this.config.get('client-output-buffer-limit'));
    const bytes = limits.flatMap(({ hardBytes, softBytes }) => [hardBytes, softBytes]).filter((limit) => limit > 0);
    this.outputAlarmBytes = Math.min(...bytes);
  }

  /** Closes a client that does not read what it is owed. */
  checkOutput(connection: Connection): void {
    const { pendingBytes } = connection.channel;
    const { type } = connection.client;
    const limits = this.config.get('client-output-buffer-limit');
    const { hardBytes, softBytes, softSeconds } = limits[type === 'master' ? 'normal' : type];
    const isOverHard = hardBytes > 0 && pendingBytes >= hardBytes;
    if (!(softBytes > 0 && pendingBytes >= softBytes)) connection.overSoftLimitSinceMs = 0;
    else if (connection.overSoftLimitSinceMs === 0) connection.overSoftLimitSinceMs = this.now();
    const isOverSoft =
      connection.overSoftLimitSinceMs !== 0 &&
      this.now() - connection.overSoftLimitSinceMs > softSeconds * MS_PER_SECOND;
    if (!isOverHard && !isOverSoft) return;
    this.outputBufferLimitDisconnections++;
    this.logger.warn(
      `Closing client that reached its output buffer limit: ${describe(connection)} omem=${pendingBytes}`,
    );
    connection.channel.destroy();
  }

  /** Called about once a second: idle clients, and slow ones whose time over the soft limit is up. */
  sweep(): void {
    const nowMs = this.now();
    const idleMs = this.config.get('timeout') * MS_PER_SECOND;
    for (const connection of [...this.connections.values()]) {
      const { client } = connection;
      if (connection.overSoftLimitSinceMs !== 0) this.checkOutput(connection);
      if (idleMs === 0 || client.isWaiting || client.type !== 'normal') continue;
      if (nowMs - client.lastActiveAtMs <= idleMs) continue;
      this.logger.debug(`Closing idle client: ${describe(connection)}`);
      connection.channel.destroy();
    }
  }
}

const PROTECTED =
  'DENIED redstart is running in protected mode: no password is set and no address to listen on was chosen, so only ' +
  "clients on the server's own machine are let in. Set a password (requirepass), choose addresses (bind), or turn the " +
  'protection off (protected-mode no).';

function describe({ client, channel }: Connection): string {
  return `id=${client.id} addr=${channel.remoteAddress} name=${client.name}`;
}

function factsOf({ channel, decoder }: Connection): ClientConnection {
  return {
    remoteAddress: channel.remoteAddress,
    localAddress: channel.localAddress,
    isUnixSocket: channel.isUnixSocket,
    descriptor: channel.descriptor,
    queryBytes: decoder.heldBytes,
    queryCapacity: decoder.heldCapacity,
    pendingReplies: channel.pendingPieces,
    pendingReplyBytes: channel.pendingBytes,
  };
}
