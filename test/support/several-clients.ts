/**
 * Several clients in one engine, without sockets: what is sent to them beside their replies is collected, and the
 * integrity checker runs after every command.
 */

import { allCommands } from '../../src/commands/index.js';
import type { Client } from '../../src/engine/client.js';
import type { CommandRow } from '../../src/engine/command.js';
import type { Engine } from '../../src/engine/engine.js';
import { Args } from '../../src/protocol/args.js';
import type { Word } from './command-runner.js';
import { wordsOf } from './effect-words.js';
import { TestClock, testClient, testEngine } from './test-engine.js';

export class SeveralClients {
  readonly clock = new TestClock();
  /** Messages and late replies, as `name bytes`. */
  sent: string[] = [];
  effects: string[] = [];
  private readonly clients = new Map<string, Client>();
  private running: Client | null = null;
  /** What the running command sent to its own client. */
  private messages: Buffer[] = [];
  readonly engine: Engine;

  /** From now on nobody reads effects. */
  readonly stopListening: () => void;

  /** `toys`: commands beside all that there are. */
  constructor(toys: readonly CommandRow[] = []) {
    this.engine = testEngine([...allCommands, ...toys], { clock: this.clock });
    this.stopListening = this.engine.effects.listen(
      (effect) => void this.effects.push(`${effect.databaseIndex}: ${wordsOf(effect).join(' ')}`),
    );
  }

  /** The client of a name; one whose name ends in 3 speaks RESP3. */
  client(name: string): Client {
    let client = this.clients.get(name);
    if (client === undefined) {
      const send = (bytes: Buffer, start: number, end: number): void => {
        if (this.running === client) this.messages.push(bytes.subarray(start, end));
        else this.sent.push(`${name} ${bytes.toString('latin1', start, end)}`);
      };
      client = testClient(this.engine, { send }, { id: this.clients.size + 1 });
      client.protocol = name.endsWith('3') ? 3 : 2;
      this.clients.set(name, client);
    }
    return client;
  }

  /** Runs a command; the raw reply, empty if the client waits now. */
  run(name: string, ...command: Word[]): string {
    const client = this.client(name);
    this.running = client;
    this.engine.execute(client, Args.from(command));
    this.running = null;
    const reply = Buffer.concat([this.engine.reply.take(0), ...this.messages.splice(0)]).toString('latin1');
    this.engine.keyspace.checkIntegrity();
    return reply;
  }

  /** Runs lines of words without spaces, one command each; all replies together. */
  lines(name: string, ...lines: string[]): string {
    return lines.map((line) => this.run(name, ...line.split(' '))).join('');
  }

  leave(name: string): void {
    this.engine.disconnect(this.client(name));
    this.clients.delete(name);
  }

  takeSent(): string[] {
    return this.sent.splice(0);
  }

  takeEffects(): string[] {
    return this.effects.splice(0);
  }
}
