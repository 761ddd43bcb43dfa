/**
 * WATCH: which clients want to know that a key was changed before their EXEC.
 *
 * - Keys are known by their bytes, per database, never by reference. A key that is deleted and made again was changed.
 * - A watch breaks once; after that its client watches nothing, until EXEC, DISCARD, UNWATCH or RESET mends it.
 * - A key that expires was changed if it was there when the watch began. One that was due already (or missing) was not
 *   there, so its removal changes nothing. The same holds for databases that are emptied or exchanged.
 * - The keyspace is observed only while somebody watches.
 */

import { type Client, NO_WATCHES } from '../../engine/client.js';
import { type ClientMemory, HeapCost } from '../../engine/client-memory.js';
import type { Database } from '../../keyspace/database.js';
import { BOOKKEEPING, EventClass, type EventName } from '../../keyspace/events.js';
import type { KeyObserver, Keyspace } from '../../keyspace/keyspace.js';
import { Slice } from '../../memory/slice.js';

/** One key that one client watches. */
export interface WatchedKey {
  readonly client: Client;
  readonly databaseIndex: number;
  /** One character a byte. */
  readonly name: string;
  /** Whether the key was there, and not due, when the watch began. */
  readonly existed: boolean;
}

export class Watches implements KeyObserver {
  /** Per database: who watches, by key. */
  private readonly watchers: Map<string, Map<Client, WatchedKey>>[] = [];
  private clients = 0;

  constructor(
    private readonly keyspace: Keyspace,
    private readonly memory: ClientMemory,
  ) {}

  get watchingClients(): number {
    return this.clients;
  }

  /** Distinct keys that somebody watches. */
  get watchedKeys(): number {
    return this.watchers.reduce((sum, keys) => sum + keys.size, 0);
  }

  /** Before so many keys of so many bytes in all. @throws CommandError when there is no memory for them */
  reserve(keys: number, bytes: number): void {
    this.memory.reserve(costOf(0) * keys + bytes);
  }

  watch(client: Client, key: Slice): void {
    if (client.watchBroken) return;
    const { databaseIndex } = client;
    while (this.watchers.length <= databaseIndex) this.watchers.push(new Map());
    const keys = this.watchers[databaseIndex];
    const name = key.toLatin1();
    let clients = keys.get(name);
    if (clients === undefined) {
      clients = new Map();
      keys.set(name, clients);
    }
    if (clients.has(client)) return;
    const existed = this.keyspace.databases[databaseIndex].peek(key) !== 0;
    const watched = { client, databaseIndex, name, existed };
    this.memory.take(client, costOf(name.length));
    clients.set(client, watched);
    if (client.watched.length === 0 && this.clients++ === 0) this.keyspace.observe(this);
    if (client.watched === NO_WATCHES) client.watched = [watched];
    else (client.watched as WatchedKey[]).push(watched);
  }

  /** The client watches nothing, and nothing is broken. */
  unwatch(client: Client): void {
    client.watchBroken = false;
    this.forget(client);
  }

  /** Whether a key that the client watches was changed, or is due by now. */
  isBroken(client: Client): boolean {
    if (client.watchBroken) return true;
    const { databases } = this.keyspace;
    return (client.watched as readonly WatchedKey[]).some(
      ({ databaseIndex, name, existed }) => existed && databases[databaseIndex].peek(keyOf(name)) === 0,
    );
  }

  keyChanged(db: Database, key: Slice, event: EventName, eventClass: EventClass): void {
    const keys = this.watchers[db.index];
    if (keys === undefined || keys.size === 0) return;
    const clients = keys.get(key.toLatin1());
    if (clients === undefined) return;
    for (const { client, existed } of clients.values()) {
      if (existed ? !BOOKKEEPING.has(event) : eventClass !== EventClass.EXPIRED) this.break(client);
    }
  }

  databaseChanged(db: Database): void {
    for (const clients of this.watchers[db.index]?.values() ?? []) {
      for (const watched of clients.values()) {
        if (watched.existed || db.peek(keyOf(watched.name)) !== 0) this.break(watched.client);
      }
    }
  }

  private break(client: Client): void {
    client.watchBroken = true;
    this.forget(client);
  }

  private forget(client: Client): void {
    if (client.watched.length === 0) return;
    for (const { databaseIndex, name } of client.watched as readonly WatchedKey[]) {
      const keys = this.watchers[databaseIndex];
      const clients = keys.get(name);
      this.memory.give(client, costOf(name.length));
      if (clients?.delete(client) && clients.size === 0) keys.delete(name);
    }
    client.watched = NO_WATCHES;
    if (--this.clients === 0) this.keyspace.unobserve(this);
  }
}

function keyOf(name: string): Slice {
  return Slice.of(Buffer.from(name, 'latin1'));
}

/** What a watched key takes of the heap. */
function costOf(nameLength: number): number {
  return HeapCost.WATCHED_KEY + nameLength;
}
