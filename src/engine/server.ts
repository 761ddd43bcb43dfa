/**
 * What commands need of the server around the engine: configuration, clients, files, life and death. The server
 * implements it; commands know only this interface, so they stay free of sockets, disks and timers.
 */

import type { Config } from '../config/config.js';
import type { Client } from './client.js';

// Members are added by the features that need them.
export interface Server {
  readonly config: Config;
  readonly clients: ServerClients;
  readonly authentication: ServerAuthentication;
  readonly persistence: ServerPersistence;
  /** What INFO says about the process and the network. */
  serverFacts(): ServerFacts;
  /** Asked for apart: the system and V8 take a while to tell. */
  processMemory(): ProcessMemory;
  /** CONFIG RESETSTAT: counters outside the engine start anew. */
  resetStatistics(): void;
  /** CONFIG REWRITE: writes what `config` says into the file it came from. @throws CommandError */
  rewriteConfig(): void;
  /** SHUTDOWN. @throws CommandError when a save fails and nothing forces it; on success the connections just close */
  shutdown(options: ShutdownOptions): void;
  /** DEBUG SLEEP: nobody is served for so long. */
  sleep(milliseconds: number): void;
  /** A line for the log, of DEBUG LOG or of a script. */
  log(message: string, level?: LogLevel): void;
  /** Somebody's command takes very long: others are answered, by Engine.executeBeside(), as far as that goes here. */
  answerOthers(): void;
  /** Whether somebody wants to connect, or may want to: that takes the event loop, and not answerOthers(). */
  hasNewcomers(): boolean;
  /**
   * A command has stopped half way for others, once or several times. Until it is over nothing changes data by itself,
   * and no time is over.
   */
  standStill(isStill: boolean): void;
  /** Calls back after a turn of the event loop. */
  nextTurn(callback: () => void): void;
  /** DEBUG CHANGE-REPL-ID: a new one of the 40 digits that name this history of changes. */
  changeReplicationId(): void;
  /** DEBUG PAUSE-CRON: what is done ten times a second is not done. */
  pauseDuties(isPaused: boolean): void;
  /** Microseconds since the epoch, for TIME: as fine as the server's clock is. */
  microseconds(): number;
}

/** As redis.log() and `loglevel` name them. */
export type LogLevel = 'debug' | 'verbose' | 'notice' | 'warning';

export interface ServerClients {
  /** All connected clients, in the order they came; those that speak another protocol follow. */
  all(): Iterable<Client>;
}

export interface ServerAuthentication {
  /** Whether a new connection must authenticate before anything else. */
  readonly isRequired: boolean;
  /** Whether the user exists and this is the password; any password will do for one that has none. */
  accepts(user: string, password: Buffer): boolean;
}

export interface ShutdownOptions {
  /** Whether to save first; null: if there are save points. */
  readonly save: boolean | null;
  /** Goes on although saving failed. */
  readonly force: boolean;
}

export interface ServerPersistence {
  /** SAVE: returns when the file is written. @throws CommandError */
  save(): void;
  /**
   * BGSAVE. With `schedule`, one that can't start yet is noted for later.
   * @returns the status to reply: 'Background saving started' or 'Background saving scheduled'
   * @throws CommandError if one is running already
   */
  saveInBackground(schedule: boolean): string;
  /** FLUSHALL has emptied everything: a running save is called off, and with save points the file becomes empty too. */
  flushed(): void;
  /** DEBUG RELOAD: saves (unless told not to), then loads what is in the file. @throws CommandError */
  reload(options: { save: boolean; flush: boolean; merge: boolean }): void;
  facts(): PersistenceFacts;
}

export interface PersistenceFacts {
  readonly isLoading: boolean;
  /** While a file is loaded; unix seconds. */
  readonly loading: { readonly startedAt: number; readonly totalBytes: number; readonly loadedBytes: number } | null;
  readonly isSaving: boolean;
  /** Unix seconds; the start of the server when nothing has been saved yet. */
  readonly lastSaveAt: number;
  readonly lastSaveFailed: boolean;
  /** Seconds; -1 when there was none. */
  readonly lastSaveSeconds: number;
  readonly currentSaveSeconds: number;
  readonly currentSaveKeysDone: number;
  readonly currentSaveKeysTotal: number;
  readonly saves: number;
  readonly lastLoadKeysLoaded: number;
  readonly lastLoadKeysExpired: number;
  /** Bytes copied because of the running snapshot, and because of the last one. */
  readonly copiedBytes: number;
  readonly lastCopiedBytes: number;
}

export interface ServerFacts {
  readonly pid: number;
  /** 40 hexadecimal digits, new at every start. */
  readonly runId: string;
  /** 0 while there is no TCP. */
  readonly port: number;
  /** As `name=tcp,bind=127.0.0.1,port=6379`, one for each kind of listener. */
  readonly listeners: readonly string[];
  readonly replicationId: string;
  readonly startedAtMs: number;
  readonly executable: string;
  readonly os: string;
  readonly nodeVersion: string;
  readonly arch: string;
  /** Memory that connections hold. */
  readonly connectionBytes: number;
  /** Of one connection: memory of incomplete requests, and of replies that are not read. */
  readonly largestInputBuffer: number;
  readonly largestOutputBuffer: number;
  /** What removing keys as they fell due took. */
  readonly expiryMilliseconds: number;
  readonly cpuUserMicroseconds: number;
  readonly cpuSystemMicroseconds: number;
  /** Of the thread that runs commands; of the whole process where Node does not tell. */
  readonly cpuThreadUserMicroseconds: number;
  readonly cpuThreadSystemMicroseconds: number;
  readonly connectionsReceived: number;
  readonly connectionsRejected: number;
  readonly inputBytes: number;
  readonly outputBytes: number;
  readonly reads: number;
  readonly writes: number;
  readonly queryBufferLimitDisconnections: number;
  readonly outputBufferLimitDisconnections: number;
  /** Closed because all clients together took too much memory. */
  readonly clientsEvicted: number;
  /** Callbacks of sockets and timers that threw. */
  readonly faults: number;
  /** Per second, of late. */
  readonly commandsPerSecond: number;
  readonly inputKilobytesPerSecond: number;
  readonly outputKilobytesPerSecond: number;
  readonly turnsPerSecond: number;
  readonly turnMicroseconds: number;
}

export interface ProcessMemory {
  readonly residentBytes: number;
  readonly peakResidentBytes: number;
  /** Of the machine. */
  readonly systemBytes: number;
  /** Of JavaScript's heap. */
  readonly heapUsedBytes: number;
  /** What of that was there when the server began. */
  readonly startupBytes: number;
}
