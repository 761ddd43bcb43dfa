/**
 * As little of a file system as snapshots take, so that a test can put a full or a failing disk in its place.
 *
 * What a running server must not wait for is asynchronous. The `…Now` forms are for SAVE, SHUTDOWN and DEBUG RELOAD,
 * which hold everything up by definition.
 */

import * as fs from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

export interface Storage {
  /** Creates a file, or empties the one that is there. */
  create(path: string): StorageFile;
  /** Throws where something stands that is no regular file, and so not to be replaced by one. */
  checkReplaceable(path: string): void;
  /** The files of a directory. */
  names(directory: string): string[];
  modifiedAtMs(path: string): number;
  /** null when there is no such file. Throws at once where there is something else than a regular file. */
  open(path: string): StorageFile | null;
  rename(from: string, to: string): Promise<void>;
  renameNow(from: string, to: string): void;
  /** No error when there is no such file. */
  remove(path: string): void;
  /** Makes a rename in the path's directory last, where the platform knows how. */
  syncDirectoryOf(path: string): Promise<void>;
  syncDirectoryOfNow(path: string): void;
}

export interface StorageFile {
  /** Bytes in the file when it was opened. */
  readonly size: number;
  /** Reads what follows. @returns bytes read, 0 at the end of the file */
  read(into: Buffer): Promise<number>;
  readNow(into: Buffer): number;
  /** Writes all of it behind what was written before. */
  write(bytes: Buffer): Promise<void>;
  writeNow(bytes: Buffer): void;
  sync(): Promise<void>;
  syncNow(): void;
  close(): void;
}

const read = promisify(fs.read);
const write = promisify(fs.write);
const fsync = promisify(fs.fsync);

class DiskFile implements StorageFile {
  readonly size: number;
  private readonly descriptor: number;

  constructor(descriptor: number) {
    this.descriptor = descriptor;
    this.size = fs.fstatSync(descriptor).size;
  }

  async read(into: Buffer): Promise<number> {
    return (await read(this.descriptor, into, 0, into.length, null)).bytesRead;
  }

  readNow(into: Buffer): number {
    return fs.readSync(this.descriptor, into, 0, into.length, null);
  }

  async write(bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      at += (await write(this.descriptor, bytes, at, bytes.length - at, null)).bytesWritten;
    }
  }

  writeNow(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; ) at += fs.writeSync(this.descriptor, bytes, at, bytes.length - at, null);
  }

  sync(): Promise<void> {
    return fsync(this.descriptor);
  }

  syncNow(): void {
    fs.fsyncSync(this.descriptor);
  }

  close(): void {
    fs.closeSync(this.descriptor);
  }
}

const NO_REGULAR_FILE = 'it is no regular file';

/** The file system of the machine. */
export const disk: Storage = {
  create: (path) => new DiskFile(fs.openSync(path, 'w', 0o644)),

  checkReplaceable(path) {
    const found = fs.statSync(path, { throwIfNoEntry: false });
    if (found !== undefined && !found.isFile()) throw new Error(NO_REGULAR_FILE);
  },

  names: (directory) => fs.readdirSync(directory),

  modifiedAtMs: (path) => fs.statSync(path).mtimeMs,

  open(path) {
    try {
      // A pipe that nobody writes to must not hold up the opening.
      const descriptor = fs.openSync(path, fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0));
      if (fs.fstatSync(descriptor).isFile()) return new DiskFile(descriptor);
      fs.closeSync(descriptor);
      throw new Error(NO_REGULAR_FILE);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  },

  rename: (from, to) => fs.promises.rename(from, to),

  renameNow: (from, to) => fs.renameSync(from, to),

  remove: (path) => fs.rmSync(path, { force: true }),

  async syncDirectoryOf(path) {
    if (process.platform === 'win32') return;
    const handle = await fs.promises.open(dirname(path), 'r');
    await handle.sync().finally(() => handle.close());
  },

  syncDirectoryOfNow(path) {
    if (process.platform === 'win32') return;
    const descriptor = fs.openSync(dirname(path), 'r');
    try {
      fs.fsyncSync(descriptor);
    } finally {
      fs.closeSync(descriptor);
    }
  },
};
