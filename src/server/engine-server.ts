/** What commands see of the server around them: one Server, put together from its parts. */
import os from 'node:os';
import type { Config } from '../config/config.js';
import type { Engine } from '../engine/engine.js';
import type { Logger } from '../engine/logger.js';
import type {
  LogLevel,
  ProcessMemory,
  Server,
  ServerAuthentication,
  ServerFacts,
  ShutdownOptions,
} from '../engine/server.js';
import { Timing } from '../features/observing/timing.js';
import type { Persistence } from '../features/persistence/persistence.js';
import { performanceNow, timeOrigin } from '../net/timers.js';
import * as errors from '../protocol/errors.js';
import { bytesOf } from '../text/byte-text.js';
import type { Clients } from './clients/clients.js';
import type { Traffic } from './connections/connection.js';
import { Rate } from './connections/throughput.js';
import type { Faults } from './faults.js';
import type { ControllableClock } from './time/controllable-clock.js';

const FINE_CLOCK_TOLERANCE = 2000;

/** Node tells it from 23.9 on. */
const threadCpuUsage = (process as { threadCpuUsage?: () => NodeJS.CpuUsage }).threadCpuUsage?.bind(process);

export interface ServerParts {
  config: Config;
  engine: Engine;
  clock: ControllableClock;
  clients: Clients;
  traffic: Traffic;
  faults: Faults;
  persistence: Persistence;
  /** 0 while there is no TCP. */
  port: () => number;
  /** As `name=tcp,bind=127.0.0.1,port=6379`. */
  listeners: () => readonly string[];
  /** Writes the configuration into its file: the part that read that file knows how. @throws CommandError */
  rewriteConfig: () => void;
  /** What removing keys as they fell due took. */
  expiryMilliseconds: () => number;
  /** Stops what is done ten times a second, or goes on with it. */
  pauseDuties: (isPaused: boolean) => void;
  logger: Logger;
  /** Answers clients while one command holds all others up. */
  answerOthers: () => void;
  hasNewcomers: () => boolean;
  standStill: (isStill: boolean) => void;
  nextTurn: (callback: () => void) => void;
  /** Ends the server, in a turn of its own. */
  end: () => void;
}

export class EngineServer implements Server {
  readonly config: Config;
  readonly clients: Clients;
  readonly authentication: ServerAuthentication;
  readonly persistence: Persistence;
  private runId: string | undefined;
  private readonly startedAtMs: number;
  private readonly timing: Timing;
  private readonly commands: Rate;
  private readonly input: Rate;
  private readonly output: Rate;
  private peakResidentBytes = 0;
  /** What the system told last: to tell, it opens a file, and may be out of descriptors. */
  private memory = { rss: 0, heapUsed: 0 };
  private replicationId: string | undefined;
  /** Looked at in the first tick, for looking takes a while. */
  private startupBytes = 0;
  /** Asked for once, for the system reads a file. */
  private systemMemoryBytes: number | undefined;
  private readonly turns: Rate;
  private readonly busyMicroseconds: Rate;

  constructor(private readonly parts: ServerParts) {
    this.config = parts.config;
    this.clients = parts.clients;
    this.authentication = new PasswordAuthentication(parts.config);
    this.persistence = parts.persistence;
    this.timing = parts.engine.feature(Timing);
    this.startedAtMs = parts.clock.now();
    const now = performanceNow();
    this.commands = new Rate(now);
    this.input = new Rate(now);
    this.output = new Rate(now);
    this.turns = new Rate(now);
    this.busyMicroseconds = new Rate(now);
  }

  /** Called ten times a second. */
  sample(): void {
    const now = performanceNow();
    this.commands.sample(this.parts.engine.table.calls, now);
    this.input.sample(this.parts.traffic.inputBytes, now);
    this.output.sample(this.parts.traffic.outputBytes, now);
    this.turns.sample(this.timing.turns, now);
    this.busyMicroseconds.sample(this.timing.busyMicroseconds, now);
    if (this.startupBytes === 0) this.startupBytes = this.memoryUsage().heapUsed;
  }

  private memoryUsage(): { rss: number; heapUsed: number } {
    try {
      this.memory = process.memoryUsage();
    } catch {
      // Old figures are better than none.
    }
    return this.memory;
  }

