/**
 * An engine for tests, without sockets: a clock that is moved by hand, chance from one seed, and an error that is no
 * reply fails the test. A test that needs it otherwise says so in the options.
 */

import { Client, type ClientSink } from '../../src/engine/client.js';
import type { Clock, ScheduledCall } from '../../src/engine/clock.js';
import type { CommandRow } from '../../src/engine/command.js';
import type { Engine, EngineOptions } from '../../src/engine/engine.js';
import { SeededRandom } from '../../src/engine/random.js';
import type { Server } from '../../src/engine/server.js';
import { dataTypes } from '../../src/types/index.js';
import { CheckedEngine } from './checked-engine.js';

/** Time stands still until it is moved; what is due then is called. */
export class TestClock implements Clock {
  private scheduled: { atMs: number; callback: () => void }[] = [];

  constructor(public nowMs = 1_700_000_000_000) {}

  now(): number {
    return this.nowMs;
  }

  schedule(atMs: number, callback: () => void): ScheduledCall {
    const call = { atMs, callback };
    this.scheduled.push(call);
    return { cancel: () => (this.scheduled = this.scheduled.filter((other) => other !== call)) };
  }

  /** When calls are due that nobody has cancelled. */
  get scheduledAtMs(): number[] {
    return this.scheduled.map(({ atMs }) => atMs);
  }

  advance(ms: number): void {
    this.nowMs += ms;
    const due = this.scheduled.filter(({ atMs }) => atMs <= this.nowMs);
    this.scheduled = this.scheduled.filter(({ atMs }) => atMs > this.nowMs);
    for (const { callback } of due) callback();
  }
}

function testRandom(): SeededRandom {
  return new SeededRandom([1, 2, 3, 4]);
}

export function testEngine(commands: readonly CommandRow[], options: Partial<EngineOptions> = {}): Engine {
  return new CheckedEngine({
    types: dataTypes,
    commands,
    clock: new TestClock(),
    random: testRandom(),
    databases: 16,
    onInternalError: (error) => {
      throw error;
    },
    ...options,
  });
}

/** A client; what is sent to it beside its replies is lost, unless the sink keeps it. */
export function testClient(engine: Engine, sink: Partial<ClientSink> = {}, { id = 1, mayBlock = true } = {}): Client {
  return new Client(
    id,
    { send() {}, unblocked() {}, close() {}, facts: () => null, ...sink },
    engine.clock.now(),
    mayBlock,
  );
}

/** The part of the server that a test needs; asking for another fails. */
export function setServer(engine: Engine, server: { [Name in keyof Server]?: Partial<Server[Name]> }): void {
  engine.server = server as Server;
}
