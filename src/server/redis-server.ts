/**
 * A Redis server inside this process: puts keyspace, engine, sockets, clock and files together, and is their owner.
 *
 * Several servers of one process share nothing. Unless `keepAlive` is set, nothing of a server keeps the process alive:
 * a forgotten one does not hang a test run.
 */
import { relative, resolve } from 'node:path';
import { allCommands } from '../commands/index.js';
import { Config } from '../config/config.js';
import { ConfigError } from '../config/value-types.js';
import type { CallerOwner } from '../engine/caller.js';
import { Engine } from '../engine/engine.js';
import { type Logger, silent } from '../engine/logger.js';
import { SeededRandom } from '../engine/random.js';
import { Pause } from '../features/clients/pause.js';
import { Timing } from '../features/observing/timing.js';
import { Persistence } from '../features/persistence/persistence.js';
import { disk } from '../features/persistence/storage.js';
import { storageOnDemand } from '../features/persistence/storage-on-demand.js';
import { Scripting } from '../features/scripting/scripting.js';
import type { HttpService } from '../http/http-service.js';
import { headroom } from '../memory/headroom.js';
import { systemMemory } from '../memory/system-memory.js';
import { readDescriptorLimit } from '../net/descriptor-limit.js';
import { canListenAtOnce } from '../net/immediate-listener.js';
import { parseBind } from '../net/listen-address.js';
import { hasNewcomers } from '../net/newcomers.js';
import { setTimer, setTurn } from '../net/timers.js';
import { Transport } from '../net/transport.js';
import * as errors from '../protocol/errors.js';
import type { Reply } from '../protocol/reply-reader.js';
import { bytesOf } from '../text/byte-text.js';
import { dataTypes } from '../types/index.js';
import { REDIS_VERSION } from '../version.js';
import { Clients } from './clients/clients.js';
import { Turns } from './connections/turns.js';
import { EngineServer } from './engine-server.js';
import { Faults } from './faults.js';
import { guarded } from './guarded-logger.js';
import { canRefuseMemory } from './memory-limit.js';
import { untilQuiet } from './quiet.js';
import { RedisServerError, shown, stopped } from './server-error.js';
import { FILE_DIRECTIVES, type RedisServerOptions, readOptions, type StartSettings } from './server-options.js';
import { ServerSnapshot } from './server-snapshot.js';
import { type CommandArgument, InProcess, type ServerSession, type SessionOptions } from './session.js';
import { bindSettings } from './settings.js';
import { startThreadPool } from './thread-pool.js';
import { Background } from './time/background.js';
import { ControllableClock, type ServerClock } from './time/controllable-clock.js';
import { prepareWhenQuiet } from './time/preparation.js';
import { SystemClock, systemStopwatch } from './time/system-clock.js';

/** Sweeps over all clients happen in every tenth tick: once a second. */
const TICKS_PER_SWEEP = 10;

/** How often untilBlocked() looks. */
const LOOK_MS = 1;
/** What clients keep sending must not hold the clock for ever. */
const MOST_LETTING_IN_MS = 100;

/** How shutdown() ends a server. */
export interface ShutdownOptions {
  /** Whether to save first; by default, or with null, if there are save points. */
  readonly save?: boolean | null | undefined;
  /** Ends although saving failed. */
  readonly force?: boolean | undefined;
}

/** Some systems take no more. */
const MAX_SOCKET_PATH = 100;

export class RedisServer {
  /**
   * Starts a server and resolves when it accepts connections. Without options it listens on 127.0.0.1:6379, keeps
   * everything in memory and logs nothing; `port: 0` takes a free port.
   *
   *     const server = await RedisServer.start({ port: 0 });
   *     const redis = new Redis(server.url);
   *
   * @throws RedisServerError for a bad option, or a file that can't be loaded; the system's error when it can't listen
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
  readonly clock: ServerClock;
  /** Resolves when the server has ended, by stop() or by a client's SHUTDOWN. */
  readonly closed: Promise<void>;

