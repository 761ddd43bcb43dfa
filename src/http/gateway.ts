/**
 * From HTTP to the engine: runs commands in this process and gives the bytes of their replies, in either protocol.
 *
 * Requests share one client for each database and protocol. What changes a connection (SELECT, MULTI, CLIENT SETNAME)
 * therefore lasts for that command only: a client that is not as new is replaced. Who needs a client of its own, to
 * wait or to subscribe, asks for a caller().
 *
 * Whose access does not allow everything is kept to it here, whatever the command (access/confinement.ts).
 */
import { Caller, type CallerEvents, type CallerOwner, isAsNew, NO_EVENTS } from '../engine/caller.js';
import type { Client, ConnectionFacts } from '../engine/client.js';
import type { Engine } from '../engine/engine.js';
import { Args } from '../protocol/args.js';
import type { Access } from './access/access.js';
import { ConfinedCaller, Confinement } from './access/confinement.js';
import type { Runner } from './access/plan.js';
import { HttpProblem } from './problem.js';
import { CallerTurn, FreeTurn, type Turn } from './turn.js';

export type Protocol = 2 | 3;

/** Text is taken as UTF-8, numbers by their decimal digits. */
export type Words = readonly (string | Uint8Array | number | bigint)[];

export interface RunOptions {
  readonly database: number;
  readonly protocol: Protocol;
  /** Whose command it is; one that may do everything where it is not said. */
  readonly access?: Access;
}

/** A client's connection, whatever it speaks. */
export interface ClientConnection {
  /** What CLIENT LIST says about it. */
  facts(): ConnectionFacts;
  /** Who runs its commands. */
  client?: Client | undefined;
  /** Calls back when the client leaves before it was answered, or before its stream ended. */
  onGone(callback: () => void): void;
}

export class Gateway {
  private readonly callers = new Map<number, Caller>();
  /** Of each access that does not allow everything; null of one that does. */
  private readonly confinements = new WeakMap<Access, Confinement | null>();
  /** Commands that wait now. */
  waiting = 0;

  constructor(
    private readonly owner: CallerOwner,
    /** So many may. */
    private readonly maxWaiting: number,
  ) {}

  get engine(): Engine {
    return this.owner.engine;
  }

  /** The engine runs a command right now, and can't run another. */
  get isBusy(): boolean {
    return this.owner.isBusy();
  }

  /** Runs a command, which does not wait: a blocking one answers as if its time were up. */
  run(command: Args | Words, options: RunOptions): Buffer {
    const args = command instanceof Args ? command : Args.from(command);
    const confinement = this.confinementOf(options);
    if (confinement === null) return this.runFreely(args, options);
    const plan = confinement.apply(args);
    switch (plan.kind) {
      case 'run':
        return plan.finish(this.runFreely(plan.args, options));
      case 'emulate':
        return plan.run(this.runnerOf(confinement, options));
      case 'refuse':
        return plan.reply;
    }
  }

  private runFreely(args: Args, options: RunOptions): Buffer {
    const caller = this.shared(options);
    const bytes = caller.run(args);
    this.renew(caller, options);
    return bytes;
  }

  /**
   * Runs several commands in one turn, without copies of their replies: what begins and ends a turn costs more than
   * most commands.
   */
  turn(options: RunOptions, work: (turn: Turn) => void): void {
    const { engine } = this.owner;
    if (this.confinementOf(options) !== null) {
      const caller = this.newCaller(NO_EVENTS, options, false);
      const turn = new CallerTurn(engine, caller);
      try {
        work(turn);
      } finally {
        turn.clear();
        caller.end();
      }
      return;
    }
    const caller = this.shared(options);
    const turn = new FreeTurn(engine, caller.client);
    try {
      this.owner.turn(() => {
        try {
          work(turn);
        } finally {
          turn.clear();
        }
      });
    } finally {
      this.renew(caller, options);
    }
  }

  /**
   * Runs a command that may wait. The wait ends when the connection's client leaves: others get what it waited for.
   * @throws HttpProblem when too many wait, and when the server ended the wait (CLIENT KILL)
   */
  wait(command: Args | Words, options: RunOptions, connection: ClientConnection): Buffer | Promise<Buffer> {
    if (this.waiting >= this.maxWaiting) throw new HttpProblem('unavailable', 503, 'too many requests wait');
    let take: (bytes: Buffer) => void = () => {};
    let fail: (error: Error) => void = () => {};
    const caller = this.caller(
      {
        onBytes: (bytes) => {
          end();
          take(bytes);
        },
        onResumed() {},
        onClosed: () => {
          end();
          fail(new HttpProblem('unavailable', 503, 'the server ended the wait'));
        },
      },
      options,
      connection,
    );
    let waits = false;
    const end = (): void => {
      if (waits) this.waiting--;
      waits = false;
      caller.end();
    };
    const bytes = caller.run(command instanceof Args ? command : Args.from(command));
    if (!caller.client.isWaiting) {
      caller.end();
      return bytes;
    }
    waits = true;
    this.waiting++;
    connection.onGone(end);
    return new Promise((resolve, reject) => {
      take = resolve;
      fail = reject;
    });
  }

  /** A client of the caller's own, who ends it; that of a connection, where there is one. */
  caller(events: CallerEvents, options: RunOptions, connection?: ClientConnection): Caller {
    return this.newCaller(events, options, true, connection);
  }

  private newCaller(
    events: CallerEvents,
    options: RunOptions,
    mayBlock: boolean,
    connection?: ClientConnection,
  ): Caller {
    const { database, protocol } = options;
    const confinement = this.confinementOf(options);
    const settings = { mayBlock, protocol, facts: connection === undefined ? undefined : () => connection.facts() };
    const caller =
      confinement === null
        ? new Caller(this.owner, events, settings)
        : new ConfinedCaller(this.owner, events, settings, confinement, (client) =>
            this.runnerOf(confinement, { database: client.databaseIndex, protocol: client.protocol }),
          );
    caller.client.databaseIndex = database;
    if (connection !== undefined) connection.client = caller.client;
    return caller;
  }

  private confinementOf({ access }: RunOptions): Confinement | null {
    if (access === undefined) return null;
    let confinement = this.confinements.get(access);
    if (confinement === undefined) {
      confinement = Confinement.of(access, this.engine);
      this.confinements.set(access, confinement);
    }
    return confinement;
  }

  private runnerOf({ databases }: Confinement, { database, protocol }: RunOptions): Runner {
    return {
      run: (words, index) => this.runFreely(Args.from(words), { database: index, protocol }),
      database,
      protocol,
      databases,
      random: this.engine.random,
    };
  }

  private shared({ database, protocol }: RunOptions): Caller {
    const key = keyOf(database, protocol);
    let caller = this.callers.get(key);
    if (caller === undefined) {
      caller = this.newCaller(NO_EVENTS, { database, protocol }, false);
      this.callers.set(key, caller);
    }
    return caller;
  }

  /** The next one who asks gets a client that is as new. */
  private renew(caller: Caller, { database, protocol }: RunOptions): void {
    if (isAsNew(caller.client, database, protocol)) return;
    caller.end();
    this.callers.delete(keyOf(database, protocol));
  }
}

function keyOf(database: number, protocol: Protocol): number {
  return database * 2 + protocol - 2;
}
