/**
 * Saving: SAVE, BGSAVE and what save points ask for. At most one save runs at a time. One in the background writes a
 * snapshot, in slices between other work, and leaves the old file in place until the new one is whole on the disk.
 */

import type { SavePoint } from '../../config/value-types.js';
import { CommandFlag } from '../../engine/command-table.js';
import { refusalOf } from '../../engine/gate.js';
import { GateStage } from '../../engine/hooks.js';
import type { PersistenceFacts } from '../../engine/server.js';
import type { EvictionPolicy } from '../../keyspace/eviction.js';
import type { KeyspaceSnapshot } from '../../keyspace/keyspace.js';
import { type Arena, PAGE_SIZE } from '../../memory/arena.js';
import * as errors from '../../protocol/errors.js';
import { Functions } from '../scripting/functions.js';
import { messageOf, type PersistenceContext } from './persistence-context.js';
import { RdbWriter, type RdbWriterOptions } from './rdb-writer.js';
import { SAVE_FAILED } from './save-failed.js';
import { snapshotFiles, writeSnapshot, writeSnapshotNow } from './snapshot-file.js';

const UNITS_PER_STEP = 32;
/** What commands wait for at most while a save runs in the background, in µs. */
const TURN = 500;
/** Pages of a snapshot that one turn lets go of. */
const PAGES_PER_TURN = 256;
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

export type SaveFacts = Omit<PersistenceFacts, 'isLoading' | 'loading' | 'lastLoadKeysLoaded' | 'lastLoadKeysExpired'>;

export class Saver {
  /** When the file was last what the keyspace holds: saved, loaded, or at the start of the server. */
  lastSaveAtMs: number;
  private running: RunningSave | null = null;
  private lastAttemptAtMs = 0;
  private lastSaveFailed = false;
  private lastSaveSeconds = -1;
  private lastCopiedBytes = 0;
  private saves = 0;

  constructor(private readonly context: PersistenceContext) {
    this.lastSaveAtMs = context.engine.clock.now();
    const check = refusalOf(CommandFlag.WRITE, errors.MISCONF);
    context.engine.register({ gate: [{ stage: GateStage.SAVING, engine: SAVE_FAILED, check }] });
  }

  /** The running background save's end, whichever; at once when there is none. */
  get finished(): Promise<void> {
    return this.running?.finished ?? Promise.resolve();
  }

  get isSaving(): boolean {
    return this.running !== null && !this.running.isAborted;
  }

  save(): void {
    if (this.isSaving) throw errors.SAVE_IN_PROGRESS;
    this.saveForClient();
  }

  /** A client learns only that it failed. @throws CommandError */
  saveForClient(): void {
    try {
      this.saveNow();
    } catch {
      throw errors.SAVE_FAILED;
    }
  }

  /** Saves in one go, whatever else is going on. @throws CommandError with the reason, which is in the log as well */
  saveNow(): void {
    const { keyspace } = this.context.engine;
    const snapshot = keyspace.snapshot();
    try {
      writeSnapshotNow(this.context.storage, this.context.path, this.writerOf(snapshot));
    } catch (error) {
      this.context.log.warn(`Saving ${this.context.path} failed: ${messageOf(error)}`);
      throw errors.commandError(`saving ${this.context.path} failed: ${messageOf(error)}`);
    } finally {
      snapshot.close();
    }
    keyspace.dirty = 0;
    this.lastSaveAtMs = this.context.engine.clock.now();
    this.saves++;
    this.setFailed(false);
    this.context.log.info('DB saved on disk');
  }

  saveInBackground(): string {
    if (this.isSaving) throw errors.SAVE_IN_PROGRESS;
    const { keyspace, clock } = this.context.engine;
    snapshotFiles.removeLeftovers(this.context.storage, this.context.path);
    const snapshot = keyspace.snapshot();
    const running: RunningSave = {
      writer: this.writerOf(snapshot),
      snapshot,
      temporaryPath: snapshotFiles.pathFor(this.context.path),
      startedAtMs: clock.now(),
      keysTotal: snapshot.databases.reduce((sum, database) => sum + database.size, 0),
      isAborted: false,
      finished: Promise.resolve(),
    };
    // One that was called off may still have to clean up.
    running.finished = this.finished.then(() => this.saveBeside(running));
    this.running = running;
    this.lastAttemptAtMs = running.startedAtMs;
    this.context.log.info('Background saving started');
    return 'Background saving started';
  }

