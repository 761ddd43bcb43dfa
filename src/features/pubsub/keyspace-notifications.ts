/**
 * Keyspace notifications: what happens to keys as messages, to `__keyspace@<db>__:<key>` (the event) and to
 * `__keyevent@<db>__:<event>` (the key), as `notify-keyspace-events` says. While it says nothing, nobody observes the
 * keyspace.
 *
 * Messages leave in the middle of a command, in the order in which the keyspace announces its changes.
 */

import { bind } from '../../config/binding.js';
import { ALL_EVENTS } from '../../config/value-types.js';
import type { Engine } from '../../engine/engine.js';
import { EngineGate } from '../../engine/gate.js';
import type { Database } from '../../keyspace/database.js';
import { EVENT_LETTERS, EventClass } from '../../keyspace/events.js';
import type { KeyObserver } from '../../keyspace/keyspace.js';
import { Slice } from '../../memory/slice.js';
import { PubSub } from './pub-sub.js';

export class KeyspaceNotifications implements KeyObserver {
  private toKeyspace = false;
  private toKeyevent = false;
  private classes = 0;
  private readonly pubSub: PubSub;

  constructor(private readonly engine: Engine) {
    this.pubSub = engine.feature(PubSub);
  }

  /** The value of `notify-keyspace-events`. */
  configure(letters: string): void {
    const { keyspace } = this.engine;
    this.toKeyspace = letters.includes('K');
    this.toKeyevent = letters.includes('E');
    const chosen = letters.replace('A', ALL_EVENTS);
    this.classes = 0;
    for (const letter of chosen) this.classes |= EVENT_LETTERS[letter] ?? 0;
    const isEnabled = (this.toKeyspace || this.toKeyevent) && this.classes !== 0;
    if (isEnabled) keyspace.observe(this);
    else keyspace.unobserve(this);
    keyspace.onKeyAdded = isEnabled && (this.classes & EventClass.NEW) !== 0 ? this.keyAdded : null;
    keyspace.onKeyMissed = isEnabled && (this.classes & EventClass.KEY_MISS) !== 0 ? this.keyMissed : null;
  }

  keyChanged(db: Database, key: Slice, event: string, eventClass: EventClass): void {
    if ((this.classes & eventClass) === 0 || !this.pubSub.isHeard) return;
    // What a file brings are no changes.
    if ((this.engine.gate & EngineGate.LOADING) !== 0) return;
    const name = Slice.of(event);
    if (this.toKeyspace) this.pubSub.publish(channel(`__keyspace@${db.index}__:`, key), name);
    if (this.toKeyevent) this.pubSub.publish(channel(`__keyevent@${db.index}__:`, name), key);
  }

  databaseChanged(): void {}

  private readonly keyAdded = (db: Database, key: Slice): void => {
    this.keyChanged(db, key, 'new', EventClass.NEW);
  };

  private readonly keyMissed = (db: Database, key: Slice): void => {
    this.keyChanged(db, key, 'keymiss', EventClass.KEY_MISS);
  };
}

export const notificationSettings = bind(['notify-keyspace-events'], (get, notifications: KeyspaceNotifications) => {
  notifications.configure(get('notify-keyspace-events'));
});

function channel(prefix: string, name: Slice): Slice {
  return Slice.of(Buffer.from(prefix + name.toLatin1(), 'latin1'));
}
