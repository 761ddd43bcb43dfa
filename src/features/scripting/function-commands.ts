/** FCALL, and FUNCTION with its subcommands. */

import * as arg from '../../engine/arguments.js';
import type { Call } from '../../engine/call.js';
import type { CommandRow } from '../../engine/command.js';
import { container } from '../../engine/container.js';
import * as errors from '../../protocol/errors.js';
import type { ReplyWriter } from '../../protocol/reply-writer.js';
import { Glob } from '../../text/glob.js';
import { readingRow, runningRow } from './commands.js';
import { dumpFunctions, restoreFunctions } from './function-dump.js';
import type { FunctionLibrary, ScriptFunction } from './function-library.js';
import { Functions } from './functions.js';
import { namesOfFlags } from './script-flags.js';
import type { RunningFunction } from './script-run.js';
import { Scripting } from './scripting.js';

const WRITES = ['write', 'noscript'] as const;

const functionSubcommands: readonly CommandRow[] = [
  {
    name: 'delete',
    summary: 'Deletes a library with its functions.',
    group: 'scripting',
    complexity: 'O(N), N being the functions',
    arity: 3,
    flags: WRITES,
    arguments: [arg.string('library-name')],
    run: remove,
  },
  {
    name: 'dump',
    summary: 'All libraries as bytes, for FUNCTION RESTORE.',
    group: 'scripting',
    complexity: 'O(N), N being the length of all',
    arity: 2,
    flags: ['noscript'],
    run: (call) => call.reply.bulkBytes(dumpFunctions(call.feature(Functions).set)),
  },
  {
    name: 'flush',
    summary: 'Deletes all libraries.',
    group: 'scripting',
    complexity: 'O(N), N being the functions',
    arity: -2,
    flags: WRITES,
    arguments: [arg.oneOf('flush-type', [arg.token('ASYNC'), arg.token('SYNC')], { optional: true })],
    run: flush,
  },
  {
    name: 'kill',
    summary: 'Ends the function that runs, unless it has written.',
    group: 'scripting',
    complexity: 'O(1)',
    arity: 2,
    flags: ['noscript', 'allow_busy'],
    run: (call) => {
      call.feature(Scripting).run.kill(true);
      call.reply.ok();
    },
  },
  {
    name: 'list',
    summary: 'Tells of libraries and their functions.',
    group: 'scripting',
    complexity: 'O(N), N being the functions',
    arity: -2,
    flags: ['noscript'],
    arguments: [
      arg.option('LIBRARYNAME', arg.string('library-name-pattern')),
      arg.token('WITHCODE', { optional: true }),
    ],
    run: list,
  },
  {
    name: 'load',
    summary: 'Makes a library of functions.',
    group: 'scripting',
    complexity: 'O(N), N being the length of the text',
    arity: -3,
    flags: ['write', 'denyoom', 'noscript'],
    arguments: [arg.token('REPLACE', { optional: true }), arg.string('function-code')],
    run: load,
  },
  {
    name: 'restore',
    summary: 'Makes the libraries that FUNCTION DUMP gave.',
    group: 'scripting',
    complexity: 'O(N), N being the length of all',
    arity: -3,
    flags: ['write', 'denyoom', 'noscript'],
    arguments: [
      arg.string('serialized-value'),
      arg.oneOf('policy', [arg.token('FLUSH'), arg.token('APPEND'), arg.token('REPLACE')], { optional: true }),
    ],
    run: restore,
  },
  {
    name: 'stats',
    summary: 'Tells which function runs, and how many there are.',
    group: 'scripting',
    complexity: 'O(1)',
    arity: 2,
    flags: ['noscript', 'allow_busy'],
    run: stats,
  },
];

export const functionCommands: readonly CommandRow[] = [
  {
    ...runningRow(arg.string('function')),
    name: 'fcall',
    summary: 'Calls a function.',
    complexity: 'Depends on the function',
    run: (call) => call.feature(Functions).call(call, false),
  },
  {
    ...readingRow(arg.string('function')),
    name: 'fcall_ro',
    summary: 'Calls a function that does not write.',
    complexity: 'Depends on the function',
    run: (call) => call.feature(Functions).call(call, true),
  },
  container({
    name: 'function',
    summary: 'What there is to do with libraries of functions.',
    group: 'scripting',
    subcommands: functionSubcommands,
  }),
];

