/**
 * Files that are written beside the one that they are to replace. Their names tell the process that writes them, so
 * that a later one sees which were left behind by one that was killed.
 */
import { dirname, join } from 'node:path';
import type { Storage } from './storage.js';

/** Counts from anywhere on: other threads, and test runners that load this anew, may write to the same directory. */
let made = Math.floor(Math.random() * 1e9);

export class TemporaryFiles {
  private readonly name: RegExp;

  constructor(
    private readonly prefix: string,
    private readonly suffix: string,
  ) {
    const [start, end] = [prefix, suffix].map((text) => text.replaceAll('.', '\\.'));
    this.name = new RegExp(`^${start}(\\d+)-\\d+${end}$`);
  }

  /** One beside `path` that there is not yet. */
  pathFor(path: string): string {
    made++;
    return join(dirname(path), `${this.prefix}${process.pid}-${made}${this.suffix}`);
  }

  /**
   * Removes those that processes left beside `path` when they were killed. A process that is still there keeps its own;
   * one with the number of this process is another's from before (in a container every server is number 1).
   */
  removeLeftovers(storage: Storage, path: string): void {
    const directory = dirname(path);
    try {
      for (const name of storage.names(directory)) {
        const owner = this.name.exec(name)?.[1];
        if (owner === undefined) continue;
        const file = join(directory, name);
        const isLeft =
          Number(owner) === process.pid
            ? storage.modifiedAtMs(file) < Date.now() - process.uptime() * 1000
            : !isRunning(Number(owner));
        if (isLeft) storage.remove(file);
      }
    } catch {
      // A user who may not look or remove leaves them there.
    }
  }
}

function isRunning(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
