/**
 * What an access may not do, kept below all APIs: one that may only read changes nothing, one of a database stays in
 * it, one with a key prefix reaches no other keys. APIs may refuse more, and earlier, in words of their own.
 */
import { Caller, type CallerEvents, type CallerOptions, type CallerOwner } from '../../engine/caller.js';
import type { Client } from '../../engine/client.js';
import { CommandFlag, type CompiledCommand } from '../../engine/command-table.js';
import type { Engine } from '../../engine/engine.js';
import type { Args } from '../../protocol/args.js';
import type { Access } from './access.js';
import { KeyPrefix } from './key-prefix.js';
import { asItIs, commandOf, type Plan, type Runner, refused } from './plan.js';
import { elementsOf } from './reply-keys.js';

export class Confinement {
  private readonly prefix: KeyPrefix | null;
  /** All that its FLUSHALL reaches. */
  readonly databases: readonly number[];

  /** @returns null where the access may do everything */
  static of(access: Access, engine: Engine): Confinement | null {
    const isFree = !access.isReadOnly && access.database === undefined && access.keyPrefix === '';
    return isFree ? null : new Confinement(access, engine);
  }

  private constructor(
    private readonly access: Access,
    private readonly engine: Engine,
  ) {
    const { keyPrefix, database } = access;
    this.prefix = keyPrefix === '' ? null : new KeyPrefix(keyPrefix, engine.table);
    this.databases = database === undefined ? engine.keyspace.databases.map(({ index }) => index) : [database];
  }

  apply(args: Args): Plan {
    const command = commandOf(this.engine.table, args);
    if (command !== null) {
      const { fullName } = command;
      if (this.access.isReadOnly && mayChange(command)) {
        return refused(`NOPERM this access may only read, which '${fullName}' may not`);
      }
      if (this.access.database !== undefined && this.leavesDatabase(fullName, args)) {
        return refused(`NOPERM this access is for database ${this.access.database} only`);
      }
    }
    return this.prefix === null ? asItIs(args) : this.prefix.apply(args);
  }

  private leavesDatabase(fullName: string, args: Args): boolean {
    switch (fullName) {
      case 'select':
        return args.count === 2 && args.latin1(1) !== String(this.access.database);
      case 'move':
      case 'swapdb':
        return true;
      case 'flushall':
        return this.prefix === null;
      case 'copy':
        for (let i = 3; i < args.count; i++) if (args.is(i, 'DB')) return true;
        return false;
      default:
        return false;
    }
  }
}

/** Commands that are no writes by themselves, and change what they like. */
function mayChange({ flags, row }: CompiledCommand): boolean {
  if ((flags & (CommandFlag.WRITE | CommandFlag.ADMIN)) !== 0) return true;
  return row.group === 'scripting' && (flags & CommandFlag.READONLY) === 0 && row.name !== 'help';
}

type Finish = (reply: Buffer) => Buffer;

/** A client of one's own that is kept to what its access may do, its transactions and waits too. */
export class ConfinedCaller extends Caller {
  /** How the reply becomes that of a command which waits now. */
  private awaited: Finish | null = null;
  /** The same for each command that MULTI has queued. */
  private queued: Finish[] = [];

  constructor(
    owner: CallerOwner,
    { onBytes, onResumed, onClosed }: CallerEvents,
    options: CallerOptions,
    private readonly confinement: Confinement,
    /** Runs what a command of a client is made of that is emulated. */
    private readonly runnerOf: (client: Client) => Runner,
  ) {
    const events: CallerEvents = {
      onBytes: (bytes) => {
        const finish = this.awaited;
        this.awaited = null;
        onBytes(finish === null ? bytes : finish(bytes));
      },
      onResumed: () => onResumed(),
      onClosed: () => onClosed(),
    };
    super(owner, events, options);
  }

  override run(args: Args): Buffer {
    const plan = this.confinement.apply(args);
    const { transaction } = this.client;
    if (plan.kind === 'run') return this.runPlanned(args, plan);
    if (plan.kind === 'emulate' && transaction === null) return plan.run(this.runnerOf(this.client));
    transaction?.abort();
    return plan.kind === 'refuse' ? plan.reply : NOT_IN_TRANSACTION;
  }

  private runPlanned(given: Args, { args, finish }: Plan & { kind: 'run' }): Buffer {
    const { client } = this;
    const wasQueueing = client.transaction !== null;
    const before = client.transaction?.queue.length ?? 0;
    const reply = this.runAsIs(args);
    if (client.transaction !== null) {
      if (!wasQueueing) this.queued = [];
      else if (client.transaction.queue.length > before) this.queued.push(finish);
      return reply;
    }
    if (wasQueueing) return given.is(0, 'DISCARD') ? reply : this.finishQueued(reply);
    if (reply.length === 0) this.awaited = finish;
    return reply.length === 0 ? reply : finish(reply);
  }

  private finishQueued(reply: Buffer): Buffer {
    const elements = elementsOf(reply);
    if (elements === null || elements.length !== this.queued.length) return reply;
    const header = reply.subarray(0, reply.indexOf('\n') + 1);
    return Buffer.concat([header, ...elements.map((element, i) => this.queued[i](element))]);
  }
}

const NOT_IN_TRANSACTION = Buffer.from('-NOPERM keys have a prefix here, and this is not done in a transaction\r\n');
