/**
 * Loading, at the start and for DEBUG RELOAD. A load is all or nothing: when it fails, the keyspace is what it was
 * before.
 */

import { EngineGate } from '../../engine/gate.js';
import type { PersistenceFacts } from '../../engine/server.js';
import * as errors from '../../protocol/errors.js';
import { Functions, LibrarySet } from '../scripting/functions.js';
import { messageOf, type PersistenceContext } from './persistence-context.js';
import { RdbLoader } from './rdb-loader.js';
import { AbortedError, snapshotFiles } from './snapshot-file.js';
import type { StorageFile } from './storage.js';

/** Bytes read at a time while loading, and so what one turn of a load takes in. */
const PIECE_SIZE = 256 * 1024;
/** Files from this size on have their progress logged, in steps of PROGRESS_PERCENT. */
const PROGRESS_FROM = 64 * 1024 * 1024;
const PROGRESS_PERCENT = 10;
export interface LoadProgress {
  readonly startedAtMs: number;
  readonly totalBytes: number;
  loadedBytes: number;
}

export type LoadFacts = Pick<PersistenceFacts, 'isLoading' | 'loading' | 'lastLoadKeysLoaded' | 'lastLoadKeysExpired'>;

export class Loader {
  /** While a load runs. */
  loading: LoadProgress | null = null;
  private isCalledOff = false;
  private keysLoaded = 0;
  private keysExpired = 0;

  /** `onLoaded`: the keyspace is what the file holds. */
  constructor(
    private readonly context: PersistenceContext,
    private readonly onLoaded: () => void,
  ) {}

  /** Keeps clients out, as during a load, until load() has ended: for a server that listens before it loads. */
  expectLoad(): void {
    this.context.engine.setGate(EngineGate.LOADING, true);
  }

  /**
   * Loads the file, if there is one, while clients are told that the server is loading. Rejects with an error that
   * names file, place and reason; the keyspace is then what it was.
   */
  async load(): Promise<void> {
    this.expectLoad();
    try {
      snapshotFiles.removeLeftovers(this.context.storage, this.context.path);
      const file = this.open();
      if (file !== null) await this.loadFrom(file);
    } finally {
      this.context.engine.setGate(EngineGate.LOADING, false);
    }
  }

  private async loadFrom(file: StorageFile): Promise<void> {
    const load = this.beginLoad(file, false);
    try {
      // One piece is read while the other one is taken in.
      let [piece, next] = [Buffer.allocUnsafeSlow(PIECE_SIZE), Buffer.allocUnsafeSlow(PIECE_SIZE)];
      let reading = file.read(piece);
      for (let size: number; (size = await reading) > 0; [piece, next] = [next, piece]) {
        reading = file.read(next);
        // A failure of this read is met when it is awaited, unless the piece before fails first.
        reading.catch(() => {});
        if (this.isCalledOff) throw new AbortedError('the server ends');
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

  /** DEBUG RELOAD, once everything is saved. @throws CommandError */
  reload(options: { flush: boolean; merge: boolean }): void {
    // Redis has emptied the databases by then.
    const file = this.openForClient();
    if (file === null) throw errors.commandError('Error trying to load the RDB dump');
    const load = this.beginLoad(file, options.merge);
    // No command can run meanwhile, but who listens to events has to know that these are none.
    this.context.engine.setGate(EngineGate.LOADING, true);
    try {
      if (options.flush) this.context.engine.keyspace.flushAll();
      const piece = Buffer.allocUnsafeSlow(PIECE_SIZE);
      for (let size: number; (size = file.readNow(piece)) > 0; ) load.feed(piece.subarray(0, size));
      load.finish();
    } catch (error) {
      const failure = load.fail(error);
      this.context.log.warn(failure.message);
      throw errors.commandError(`Error trying to load the RDB dump, check server logs: ${failure.message}`);
    } finally {
      this.context.engine.setGate(EngineGate.LOADING, false);
      load.end();
      file.close();
    }
  }

  /** @throws CommandError */
  private openForClient(): StorageFile | null {
    try {
      return this.open();
    } catch (error) {
      this.context.log.warn(messageOf(error));
      throw errors.commandError(`Error trying to load the RDB dump, check server logs: ${messageOf(error)}`);
    }
  }

  private open(): StorageFile | null {
    try {
      return this.context.storage.open(this.context.path);
    } catch (error) {
      throw new Error(`${this.context.path} cannot be read: ${messageOf(error)}`);
    }
  }

  /** What both ways to load have in common. */
  private beginLoad(file: StorageFile, replace: boolean) {
    const { keyspace, clock } = this.context.engine;
    const { log, path } = this.context;
    const startedAtMs = clock.now();
    // Most loads go into an empty keyspace, where nothing needs to be kept for a failure.
    const before = keyspace.databases.some((database) => database.size > 0) ? keyspace.snapshot(true) : null;
    const { dirty } = keyspace;
    const progress: LoadProgress = { startedAtMs, totalBytes: file.size, loadedBytes: 0 };
    this.loading = progress;
    this.isCalledOff = false;
    const functions = this.context.engine.feature(Functions);
    // Those of the file are put together aside: a load that fails leaves the others.
    const libraries = replace ? functions.set.copy() : new LibrarySet();
    const loader = new RdbLoader(keyspace, file.size, {
      checksum: this.context.settings.checksum,
      nowMs: startedAtMs,
      onLibrary: (source) => void functions.load(source, replace, libraries),
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
        functions.set = libraries;
        this.keysLoaded = loader.keysLoaded;
        this.keysExpired = loader.keysExpired;
        this.onLoaded();
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

  /** Calls a load off that runs. */
  abort(): void {
    this.isCalledOff = this.loading !== null;
  }

  facts(): LoadFacts {
    return {
      isLoading: this.loading !== null,
      loading: this.loading && {
        startedAt: Math.floor(this.loading.startedAtMs / 1000),
        totalBytes: this.loading.totalBytes,
        loadedBytes: this.loading.loadedBytes,
      },
      lastLoadKeysLoaded: this.keysLoaded,
      lastLoadKeysExpired: this.keysExpired,
    };
  }
}