  private readonly config: Config;
  private readonly logger: Logger;
  private readonly engine: Engine;
  private readonly faults: Faults;
  private readonly timing: Timing;
  private readonly clients: Clients;
  private readonly turns: Turns;
  private readonly transport: Transport;
  private readonly background: Background;
  private readonly persistence: Persistence;
  private readonly engineServer: EngineServer;
  private readonly inProcess: InProcess;
  private readonly callerOwner: CallerOwner;
  private http: HttpService | undefined;
  private readonly ownClock: ControllableClock;
  private tcpPort = 0;
  private spareDescriptors = 0;
  private keepsFiles: boolean;
  private closing: Promise<void> | undefined;
  private resolveClosed!: () => void;
  private ticks = 0;
  /** A script has stopped half way. */
  private standsStill = false;

  private constructor(private readonly settings: StartSettings) {
    // TypeScript knows that this is private.
    if (!(settings?.config instanceof Config)) {
      throw new RedisServerError('INVALID_OPTION', 'a server is made by RedisServer.start()');
    }
    const { config, ref } = settings;
    this.config = config;
    this.keepsFiles = settings.keepsFiles;
    this.logger = settings.logger === undefined ? silent : guarded(settings.logger);
    this.closed = new Promise((resolve) => {
      this.resolveClosed = resolve;
    });
    this.faults = new Faults(this.logger);
    const sliceFailed = (error: unknown) => this.faults.caught(error, 'a slice of work is skipped');
    this.ownClock = new ControllableClock(
      new SystemClock(ref, sliceFailed),
      () => this.timeMoved(),
      () => this.untilQuiet(MOST_LETTING_IN_MS),
    );
    this.clock = this.ownClock;
    headroom.canBeRefused = canRefuseMemory;
    this.engine = new Engine({
      commands: allCommands,
      types: dataTypes,
      clock: this.ownClock,
      random: new SeededRandom(randomWords()),
      databases: config.get('databases'),
      stopwatch: systemStopwatch,
      onInternalError: (error, command) =>
        this.logger.error(`Internal error in ${command}: ${(error as Error)?.stack ?? error}`),
    });
    this.engine.keyspace.arena.onSnapshotLost = () => this.logger.warn('Memory ran out: a snapshot was given up');
    this.timing = this.engine.feature(Timing);
    this.clients = new Clients(config, this.logger, () => this.clock.now(), this.engine.clientMemory, this.faults);
    for (const { from, to } of config.renames.list) this.engine.table.rename(from, to);
    this.background = new Background({
      engine: this.engine,
      ref,
      onTick: () => this.tick(),
      hasDuties: () => this.persistence.hasDuties || this.clients.haveDuties,
      onRest: () => {
        this.turns.isResting = true;
      },
      flush: () => this.transport.flush(),
      onFault: sliceFailed,
    });
    this.turns = new Turns({
      engine: this.engine,
      config,
      clients: this.clients,
      logger: this.logger,
      commandsRan: () => this.background.commandsRan(),
      wake: () => this.background.wake(),
      faults: this.faults,
    });
    this.transport = new Transport({
      ref,
      keepAliveSeconds: () => config.get('tcp-keepalive'),
      onChannel: this.turns.accept,
      onBytesLeave: () => this.engine.bytesLeave(),
      onAcceptError: (error) => this.clients.acceptFailed(error),
      onFault: this.faults.caught,
      replies: this.engine.reply.pool,
      ...(settings.transport === undefined ? {} : { mode: settings.transport }),
    });
    this.persistence = this.createPersistence();
    this.engineServer = this.createEngineServer();
    this.engine.server = this.engineServer;
    this.callerOwner = this.createCallerOwner();
    this.inProcess = new InProcess(this.callerOwner);
    const { engine, turns, persistence } = this;
    bindSettings(config, { engine, turns, persistence });
  }

