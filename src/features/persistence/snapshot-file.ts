/**
 * Puts a snapshot into a file so that the file is at every instant either the old one or the new one, whole: a
 * temporary file beside it, its content and then its name made to last, and on any failure nothing left behind.
 */

import type { Stopwatch } from '../../engine/clock.js';
import type { Storage, StorageFile } from './storage.js';
import { TemporaryFiles } from './temporary-files.js';

/** Bytes to be written, in steps. */
export interface SnapshotSource {
  /** Works for about `units`, or until a chunk is ready. @returns whether that was all */
  run(units: number): boolean;
  /** Takes a chunk that is ready, if there is one. */
  take(): Buffer | undefined;
  /** Gives back a chunk whose bytes are written. */
  recycle(chunk: Buffer): void;
}

/** The write was called off. */
export class AbortedError extends Error {
  override name = 'AbortedError';
}

export interface WriteControl {
  /** Work done between two looks at the stopwatch. */
  readonly units: number;
  readonly stopwatch: Stopwatch;
  /** What one turn takes, in µs. */
  readonly turn: number;
  /** Lets everything else have its turn. */
  yield(): Promise<void>;
  /** Looked at in every turn. */
  isAborted(): boolean;
}

/** Named as Redis's. */
export const snapshotFiles = new TemporaryFiles('temp-', '.rdb');

/**
 * Writes beside a running server, for a given time in each turn: a given amount of work would take ten times as long
 * while its code is cold. Rejects with the storage's error, or AbortedError.
 */
export async function writeSnapshot(
  storage: Storage,
  path: string,
  temporaryPath: string,
  source: SnapshotSource,
  control: WriteControl,
): Promise<void> {
  const { stopwatch, units } = control;
  let file: StorageFile | null = null;
  try {
    if (control.isAborted()) throw new AbortedError('the save was called off');
    storage.checkReplaceable(path);
    file = storage.create(temporaryPath);
    for (let done = false; !done; ) {
      let chunk: Buffer | undefined;
      const end = stopwatch.microseconds() + control.turn;
      do {
        done = source.run(units);
        chunk = source.take();
      } while (!done && chunk === undefined && stopwatch.microseconds() < end);
      for (; chunk !== undefined; chunk = source.take()) {
        await file.write(chunk);
        source.recycle(chunk);
        if (control.isAborted()) throw new AbortedError('the save was called off');
      }
      await control.yield();
      if (control.isAborted()) throw new AbortedError('the save was called off');
    }
    await file.sync();
    if (control.isAborted()) throw new AbortedError('the save was called off');
    file.close();
    file = null;
    await storage.rename(temporaryPath, path);
  } catch (error) {
    removeTemporary(storage, temporaryPath, file);
    throw error;
  }
  await storage.syncDirectoryOf(path);
}

/** The same in one go. */
export function writeSnapshotNow(storage: Storage, path: string, source: SnapshotSource): void {
  const temporaryPath = snapshotFiles.pathFor(path);
  let file: StorageFile | null = null;
  try {
    storage.checkReplaceable(path);
    file = storage.create(temporaryPath);
    for (let done = false; !done; ) {
      done = source.run(Number.MAX_SAFE_INTEGER);
      for (let chunk: Buffer | undefined; (chunk = source.take()) !== undefined; source.recycle(chunk)) {
        file.writeNow(chunk);
      }
    }
    file.syncNow();
    file.close();
    file = null;
    storage.renameNow(temporaryPath, path);
  } catch (error) {
    removeTemporary(storage, temporaryPath, file);
    throw error;
  }
  storage.syncDirectoryOfNow(path);
}

/** Cleans up after a failure, whose error is the one to be told, not another one here. */
function removeTemporary(storage: Storage, temporaryPath: string, file: StorageFile | null): void {
  try {
    file?.close();
  } catch {}
  try {
    storage.remove(temporaryPath);
  } catch {}
}
