/** The commands that run scripts, and those that keep them. */

import * as arg from '../../engine/arguments.js';
import type { Call } from '../../engine/call.js';
import type { CommandRow } from '../../engine/command.js';
import { container } from '../../engine/container.js';
import { countedKeys } from '../../engine/key-specs.js';
import * as errors from '../../protocol/errors.js';
import { Scripting } from './scripting.js';

const OPTIONAL = { optional: true, multiple: true } as const;

/** What runs a script or a function that is named, or given, by its first argument. */
export function runningRow(what: ReturnType<typeof arg.string>): Omit<CommandRow, 'name' | 'summary'> {
  return {
    group: 'scripting',
    complexity: 'Depends on the script',
    arity: -3,
    flags: ['noscript', 'stale', 'skip_monitor', 'no_mandatory_keys', 'movablekeys'],
    traits: ['may-replicate'],
    keys: [countedKeys(2, 'RW', 'access', 'update')],
    arguments: [what, arg.integer('numkeys'), arg.key('key', OPTIONAL), arg.string('arg', OPTIONAL)],
  };
}

/** The same for one that must not write. */
export function readingRow(what: ReturnType<typeof arg.string>): Omit<CommandRow, 'name' | 'summary'> {
  const row = runningRow(what);
  return { ...row, flags: ['readonly', ...row.flags], traits: [], keys: [countedKeys(2, 'RO', 'access')] };
}

const scriptSubcommands: readonly CommandRow[] = [
  {
    name: 'debug',
    summary: 'Refuses to debug scripts.',
    group: 'scripting',
    complexity: 'O(1)',
    arity: 3,
    flags: ['noscript'],
    arguments: [arg.oneOf('mode', [arg.token('YES'), arg.token('SYNC'), arg.token('NO')])],
    run: debug,
  },
  {
    name: 'exists',
    summary: 'Tells which scripts are known, by their names.',
    group: 'scripting',
    complexity: 'O(N), N being the names',
    arity: -3,
    flags: ['noscript'],
    arguments: [arg.multiple(arg.string('sha1'))],
    run: exists,
  },
  {
    name: 'flush',
    summary: 'Forgets all scripts.',
    group: 'scripting',
    complexity: 'O(N), N being the scripts',
    arity: -2,
    flags: ['noscript'],
    arguments: [arg.oneOf('flush-type', [arg.token('ASYNC'), arg.token('SYNC')], { optional: true, since: '6.2.0' })],
    run: flush,
  },
  {
    name: 'kill',
    summary: 'Ends the script that runs, unless it has written.',
    group: 'scripting',
    complexity: 'O(1)',
    arity: 2,
    flags: ['noscript', 'allow_busy'],
    run: (call) => {
      call.feature(Scripting).run.kill(false);
      call.reply.ok();
    },
  },
  {
    name: 'load',
    summary: 'Keeps a script without running it, and answers with its name.',
    group: 'scripting',
    complexity: 'O(N), N being the length of the script',
    arity: 3,
    flags: ['noscript', 'stale'],
    arguments: [arg.string('script')],
    run: (call) => call.reply.bulkLatin1(call.feature(Scripting).load(call.args)),
  },
];

export const scriptingCommands: readonly CommandRow[] = [
  {
    ...runningRow(arg.string('script')),
    name: 'eval',
    summary: 'Runs a script in Lua.',
    run: (call) => call.feature(Scripting).eval(call, false),
  },
  {
    ...readingRow(arg.string('script')),
    name: 'eval_ro',
    summary: 'Runs a script in Lua that may not write.',
    run: (call) => call.feature(Scripting).eval(call, true),
  },
  {
    ...runningRow(arg.string('sha1')),
    name: 'evalsha',
    summary: 'Runs a script that is known, by its name.',
    run: (call) => call.feature(Scripting).evalNamed(call, false),
  },
  {
    ...readingRow(arg.string('sha1')),
    name: 'evalsha_ro',
    summary: 'Runs a script that is known, by its name, and that may not write.',
    run: (call) => call.feature(Scripting).evalNamed(call, true),
  },
  container({
    name: 'script',
    summary: 'What there is to do with scripts.',
    group: 'scripting',
    subcommands: scriptSubcommands,
  }),
];

function debug({ args, reply }: Call): void {
  if (args.is(2, 'YES') || args.is(2, 'SYNC')) throw errors.NO_DEBUGGER;
  if (!args.is(2, 'NO')) throw errors.SCRIPT_DEBUG_MODE;
  reply.ok();
}

function exists(call: Call): void {
  const { args, reply } = call;
  const scripting = call.feature(Scripting);
  reply.array(args.count - 2);
  for (let i = 2; i < args.count; i++) reply.integer(scripting.find(args, i) === undefined ? 0 : 1);
}

function flush(call: Call): void {
  const { args, reply } = call;
  const isKnown = args.count === 2 || (args.count === 3 && (args.is(2, 'SYNC') || args.is(2, 'ASYNC')));
  if (!isKnown) throw errors.SCRIPT_FLUSH_OPTION;
  call.feature(Scripting).flush();
  reply.ok();
}
