/**
 * Commands in an engine of its own, without server or socket: with a clock that stands still until it is moved, and a
 * record of what the commands announced and propagated. The integrity checker runs after every command.
 */

import type { Client } from '../../src/engine/client.js';
import type { CommandRow } from '../../src/engine/command.js';
import type { Effect } from '../../src/engine/effect.js';
import type { Engine } from '../../src/engine/engine.js';
import type { Database } from '../../src/keyspace/database.js';
import { EventClass } from '../../src/keyspace/events.js';
import { Slice } from '../../src/memory/slice.js';
import { Args } from '../../src/protocol/args.js';
import { dataTypes } from '../../src/types/index.js';
import { wordsOf } from './effect-words.js';
import { TestClock, testClient, testEngine } from './test-engine.js';

export type Word = string | number | Uint8Array;

export class CommandRunner {
  readonly clock = new TestClock();
  readonly engine: Engine;
  readonly client: Client;
  /** `event key`, since they were last taken. */
  private events: string[] = [];
  private effects: Effect[] = [];

  constructor(commands: readonly CommandRow[], types = dataTypes) {
    this.engine = testEngine(commands, { types, clock: this.clock });
    this.engine.keyspace.observe({
      keyChanged: (_db, key, event, eventClass) => {
        if (eventClass !== EventClass.SILENT) this.events.push(`${event} ${key.toLatin1()}`);
      },
      databaseChanged() {},
    });
    this.engine.effects.listen((effect) => void this.effects.push(effect));
    this.client = testClient(this.engine, {}, { mayBlock: false });
  }

  get now(): number {
    return this.clock.nowMs;
  }

  set now(nowMs: number) {
    this.clock.nowMs = nowMs;
  }

  /** Runs a command; the raw reply, one character a byte. */
  run(...words: Word[]): string {
    const { engine } = this;
    engine.execute(this.client, Args.from(words));
    const reply = engine.reply.take(0).toString('latin1');
    engine.keyspace.checkIntegrity();
    return reply;
  }

  /** line() without the integrity check, for what runs thousands of commands. */
  engineOnly(text: string): string {
    this.engine.execute(this.client, Args.from(text.split(' ')));
    return this.engine.reply.take(0).toString('latin1');
  }

  /** Runs a command whose reply is a bulk string or null and returns its content. */
  bulk(...words: Word[]): string | null {
    const reply = this.run(...words);
    if (reply === '$-1\r\n') return null;
    if (!reply.startsWith('$')) throw new Error(`${words.join(' ')}: not a bulk string but ${reply}`);
    return reply.slice(reply.indexOf('\n') + 1, -2);
  }

  /** Runs a line of words without spaces. */
  line(text: string): string {
    return this.run(...text.split(' '));
  }

  takeEvents(): string[] {
    const taken = this.events;
    this.events = [];
    return taken;
  }

  takeEffects(): string[][] {
    const taken = this.effects;
    this.effects = [];
    return taken.map(wordsOf);
  }

  get db(): Database {
    return this.engine.keyspace.databases[0];
  }

  /** The entry of a key, 0 if there is none. */
  entry(key: string): number {
    return this.db.peek(Slice.of(key));
  }
}
