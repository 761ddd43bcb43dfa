/**
 * What a handler is given: one instance for all commands of clients, filled anew for each, and one more for each level
 * of commands that run inside of commands (those of EXEC, of a script).
 *
 * - A handler has two halves. The first reads and checks everything and throws what errors.ts offers; the second
 *   mutates and can not fail. After each mutation of a key it says so: changed(), deleted().
 * - A handler never yields: it runs to its end, and nothing of another client runs meanwhile. So what modules of
 *   handlers keep at module level (`const key = new Slice()`, cursors, arrays that are used again) is scratch: it is
 *   whatever the handler put there, serves any number of engines, and is dead as soon as the handler returns or runs a
 *   command inside itself.
 * - A handler that runs commands inside itself (Engine.runInside) holds its own call, arguments, reply and time
 *   unharmed, and nothing else: no slice of a value, no entry, no scratch.
 */

import type { Database } from '../keyspace/database.js';
import type { EventName } from '../keyspace/events.js';
import type { Keyspace } from '../keyspace/keyspace.js';
import type { Slice } from '../memory/slice.js';
import type { Args } from '../protocol/args.js';
import type { ReplyWriter } from '../protocol/reply-writer.js';
import type { Client } from './client.js';
import { NOT_TIMED } from './clock.js';
import { type EffectPart, encodeParts } from './effect.js';
import type { FeatureType } from './feature.js';
import type { RunningCommand } from './running-command.js';
import type { Server } from './server.js';

export interface BlockOptions {
  /** Indexes of the arguments that are keys: from, up to but not including to. */
  firstKey: number;
  lastKey: number;
  /** Woken when a key holds a value of this type. */
  type: number;
  /** Woken by whatever happens to a key: when it is gone, or of another type, the command has an error to report. */
  wokenByAll?: boolean;
  /** What runs again in the place of the arguments as sent, where they say something of this moment (XREAD's `$`). */
  args?: Args;
  /** From now on; 0 waits for ever. */
  timeoutMs: number;
  /** What is answered when the time is over. */
  onTimeout: (reply: ReplyWriter) => void;
}

/** What a call asks of the engine that runs it. */
export interface CallOwner {
  readonly server: Server;
  readonly reply: ReplyWriter;
  readonly keyspace: Keyspace;
  readonly effects: { readonly active: boolean };
  feature<T>(type: FeatureType<T>): T;
  takesLong(call: Call): void;
  block(call: Call, options: BlockOptions): void;
}

/** In the place of effects: the command propagates nothing. */
const NO_EFFECTS: Buffer[] = [];

export class Call {
  /** Set by the engine before every command. */
  args!: Args;
  client!: Client;
  db!: Database;
  command!: RunningCommand;
  /** @internal When the command started, if it is timed by itself. */
  startedAt = NOT_TIMED;
  /** @internal What is propagated in place of the command as it was sent; null: just that. */
  replacement: Buffer[] | null = null;
  /** @internal For a command that runs inside of this one; made when there is one first. */
  inner: Call | null = null;
  readonly reply: ReplyWriter;
  readonly keyspace: Keyspace;
  private readonly owner: CallOwner;

  constructor(owner: CallOwner) {
    this.owner = owner;
    this.reply = owner.reply;
    this.keyspace = owner.keyspace;
  }

  /** The server around the engine. */
  get server(): Server {
    return this.owner.server;
  }

  /** What there is one of in each engine, by its class: a feature, the command table, the engine itself. */
  feature<T>(type: FeatureType<T>): T {
    return this.owner.feature(type);
  }

  /** The time of this command, in ms: the same for all it does. */
  get now(): number {
    return this.keyspace.now();
  }

  /** True if somebody reads effects: build them only then. */
  get propagating(): boolean {
    return this.owner.effects.active;
  }

  /**
   * The one door for a change: after each mutation of a key the handler says what happened. `changes` is as how many it
   * counts for save points and WATCH; 0 if another event counts it. Where the command as it was sent would not do the
   * same elsewhere or later, effect() says what does.
   */
  changed(key: Slice, event: EventName, changes = 1, db = this.db): void {
    this.keyspace.keyChanged(db, key, event, changes);
  }

  /**
   * The key is gone, by the command's own will; with `changes` 0 because its last element was taken, which is counted
   * by itself.
   */
  deleted(key: Slice, changes = 1): void {
    this.keyspace.keyChanged(this.db, key, 'del', changes);
  }

  /** Whole databases were changed, which announce it themselves: as how many changes that counts. */
  databasesChanged(changes: number): void {
    this.keyspace.dirty += changes;
  }

  /**
   * What is propagated in place of the command as it was sent; several calls propagate several commands, in order. Use
   * it where the command as sent would not do the same elsewhere or later (relative times, chance, blocking).
   */
  effect(...parts: EffectPart[]): void {
    if (!this.owner.effects.active) return;
    const bytes = encodeParts(parts);
    if (this.replacement === null || this.replacement === NO_EFFECTS) this.replacement = [bytes];
    else this.replacement.push(bytes);
  }

  /** The command had no effect worth propagating, whatever it changed. */
  noEffect(): void {
    if (this.owner.effects.active) this.replacement ??= NO_EFFECTS;
  }

  /** Before work of more than a few microseconds, in a command whose row says isMostlyBrief. */
  takesLong(): void {
    this.owner.takesLong(this);
  }

  /**
   * Lets the client wait for the given keys; the handler returns right after it, without a reply. The command runs
   * again when one of them gets data of its type. Where waiting is not allowed (in process, inside a transaction), the
   * time-out reply is given at once.
   */
  block(options: BlockOptions): void {
    this.owner.block(this, options);
  }
}