  private createCallerOwner(): CallerOwner {
    const { engine, turns, clients } = this;
    engine.register({ onGone: (client) => clients.removeGuest(client) });
    return {
      engine,
      enter: (connection) => clients.enter(connection),
      leave: (connection) => clients.leave(connection),
      isBusy: () => turns.isRunning,
      isStopped: () => this.closing !== undefined,
      newClient: (sink, mayBlock) => {
        const client = turns.newClient(sink, mayBlock);
        if (sink.facts() !== null) clients.addGuest(client);
        return client;
      },
      run: (client, args) => this.turnInProcess(true, () => engine.execute(client, args)),
      turn: (work) => this.turnInProcess(false, work),
      later: (callback) => void setTurn(callback),
      failed: (error) => this.faults.caught(error, 'a client in process is closed'),
    };
  }

  /** 0 if the server listens on a Unix socket only. */
  get port(): number {
    return this.tcpPort;
  }

  /** An address of this machine under which the server is reached. */
  get host(): string {
    return reachable(this.config.get('bind'));
  }

  /** What client libraries connect to, with the password if there is one. */
  get url(): string {
    const password = this.config.get('requirepass');
    const credentials = password === '' ? '' : `:${percentEncoded(password)}@`;
    if (this.tcpPort === 0) return `unix://${credentials}${this.pathOf(this.config.get('unixsocket'))}`;
    const host = this.host.includes(':') ? `[${this.host}]` : this.host;
    return `redis://${credentials}${host}:${this.tcpPort}`;
  }

  /** Where HTTP is served; undefined where it is not. */
  get httpUrl(): string | undefined {
    if (this.http === undefined) return undefined;
    const host = reachable(this.config.get('http-bind'));
    return `http://${host.includes(':') ? `[${host}]` : host}:${this.http.port}`;
  }

  /**
   * Runs one command in this process, without a socket, and resolves to its reply (RESP3: maps are Maps, sets are Sets,
   * integers beyond 2^53 are bigints, strings are read as UTF-8). An error reply rejects with a ReplyError, a wrong
   * argument with a RedisServerError. Blocking commands answer at once as if their time were up, and nothing stays for
   * later calls: what changes its connection, such as SELECT or MULTI, needs a session().
   *
   *     const members = await server.execute<string[]>('LRANGE', 'jobs', 0, -1);
   */
  execute<T extends Reply = Reply>(...command: CommandArgument[]): Promise<T> {
    return this.inProcess.execute(command, false) as Promise<T>;
  }

  /** The same with strings of the reply as Buffers: every byte as it is. */
  executeBuffer<T extends Reply = Reply>(...command: CommandArgument[]): Promise<T> {
    return this.inProcess.execute(command, true) as Promise<T>;
  }

  /**
   * A client in this process that keeps its state: SELECT, MULTI, SUBSCRIBE hold until it is closed, and blocking
   * commands wait.
   * @throws RedisServerError when the server is stopped
   */
  session(options: SessionOptions = {}): ServerSession {
    return this.inProcess.session(options);
  }

  /**
   * Resolves when clients in this process have sent all they are about to, and all of it has been run and answered or
   * waits for a key. Of clients in other processes it knows only what has arrived.
   */
  idle(): Promise<void> {
    return this.untilQuiet(Number.POSITIVE_INFINITY);
  }

  /** How many clients wait in a blocking command, or because of CLIENT PAUSE. */
  get blockedClients(): number {
    return this.engine.blocking.blockedClients + this.engine.feature(Pause).heldClients;
  }

  /** Resolves when at least so many clients wait. Rejects with a RedisServerError when the server stops before. */
  async untilBlocked(count = 1): Promise<void> {
    if (!Number.isSafeInteger(count) || count < 0) {
      throw new RedisServerError('INVALID_ARGUMENT', `untilBlocked() takes a number of clients, not ${shown(count)}`);
    }
    while (this.blockedClients < count) {
      if (this.closing !== undefined) throw stopped();
      await new Promise((resolve) => setTimer(resolve, LOOK_MS));
    }
  }

  private readonly reportForgotten = (): void => {
    this.logger.warn('A snapshot was never closed. What it held is freed now that nothing refers to it: call close()');
  };

