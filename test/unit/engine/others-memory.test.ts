/** What a client can't take is its own affair: the command of somebody else that sends it something goes on. */
import { afterEach, expect, test } from 'vitest';
import { allCommands } from '../../../src/commands/index.js';
import { Caller, type CallerOwner } from '../../../src/engine/caller.js';
import type { Client } from '../../../src/engine/client.js';
import type { Engine } from '../../../src/engine/engine.js';
import { systemMemory } from '../../../src/memory/system-memory.js';
import { Args } from '../../../src/protocol/args.js';
import { testClient, testEngine } from '../../support/test-engine.js';

const { allocate } = systemMemory;

afterEach(() => {
  systemMemory.allocate = allocate;
  systemMemory.askAgain();
});

function run(engine: Engine, client: Client, ...words: (string | Buffer)[]): string {
  const from = engine.reply.length;
  engine.execute(client, Args.from(words));
  return engine.reply.take(from).toString('latin1');
}

/** A caller that fails with whatever comes to it later. */
function failingCaller(engine: Engine): { caller: Caller; told: string[] } {
  const told: string[] = [];
  const owner: Partial<CallerOwner> = {
    engine,
    newClient: (sink) => testClient(engine, sink, { id: 2 }),
    run: (client, args) => engine.execute(client, args),
    later: (callback) => callback(),
    failed: (error) => void told.push(`failed: ${(error as Error).message}`),
  };
  const events = {
    onBytes: () => {
      throw new Error('too much');
    },
    onResumed() {},
    onClosed: () => void told.push('closed'),
  };
  return { caller: new Caller(owner as CallerOwner, events, { mayBlock: true, protocol: 2 }), told };
}

test('a message that a caller in process can not take closes that one', () => {
  const engine = testEngine(allCommands);
  const { caller, told } = failingCaller(engine);
  caller.run(Args.from(['SUBSCRIBE', 'channel']));
  const publisher = testClient(engine);
  expect(run(engine, publisher, 'PUBLISH', 'channel', 'x')).toBe(':1\r\n');
  expect(told).toEqual(['failed: too much', 'closed']);
  expect(run(engine, publisher, 'PUBLISH', 'channel', 'x')).toBe(':0\r\n');
});

test('so does the reply of a command that waited', () => {
  const engine = testEngine(allCommands);
  const { caller, told } = failingCaller(engine);
  caller.run(Args.from(['BLPOP', 'list', '0']));
  expect(run(engine, testClient(engine), 'RPUSH', 'list', 'x')).toBe(':1\r\n');
  expect(told).toEqual(['failed: too much', 'closed']);
});

test('a client that waits, and for whose reply there is no memory, is closed', () => {
  const engine = testEngine(allCommands);
  const closed: boolean[] = [];
  const waiter = testClient(engine, { close: (afterReplies) => void closed.push(afterReplies) }, { id: 2 });
  run(engine, waiter, 'BLPOP', 'list', '0');
  // The copy of the reply, and nothing before it.
  systemMemory.allocate = (bytes) => {
    if (bytes > 2_900_000 && bytes < 3_100_000) throw new RangeError('Array buffer allocation failed');
    return allocate(bytes);
  };
  const pusher = testClient(engine, {}, { id: 3 });
  expect(run(engine, pusher, 'RPUSH', 'list', Buffer.alloc(3_000_000))).toBe(':1\r\n');
  expect(closed).toEqual([false]);
  systemMemory.allocate = allocate;
  const sent: string[] = [];
  const send = (bytes: Buffer, start: number, end: number) => void sent.push(bytes.toString('latin1', start, end));
  const next = testClient(engine, { send }, { id: 4 });
  expect(run(engine, next, 'BLPOP', 'list', '0')).toBe('');
  expect(run(engine, pusher, 'RPUSH', 'list', 'x')).toBe(':1\r\n');
  expect(sent).toEqual(['*2\r\n$4\r\nlist\r\n$1\r\nx\r\n']);
});
