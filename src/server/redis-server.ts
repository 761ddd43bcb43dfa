/**
 * A Redis server inside this process: puts keyspace, engine, sockets, clock and files together, and is their owner.
 *
 * Several servers of one process share nothing. Unless `keepAlive` is set, nothing of a server keeps the process alive: a forgotten
 * one does not hang a test run.
 */
import { allCommands } from '../commands/index.js';
import type { Config } from '../config/config.js';
import type { Client } from '../engine/client.js';
import { Engine } from '../engine/engine.js';
import type { ShutdownOptions } from '../engine/host.js';
import { SeededRandom } from '../engine/random.js';
import { Persistence } from '../features/persistence/persistence.js';
import type { KeyspaceSnapshot } from '../keyspace/keyspace.js';
import { Args } from '../protocol/args.js';
import * as errors from '../protocol/errors.js';
import { type Reply, readReply } from '../protocol/reply-reader.js';
import { REDIS_VERSION } from '../version.js';
import { ClientRegistry } from './clients/client-registry.js';
import { Faults } from './faults.js';
import { type Logger, silent } from './logger.js';
import { Connections } from './net/connections.js';
import { readDescriptorLimit } from './net/descriptor-limit.js';
import { parseBind } from './net/listen-address.js';
import { Transport } from './net/transport.js';
import { ServerHost } from './server-host.js';
import { type RedisServerOptions, readOptions, type StartSettings } from './server-options.js';
import { bindSettings } from './settings.js';
import { Background } from './time/background.js';
import { ControllableClock } from './time/controllable-clock.js';
import { SystemClock, systemStopwatch } from './time/system-clock.js';

const setTurn = globalThis.setImmediate;

/** Sweeps over all clients happen in every tenth tick: once a second. */
const TICKS_PER_SWEEP = 10;

/** What execute() takes: text as UTF-8, numbers as their decimal digits, bytes as they are. */
export type CommandArgument = string | number | bigint | Uint8Array;

/** All keys of all databases at one instant; taking one costs microseconds. Close it to free what it holds. */
export class ServerSnapshot {
  /** @internal */
  constructor(
    /** @internal */
    readonly keyspace: KeyspaceSnapshot,
    /** @internal */
    readonly owner: RedisServer,
  ) {}

