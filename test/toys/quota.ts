/** A toy feature: a client that asked for it may run so many commands more, and is refused then. */
import type { Call } from '../../src/engine/call.js';
import { type Client, clientGateBit } from '../../src/engine/client.js';
import type { CommandRow } from '../../src/engine/command.js';
import type { Engine } from '../../src/engine/engine.js';
import { GateStage } from '../../src/engine/hooks.js';
import { CommandError } from '../../src/protocol/errors.js';

const HAS_QUOTA = clientGateBit();
const USED_UP = new CommandError('QUOTA no commands are left');

export class Quotas {
  private readonly left = new Map<Client, number>();

  constructor(engine: Engine) {
    engine.register({
      gate: [{ stage: GateStage.PERMISSION, client: HAS_QUOTA, check: this.refuse }],
      afterCall: { client: HAS_QUOTA, run: (client) => this.left.set(client, this.leftTo(client) - 1) },
      onForget: (client) => this.lift(client),
    });
  }

  /** How many clients have a quota. */
  get size(): number {
    return this.left.size;
  }

  set({ args, client, reply }: Call): void {
    this.left.set(client, args.integer(1));
    client.gate |= HAS_QUOTA;
    reply.ok();
  }

  private leftTo(client: Client): number {
    return this.left.get(client) ?? 0;
  }

  private readonly refuse = (client: Client): boolean => {
    if (this.leftTo(client) <= 0) throw USED_UP;
    return false;
  };

  private lift(client: Client): void {
    this.left.delete(client);
    client.gate &= ~HAS_QUOTA;
  }
}

export const quotaCommands: readonly CommandRow[] = [
  {
    name: 'quota',
    summary: 'Allows this connection so many commands more.',
    group: 'connection',
    complexity: 'O(1)',
    arity: 2,
    flags: ['fast'],
    run: (call) => call.feature(Quotas).set(call),
  },
];
