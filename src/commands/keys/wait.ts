/** WAIT and WAITAOF. There are neither replicas nor an append-only file yet, so what is waited for never comes. */

import * as arg from '../../engine/arguments.js';
import type { Call } from '../../engine/call.js';
import type { CommandRow } from '../../engine/command.js';
import * as errors from '../../protocol/errors.js';
import type { ReplyWriter } from '../../protocol/reply-writer.js';
import { INT64_MAX } from '../../text/numbers.js';

/** No key is waited for. */
const NO_TYPE = -1;

function runWait(call: Call): void {
  const wanted = call.args.integer(1);
  const timeoutMs = timeoutOf(call, 2);
  waitFor(call, wanted > 0, timeoutMs, (reply) => reply.integer(0));
}

function runWaitaof(call: Call): void {
  const { args } = call;
  const local = args.integer(1);
  if (local < 0 || local > 1) throw errors.notBetween(0, 1);
  const replicas = args.integer(2);
  if (replicas < 0) throw errors.NOT_POSITIVE;
  const timeoutMs = timeoutOf(call, 3);
  if (local > 0) throw errors.WAITAOF_NO_AOF;
  waitFor(call, replicas > 0, timeoutMs, (reply) => {
    reply.array(2);
    reply.integer(0);
    reply.integer(0);
  });
}

function waitFor(call: Call, waits: boolean, timeoutMs: number, answer: (reply: ReplyWriter) => void): void {
  if (waits) call.block({ firstKey: 0, lastKey: 0, type: NO_TYPE, timeoutMs, onTimeout: answer });
  else answer(call.reply);
}

/** In ms; 0 is for ever. */
function timeoutOf({ args, now }: Call, index: number): number {
  const timeout = args.integer64(index, errors.TIMEOUT_NOT_INTEGER);
  if (timeout < 0n) throw errors.TIMEOUT_NEGATIVE;
  if (timeout > INT64_MAX - BigInt(now)) throw errors.TIMEOUT_OUT_OF_RANGE;
  return Number(timeout);
}

export const waitCommands: readonly CommandRow[] = [
  {
    name: 'wait',
    summary: 'Waits until so many replicas have what this client wrote, and tells how many have.',
    group: 'generic',
    complexity: 'O(1)',
    arity: 3,
    flags: ['blocking'],
    alsoIn: ['@connection'],
    notIn: ['@keyspace'],
    arguments: [arg.integer('numreplicas'), arg.integer('timeout')],
    run: runWait,
  },
  {
    name: 'waitaof',
    summary: 'Waits until what this client wrote is in so many append-only files, and tells in how many it is.',
    group: 'generic',
    complexity: 'O(1)',
    arity: 4,
    flags: ['blocking'],
    alsoIn: ['@connection'],
    notIn: ['@keyspace'],
    arguments: [arg.integer('numlocal'), arg.integer('numreplicas'), arg.integer('timeout')],
    run: runWaitaof,
  },
];