  close(): void {
    this.keyspace.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

export class RedisServer {
  /**
   * Starts a server and resolves when it accepts connections. Without options it listens on 127.0.0.1:6379, keeps everything in
   * memory and logs nothing; `port: 0` takes a free port.
   *
   *     const server = await RedisServer.start({ port: 0 });
   *     const redis = new Redis(server.url);
   *
   * @throws ConfigError for a bad option, or the system's error when it can't listen
   */
  static async start(options: RedisServerOptions = {}): Promise<RedisServer> {
    const server = new RedisServer(readOptions(options));
    try {
      await server.open();
    } catch (error) {
      await server.close();
      throw error;
    }
    return server;
  }

  /** The server's time: runs by itself until it is frozen, advanced or set. */
  readonly clock: ControllableClock;
  /** Resolves when the server has ended, by stop() or by a client's SHUTDOWN. */
  readonly closed: Promise<void>;

  private readonly config: Config;
  private readonly logger: Logger;
  private readonly engine: Engine;
  private readonly faults: Faults;
  private readonly clients: ClientRegistry;
  private readonly connections: Connections;
  private readonly transport: Transport;
  private readonly background: Background;
  private readonly persistence: Persistence;
  private readonly serverHost: ServerHost;
  /** The caller in process: execute()'s client. */
  private readonly caller: Client;
  private tcpPort = 0;
  private closing: Promise<void> | undefined;
  private resolveClosed!: () => void;
  private ticks = 0;

  private constructor(private readonly settings: StartSettings) {
    const { config, ref } = settings;
    this.config = config;
    this.logger = settings.logger ?? silent;
    this.closed = new Promise((resolve) => {
      this.resolveClosed = resolve;
    });
    this.faults = new Faults(this.logger);
    const sliceFailed = (error: unknown) => this.faults.caught(error, 'a slice of work is skipped');
    this.clock = new ControllableClock(new SystemClock(ref, sliceFailed), () => this.timeMoved());
    this.engine = new Engine({
      commands: allCommands,
      clock: this.clock,
      random: new SeededRandom(randomWords()),
      databases: config.get('databases'),
      stopwatch: systemStopwatch,
      onInternalError: (error, command) =>
        this.logger.error(`Internal error in ${command}: ${(error as Error)?.stack ?? error}`),
    });
    this.clients = new ClientRegistry(config, this.logger, () => this.clock.now());
    this.background = new Background({
      engine: this.engine,
      ref,
      onTick: () => this.tick(),
      flush: () => this.transport.flush(),
      onFault: sliceFailed,
    });
    this.connections = new Connections({
      engine: this.engine,
      config,
      clients: this.clients,
      logger: this.logger,
      commandsRan: () => this.background.commandsRan(),
      faults: this.faults,
    });
    this.transport = new Transport({
      ref,
      keepAliveSeconds: () => config.get('tcp-keepalive'),
      onChannel: this.connections.accept,
      onAcceptError: (error) => this.clients.acceptFailed(error),
      onFault: this.faults.caught,
      ...(settings.transport === undefined ? {} : { mode: settings.transport }),
    });
    this.persistence = this.createPersistence();
    this.serverHost = this.createHost();
    this.engine.host = this.serverHost;
    this.caller = this.connections.newClient({ send() {}, unblocked() {}, close() {} }, false);
    this.caller.protocol = 3;
    const { engine, connections, persistence } = this;
    bindSettings(config, { engine, connections, persistence });
  }

  /** 0 if the server listens on a Unix socket only. */
  get port(): number {
    return this.tcpPort;
  }

  /** An address of this machine under which the server is reached. */
  get host(): string {
    const host = parseBind(this.config.get('bind'))[0]?.host ?? '127.0.0.1';
    if (host === '0.0.0.0') return '127.0.0.1';
    return host === '::' ? '::1' : host;
  }

  /** What client libraries connect to, with the password if there is one. */
  get url(): string {
    const password = this.config.get('requirepass');
    const credentials = password === '' ? '' : `:${encodeURIComponent(password)}@`;
    if (this.tcpPort === 0) return `unix://${credentials}${this.config.get('unixsocket')}`;
    const host = this.host.includes(':') ? `[${this.host}]` : this.host;
    return `redis://${credentials}${host}:${this.tcpPort}`;
  }

  /**
   * Runs one command in this process, as a client of its own that speaks RESP3 and never blocks. Resolves to the reply; an error
   * reply rejects. From inside one of the server's own callbacks the command runs in a later turn.
   */
  async execute(...command: CommandArgument[]): Promise<Reply> {
    if (this.connections.isRunning) await new Promise((resolve) => setTurn(resolve));
    if (this.closing !== undefined) throw new Error('the server is stopped');
    const { engine } = this;
    const from = engine.reply.length;
    engine.timing.beginTurn(true);
    engine.execute(this.caller, Args.from(command));
    engine.timing.endTurn();
    const bytes = engine.reply.take(from);
    this.background.commandsRan();
    this.transport.flush();
    return readReply(bytes);
  }

  /** All keys as they are now. */
  snapshot(): ServerSnapshot {
    return new ServerSnapshot(this.engine.keyspace.snapshot(), this);
  }

  /** Makes all keys what they were when the snapshot was taken; it can be restored any number of times. */
  restore(snapshot: ServerSnapshot): void {
    if (snapshot.owner !== this) throw new Error('the snapshot is of another server');
    const { engine } = this;
    engine.keyspace.restore(snapshot.keyspace);
    if (engine.blocking.hasReady) engine.blocking.serve();
    this.background.commandsRan();
    this.transport.flush();
  }

  /**
   * Ends the server: saves if there are save points, closes listeners and connections, and resolves when nothing is left of them.
   * Rejects, after all is closed, when saving failed.
   */
  async stop(): Promise<void> {
    let failure: unknown;
    if (this.closing === undefined) {
      try {
        this.persistence.shutdown(this.config.get('save').length > 0);
      } catch (error) {
        failure = error;
      }
    }
    await this.close();
    if (failure !== undefined) throw failure;
  }

  /** What SHUTDOWN does: `closed` resolves when it is done. @throws CommandError when saving fails; the server goes on then */
  shutdown(options: ShutdownOptions): void {
    this.serverHost.shutdown(options);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  // ---- Start and end

  private async open(): Promise<void> {
    const { config, transport } = this;
    const backlog = config.get('tcp-backlog');
    const unixSocket = config.get('unixsocket');
    const { left } = this.clients.fitDescriptors(readDescriptorLimit());
    transport.leaveDescriptors(left);
    if (this.settings.loads) this.persistence.expectLoad();
    // As in Redis port 0 means no TCP; alone it would mean no server, so it stands for any free port.
    if (config.get('port') !== 0 || unixSocket === '') {
      this.tcpPort = await transport.listen(parseBind(config.get('bind')), config.get('port'), backlog);
    }
    if (unixSocket !== '') await transport.listenUnix(unixSocket, config.get('unixsocketperm'), backlog);
    this.background.start();
    if (this.settings.loads) await this.persistence.load();
    this.background.planExpiry();
    if (this.tcpPort !== 0) this.logger.info(`Ready to accept connections tcp on port ${this.tcpPort}`);
    if (unixSocket !== '') this.logger.info(`Ready to accept connections unix on ${unixSocket}`);
  }

  private close(): Promise<void> {
    this.closing ??= this.closeAll();
    return this.closing;
  }

  private async closeAll(): Promise<void> {
    this.background.stop();
    this.persistence.abort();
    this.connections.sendReplies();
    await this.transport.close();
    await this.persistence.finished;
    this.clock.clear();
    this.resolveClosed();
  }

  // ---- Parts

  private createPersistence(): Persistence {
    return new Persistence({
      engine: this.engine,
      log: this.logger,
      stopwatch: systemStopwatch,
      // Replies that are ready do not wait for what comes next.
      yield: () =>
        new Promise((resolve) => {
          setTurn(() => {
            this.faults.attempt('replies are lost', () => this.connections.sendReplies());
            resolve();
          });
        }),
      redisVersion: REDIS_VERSION,
    });
  }

  private createHost(): ServerHost {
    return new ServerHost({
      config: this.config,
      engine: this.engine,
      clock: this.clock,
      clients: this.clients,
      traffic: this.connections.traffic,
      faults: this.faults,
      persistence: this.persistence,
      port: () => this.tcpPort,
      listeners: () => this.listeners(),
      expiryMilliseconds: () => this.background.expiryMilliseconds,
      pauseDuties: (isPaused) => {
        this.background.isPaused = isPaused;
      },
      logger: this.logger,
      rewriteConfig: () => {
        if (this.settings.rewriteConfig === undefined) throw errors.NO_CONFIG_FILE;
        this.settings.rewriteConfig();
      },
      end: () => {
        setTurn(() => void this.close());
      },
    });
  }

  private listeners(): string[] {
    const unixSocket = this.config.get('unixsocket');
    const bind = this.config.get('bind').map((address) => `bind=${address}`);
    return [
      ...(this.tcpPort === 0 ? [] : [['name=tcp', ...bind, `port=${this.tcpPort}`].join(',')]),
      ...(unixSocket === '' ? [] : [`name=unix,bind=${unixSocket}`]),
    ];
  }

  // ---- Time

  private tick(): void {
    this.connections.coarseNowMs = this.clock.now();
    const { faults } = this;
    faults.attempt('a sample is skipped', () => this.serverHost.sample());
    faults.attempt('a tick is skipped', () => this.engine.timing.tick());
    faults.attempt('a look at save points is skipped', () => this.persistence.tick(this.clock.now()));
    this.clients.checkMemory();
    if (++this.ticks % TICKS_PER_SWEEP === 0) {
      faults.attempt('a sweep over clients is skipped', () => this.clients.sweep());
    }
  }

  /** Somebody moved the clock, and what fell due has run. */
  private timeMoved(): void {
    this.connections.coarseNowMs = this.clock.now();
    this.engine.keyspace.refreshLruClock();
    this.clients.sweep();
    this.background.planExpiry();
    this.transport.flush();
  }
}

/** Node seeds its generator from the system's entropy, and nothing that goes out of here shows the state of that one. */
function randomWords(): [number, number, number, number] {
  return [randomWord(), randomWord(), randomWord(), randomWord()];
}

function randomWord(): number {
  return Math.floor(Math.random() * 2 ** 32) | 0;
}
