/**
 * When the keyspace is saved and loaded, and what INFO says of it: SAVE, BGSAVE, save points, the load at the start.
 *
 * At most one save runs at a time. One in the background writes a snapshot, in slices between other work, and leaves
 * the old file in place until the new one is whole on the disk. A load is all or nothing: when it fails, the keyspace
 * is what it was before.
 */

import { join } from 'node:path';
import { defaultOf } from '../../config/binding.js';
import type { SavePoint } from '../../config/value-types.js';
import type { Stopwatch } from '../../engine/clock.js';
import type { Engine } from '../../engine/engine.js';
import { EngineGate } from '../../engine/gate.js';
import type { HostPersistence, PersistenceFacts } from '../../engine/host.js';
import type { EvictionPolicy } from '../../keyspace/eviction.js';
import type { KeyspaceSnapshot } from '../../keyspace/keyspace.js';
import { type Arena, PAGE_SIZE } from '../../memory/arena.js';
import * as errors from '../../protocol/errors.js';
import { RdbLoader } from './rdb-loader.js';
import { RdbWriter, type RdbWriterOptions } from './rdb-writer.js';
import { AbortedError, removeLeftovers, temporaryPathFor, writeSnapshot, writeSnapshotNow } from './snapshot-file.js';
import { disk, type Storage, type StorageFile } from './storage.js';

/** Looked at whenever they matter, so that what CONFIG SET changes takes effect. */
export interface PersistenceSettings {
  directory: string;
  fileName: string;
  compression: boolean;
  checksum: boolean;
  savePoints: readonly SavePoint[];
  stopWritesOnError: boolean;
}

export interface PersistenceOptions {
  readonly engine: Engine;
  /** The server's come by configure(). */
  readonly settings?: PersistenceSettings;
  readonly log: { info(message: string): void; warn(message: string): void };
  /** Lets everything else have its turn. */
  readonly yield: () => Promise<void>;
  /** Level of compatibility, for the file's aux field. */
  readonly redisVersion: string;
  readonly storage?: Storage;
  /** Says when a turn of a background save is over. */
  readonly stopwatch: Stopwatch;
  /** Units of work between two looks at the stopwatch; a unit is about a microsecond. */
  readonly unitsPerStep?: number;
}

const UNITS_PER_STEP = 32;
/** What commands wait for at most while a save runs in the background, in µs. */
const TURN = 500;
/** Pages of a snapshot that one turn lets go of. */
const PAGES_PER_TURN = 256;
/** Bytes read at a time while loading, and so what one turn of a load takes in. */
const PIECE_SIZE = 256 * 1024;
/** Files from this size on have their progress logged, in steps of PROGRESS_PERCENT. */
const PROGRESS_FROM = 64 * 1024 * 1024;
const PROGRESS_PERCENT = 10;
/** After a failed background save the save points wait so long. */
const RETRY_DELAY_MS = 5000;
const LOST_SNAPSHOT = 'memory ran out, so what was being saved was given up for the commands that go on';

interface RunningSave {
  readonly writer: RdbWriter;
  readonly snapshot: KeyspaceSnapshot;
  readonly temporaryPath: string;
  readonly startedAtMs: number;
  readonly keysTotal: number;
  isAborted: boolean;
  /** Settles when all traces of the save are gone; never rejects. */
  finished: Promise<void>;
}

export interface LoadProgress {
  readonly startedAtMs: number;
  readonly totalBytes: number;
  loadedBytes: number;
}

export class Persistence implements HostPersistence {
  /** While a load runs. */
  loading: LoadProgress | null = null;

  readonly #engine: Engine;
  readonly #options: PersistenceOptions;
  readonly #storage: Storage;
  readonly #settings: PersistenceSettings;
  #running: RunningSave | null = null;
  #isLoadCalledOff = false;
  #lastSaveAtMs: number;
  #lastAttemptAtMs = 0;
  #lastSaveFailed = false;
  #lastSaveSeconds = -1;
  #lastCopiedBytes = 0;
  #saves = 0;
  #keysLoaded = 0;
  #keysExpired = 0;

