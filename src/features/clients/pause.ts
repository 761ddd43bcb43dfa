/**
 * CLIENT PAUSE: for a while, commands that write (or all) are held back although the gate lets them pass, and keys do
 * not expire.
 *
 * A held command's arguments are copied, and its client does nothing else. When the pause ends, the connection runs the
 * command as if it came then. Callers in process are never held.
 */

import type { Client } from '../../engine/client.js';
import type { ScheduledCall } from '../../engine/clock.js';
import { CommandFlag, type CompiledCommand } from '../../engine/command-table.js';
import type { Engine } from '../../engine/engine.js';
import { engineGateBit } from '../../engine/gate.js';
import { GateStage } from '../../engine/hooks.js';
import type { Args } from '../../protocol/args.js';

/** A pause goes on. */
const PAUSED = engineGateBit();
const CHANGES = CommandFlag.WRITE | CommandFlag.MAY_REPLICATE;

export class Pause {
  private endsAtMs = 0;
  private holdsAll = false;
  private timer: ScheduledCall | null = null;
  private readonly held = new Set<Client>();
  /** Called after the end of a pause: what was left undone meanwhile can be done. */
  onEnd: () => void = () => {};

  constructor(private readonly engine: Engine) {
    engine.register({
      gate: [{ stage: GateStage.PAUSE, engine: PAUSED, check: this.holds }],
      keepsKeys: PAUSED,
      onGone: (client) => this.held.delete(client),
    });
  }

  get isActive(): boolean {
    return this.timer !== null;
  }

  get heldClients(): number {
    return this.held.size;
  }

  /** Of two pauses at once, the later end counts, and the kind of the second. */
  begin(endsAtMs: number, holdsAll: boolean): void {
    this.endsAtMs = Math.max(this.endsAtMs, endsAtMs);
    this.holdsAll = holdsAll;
    this.timer?.cancel();
    this.timer = this.engine.clock.schedule(this.endsAtMs, () => this.end());
    this.engine.setGate(PAUSED, true);
  }

  end(): void {
    if (this.timer === null) return;
    this.timer.cancel();
    this.timer = null;
    this.endsAtMs = 0;
    this.engine.setGate(PAUSED, false);
    this.engine.keyspace.keepsExpired = false;
    const released = [...this.held];
    this.held.clear();
    for (const client of released) {
      client.isHeld = false;
      client.sink.unblocked();
    }
    this.onEnd();
  }

  /** Holds a command back if the pause is about it; it has not run then. */
  private readonly holds = (client: Client, _command: CompiledCommand, args: Args, flags: number): boolean => {
    const writes = (flags & CHANGES) !== 0;
    if (!client.mayBlock || !(writes || this.holdsAll)) {
      // Only a caller in process may write now, and then what is due has to go first, as ever.
      this.engine.keyspace.keepsExpired = !writes;
      return false;
    }
    const { starts, ends, count } = args;
    this.engine.clientMemory.reserve(ends[count - 1] - starts[0]);
    client.held = args.copy();
    client.isHeld = true;
    this.held.add(client);
    return true;
  };
}
