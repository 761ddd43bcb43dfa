/**
 * The gate: what may keep a command from running, in Redis's order.
 *
 * It is passed only while the client's word or the engine's is not 0, and of its checks only those are asked that one
 * of the set bits concerns. The engine's own are here; features add theirs.
 */

import { EvictionVerdict } from '../keyspace/eviction.js';
import type { Args } from '../protocol/args.js';
import * as errors from '../protocol/errors.js';
import { type Client, ClientGate } from './client.js';
import { CommandFlag, type CompiledCommand } from './command-table.js';
import { type GateCheck, GateStage } from './hooks.js';

/** Why the gate must look at every command, beside what features claim bits for. */
export const EngineGate = {
  LOADING: 1,
  /** The system refuses memory: what would use more is refused before it begins, so that no write fails halfway. */
  OUT_OF_MEMORY: 2,
  /** `maxmemory` is set: keys may have to go before a command. */
  MEMORY_LIMIT: 4,
} as const;

let claimedBits: number = EngineGate.MEMORY_LIMIT;

/** One more bit, for a state in which a feature looks at every command: claimed once, when its module loads. */
export function engineGateBit(): number {
  claimedBits *= 2;
  if (claimedBits > 2 ** 30) throw new Error('the engine has no more bits in its gate');
  return claimedBits;
}

/** What the engine's own checks ask. */
export interface GateOwner {
  readonly gate: number;
  readonly server: { readonly authentication: { readonly isRequired: boolean } };
  makeRoom(): EvictionVerdict;
}

/** A check with both words of bits, so that all have one shape. */
class Check {
  readonly stage: number;
  readonly client: number;
  readonly engine: number;
  readonly check: GateCheck['check'];

  constructor({ stage, client = 0, engine = 0, check }: GateCheck) {
    this.stage = stage;
    this.client = client;
    this.engine = engine;
    this.check = check;
  }
}

/** The checks that a client's and the engine's bits concern. */
interface Chosen {
  readonly client: number;
  readonly engine: number;
  readonly checks: readonly Check[];
}

const SLOTS = 16;

export class Gate {
  private checks: readonly Check[];
  /** Those that some bits concern, where the bits say: there are few pairs, and asking all checks took 30 ns longer. */
  private readonly chosen: (Chosen | undefined)[] = [];
  /** Those of the command before, which most often is in the same transaction. */
  private recent: Chosen = { client: 0, engine: 0, checks: [] };

  constructor(owner: GateOwner) {
    this.checks = ownChecks(owner).map((check) => new Check(check));
  }

  add(checks: readonly GateCheck[]): void {
    // Sorting is stable: checks of one stage are asked in the order in which they were added.
    this.checks = [...this.checks, ...checks.map((check) => new Check(check))].sort((a, b) => a.stage - b.stage);
    this.chosen.length = 0;
    this.recent = { client: 0, engine: 0, checks: [] };
  }

  private choose(client: number, engine: number): Chosen {
    const slot = (client + 5 * engine) % SLOTS;
    let chosen = this.chosen[slot];
    if (chosen === undefined || chosen.client !== client || chosen.engine !== engine) {
      const checks = this.checks.filter((check) => (check.client & client) !== 0 || (check.engine & engine) !== 0);
      chosen = { client, engine, checks };
      this.chosen[slot] = chosen;
    }
    this.recent = chosen;
    return chosen;
  }

  /**
   * Throws the first objection.
   * @returns true if somebody took the command over: it was queued or is held back
   */
  takes(client: Client, command: CompiledCommand, args: Args, engineBits: number): boolean {
    const flags = client.transaction === null ? command.flags : client.transaction.flagsOf(command);
    const clientBits = client.gate;
    let chosen = this.recent;
    if (chosen.client !== clientBits || chosen.engine !== engineBits) chosen = this.choose(clientBits, engineBits);
    const { checks } = chosen;
    for (let i = 0; i < checks.length; i++) {
      if (checks[i].check(client, command, args, flags)) return true;
    }
    return false;
  }
}

/** Refuses commands with a flag, while a bit is set. */
export function refusalOf(flag: number, error: errors.CommandError): GateCheck['check'] {
  return (_client, _command, _args, flags) => {
    if ((flags & flag) !== 0) throw error;
    return false;
  };
}

function ownChecks(owner: GateOwner): GateCheck[] {
  return [
    {
      stage: GateStage.AUTHENTICATION,
      client: ClientGate.NEEDS_AUTH,
      check(_client, { flags }) {
        if ((flags & CommandFlag.NO_AUTH) === 0 && owner.server.authentication.isRequired) throw errors.NOAUTH;
        return false;
      },
    },
    {
      stage: GateStage.MEMORY,
      engine: EngineGate.MEMORY_LIMIT,
      check(_client, _command, _args, flags) {
        // Also a command that needs no memory makes room: for those that do.
        if (owner.makeRoom() === EvictionVerdict.NONE && (flags & CommandFlag.DENY_OOM) !== 0) throw errors.OOM;
        return false;
      },
    },
    {
      stage: GateStage.MEMORY,
      engine: EngineGate.OUT_OF_MEMORY,
      check: refusalOf(CommandFlag.DENY_OOM, errors.OOM),
    },
    {
      stage: GateStage.LOADING,
      engine: EngineGate.LOADING,
      check(_client, _command, _args, flags) {
        if ((flags & CommandFlag.LOADING) === 0) throw errors.LOADING;
        return false;
      },
    },
  ];
}
