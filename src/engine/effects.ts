/**
 * Effects: what a write did, as commands that do the same anywhere, any time. They feed what replays writes (AOF,
 * replicas); while nobody listens they cost one test per write.
 *
 * A command that changed something propagates as it was sent, unless its handler replaced that or suppressed it
 * (call.effect(), call.noEffect()). The DEL of a key that a command found expired comes before the command's own
 * effect. What runs inside a command (EXEC, a script) is held back until its end, and goes between MULTI and EXEC if it
 * is more than one.
 */

import type { Args } from '../protocol/args.js';
import { Effect, type EffectPart, encodeArgs, encodeParts } from './effect.js';

export type EffectListener = (effect: Effect) => void;

const MULTI = encodeParts(['MULTI']);
const EXEC = encodeParts(['EXEC']);

export class Effects {
  private readonly listeners = new Set<EffectListener>();
  /** What the commands inside the outermost one have done so far. */
  private batch: Effect[] | null = null;
  /** Commands that others run inside of. */
  private depth = 0;
  active = false;
  /** What is done now is propagated to nobody: a script wants it so. */
  isMuted = false;

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
    if (this.active) this.deliver(new Effect(databaseIndex, encodeParts(parts)));
  }

  /** A command is over. `replacement` is what its handler wants propagated in its place. */
  propagate(databaseIndex: number, args: Args, changed: boolean, replacement: readonly Buffer[] | null): void {
    if (replacement !== null) {
      for (const bytes of replacement) this.deliver(new Effect(databaseIndex, bytes));
    } else if (changed) {
      this.deliver(new Effect(databaseIndex, encodeArgs(args)));
    }
  }

  /** A command begins to run others; they are propagated together. */
  begin(): void {
    this.depth++;
    if (this.active) this.batch ??= [];
  }

  /** It has run them. */
  end(): void {
    if (--this.depth > 0) return;
    const { batch } = this;
    if (batch === null) return;
    this.batch = null;
    if (batch.length > 1) this.deliver(new Effect(batch[0].databaseIndex, MULTI));
    for (const effect of batch) this.deliver(effect);
    if (batch.length > 1) this.deliver(new Effect(batch[batch.length - 1].databaseIndex, EXEC));
  }

  private deliver(effect: Effect): void {
    if (this.isMuted) return;
    if (this.batch !== null) {
      this.batch.push(effect);
      return;
    }
    for (const listener of this.listeners) listener(effect);
  }
}
