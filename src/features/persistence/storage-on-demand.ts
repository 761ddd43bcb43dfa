/**
 * Files in memory until somebody asks for real ones: SAVE, BGSAVE and DEBUG RELOAD do what they do, and the disk stays
 * as it was.
 */
import { disk, type Storage, type StorageFile } from './storage.js';

/** @param isAsked whether files may be written by now: looked at with every call */
export function storageOnDemand(isAsked: () => boolean): Storage {
  const memory = new MemoryStorage();
  const now = () => (isAsked() ? disk : memory);
  return {
    create: (path) => now().create(path),
    checkReplaceable: (path) => now().checkReplaceable(path),
    names: (directory) => now().names(directory),
    modifiedAtMs: (path) => now().modifiedAtMs(path),
    open: (path) => now().open(path),
    rename: (from, to) => now().rename(from, to),
    renameNow: (from, to) => now().renameNow(from, to),
    remove: (path) => now().remove(path),
    syncDirectoryOf: (path) => now().syncDirectoryOf(path),
    syncDirectoryOfNow: (path) => now().syncDirectoryOfNow(path),
  };
}

class MemoryStorage implements Storage {
  private readonly files = new Map<string, Buffer[]>();

  create(path: string): StorageFile {
    const pieces: Buffer[] = [];
    this.files.set(path, pieces);
    return new MemoryFile(pieces);
  }

  checkReplaceable(): void {}

  names(): string[] {
    return [];
  }

  modifiedAtMs(): number {
    return 0;
  }

  open(path: string): StorageFile | null {
    const pieces = this.files.get(path);
    return pieces === undefined ? null : new MemoryFile(pieces);
  }

  async rename(from: string, to: string): Promise<void> {
    this.renameNow(from, to);
  }

  renameNow(from: string, to: string): void {
    const pieces = this.files.get(from);
    if (pieces === undefined) throw new Error(`ENOENT: no such file, rename '${from}'`);
    this.files.delete(from);
    this.files.set(to, pieces);
  }

  remove(path: string): void {
    this.files.delete(path);
  }

  async syncDirectoryOf(): Promise<void> {}

  syncDirectoryOfNow(): void {}
}

class MemoryFile implements StorageFile {
  readonly size: number;
  private piece = 0;
  private offset = 0;

  constructor(private readonly pieces: Buffer[]) {
    this.size = pieces.reduce((sum, { length }) => sum + length, 0);
  }

  async read(into: Buffer): Promise<number> {
    return this.readNow(into);
  }

  readNow(into: Buffer): number {
    const from = this.pieces[this.piece];
    if (from === undefined) return 0;
    const length = from.copy(into, 0, this.offset);
    this.offset += length;
    if (this.offset === from.length) {
      this.piece++;
      this.offset = 0;
    }
    return length;
  }

  async write(bytes: Buffer): Promise<void> {
    this.writeNow(bytes);
  }

  /** The writer uses its buffer again. */
  writeNow(bytes: Buffer): void {
    if (bytes.length > 0) this.pieces.push(Buffer.from(bytes));
  }

  async sync(): Promise<void> {}

  syncNow(): void {}

  close(): void {}
}
