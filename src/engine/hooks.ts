/**
 * The hooks that features register (Engine.register()): the engine knows no feature, and no command, by name.
 *
 * A hook is asked only for clients, or while the engine is in a state, that its bits name. A GET of a plain client in a
 * plain engine passes all hooks by with one test of both words.
 */

import type { Args } from '../protocol/args.js';
import type { Client } from './client.js';
import type { CompiledCommand } from './command-table.js';

/** When a hook is asked: while one of these bits is set. */
export interface HookBits {
  /** Of the client's gate (ClientGate). */
  readonly client?: number;
  /** Of the engine's gate (EngineGate). */
  readonly engine?: number;
}

/** Where a check stands among the others: what Redis checks first is answered first. */
export const GateStage = {
  AUTHENTICATION: 0,
  /** What may never stand in a transaction. */
  TRANSACTION: 1,
  PERMISSION: 2,
  MEMORY: 3,
  SAVING: 4,
  SUBSCRIPTION: 5,
  LOADING: 6,
  MONITOR: 7,
  /** From here on the command is allowed, and may have to wait: CLIENT PAUSE. */
  PAUSE: 8,
  /** It may be kept for EXEC. */
  QUEUE: 9,
} as const;

export interface GateCheck extends HookBits {
  readonly stage: number;
  /**
   * Throws what the client is answered if the command may not run. `flags` are the command's, or those of all that EXEC
   * would run.
   * @returns true if the command was taken over, so that it does not run now
   */
  readonly check: (client: Client, command: CompiledCommand, args: Args, flags: number) => boolean;
}

export interface AfterCall extends HookBits {
  /** A command has run, be it inside of another; its reply is complete unless its client waits. */
  readonly run: (client: Client, command: CompiledCommand, args: Args) => void;
}

export interface AfterCommand extends HookBits {
  /**
   * A client's command is over, with all that ran inside of it. Its reply, which may be taken back, begins at the mark
   * `from`.
   */
  readonly run: (client: Client, from: number) => void;
}

export interface Hooks {
  readonly gate?: readonly GateCheck[];
  readonly afterCall?: AfterCall;
  readonly afterCommand?: AfterCommand;
  /** Bits of the engine's that keep keys from being evicted: nothing may change, or change is half done. */
  readonly keepsKeys?: number;
  /**
   * What runs a transaction was refused, with or without one: neither it nor what the client watches holds any longer.
   */
  readonly onRefusedExec?: (client: Client) => void;
  /** The client is gone, or is to be as new (RESET). */
  readonly onForget?: (client: Client) => void;
  /** The client is gone. */
  readonly onGone?: (client: Client) => void;
  /**
   * Replies or messages are about to leave, those of many commands at once: what must be safe before anybody hears of
   * it has to be safe now. It is also asked when nothing has changed since.
   */
  readonly beforeBytesLeave?: () => void;
}

/** Hooks of one kind. One test tells that none concerns a command: all that those of a transaction pay. */
export class HookList<Run> {
  readonly hooks: { readonly client: number; readonly engine: number; readonly run: Run }[] = [];
  /** Bits of all of them together. */
  private client = 0;
  private engine = 0;

  add({ client = 0, engine = 0, run }: HookBits & { readonly run: Run }): void {
    this.hooks.push({ client, engine, run });
    this.client |= client;
    this.engine |= engine;
  }

  /** Whether one of them is asked for while these bits are set. */
  concerns(clientBits: number, engineBits: number): boolean {
    return ((this.client & clientBits) | (this.engine & engineBits)) !== 0;
  }
}