function load(call: Call): void {
  const { args, reply } = call;
  const last = args.count - 1;
  for (let i = 2; i < last; i++)
    if (!args.is(i, 'REPLACE')) throw errors.commandError(`Unknown option given: ${args.latin1(i)}`);
  const name = call.feature(Functions).load(args.slice(last), last > 2);
  call.databasesChanged(1);
  reply.bulkLatin1(name);
}

function remove(call: Call): void {
  call.feature(Functions).delete(call.args.latin1(2));
  call.databasesChanged(1);
  call.reply.ok();
}

function flush(call: Call): void {
  const { args, reply } = call;
  if (args.count > 3) throw errors.unknownSubcommandOrArity(args.latin1(1), 'function');
  if (args.count === 3 && !args.is(2, 'SYNC') && !args.is(2, 'ASYNC')) throw errors.FUNCTION_FLUSH_OPTION;
  call.feature(Functions).flush();
  call.databasesChanged(1);
  reply.ok();
}

function restore(call: Call): void {
  const { args, reply } = call;
  if (args.count > 4) throw errors.unknownSubcommandOrArity(args.latin1(1), 'function');
  const policy = args.count === 3 ? 'APPEND' : ['FLUSH', 'APPEND', 'REPLACE'].find((word) => args.is(3, word));
  if (policy === undefined) throw errors.RESTORE_POLICY;
  restoreFunctions(call.feature(Functions), args.slice(2), policy as 'FLUSH' | 'APPEND' | 'REPLACE');
  call.databasesChanged(1);
  reply.ok();
}

function list(call: Call): void {
  const { args, reply } = call;
  let pattern: Glob | null = null;
  let withCode = false;
  for (let i = 2; i < args.count; i++) {
    if (!withCode && args.is(i, 'WITHCODE')) {
      withCode = true;
    } else if (pattern === null && args.is(i, 'LIBRARYNAME')) {
      if (++i === args.count) throw errors.commandError('library name argument was not given');
      pattern = new Glob(args.buffer(i));
    } else {
      throw errors.commandError(`Unknown argument ${args.latin1(i)}`);
    }
  }
  const libraries = [...call.feature(Functions).set.libraries.values()].filter(
    ({ name }) => pattern?.matchesText(name) ?? true,
  );
  reply.array(libraries.length);
  for (const library of libraries) writeLibrary(reply, library, withCode);
}

function writeLibrary(reply: ReplyWriter, library: FunctionLibrary, withCode: boolean): void {
  reply.map(withCode ? 4 : 3);
  reply.bulkLatin1('library_name');
  reply.bulkLatin1(library.name);
  reply.bulkLatin1('engine');
  reply.bulkLatin1('LUA');
  reply.bulkLatin1('functions');
  reply.array(library.functions.size);
  for (const each of library.functions.values()) writeFunction(reply, each);
  if (!withCode) return;
  reply.bulkLatin1('library_code');
  reply.bulk(library.source);
}

function writeFunction(reply: ReplyWriter, { name, description, flags }: ScriptFunction): void {
  reply.map(3);
  reply.bulkLatin1('name');
  reply.bulkLatin1(name);
  reply.bulkLatin1('description');
  if (description === null) reply.null();
  else reply.bulkLatin1(description);
  reply.bulkLatin1('flags');
  const names = namesOfFlags(flags);
  reply.set(names.length);
  for (const each of names) reply.status(each);
}

function stats(call: Call): void {
  const { reply } = call;
  const { set } = call.feature(Functions);
  const { run } = call.feature(Scripting);
  const running = run.function;
  // A script that is none is nothing that functions' commands tell of.
  if (running === null && run.isRunning) throw run.busyError;
  reply.map(2);
  reply.bulkLatin1('running_script');
  if (running === null) reply.null();
  else writeRunning(reply, running);
  reply.bulkLatin1('engines');
  reply.map(1);
  reply.bulkLatin1('LUA');
  reply.map(2);
  reply.bulkLatin1('libraries_count');
  reply.integer(set.libraries.size);
  reply.bulkLatin1('functions_count');
  reply.integer(set.functions.size);
}

function writeRunning(reply: ReplyWriter, { name, args, milliseconds }: RunningFunction): void {
  reply.map(3);
  reply.bulkLatin1('name');
  reply.bulkLatin1(name);
  reply.bulkLatin1('command');
  reply.array(args.count);
  for (let i = 0; i < args.count; i++) reply.bulkLatin1(args.latin1(i));
  reply.bulkLatin1('duration_ms');
  reply.integer(milliseconds);
}
