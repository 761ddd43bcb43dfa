/**
 * A file that only its owner may read, and that is whole at any time: what is in it is replaced as a whole. Writes that
 * are asked for while one is under way become one.
 */
import { promises, readFileSync } from 'node:fs';
import { disk } from '../features/persistence/storage.js';
import { TemporaryFiles } from '../features/persistence/temporary-files.js';

const temporaryFiles = new TemporaryFiles('.redstart-', '.tmp');

export class PrivateFile {
  private writing: Promise<void> = Promise.resolve();
  /** A write that has not begun, and will hold all that is known then. */
  private planned: Promise<void> | undefined;

  /** `path` tells where the file is, and undefined where there is to be none. */
  constructor(
    private readonly path: () => string | undefined,
    private readonly content: () => string,
  ) {}

  /** What is in it, with where it is; undefined where there is none. For the start: what killed processes left goes. */
  read(): { readonly text: string; readonly path: string } | undefined {
    const path = this.path();
    if (path === undefined) return undefined;
    temporaryFiles.removeLeftovers(disk, path);
    try {
      return { text: readFileSync(path, 'utf8'), path };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** Resolves when what is known now is on the disk. */
  save(): Promise<void> {
    if (this.planned === undefined) {
      this.planned = this.writing.then(() => {
        this.planned = undefined;
        return this.write();
      });
      this.writing = this.planned.catch(() => {});
    }
    return this.planned;
  }

  private async write(): Promise<void> {
    const path = this.path();
    if (path === undefined) return;
    const temporaryPath = temporaryFiles.pathFor(path);
    const file = await promises.open(temporaryPath, 'wx', 0o600);
    try {
      await file.writeFile(this.content());
      await file.sync();
      await file.close();
      await disk.rename(temporaryPath, path);
    } catch (error) {
      await file.close().catch(() => {});
      disk.remove(temporaryPath);
      throw error;
    }
    await disk.syncDirectoryOf(path);
  }
}
