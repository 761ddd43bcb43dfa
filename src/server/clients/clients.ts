/**
 * The connected clients: who may come in, and who has to go because of what they send, owe or leave unread.
 *
 * `maxmemory-clients`: while it is set, each client is measured again only when it may have grown, so `countedBytes` is
 * an upper bound of the sum. When that is beyond the limit, and with every tick, all clients are counted again, in a
 * turn in which no client's commands run; the largest are closed then.
 */
import type { Config } from '../../config/config.js';
import { ConfigError } from '../../config/value-types.js';
import type { OtherConnection } from '../../engine/caller.js';
import type { Client } from '../../engine/client.js';
import { type ClientMemory, HeapCost } from '../../engine/client-memory.js';
import type { Logger } from '../../engine/logger.js';
import type { ServerClients } from '../../engine/server.js';
import type { Channel } from '../../net/channel.js';
import { type DescriptorLimit, mostClients } from '../../net/descriptor-limit.js';
import { setTurn } from '../../net/timers.js';
import type { Connection } from '../connections/connection.js';
import type { Faults } from '../faults.js';
import { readHeapBudget } from './heap-budget.js';

const MS_PER_SECOND = 1000;
/** Of those that are kept from clients, what connections that are being closed may take; saving needs the rest. */
const SPARE_DESCRIPTORS = 8;
/** As in Redis, a limit below this stands for this: nobody could undo it otherwise. */
const LEAST_MEMORY_LIMIT = 128 * 1024;
/** While client memory is limited, messages that pile up are looked at from here on. */
const OUTPUT_LOOKED_AT = 16 * 1024;

export class Clients implements ServerClients {
  connectionsReceived = 0;
  connectionsRejected = 0;
  queryBufferLimitDisconnections = 0;
  outputBufferLimitDisconnections = 0;
  /** The smallest limit on pending output, of whichever class of clients: below it there is nothing to check. */
  outputAlarmBytes = 0;
  clientsEvicted = 0;
  /** Of all clients together; 0: no limit. */
  private memoryLimit = 0;
  private countedBytes = 0;
  private isEvictionPlanned = false;
  private acceptFailureToldAtMs = Number.NEGATIVE_INFINITY;
  private readonly connections = new Map<Client, Connection>();
  /** Clients of connections that speak another protocol. */
  private readonly guests = new Set<Client>();
  /** Those connections, with a client or without. */
  private readonly others = new Set<OtherConnection>();

  everyConnection(): Iterable<Connection> {
    return this.connections.values();
  }

  constructor(
    private readonly config: Config,
    private readonly logger: Logger,
    private readonly now: () => number,
    private readonly heap: ClientMemory,
    private readonly faults: Faults,
  ) {
    const applyLimits = () => {
      this.limitMemory();
      this.limitOutput();
    };
    applyLimits();
    config.onChange(['client-output-buffer-limit', 'maxmemory-clients', 'maxmemory'], applyLimits);
  }

  resetStatistics(): void {
    this.connectionsReceived = 0;
    this.connectionsRejected = 0;
    this.queryBufferLimitDisconnections = 0;
    this.outputBufferLimitDisconnections = 0;
    this.clientsEvicted = 0;
  }

  get size(): number {
    return this.connections.size;
  }

  add(connection: Connection): void {
    this.connections.set(connection.client, connection);
    this.heap.take(connection.client, HeapCost.CONNECTION);
    if (this.memoryLimit !== 0) this.count(connection);
  }

  remove(connection: Connection): void {
    if (!this.connections.delete(connection.client)) return;
    this.heap.give(connection.client, HeapCost.CONNECTION);
    this.countedBytes -= connection.countedBytes;
  }

  /** They take places of `maxclients` and room on the heap as all others do. */
  enter(connection: OtherConnection): boolean {
    if (!this.hasRoom) {
      this.connectionsRejected++;
      return false;
    }
    this.others.add(connection);
    this.heap.usedBytes += HeapCost.CONNECTION;
    return true;
  }

  leave(connection: OtherConnection): void {
    if (this.others.delete(connection)) this.heap.usedBytes -= HeapCost.CONNECTION;
  }

  addGuest(client: Client): void {
    this.guests.add(client);
  }

  removeGuest(client: Client): void {
    this.guests.delete(client);
  }

  *all(): Iterable<Client> {
    yield* this.connections.keys();
    yield* this.guests;
  }