  constructor(options: PersistenceOptions) {
    this.#options = options;
    this.#engine = options.engine;
    this.#storage = options.storage ?? disk;
    this.#settings = options.settings ?? {
      directory: '.',
      fileName: defaultOf('dbfilename'),
      compression: defaultOf('rdbcompression'),
      checksum: defaultOf('rdbchecksum'),
      savePoints: [],
      stopWritesOnError: defaultOf('stop-writes-on-bgsave-error'),
    };
    this.#lastSaveAtMs = options.engine.clock.now();
  }

  get path(): string {
    const { directory, fileName } = this.#settings;
    return join(directory, fileName);
  }

  /** The running background save's end, whichever; at once when there is none. */
  get finished(): Promise<void> {
    return this.#running?.finished ?? Promise.resolve();
  }

  // --- saving

  get #isSaving(): boolean {
    return this.#running !== null && !this.#running.isAborted;
  }

  save(): void {
    if (this.#isSaving) throw errors.SAVE_IN_PROGRESS;
    this.#saveForClient();
  }

  /** A client learns only that it failed. @throws CommandError */
  #saveForClient(): void {
    try {
      this.#saveNow();
    } catch {
      throw errors.SAVE_FAILED;
    }
  }

  /** Saves in one go, whatever else is going on. @throws CommandError with the reason, which is in the log as well */
  #saveNow(): void {
    const { keyspace } = this.#engine;
    const snapshot = keyspace.snapshot();
    try {
      writeSnapshotNow(this.#storage, this.path, this.#writerOf(snapshot));
    } catch (error) {
      this.#options.log.warn(`Saving ${this.path} failed: ${messageOf(error)}`);
      throw errors.commandError(`saving ${this.path} failed: ${messageOf(error)}`);
    } finally {
      snapshot.close();
    }
    keyspace.dirty = 0;
    this.#lastSaveAtMs = this.#engine.clock.now();
    this.#saves++;
    this.#setFailed(false);
    this.#options.log.info('DB saved on disk');
  }

  saveInBackground(_schedule: boolean): string {
    if (this.#isSaving) throw errors.SAVE_IN_PROGRESS;
    const { keyspace, clock } = this.#engine;
    removeLeftovers(this.#storage, this.path);
    const snapshot = keyspace.snapshot();
    const running: RunningSave = {
      writer: this.#writerOf(snapshot),
      snapshot,
      temporaryPath: temporaryPathFor(this.path),
      startedAtMs: clock.now(),
      keysTotal: snapshot.databases.reduce((sum, database) => sum + database.size, 0),
      isAborted: false,
      finished: Promise.resolve(),
    };
    // One that was called off may still have to clean up.
    running.finished = this.finished.then(() => this.#saveBeside(running));
    this.#running = running;
    this.#lastAttemptAtMs = running.startedAtMs;
    this.#options.log.info('Background saving started');
    return 'Background saving started';
  }

  async #saveBeside(running: RunningSave): Promise<void> {
    let failure: unknown = null;
    try {
      // The command that asked for it has its reply first.
      await this.#options.yield();
      await writeSnapshot(this.#storage, this.path, running.temporaryPath, running.writer, {
        units: this.#options.unitsPerStep ?? UNITS_PER_STEP,
        stopwatch: this.#options.stopwatch,
        turn: TURN,
        yield: this.#options.yield,
        isAborted: () => running.isAborted || running.snapshot.isLost,
      });
    } catch (error) {
      failure = running.snapshot.isLost ? new Error(LOST_SNAPSHOT) : error;
    }
    this.#lastCopiedBytes = copiedBytes(this.#engine.keyspace.arena, running.snapshot.arena);
    while (running.snapshot.arena.closeSome(PAGES_PER_TURN)) await this.#options.yield();
    if (this.#running === running) this.#running = null;
    if (running.isAborted) {
      this.#options.log.info('Background saving was called off');
      return;
    }
    const { keyspace, clock } = this.#engine;
    const now = clock.now();
    this.#lastSaveSeconds = Math.round((now - running.startedAtMs) / 1000);
    if (failure !== null) {
      this.#options.log.warn(`Background saving failed: ${messageOf(failure)}`);
      this.#setFailed(true);
      return;
    }
    keyspace.dirty -= running.snapshot.dirty;
    this.#lastSaveAtMs = now;
    this.#saves++;
    this.#setFailed(false);
    this.#options.log.info('Background saving terminated with success');
  }

  #writerOf(snapshot: KeyspaceSnapshot): RdbWriter {
    const { compression, checksum } = this.#settings;
    return new RdbWriter(snapshot, {
      compression,
      checksum,
      use: usageFor(this.#engine.keyspace.eviction.policy),
      aux: [
        ['redis-ver', this.#options.redisVersion],
        ['redis-bits', '64'],
        ['ctime', String(Math.floor(this.#engine.clock.now() / 1000))],
        ['used-mem', String(snapshot.arena.stats.usedBytes)],
        ['aof-base', '0'],
      ],
    });
  }

  /**
   * Calls a background save or load off. A save's temporary file is gone when this returns, even if the process ends
   * right then.
   */
  abort(): void {
    this.#isLoadCalledOff = this.loading !== null;
    const running = this.#running;
    if (running === null || running.isAborted) return;
    running.isAborted = true;
    try {
      // First of all the name goes: a rename that is under way can only fail from here on.
      this.#storage.remove(running.temporaryPath);
    } catch (error) {
      this.#options.log.warn(`${running.temporaryPath} cannot be removed: ${messageOf(error)}`);
    }
  }

  /**
   * Before the server ends: saves, or not, and leaves no background save behind. @throws CommandError when saving
   * failed
   */
  shutdown(save: boolean): void {
    // Half a load is nothing to save.
    const isComplete = this.loading === null;
    this.abort();
    if (save && isComplete) this.#saveNow();
  }

  /** FLUSHALL: what a running save would write is out of date, and with save points the file becomes empty too. */
  flushed(): void {
    this.abort();
    if (this.#settings.savePoints.length === 0) return;
    const { keyspace } = this.#engine;
    const { dirty } = keyspace;
    try {
      this.#saveNow();
    } catch {
      // It is logged, and the save points will try again.
    }
    keyspace.dirty = dirty;
  }

  /** Whether tick() may have something to do although no command runs. */
  get hasDuties(): boolean {
    if (this.#running !== null || this.loading !== null || this.#lastSaveFailed) return true;
    return this.#settings.savePoints.length > 0 && this.#engine.keyspace.dirty > 0;
  }

  /** Called by the server's cron: starts the save that a save point asks for. */
  tick(nowMs: number): void {
    this.refreshGate();
    if (this.#isSaving || this.loading !== null) return;
    if (this.#dueSavePoint(nowMs) === undefined) return;
    this.saveInBackground(false);
  }

  #dueSavePoint(nowMs: number): SavePoint | undefined {
    if (this.#lastSaveFailed && nowMs - this.#lastAttemptAtMs <= RETRY_DELAY_MS) return undefined;
    const { dirty } = this.#engine.keyspace;
    const elapsed = nowMs - this.#lastSaveAtMs;
    const point = this.#settings.savePoints.find(
      ({ seconds, changes }) => dirty >= changes && elapsed > seconds * 1000,
    );
    if (point !== undefined) this.#options.log.info(`${point.changes} changes in ${point.seconds} seconds. Saving...`);
    return point;
  }

  #setFailed(failed: boolean): void {
    this.#lastSaveFailed = failed;
    this.refreshGate();
  }

  /** Directives changed. */
  configure(settings: PersistenceSettings): void {
    Object.assign(this.#settings, settings);
    this.refreshGate();
  }

  /** Lets writes in or keeps them out, as settings and the last save want it. */
  refreshGate(): void {
    const { stopWritesOnError, savePoints } = this.#settings;
    const stops = this.#lastSaveFailed && stopWritesOnError && savePoints.length > 0;
    if (stops) this.#engine.gate |= EngineGate.SAVE_FAILED;
    else this.#engine.gate &= ~EngineGate.SAVE_FAILED;
  }

  // --- loading

  /** Keeps clients out, as during a load, until load() has ended: for a server that listens before it loads. */
  expectLoad(): void {
    this.#engine.gate |= EngineGate.LOADING;
  }

  /**
   * Loads the file, if there is one, while clients are told that the server is loading. Rejects with an error that
   * names file, place and reason; the keyspace is then what it was.
   */
  async load(): Promise<void> {
    this.expectLoad();
    try {
      removeLeftovers(this.#storage, this.path);
      const file = this.#open();
      if (file !== null) await this.#loadFrom(file);
    } finally {
      this.#engine.gate &= ~EngineGate.LOADING;
    }
  }

  async #loadFrom(file: StorageFile): Promise<void> {
    const load = this.#beginLoad(file, false);
    try {
      // One piece is read while the other one is taken in.
      let [piece, next] = [Buffer.allocUnsafeSlow(PIECE_SIZE), Buffer.allocUnsafeSlow(PIECE_SIZE)];
      let reading = file.read(piece);
      for (let size: number; (size = await reading) > 0; [piece, next] = [next, piece]) {
        reading = file.read(next);
        // A failure of this read is met when it is awaited, unless the piece before fails first.
        reading.catch(() => {});
        if (this.#isLoadCalledOff) throw new AbortedError('the server ends');
        load.feed(piece.subarray(0, size));
      }
      load.finish();
    } catch (error) {
      throw load.fail(error);
    } finally {
      load.end();
      file.close();
    }
  }

  reload(options: { save: boolean; flush: boolean; merge: boolean }): void {
    if (options.save) {
      this.abort();
      this.#saveForClient();
    }
    // Redis has emptied the databases by then.
    const file = this.#openForClient();
    if (file === null) throw errors.commandError('Error trying to load the RDB dump');
    const load = this.#beginLoad(file, options.merge);
    // No command can run meanwhile, but who listens to events has to know that these are none.
    this.#engine.gate |= EngineGate.LOADING;
    try {
      if (options.flush) this.#engine.keyspace.flushAll();
      const piece = Buffer.allocUnsafeSlow(PIECE_SIZE);
      for (let size: number; (size = file.readNow(piece)) > 0; ) load.feed(piece.subarray(0, size));
      load.finish();
    } catch (error) {
      const failure = load.fail(error);
      this.#options.log.warn(failure.message);
      throw errors.commandError(`Error trying to load the RDB dump, check server logs: ${failure.message}`);
    } finally {
      this.#engine.gate &= ~EngineGate.LOADING;
      load.end();
      file.close();
    }
  }

  /** @throws CommandError */
  #openForClient(): StorageFile | null {
    try {
      return this.#open();
    } catch (error) {
      this.#options.log.warn(messageOf(error));
      throw errors.commandError(`Error trying to load the RDB dump, check server logs: ${messageOf(error)}`);
    }
  }

  #open(): StorageFile | null {
    try {
      return this.#storage.open(this.path);
    } catch (error) {
      throw new Error(`${this.path} cannot be read: ${messageOf(error)}`);
    }
  }

  /** What both ways to load have in common. */
  #beginLoad(file: StorageFile, replace: boolean) {
    const { keyspace, clock } = this.#engine;
    const { log } = this.#options;
    const { path } = this;
    const startedAtMs = clock.now();
    // Most loads go into an empty keyspace, where nothing needs to be kept for a failure.
    const before = keyspace.databases.some((database) => database.size > 0) ? keyspace.snapshot(true) : null;
    const { dirty } = keyspace;
    const progress: LoadProgress = { startedAtMs, totalBytes: file.size, loadedBytes: 0 };
    this.loading = progress;
    this.#isLoadCalledOff = false;
    const loader = new RdbLoader(keyspace, file.size, {
      checksum: this.#settings.checksum,
      nowMs: startedAtMs,
      replace,
    });
    let nextReport = file.size >= PROGRESS_FROM ? PROGRESS_PERCENT : 100;
    return {
      feed: (piece: Buffer): void => {
        loader.feed(piece);
        progress.loadedBytes += piece.length;
        const percent = (progress.loadedBytes / progress.totalBytes) * 100;
        if (percent < nextReport || percent >= 100) return;
        nextReport = (Math.floor(percent / PROGRESS_PERCENT) + 1) * PROGRESS_PERCENT;
        log.info(`Loading ${path}: ${Math.floor(percent)} %, ${loader.keysLoaded} keys`);
      },
      finish: (): void => {
        loader.finish();
        this.#keysLoaded = loader.keysLoaded;
        this.#keysExpired = loader.keysExpired;
        this.#lastSaveAtMs = clock.now();
        keyspace.dirty = 0;
        const seconds = ((clock.now() - startedAtMs) / 1000).toFixed(3);
        log.info(
          `DB loaded from disk: ${seconds} seconds, ${loader.keysLoaded} keys loaded, ${loader.keysExpired} expired`,
        );
      },
      fail: (error: unknown): Error => {
        if (before === null) keyspace.flushAll();
        else keyspace.restore(before);
        keyspace.dirty = dirty;
        return new Error(`${path} cannot be loaded: ${messageOf(error)}`, { cause: error });
      },
      end: (): void => {
        before?.close();
        this.loading = null;
      },
    };
  }

  // --- facts

  facts(): PersistenceFacts {
    const running = this.#isSaving ? this.#running : null;
    const now = this.#engine.clock.now();
    return {
      isLoading: this.loading !== null,
      loading: this.loading && {
        startedAt: Math.floor(this.loading.startedAtMs / 1000),
        totalBytes: this.loading.totalBytes,
        loadedBytes: this.loading.loadedBytes,
      },
      isSaving: running !== null,
      lastSaveAt: Math.floor(this.#lastSaveAtMs / 1000),
      lastSaveFailed: this.#lastSaveFailed,
      lastSaveSeconds: this.#lastSaveSeconds,
      currentSaveSeconds: running === null ? -1 : Math.floor((now - running.startedAtMs) / 1000),
      currentSaveKeysDone: running?.writer.keysWritten ?? 0,
      currentSaveKeysTotal: running?.keysTotal ?? 0,
      saves: this.#saves,
      lastLoadKeysLoaded: this.#keysLoaded,
      lastLoadKeysExpired: this.#keysExpired,
      copiedBytes: running === null ? 0 : copiedBytes(this.#engine.keyspace.arena, running.snapshot.arena),
      lastCopiedBytes: this.#lastCopiedBytes,
    };
  }
}

/** What a file tells of the use of keys: what the policy goes by. */
function usageFor(policy: EvictionPolicy): RdbWriterOptions['use'] {
  if (policy.endsWith('lru')) return 'idle time';
  return policy.endsWith('lfu') ? 'frequency' : undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Bytes of the snapshot's pages that the live arena does not share any more. */
function copiedBytes(live: Arena, snapshot: Arena): number {
  let pages = 0;
  for (let page = 1; page < snapshot.bytes.length; page++) {
    if (snapshot.bytes[page].length > 0 && snapshot.views[page] !== live.views[page]) pages++;
  }
  return pages * PAGE_SIZE;
}
