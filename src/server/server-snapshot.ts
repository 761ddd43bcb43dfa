/** The library's handle on a snapshot of all keys. */
import type { KeyspaceSnapshot } from '../keyspace/keyspace.js';
import { RedisServerError } from './server-error.js';

/** All keys of all databases at one instant; taking one costs microseconds. Close it to free what it holds. */
export class ServerSnapshot {
  private open: KeyspaceSnapshot | undefined;

  /** @internal */
  constructor(
    keyspace: KeyspaceSnapshot,
    /** @internal */
    readonly owner: object,
  ) {
    this.open = keyspace;
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
    return this.open;
  }

  /** Frees what it holds; from then on it can't be restored. Closing it again does nothing. */
  close(): void {
    this.open?.close();
    this.open = undefined;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