  /** Memory that connections hold beyond their objects: requests that are not complete, replies that are not read. */
  get bufferedBytes(): number {
    let bytes = 0;
    for (const { decoder, channel } of this.connections.values()) bytes += decoder.heldMemory + channel.heldBytes;
    return bytes;
  }

  get largestInputBuffer(): number {
    let bytes = 0;
    for (const { decoder } of this.connections.values()) bytes = Math.max(bytes, decoder.heldMemory);
    return bytes;
  }

  get largestOutputBuffer(): number {
    let bytes = 0;
    for (const { channel } of this.connections.values()) bytes = Math.max(bytes, channel.heldBytes);
    return bytes;
  }

  /** The reason to turn away a connection that was just accepted, as an error's text; undefined lets it in. */
  refusal(channel: Channel): string | undefined {
    if (!this.hasRoom) return TOO_MANY;
    const isProtected = this.config.get('protected-mode') && this.config.get('requirepass') === '';
    return isProtected && !channel.isLocal ? PROTECTED : undefined;
  }

  private get hasRoom(): boolean {
    const { heap } = this;
    if (this.connections.size + this.others.size >= this.config.get('maxclients')) return false;
    if (heap.limitBytes === Number.POSITIVE_INFINITY) heap.limitBytes = readHeapBudget();
    if (heap.hasRoomFor(HeapCost.CONNECTION)) return true;
    this.acceptFailed(new Error('the heap has no room for another client'));
    return false;
  }

  /**
   * Lowers `maxclients` to what the system lets the process have, as redis-server does, and keeps it there. Returns how
   * many descriptors remain beside those of the most clients.
   * @throws Error when there is no room for a single client
   */
  fitDescriptors(limit: DescriptorLimit): { left: number } {
    const { config, logger } = this;
    const most = mostClients(limit);
    const wanted = config.get('maxclients');
    const needed = wanted + limit.reserved;
    if (most < 1) {
      throw new Error(
        `Your current 'ulimit -n' of ${limit.most} is not enough for the server to start. ` +
          `Please increase your open file limit to at least ${needed}. Exiting.`,
      );
    }
    if (most < wanted) {
      logger.warn(`You requested maxclients of ${wanted} requiring at least ${needed} max file descriptors.`);
      config.assign({ maxclients: most });
      logger.warn(
        `Current maximum open files is ${limit.most}. maxclients has been reduced to ${most} to compensate for low ` +
          "ulimit. If you need higher maxclients increase 'ulimit -n'.",
      );
    }
    config.onChange('maxclients', () => {
      if (config.get('maxclients') <= most) return;
      throw new ConfigError(
        `The operating system is not able to handle the specified number of clients, try with ${most}`,
      );
    });
    return { left: limit.most - config.get('maxclients') - (limit.reserved - SPARE_DESCRIPTORS) };
  }

  /** Mostly the process is out of descriptors, and will be for a while: it is told once a second. */
  acceptFailed(error: Error): void {
    const now = this.now();
    if (Math.abs(now - this.acceptFailureToldAtMs) < MS_PER_SECOND) return;
    this.acceptFailureToldAtMs = now;
    this.logger.warn(`Accepting a connection failed: ${error.message}`);
  }

  /** Closes a client whose unexecuted requests are too large. */
  checkInput(connection: Connection): void {
    if (this.memoryLimit !== 0) this.count(connection);
    const held = connection.decoder.heldBytes;
    if (held <= this.config.get('client-query-buffer-limit')) return;
    this.queryBufferLimitDisconnections++;
    this.logger.warn(`Closing client that reached the query buffer limit: ${describe(connection)} qbuf=${held}`);
    connection.channel.destroy();
  }

  /** Applies `client-output-buffer-limit`. */
  private limitOutput(): void {
    const limits = Object.values(this.config.get('client-output-buffer-limit'));
    const bytes = limits.flatMap(({ hardBytes, softBytes }) => [hardBytes, softBytes]).filter((limit) => limit > 0);
    if (this.memoryLimit !== 0) bytes.push(OUTPUT_LOOKED_AT);
    this.outputAlarmBytes = Math.min(...bytes);
  }

