/** The transaction commands; what they do is in transactions.ts. */

import * as arg from '../../engine/arguments.js';
import type { CommandRow } from '../../engine/command.js';
import { keysFrom } from '../../engine/key-specs.js';
import { Transactions } from './transactions.js';

const OWN = {
  group: 'transactions',
  complexity: 'O(1)',
  arity: 1,
  flags: ['noscript', 'loading', 'stale', 'fast', 'allow_busy'],
} as const satisfies Partial<CommandRow>;

export const transactionCommands: readonly CommandRow[] = [
  {
    ...OWN,
    name: 'multi',
    summary: 'Begins a transaction: commands are queued from here on.',
    traits: ['runs-in-multi'],
    run: (call) => call.feature(Transactions).multi(call),
  },
  {
    ...OWN,
    name: 'exec',
    summary: 'Runs the queued commands in one go, unless one was refused or a watched key was changed.',
    complexity: 'Depends on the commands',
    flags: ['noscript', 'loading', 'stale', 'skip_slowlog'],
    traits: ['runs-in-multi', 'ends-multi', 'runs-queue'],
    run: (call) => call.feature(Transactions).exec(call),
  },
  {
    ...OWN,
    name: 'discard',
    summary: 'Ends a transaction without running it.',
    complexity: 'O(N), N being the commands queued and keys watched',
    traits: ['runs-in-multi', 'ends-multi'],
    run: (call) => call.feature(Transactions).discardCommand(call),
  },
  {
    ...OWN,
    name: 'watch',
    summary: 'Watches keys: if one of them is changed, the next transaction does not run.',
    complexity: 'O(1) for each key',
    arity: -2,
    keys: [keysFrom(1, { last: -1, step: 1 }, 'RO')],
    arguments: [arg.multiple(arg.key())],
    traits: ['runs-in-multi'],
    run: (call) => call.feature(Transactions).watch(call),
  },
  {
    ...OWN,
    name: 'unwatch',
    summary: 'Watches no keys any more.',
    complexity: 'O(N), N being the keys watched',
    run: (call) => call.feature(Transactions).unwatch(call),
  },
];
