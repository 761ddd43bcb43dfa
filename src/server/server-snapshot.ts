/** The library's handle on a snapshot of all keys. */
import type { KeyspaceSnapshot } from '../keyspace/keyspace.js';
import { RedisServerError } from './server-error.js';

/** Frees what snapshots hold that were collected without having been closed. */
const forgotten = new FinalizationRegistry<{ keyspace: KeyspaceSnapshot; report: () => void }>(
  ({ keyspace, report }) => {
    keyspace.close();
    report();
  },
);

/** All keys of all databases at one instant; taking one costs microseconds. Close it to free what it holds. */
export class ServerSnapshot {
  private open: KeyspaceSnapshot | undefined;

  /** @internal */
  constructor(
    keyspace: KeyspaceSnapshot,
    /** @internal */
    readonly owner: object,
    onForgotten: () => void,
  ) {
    this.open = keyspace;
    forgotten.register(this, { keyspace, report: onForgotten }, this);
  }

  get isClosed(): boolean {
    return this.open === undefined;
  }

  /**
   * The keys. @throws RedisServerError when it is closed
   * @internal
   */
  get keyspace(): KeyspaceSnapshot {
    if (this.open === undefined) throw new RedisServerError('SNAPSHOT_CLOSED', 'the snapshot is closed');
    if (this.open.isLost) throw new RedisServerError('SNAPSHOT_LOST', 'memory ran out, and the snapshot was given up');
    return this.open;
  }

  /** Frees what it holds; from then on it can't be restored. Closing it again does nothing. */
  close(): void {
    forgotten.unregister(this);
    this.open?.close();
    this.open = undefined;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