  /** Closes a client that does not read what it is owed. */
  checkOutput(connection: Connection): void {
    if (this.memoryLimit !== 0) this.count(connection);
    const { heldBytes } = connection.channel;
    const { type } = connection.client;
    const limits = this.config.get('client-output-buffer-limit');
    const limit = limits[type === 'master' ? 'normal' : type];
    if (!connection.outputLimit.isExceededBy(heldBytes, limit, this.now())) return;
    this.outputBufferLimitDisconnections++;
    this.logger.warn(`Closing client that reached its output buffer limit: ${describe(connection)} omem=${heldBytes}`);
    connection.channel.destroy();
  }

  // ---- maxmemory-clients

  private limitMemory(): void {
    const share = this.config.get('maxmemory-clients');
    const bytes = 'bytes' in share ? share.bytes : (this.config.get('maxmemory') * share.percent) / 100;
    this.memoryLimit = bytes === 0 ? 0 : Math.max(bytes, LEAST_MEMORY_LIMIT);
    this.checkMemory();
  }

  /** Looks at all clients, in a turn of its own; called ten times a second, for queued transactions grow unseen. */
  checkMemory(): void {
    if (this.memoryLimit === 0 || this.isEvictionPlanned) return;
    this.isEvictionPlanned = true;
    setTurn(() => {
      this.isEvictionPlanned = false;
      this.faults.attempt('no client is evicted', () => this.evictLargest());
    });
  }

  private count(connection: Connection): void {
    const bytes = connection.memoryBytes;
    this.countedBytes += bytes - connection.countedBytes;
    connection.countedBytes = bytes;
    if (this.countedBytes > this.memoryLimit) this.checkMemory();
  }

  private evictLargest(): void {
    let bytes = 0;
    for (const connection of this.connections.values()) {
      // Some are about to be gone.
      connection.countedBytes = connection.client.closing ? 0 : connection.memoryBytes;
      bytes += connection.countedBytes;
    }
    for (const other of this.others) bytes += other.memoryBytes;
    this.countedBytes = bytes;
    if (this.memoryLimit === 0 || bytes <= this.memoryLimit) return;
    for (const { held, text, evict } of this.evictable().sort((a, b) => b.held - a.held)) {
      if (bytes <= this.memoryLimit) return;
      bytes -= held;
      this.clientsEvicted++;
      this.logger.info(`Evicting client: ${text} tot-mem=${held}`);
      evict();
    }
  }

  private evictable(): { held: number; text: string; evict: () => void }[] {
    const clients = [...this.connections.values()].filter(
      ({ client }) => !client.closing && !client.noEvict && (client.type === 'normal' || client.type === 'pubsub'),
    );
    return [
      ...clients.map((connection) => ({
        held: connection.countedBytes,
        text: describe(connection),
        evict: () => connection.close(false),
      })),
      ...[...this.others].map((other) => ({
        held: other.memoryBytes,
        text: `addr=${other.remoteAddress}`,
        evict: () => other.evict(),
      })),
    ];
  }

  /**
   * Whether some client may have to go although no command runs: for a time that passes, or memory that is looked at in
   * ticks.
   */
  get haveDuties(): boolean {
    if (this.connections.size + this.others.size === 0) return false;
    if (this.memoryLimit !== 0 || this.config.get('timeout') !== 0) return true;
    for (const { outputLimit } of this.connections.values()) if (outputLimit.isOverSoft) return true;
    return false;
  }

  /** Called about once a second: idle clients, and slow ones whose time over the soft limit is up. */
  sweep(): void {
    const nowMs = this.now();
    const idleMs = this.config.get('timeout') * MS_PER_SECOND;
    for (const connection of [...this.connections.values()]) {
      const { client } = connection;
      if (connection.outputLimit.isOverSoft) this.checkOutput(connection);
      if (idleMs === 0 || client.isWaiting || client.type !== 'normal') continue;
      if (nowMs - client.lastActiveAtMs <= idleMs) continue;
      this.logger.debug(`Closing idle client: ${describe(connection)}`);
      connection.channel.destroy();
    }
  }
}

const TOO_MANY = 'ERR max number of clients reached';

const PROTECTED =
  'DENIED redstart is running in protected mode: no password is set, so only clients on the same machine are let in. ' +
  'Set a password (requirepass), or turn the protection off (protected-mode no)';

function describe({ client, channel }: Connection): string {
  return `id=${client.id} addr=${channel.remoteAddress} name=${client.name}`;
}
