/** Commands that write snapshots, tell when one was written, and end the server. */

import * as arg from '../../engine/arguments.js';
import type { Call } from '../../engine/call.js';
import type { CommandRow } from '../../engine/command.js';
import * as errors from '../../protocol/errors.js';

function save(call: Call): void {
  call.server.persistence.save();
  call.reply.ok();
}

function bgSave(call: Call): void {
  const { args } = call;
  const schedules = args.count === 2 && args.is(1, 'SCHEDULE');
  if (args.count > 1 && !schedules) throw errors.SYNTAX;
  call.reply.status(call.server.persistence.saveInBackground(schedules));
}

function lastSave(call: Call): void {
  call.reply.integer(call.server.persistence.facts().lastSaveAt);
}

function shutdown(call: Call): void {
  const { args } = call;
  let save: boolean | null = null;
  let force = false;
  let now = false;
  let abort = false;
  for (let i = 1; i < args.count; i++) {
    if (args.is(i, 'SAVE') && save !== false) save = true;
    else if (args.is(i, 'NOSAVE') && save !== true) save = false;
    else if (args.is(i, 'NOW')) now = true;
    else if (args.is(i, 'FORCE')) force = true;
    else if (args.is(i, 'ABORT')) abort = true;
    else throw errors.SYNTAX;
  }
  if (abort && (force || now || save !== null)) throw errors.SYNTAX;
  // A shutdown waits for nothing yet, so none can be in progress when a command runs.
  if (abort) throw errors.NO_SHUTDOWN;
  call.server.shutdown({ save, force });
}

export const savingCommands: readonly CommandRow[] = [
  {
    name: 'save',
    summary: 'Saves a snapshot to the disk before anything else is done.',
    group: 'server',
    complexity: 'O(N), N being the keys in all databases',
    arity: 1,
    flags: ['admin', 'noscript', 'no_async_loading', 'no_multi'],
    run: save,
  },
  {
    name: 'bgsave',
    summary: 'Saves a snapshot to the disk while commands go on.',
    group: 'server',
    complexity: 'O(1)',
    arity: -1,
    flags: ['admin', 'noscript', 'no_async_loading'],
    arguments: [arg.optional(arg.token('SCHEDULE', { since: '3.2.2' }))],
    run: bgSave,
  },
  {
    name: 'lastsave',
    summary: 'Tells when the last snapshot was saved, as a Unix time in seconds.',
    group: 'server',
    complexity: 'O(1)',
    arity: 1,
    flags: ['loading', 'stale', 'fast'],
    alsoIn: ['@admin', '@dangerous'],
    run: lastSave,
  },
  {
    name: 'shutdown',
    summary: 'Saves a snapshot if that is configured or asked for, and ends the server.',
    group: 'server',
    complexity: 'O(N) when saving, N being the keys in all databases; O(1) otherwise',
    arity: -1,
    flags: ['admin', 'noscript', 'loading', 'stale', 'no_multi', 'allow_busy'],
    arguments: [
      arg.optional(arg.oneOf('save-selector', [arg.token('NOSAVE'), arg.token('SAVE')])),
      arg.optional(arg.token('NOW', { since: '7.0.0' })),
      arg.optional(arg.token('FORCE', { since: '7.0.0' })),
      arg.optional(arg.token('ABORT', { since: '7.0.0' })),
    ],
    run: shutdown,
  },
];