  serverFacts(): ServerFacts {
    const { clients, traffic } = this.parts;
    const cpu = process.cpuUsage();
    const threadCpu = threadCpuUsage?.() ?? cpu;
    return {
      pid: process.pid,
      runId: (this.runId ??= newId()),
      replicationId: (this.replicationId ??= newId()),
      port: this.parts.port(),
      listeners: this.parts.listeners(),
      startedAtMs: this.startedAtMs,
      executable: process.argv[1] ?? process.execPath,
      os: `${os.type()} ${os.release()} ${os.machine()}`,
      nodeVersion: process.version,
      arch: process.arch,
      connectionBytes: clients.bufferedBytes,
      largestInputBuffer: clients.largestInputBuffer,
      largestOutputBuffer: clients.largestOutputBuffer,
      expiryMilliseconds: this.parts.expiryMilliseconds(),
      cpuUserMicroseconds: cpu.user,
      cpuSystemMicroseconds: cpu.system,
      cpuThreadUserMicroseconds: threadCpu.user,
      cpuThreadSystemMicroseconds: threadCpu.system,
      connectionsReceived: clients.connectionsReceived,
      connectionsRejected: clients.connectionsRejected,
      inputBytes: traffic.inputBytes,
      outputBytes: traffic.outputBytes,
      reads: traffic.reads,
      writes: traffic.writes,
      queryBufferLimitDisconnections: clients.queryBufferLimitDisconnections,
      outputBufferLimitDisconnections: clients.outputBufferLimitDisconnections,
      clientsEvicted: clients.clientsEvicted,
      faults: this.parts.faults.count,
      commandsPerSecond: Math.round(this.commands.perSecond),
      inputKilobytesPerSecond: this.input.perSecond / 1024,
      outputKilobytesPerSecond: this.output.perSecond / 1024,
      turnsPerSecond: Math.round(this.turns.perSecond),
      turnMicroseconds: Math.round(this.busyMicroseconds.perSecond / Math.max(this.turns.perSecond, 1)),
    };
  }

  processMemory(): ProcessMemory {
    const { rss, heapUsed } = this.memoryUsage();
    this.peakResidentBytes = Math.max(this.peakResidentBytes, rss);
    return {
      residentBytes: rss,
      peakResidentBytes: this.peakResidentBytes,
      systemBytes: (this.systemMemoryBytes ??= os.totalmem()),
      heapUsedBytes: heapUsed,
      startupBytes: this.startupBytes === 0 ? heapUsed : Math.min(this.startupBytes, heapUsed),
    };
  }

  resetStatistics(): void {
    const { clients, traffic } = this.parts;
    clients.resetStatistics();
    this.parts.faults.count = 0;
    traffic.reset();
    for (const rate of [this.commands, this.input, this.output, this.turns, this.busyMicroseconds]) rate.reset();
    this.peakResidentBytes = 0;
  }

  rewriteConfig(): void {
    this.parts.rewriteConfig();
  }

  shutdown({ save, force }: ShutdownOptions): void {
    try {
      this.persistence.shutdown(save ?? this.config.get('save').length > 0);
    } catch {
      // The reason is in the log.
      if (!force) throw errors.SHUTDOWN_FAILED;
    }
    this.parts.end();
  }

  sleep(milliseconds: number): void {
    // Held up by definition: nobody is served meanwhile.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
  }

  log(message: string, level: LogLevel = 'warning'): void {
    const { logger } = this.parts;
    if (level === 'warning') logger.warn(message);
    else if (level === 'notice') logger.info(message);
    else logger.debug(message);
  }

  answerOthers(): void {
    this.parts.answerOthers();
  }

  hasNewcomers(): boolean {
    return this.parts.hasNewcomers();
  }

  standStill(isStill: boolean): void {
    this.parts.standStill(isStill);
  }

  nextTurn(callback: () => void): void {
    this.parts.nextTurn(callback);
  }

  changeReplicationId(): void {
    this.replicationId = newId();
  }

  pauseDuties(isPaused: boolean): void {
    this.parts.pauseDuties(isPaused);
  }

  microseconds(): number {
    const coarse = this.parts.clock.now() * 1000;
    const fine = Math.floor((timeOrigin + performanceNow()) * 1000);
    // They part when the clock is held or moved by hand, and when the system's was set.
    return Math.abs(fine - coarse) < FINE_CLOCK_TOLERANCE ? fine : coarse;
  }
}

/** The only user there is, `default`, with the password of `requirepass`. */
class PasswordAuthentication implements ServerAuthentication {
  constructor(private readonly config: Config) {}

  get isRequired(): boolean {
    return this.config.get('requirepass') !== '';
  }

  accepts(user: string, password: Buffer): boolean {
    if (user !== 'default') return false;
    if (!this.isRequired) return true;
    // Of equal length whatever was sent, so that the time taken tells nothing.
    return crypto().timingSafeEqual(digest(password), digest(bytesOf(this.config.get('requirepass'))));
  }
}

/** Loaded when first needed: it would cost every start 5 ms. */
function crypto(): typeof import('node:crypto') {
  return process.getBuiltinModule('node:crypto');
}

/** 40 hexadecimal digits. */
function newId(): string {
  return crypto().randomBytes(20).toString('hex');
}

function digest(bytes: Buffer): Buffer {
  return crypto().createHash('sha256').update(bytes).digest();
}
