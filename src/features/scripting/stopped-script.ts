/** A script that has stopped half way for others, as the client that sent it waits for its end. */

import type { WaitingCommand } from '../../engine/blocking.js';
import type { Call } from '../../engine/call.js';
import type { Client, ClientWait } from '../../engine/client.js';
import type { RunningCommand } from '../../engine/running-command.js';
import type { Args } from '../../protocol/args.js';

export class StoppedScript implements ClientWait, WaitingCommand {
  readonly timer = null;
  readonly client: Client;
  readonly command: RunningCommand;
  readonly args: Args;
  readonly databaseIndex: number;

  constructor(
    { client, command, args }: Call,
    /** When it stopped first, by the stopwatch. */
    readonly stoppedAt: number,
    /** Its time, which stands still. */
    readonly nowMs: number,
  ) {
    this.client = client;
    this.command = command;
    this.args = args.copy();
    this.databaseIndex = client.databaseIndex;
  }
}
