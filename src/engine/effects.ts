/**
 * Effects: what a write did, as commands that do the same anywhere, any time. They feed what replays writes (AOF,
 * replicas); while nobody listens they cost one test per write.
 *
 * A command that changed something propagates as it was sent, unless its handler replaced that or suppressed it. The DEL
 * of a key that a command found expired comes before the command's own effect. What EXEC runs is held back until its end, and
 * goes between MULTI and EXEC if it is more than one.
 */

import { Slice } from '../memory/slice.js';
import type { Args } from '../protocol/args.js';
import type { EffectPart } from './call.js';

export type EffectListener = (databaseIndex: number, command: Buffer[]) => void;

interface Effect {
  databaseIndex: number;
  command: Buffer[];
}

export class Effects {
  private readonly listeners = new Set<EffectListener>();
  private replaced = false;
  private pending: Effect[] = [];
  /** What the running EXEC has done so far. */
  private batch: Effect[] | null = null;
  active = false;

  listen(listener: EffectListener): () => void {
    this.listeners.add(listener);
    this.active = true;
    return () => {
      this.listeners.delete(listener);
      this.active = this.listeners.size > 0;
    };
  }

  /** An effect beside the command's own, before it: the removal of an expired or evicted key. */
  emit(databaseIndex: number, parts: readonly EffectPart[]): void {
    if (this.active) this.deliver(databaseIndex, parts.map(partBytes));
  }

  replace(databaseIndex: number, parts: readonly EffectPart[]): void {
    if (!this.active) return;
    this.replaced = true;
    this.pending.push({ databaseIndex, command: parts.map(partBytes) });
  }

  suppress(): void {
    // Nobody calls finish() then, and the next command's effects are not ours to suppress.
    if (this.active) this.replaced = true;
  }

  /** End of a command. */
  finish(databaseIndex: number, args: Args, changed: boolean): void {
    if (this.replaced) {
      for (const effect of this.pending) this.deliver(effect.databaseIndex, effect.command);
    } else if (changed) {
      const command: Buffer[] = [];
      for (let i = 0; i < args.count; i++) command.push(args.slice(i).toBuffer());
      this.deliver(databaseIndex, command);
    }
    this.discard();
  }

  /** The command failed: it has no effects. */
  discard(): void {
    this.replaced = false;
    if (this.pending.length > 0) this.pending = [];
  }

  /** EXEC begins. */
  begin(): void {
    if (this.active) this.batch = [];
  }

  /** EXEC is over: its effects go out, and none is its own. */
  end(): void {
    const { batch } = this;
    if (batch === null) return;
    this.batch = null;
    this.suppress();
    if (batch.length > 1) this.deliver(batch[0].databaseIndex, [Buffer.from('MULTI')]);
    for (const effect of batch) this.deliver(effect.databaseIndex, effect.command);
    if (batch.length > 1) this.deliver(batch[batch.length - 1].databaseIndex, [Buffer.from('EXEC')]);
  }

  private deliver(databaseIndex: number, command: Buffer[]): void {
    if (this.batch !== null) {
      this.batch.push({ databaseIndex, command });
      return;
    }
    for (const listener of this.listeners) listener(databaseIndex, command);
  }
}

function partBytes(part: EffectPart): Buffer {
  return part instanceof Slice ? part.toBuffer() : Buffer.from(String(part));
}