  /** All keys as they are now. @throws RedisServerError when the server is stopped */
  snapshot(): ServerSnapshot {
    this.checkUsable('snapshot');
    return new ServerSnapshot(this.engine.keyspace.snapshot(), this, this.reportForgotten);
  }

  /**
   * Makes all keys what they were when the snapshot was taken; it can be restored any number of times. Connections stay
   * as they are: who waits for a key that comes back is served, and watches of keys that changed break.
   * @throws RedisServerError for a snapshot that is closed or another server's, or when the server is stopped
   */
  restore(snapshot: ServerSnapshot): void {
    if (!(snapshot instanceof ServerSnapshot)) {
      throw new RedisServerError('INVALID_ARGUMENT', `restore() takes a snapshot, not ${shown(snapshot)}`);
    }
    this.checkUsable('restore');
    if (snapshot.owner !== this) throw new RedisServerError('FOREIGN_SNAPSHOT', 'the snapshot is of another server');
    const { engine } = this;
    engine.keyspace.restore(snapshot.keyspace);
    if (engine.blocking.hasReady) engine.blocking.serve();
    this.background.wake();
    this.background.commandsRan();
    this.transport.flush();
  }

  /**
   * Ends the server: saves if there are save points, closes listeners and connections, and resolves when nothing is
   * left of them. Rejects, after all is closed, when saving failed. Calling it again gives the same end.
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

  /**
   * What SHUTDOWN does: `closed` resolves when it is done. On a server that ends already it does nothing.
   * @throws CommandError when saving fails, and the server goes on then; RedisServerError for wrong options
   */
  shutdown(options: ShutdownOptions = {}): void {
    const { save = null, force = false } = options ?? {};
    if (options === null || typeof (save ?? false) !== 'boolean' || typeof force !== 'boolean') {
      throw new RedisServerError('INVALID_ARGUMENT', `shutdown() takes { save, force }, not ${shown(options)}`);
    }
    if (this.closing === undefined) this.engineServer.shutdown({ save, force });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  // ---- Start and end

  private async open(): Promise<void> {
    const { config, transport } = this;
    const backlog = config.get('tcp-backlog');
    const unixSocket = config.get('unixsocket');
    const servesHttp = config.get('http-port') !== 0 || this.settings.servesHttp;
    const { left } = this.clients.fitDescriptors(readDescriptorLimit());
    // Those of HTTP linger too.
    this.spareDescriptors = servesHttp ? left / 2 : left;
    transport.leaveDescriptors(this.spareDescriptors);
    startThreadPool();
    if (this.settings.loads) this.persistence.expectLoad();
    // As in Redis port 0 means no TCP; alone it would mean no server, so it stands for any free port.
    if (config.get('port') !== 0 || unixSocket === '') {
      this.tcpPort = await transport.listen(parseBind(config.get('bind')), config.get('port'), backlog);
    }
    if (unixSocket !== '') {
      await transport.listenUnix(this.pathOf(unixSocket), config.get('unixsocketperm'), backlog);
    }
    if (this.tcpPort === 0 && unixSocket === '' && !servesHttp) {
      throw new RedisServerError('INVALID_OPTION', 'Configured to not listen anywhere: bind names no address');
    }
    config.onChange(['port', 'bind'], (name) => this.relisten(name as 'port' | 'bind'));
    this.background.start();
    if (this.settings.loads) await this.load();
    this.background.planExpiry();
    if (servesHttp) await this.serveHttp();
    if (this.tcpPort !== 0) this.logger.info(`Ready to accept connections tcp on port ${this.tcpPort}`);
    if (unixSocket !== '') this.logger.info(`Ready to accept connections unix on ${unixSocket}`);
    if (this.http !== undefined) this.logger.info(`Ready to accept connections http on port ${this.http.port}`);
    if (this.settings.prepares) this.prepareScripts();
  }

  private async load(): Promise<void> {
    try {
      await this.persistence.load();
    } catch (error) {
      throw new RedisServerError('UNREADABLE_FILE', (error as Error).message, { cause: error });
    }
  }

  /** The first script would have to wait until V8 has compiled the Lua in this program: 20 ms. */
  private prepareScripts(): void {
    prepareWhenQuiet({
      steps: this.engine.feature(Scripting).prepare(),
      arrived: () => this.turns.traffic.reads + this.clients.connectionsReceived,
      isOver: () => this.closing !== undefined,
      failed: (error) => this.faults.caught(error, 'scripts are not prepared'),
    });
  }

  private async serveHttp(): Promise<void> {
    const { HttpService } = await import('../http/http-service.js');
    const started = HttpService.start({
      owner: this.callerOwner,
      config: this.config,
      log: this.logger,
      ref: this.settings.ref,
      port: this.config.get('http-port'),
      mode: this.settings.transport,
      onFault: this.faults.caught,
      onAcceptError: (error) => this.clients.acceptFailed(error),
      spareDescriptors: this.spareDescriptors,
      keepsFiles: () => this.keepsFiles,
    });
    this.http = await started.catch((error: NodeJS.ErrnoException) => {
      // The system's errors have codes; all others are about what was asked for.
      if (error.code !== undefined) throw error;
      throw new RedisServerError('INVALID_OPTION', error.message, { cause: error });
    });
  }

  /** CONFIG SET changed where to listen. @throws ConfigError, and everything is as it was */
  private relisten(directive: 'port' | 'bind'): void {
    const { config, transport } = this;
    if (!canListenAtOnce) throw new ConfigError(`${directive} can't be changed while the server runs on this platform`);
    // Port 0 took any free one at the start, and keeps it unless it is the port that changes.
    const port = config.get('port') === 0 && directive === 'bind' ? this.tcpPort : config.get('port');
    const addresses = port === 0 ? [] : parseBind(config.get('bind'));
    try {
      transport.relisten(addresses, port, this.tcpPort, config.get('tcp-backlog'));
    } catch (error) {
      const { address, message } = error as NodeJS.ErrnoException & { address?: string };
      this.logger.warn(`Could not listen on ${address ?? ''}: ${message}. Failed applying new ${directive} setting`);
      throw new ConfigError(
        directive === 'port'
          ? 'Unable to listen on this port. Check server logs.'
          : 'Failed to bind to specified addresses.',
      );
    }
    this.tcpPort = addresses.length === 0 ? 0 : port;
  }

  /** Relative paths count from `dir`. Long ones are said the shorter way: the system limits those of sockets. */
  private pathOf(path: string): string {
    const absolute = resolve(this.config.get('dir'), path);
    if (absolute.length <= MAX_SOCKET_PATH) return absolute;
    const fromHere = relative(process.cwd(), absolute);
    return fromHere.length < absolute.length ? fromHere : absolute;
  }

  private close(): Promise<void> {
    this.closing ??= this.closeAll();
    return this.closing;
  }

  private async closeAll(): Promise<void> {
    this.background.stop();
    this.inProcess.end();
    const http = this.http?.close();
    this.persistence.abort();
    this.turns.sendReplies();
    await this.transport.close();
    await http;
    await this.persistence.finished;
    this.ownClock.clear();
    this.resolveClosed();
  }

  // ---- Use

  private checkUsable(method: string): void {
    if (this.closing !== undefined) throw stopped();
    if (this.turns.isRunning || this.standsStill) {
      throw new RedisServerError('SERVER_BUSY', `${method}() was called while a command runs`);
    }
  }

  private turnInProcess(isSingle: boolean, work: () => void): void {
    const { turns } = this;
    this.background.wake();
    turns.isRunning = true;
    try {
      this.timing.beginTurn(isSingle);
      work();
      this.timing.endTurn();
    } finally {
      turns.isRunning = false;
    }
    this.background.commandsRan();
    this.transport.flush();
  }

  private untilQuiet(mostMs: number): Promise<void> {
    return untilQuiet({
      isOver: () => this.closing !== undefined,
      isBusy: () => this.turns.hasTurns || this.standsStill,
      arrived: () => this.turns.traffic.reads + this.clients.connectionsReceived,
      mostMs,
    });
  }

  // ---- Parts

  private createPersistence(): Persistence {
    this.config.onChange(FILE_DIRECTIVES, () => {
      this.keepsFiles = true;
    });
    return new Persistence({
      storage: this.keepsFiles ? disk : storageOnDemand(() => this.keepsFiles),
      engine: this.engine,
      log: this.logger,
      stopwatch: systemStopwatch,
      // Replies that are ready do not wait for what comes next.
      yield: () =>
        new Promise((resolve) => {
          setTurn(() => {
            this.faults.attempt('replies are lost', () => this.turns.sendReplies());
            resolve();
          });
        }),
      redisVersion: REDIS_VERSION,
    });
  }

  private createEngineServer(): EngineServer {
    return new EngineServer({
      config: this.config,
      engine: this.engine,
      clock: this.ownClock,
      clients: this.clients,
      traffic: this.turns.traffic,
      faults: this.faults,
      persistence: this.persistence,
      port: () => this.tcpPort,
      listeners: () => this.listeners(),
      expiryMilliseconds: () => this.background.expiryMilliseconds,
      pauseDuties: (isPaused) => {
        this.background.isPaused = isPaused;
      },
      logger: this.logger,
      answerOthers: () => this.turns.answerBesides(),
      // Of a Unix socket nobody tells who wants to connect.
      hasNewcomers: () => this.config.get('unixsocket') !== '' || hasNewcomers(this.tcpPort),
      standStill: (isStill) => this.standStill(isStill),
      nextTurn: (callback) => {
        setTurn(() => {
          if (this.closing === undefined) this.faults.attempt('a turn of a script is skipped', callback);
        });
      },
      rewriteConfig: () => {
        if (this.settings.rewriteConfig === undefined) throw errors.NO_CONFIG_FILE;
        this.settings.rewriteConfig();
      },
      end: () => {
        setTurn(() => void this.close());
      },
    });
  }

  /** A script has stopped half way: others are told so, and nothing else happens until it is over. */
  private standStill(isStill: boolean): void {
    const { background } = this;
    this.standsStill = isStill;
    this.ownClock.hold(isStill);
    background.standsStill = isStill;
    if (isStill) return;
    background.wake();
    background.commandsRan();
    this.transport.flush();
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
    this.turns.coarseNowMs = this.clock.now();
    systemMemory.askAgain();
    const { faults } = this;
    faults.attempt('a sample is skipped', () => this.engineServer.sample());
    faults.attempt('a tick is skipped', () => this.timing.tick());
    faults.attempt('a look at save points is skipped', () => this.persistence.tick(this.clock.now()));
    this.clients.checkMemory();
    if (++this.ticks % TICKS_PER_SWEEP === 0) {
      faults.attempt('a sweep over clients is skipped', () => this.clients.sweep());
    }
  }

  /** Somebody moved the clock, and what fell due has run. */
  private timeMoved(): void {
    this.turns.coarseNowMs = this.clock.now();
    this.engine.keyspace.refreshLruClock();
    this.clients.sweep();
    this.background.planExpiry();
    this.transport.flush();
  }
}

/** For a URL, byte by byte: a password need not be UTF-8. */
function percentEncoded(text: string): string {
  return bytesOf(text)
    .toString('latin1')
    .replace(/[^\w\-.!~*'()]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
}

/** An address under which this machine reaches itself, of those that are listened on. */
function reachable(addresses: readonly string[]): string {
  const host = parseBind(addresses)[0]?.host ?? '127.0.0.1';
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}

/**
 * Node seeds its generator from the system's entropy, and nothing that goes out of here shows the state of that one.
 */
function randomWords(): [number, number, number, number] {
  return [randomWord(), randomWord(), randomWord(), randomWord()];
}

function randomWord(): number {
  return Math.floor(Math.random() * 2 ** 32) | 0;
}
