/**
 * MONITOR: clients that see every command that runs, as a line of text.
 *
 * A command is shown after its own reply, commands inside EXEC before EXEC itself, and one that waits when it begins
 * to. Not shown are commands that administer the server, those that were refused or queued, and passwords.
 */

import { type Client, ClientGate } from '../../engine/client.js';
import { CommandFlag, type CompiledCommand } from '../../engine/command-table.js';
import type { Engine } from '../../engine/engine.js';
import { EngineGate } from '../../engine/gate.js';
import { GateStage } from '../../engine/hooks.js';
import type { Args } from '../../protocol/args.js';
import * as errors from '../../protocol/errors.js';
import { MessageBlocks } from '../pubsub/message.js';
import { isSecret } from './secrets.js';

const MICROSECONDS = 1_000_000;

export class Monitors {
  private readonly clients = new Set<Client>();
  /** Lines lie side by side, so that all that a turn shows is one stretch for each monitor. */
  private readonly lines = new MessageBlocks();

  constructor(private readonly engine: Engine) {
    engine.register({
      gate: [{ stage: GateStage.MONITOR, client: ClientGate.IS_MONITOR, check: refuseKeyspace }],
      afterCall: { engine: EngineGate.MONITORED, run: (client, command, args) => this.show(client, command, args) },
      onForget: (client) => this.remove(client),
    });
  }

  add(client: Client): void {
    this.clients.add(client);
    client.gate |= ClientGate.IS_MONITOR;
    this.engine.setGate(EngineGate.MONITORED, true);
  }

  remove(client: Client): void {
    if (!this.clients.delete(client)) return;
    client.gate &= ~ClientGate.IS_MONITOR;
    if (this.clients.size === 0) this.engine.setGate(EngineGate.MONITORED, false);
  }

  private show(client: Client, command: CompiledCommand, args: Args): void {
    if ((command.flags & (CommandFlag.ADMIN | CommandFlag.SKIP_MONITOR)) !== 0) return;
    const line = this.line(client, command, args);
    const { lines } = this;
    lines.take(line.length);
    const { bytes, start, end } = lines;
    bytes.write(line, start, 'latin1');
    for (const monitor of this.clients) monitor.sink.send(bytes, start, end);
  }

  private line(client: Client, command: CompiledCommand, args: Args): string {
    const { server } = this.engine;
    const now = server.microseconds();
    const fraction = String(now % MICROSECONDS).padStart(6, '0');
    let text = `+${Math.floor(now / MICROSECONDS)}.${fraction} [${client.databaseIndex} ${addressOf(client)}]`;
    for (let i = 0; i < args.count; i++) {
      text += isSecret(command, args, i) ? ' "(redacted)"' : ` "${escaped(args.latin1(i))}"`;
    }
    return `${text}\r\n`;
  }
}

function addressOf(client: Client): string {
  const connection = client.sink.facts();
  if (connection === null) return 'in-process';
  return connection.isUnixSocket ? `unix:${connection.remoteAddress.replace(/:0$/, '')}` : connection.remoteAddress;
}

/** What reads or writes keys, or is propagated, is refused to a monitor. */
function refuseKeyspace(_client: Client, { flags }: CompiledCommand): boolean {
  const touching = CommandFlag.READONLY | CommandFlag.WRITE | CommandFlag.MAY_REPLICATE;
  if ((flags & touching) !== 0) throw errors.REPLICA_KEYSPACE;
  return false;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '"': '\\"',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\x07': '\\a',
  '\b': '\\b',
};

function escaped(text: string): string {
  return text.replace(
    /[^ !#-[\]-~]/g,
    (character) => ESCAPES[character] ?? `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}
