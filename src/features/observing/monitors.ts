/**
 * MONITOR: clients that see every command that runs, as a line of text.
 *
 * A command is shown after its own reply, commands inside EXEC before EXEC itself, and one that waits when it begins
 * to. Not shown are commands that administer the server, those that were refused or queued, and passwords.
 */

import { type Client, clientGateBit } from '../../engine/client.js';
import { CommandFlag, type CompiledCommand } from '../../engine/command-table.js';
import type { Engine } from '../../engine/engine.js';
import { engineGateBit } from '../../engine/gate.js';
import { GateStage } from '../../engine/hooks.js';
import type { Slice } from '../../memory/slice.js';
import type { Args } from '../../protocol/args.js';
import * as errors from '../../protocol/errors.js';
import { TextWriter } from '../../text/text-writer.js';
import { MessageBlocks } from '../pubsub/message.js';
import { isSecret } from './secrets.js';

export const IS_MONITOR = clientGateBit();
/** There is a monitor. */
export const MONITORED = engineGateBit();
const MICROSECONDS = 1_000_000;

export class Monitors {
  private readonly clients = new Set<Client>();
  /** Lines lie side by side, so that all that a turn shows is one stretch for each monitor. */
  private readonly lines = new MessageBlocks();
  private readonly line = new TextWriter();

  constructor(private readonly engine: Engine) {
    engine.register({
      gate: [{ stage: GateStage.MONITOR, client: IS_MONITOR, check: refuseKeyspace }],
      afterCall: {
        engine: MONITORED,
        run: (client, command, args) => this.showAfter(client, command, args),
      },
      onForget: (client) => this.remove(client),
    });
  }

  add(client: Client): void {
    this.clients.add(client);
    client.gate |= IS_MONITOR;
    this.engine.setGate(MONITORED, true);
  }

  remove(client: Client): void {
    if (!this.clients.delete(client)) return;
    client.gate &= ~IS_MONITOR;
    if (this.clients.size === 0) this.engine.setGate(MONITORED, false);
  }

  /** What says SKIP_MONITOR shows itself when it begins. */
  private showAfter(client: Client, command: CompiledCommand, args: Args): void {
    if ((command.flags & (CommandFlag.ADMIN | CommandFlag.SKIP_MONITOR)) === 0) this.show(client, command, args);
  }

  show(client: Client, command: CompiledCommand, args: Args): void {
    this.writeLine(client, command, args);
    const { line, lines } = this;
    lines.take(line.length);
    const { bytes, start, end } = lines;
    line.bytes.copy(bytes, start, 0, line.length);
    line.clear();
    for (const monitor of this.clients) monitor.sink.send(bytes, start, end);
  }

  private writeLine(client: Client, command: CompiledCommand, args: Args): void {
    const { line } = this;
    const now = this.engine.server.microseconds();
    line.text('+').integer(Math.floor(now / MICROSECONDS));
    line.text(`.${String(now % MICROSECONDS).padStart(6, '0')} [`).integer(client.databaseIndex);
    line.text(' ').text(addressOf(client)).text(']');
    for (let i = 0; i < args.count; i++) {
      line.text(' "');
      if (isSecret(command, args, i)) line.text('(redacted)');
      else writeEscaped(line, args.slice(i));
      line.text('"');
    }
    line.text('\r\n');
  }
}

function addressOf(client: Client): string {
  if (client.isScript) return 'lua';
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

function writeEscaped(line: TextWriter, { bytes, start, end }: Slice): void {
  for (let at = start; at < end; at++) {
    const byte = bytes[at];
    if (byte >= BLANK && byte <= TILDE && byte !== QUOTE && byte !== BACKSLASH) line.byte(byte);
    else line.text(ESCAPES[String.fromCharCode(byte)] ?? `\\x${byte.toString(16).padStart(2, '0')}`);
  }
}

const BLANK = 0x20;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const TILDE = 0x7e;
