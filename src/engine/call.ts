/**
 * What a handler is given: one instance per engine, filled anew for every command.
 *
 * A handler has two halves. The first reads and checks everything and throws what errors.ts offers; the second mutates
 * and can not fail. Behind each mutation of a key it calls keyspace.keyChanged().
 */

import type { Database } from '../keyspace/database.js';
import type { Keyspace } from '../keyspace/keyspace.js';
import type { Slice } from '../memory/slice.js';
import type { Args } from '../protocol/args.js';
import type { ReplyWriter } from '../protocol/reply-writer.js';
import type { BlockOptions } from './blocking.js';
import type { Client } from './client.js';
import type { CompiledCommand } from './command-table.js';
import type { Engine } from './engine.js';

/** A part of an effect: bytes in place, text, or a whole number. */
export type EffectPart = Slice | string | number | bigint;

export class Call {
  /** Set by the engine before every command. */
  args!: Args;
  client!: Client;
  db!: Database;
  command!: CompiledCommand;
  readonly reply: ReplyWriter;
  readonly keyspace: Keyspace;

  constructor(readonly engine: Engine) {
    this.reply = engine.reply;
    this.keyspace = engine.keyspace;
  }

  /** The time of this command, in ms: the same for all it does. */
  get now(): number {
    return this.keyspace.now();
  }

  /** True if somebody reads effects: build them only then. */
  get propagating(): boolean {
    return this.engine.effects.active;
  }

  /**
   * What is propagated in place of the command as it was sent; several calls propagate several commands, in order. Use
   * it where the command as sent would not do the same elsewhere or later (relative times, chance, blocking).
   */
  effect(...parts: EffectPart[]): void {
    this.engine.effects.replace(this.client.databaseIndex, parts);
  }

  /** The command had no effect worth propagating, whatever it changed. */
  noEffect(): void {
    this.engine.effects.suppress();
  }

  /** Before work of more than a few microseconds, in a command whose row says isMostlyBrief. */
  takesLong(): void {
    this.engine.takesLong(this.command);
  }

  /**
   * Lets the client wait for the given keys; the handler returns right after it, without a reply. The command runs again
   * when one of them gets data of its type. Where waiting is not allowed (in process, inside a transaction), the
   * time-out reply is given at once.
   */
  block(options: BlockOptions): void {
    this.engine.blocking.block(this, options);
  }
}