  private async saveBeside(running: RunningSave): Promise<void> {
    let failure: unknown = null;
    try {
      // The command that asked for it has its reply first.
      await this.context.options.yield();
      await writeSnapshot(this.context.storage, this.context.path, running.temporaryPath, running.writer, {
        units: this.context.options.unitsPerStep ?? UNITS_PER_STEP,
        stopwatch: this.context.options.stopwatch,
        turn: TURN,
        yield: this.context.options.yield,
        isAborted: () => running.isAborted || running.snapshot.isLost,
      });
    } catch (error) {
      failure = running.snapshot.isLost ? new Error(LOST_SNAPSHOT) : error;
    }
    this.lastCopiedBytes = copiedBytes(this.context.engine.keyspace.arena, running.snapshot.arena);
    while (running.snapshot.arena.closeSome(PAGES_PER_TURN)) await this.context.options.yield();
    if (this.running === running) this.running = null;
    if (running.isAborted) {
      this.context.log.info('Background saving was called off');
      return;
    }
    const { keyspace, clock } = this.context.engine;
    const now = clock.now();
    this.lastSaveSeconds = Math.round((now - running.startedAtMs) / 1000);
    if (failure !== null) {
      this.context.log.warn(`Background saving failed: ${messageOf(failure)}`);
      this.setFailed(true);
      return;
    }
    keyspace.dirty -= running.snapshot.dirty;
    this.lastSaveAtMs = now;
    this.saves++;
    this.setFailed(false);
    this.context.log.info('Background saving terminated with success');
  }

  private writerOf(snapshot: KeyspaceSnapshot): RdbWriter {
    const { compression, checksum } = this.context.settings;
    return new RdbWriter(snapshot, {
      compression,
      checksum,
      functions: this.context.engine.feature(Functions).sources,
      use: usageFor(this.context.engine.keyspace.eviction.policy),
      aux: [
        ['redis-ver', this.context.options.redisVersion],
        ['redis-bits', '64'],
        ['ctime', String(Math.floor(this.context.engine.clock.now() / 1000))],
        ['used-mem', String(snapshot.arena.stats.usedBytes)],
        ['aof-base', '0'],
      ],
    });
  }

  /** Calls a background save off. Its temporary file is gone when this returns, even if the process ends right then. */
  abort(): void {
    const running = this.running;
    if (running === null || running.isAborted) return;
    running.isAborted = true;
    try {
      // First of all the name goes: a rename that is under way can only fail from here on.
      this.context.storage.remove(running.temporaryPath);
    } catch (error) {
      this.context.log.warn(`${running.temporaryPath} cannot be removed: ${messageOf(error)}`);
    }
  }

  /** Whether a tick may have something to do although no command runs. */
  get hasDuties(): boolean {
    if (this.running !== null || this.lastSaveFailed) return true;
    return this.context.settings.savePoints.length > 0 && this.context.engine.keyspace.dirty > 0;
  }

  /** The save point that is due. */
  dueSavePoint(nowMs: number): SavePoint | undefined {
    if (this.lastSaveFailed && nowMs - this.lastAttemptAtMs <= RETRY_DELAY_MS) return undefined;
    const { dirty } = this.context.engine.keyspace;
    const elapsed = nowMs - this.lastSaveAtMs;
    const point = this.context.settings.savePoints.find(
      ({ seconds, changes }) => dirty >= changes && elapsed > seconds * 1000,
    );
    if (point !== undefined) this.context.log.info(`${point.changes} changes in ${point.seconds} seconds. Saving...`);
    return point;
  }

  private setFailed(failed: boolean): void {
    this.lastSaveFailed = failed;
    this.refreshGate();
  }

  /** Lets writes in or keeps them out, as settings and the last save want it. */
  refreshGate(): void {
    const { stopWritesOnError, savePoints } = this.context.settings;
    const stops = this.lastSaveFailed && stopWritesOnError && savePoints.length > 0;
    this.context.engine.setGate(SAVE_FAILED, stops);
  }

  facts(): SaveFacts {
    const running = this.isSaving ? this.running : null;
    const { clock, keyspace } = this.context.engine;
    return {
      isSaving: running !== null,
      lastSaveAt: Math.floor(this.lastSaveAtMs / 1000),
      lastSaveFailed: this.lastSaveFailed,
      lastSaveSeconds: this.lastSaveSeconds,
      currentSaveSeconds: running === null ? -1 : Math.floor((clock.now() - running.startedAtMs) / 1000),
      currentSaveKeysDone: running?.writer.keysWritten ?? 0,
      currentSaveKeysTotal: running?.keysTotal ?? 0,
      saves: this.saves,
      copiedBytes: running === null ? 0 : copiedBytes(keyspace.arena, running.snapshot.arena),
      lastCopiedBytes: this.lastCopiedBytes,
    };
  }
}

/** What a file says about the use of keys: what the policy goes by. */
function usageFor(policy: EvictionPolicy): RdbWriterOptions['use'] {
  if (policy.endsWith('lru')) return 'idle time';
  return policy.endsWith('lfu') ? 'frequency' : undefined;
}

/** Bytes of the snapshot's pages that the live arena does not share any more. */
function copiedBytes(live: Arena, snapshot: Arena): number {
  let pages = 0;
  for (let page = 1; page < snapshot.bytes.length; page++) {
    if (snapshot.bytes[page].length > 0 && snapshot.views[page] !== live.views[page]) pages++;
  }
  return pages * PAGE_SIZE;
}
