/**
 * CLIENT PAUSE: for a while, commands that write (or all) are held back in front of the gate, and keys do not expire.
 *
 * A held command's arguments are copied, and its client does nothing else. When the pause ends, the connection runs the
 * command as if it came then. Callers in process are never held.
 */

import type { Args } from '../protocol/args.js';
import type { Client } from './client.js';
import type { Clock, ScheduledCall } from './clock.js';

export class Pause {
  private endsAtMs = 0;
  private holdsAll = false;
  private timer: ScheduledCall | null = null;
  private readonly held = new Set<Client>();
  /** Told behind the end of a pause: what was left undone meanwhile can be done. */
  onEnd: () => void = () => {};

  constructor(
    private readonly clock: Clock,
    /** Told when a pause begins and when it ends. */
    private readonly onChange: (isActive: boolean) => void,
  ) {}

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
    this.timer = this.clock.schedule(this.endsAtMs, () => this.end());
    this.onChange(true);
  }

  end(): void {
    if (this.timer === null) return;
    this.timer.cancel();
    this.timer = null;
    this.endsAtMs = 0;
    this.onChange(false);
    const released = [...this.held];
    this.held.clear();
    for (const client of released) {
      client.isHeld = false;
      client.sink.unblocked();
    }
    this.onEnd();
  }

  /** Holds a command back if the pause is about it; it has not run then. */
  holds(client: Client, args: Args, writes: boolean): boolean {
    if (!client.mayBlock || !(writes || this.holdsAll)) return false;
    client.held = args.copy();
    client.isHeld = true;
    this.held.add(client);
    return true;
  }

  /** The client is gone. */
  cancel(client: Client): void {
    this.held.delete(client);
  }
}
