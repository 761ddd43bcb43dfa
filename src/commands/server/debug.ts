/** DEBUG: what tests of clients and of this server need. */

import { memoryBytes } from '../../config/value-types.js';
import type { Call } from '../../engine/call.js';
import type { CommandRow, Handler } from '../../engine/command.js';
import { type HelpEntry, help } from '../../engine/help.js';
import { Slice } from '../../memory/slice.js';
import * as errors from '../../protocol/errors.js';
import { Glob } from '../../text/glob.js';
import { protocol } from './debug-protocol.js';
import { digest, digestValue, listpack, object, populate, quicklist, sdsLength } from './debug-values.js';

interface Subcommand {
  readonly name: string;
  readonly accepts: (count: number) => boolean;
  readonly run: Handler;
  /** Its arguments, then what HELP says of it: nothing of what is without effect here. */
  readonly help: readonly string[];
}

function exactly(name: string, count: number, run: Handler, ...help: readonly string[]): Subcommand {
  return { name, accepts: (given) => given === count, run, help };
}

/** DEBUG has no subcommands of its own in the table: any mistake is answered alike. */
const SUBCOMMANDS: readonly Subcommand[] = [
  exactly('HELP', 2, help('DEBUG', helpEntries)),
  exactly('AOF-FLUSH-SLEEP', 3, acknowledge),
  exactly('CHANGE-REPL-ID', 2, changeReplicationId, '', 'Give the history of changes another id.'),
  exactly('CLIENT-ENFORCE-REPLY-LIST', 3, acknowledge),
  exactly('DICT-RESIZING', 3, acknowledge),
  exactly('DIGEST', 2, digest, '', 'Forty digits that are the same for the same data.'),
  {
    name: 'DIGEST-VALUE',
    accepts: () => true,
    run: digestValue,
    help: ['<key> [<key> ...]', 'The same for the value of each key.'],
  },
  exactly('DROP-CLUSTER-PACKET-FILTER', 3, acknowledgeInteger),
  exactly('ERROR', 3, error, '<string>', 'Answer with this error.'),
  exactly('LEAK', 3, acknowledge),
  exactly('LISTPACK', 3, listpack, '<key>', 'Write to the log how a small collection is kept.'),
  exactly('LOADAOF', 2, loadAof, '', 'Save, empty the databases and load what was saved, as RELOAD does.'),
  exactly('LOG', 3, log, '<message>', 'Write a line to the log.'),
  exactly('OBJECT', 3, object, '<key>', 'How the value of a key is kept.'),
  exactly('PAUSE-CRON', 3, pauseCron, '<0|1>', 'Stop (1) or start (0) what is done ten times a second.'),
  {
    name: 'POPULATE',
    accepts: (count) => count >= 3 && count <= 5,
    run: populate,
    help: ['<count> [<prefix>] [<size>]', 'Create strings with keys like key:0, unless they are there.'],
  },
  exactly(
    'PROTOCOL',
    3,
    protocol,
    '<type>',
    'Answer with a value of this type: string, integer, double, bignum, null, array, set, map, attrib, push, verbatim, true',
    'or false.',
  ),
  {
    name: 'QUICKLIST',
    accepts: (count) => count === 3 || count === 4,
    run: quicklist,
    help: ['<key> [<0|1>]', 'Write to the log how a long list is kept.'],
  },
  exactly('QUICKLIST-PACKED-THRESHOLD', 3, packedThreshold),
  {
    name: 'RELOAD',
    accepts: () => true,
    run: reload,
    help: [
      '[NOSAVE] [NOFLUSH] [MERGE]',
      'Save a snapshot, empty the databases and load it again. NOSAVE does not save, NOFLUSH does not empty,',
      'MERGE lets loaded keys replace those that are there.',
    ],
  },
  { name: 'REPLICATE', accepts: (count) => count >= 3, run: acknowledge, help: [] },
  exactly('REPLYBUFFER', 4, replyBuffer),
  exactly('SDSLEN', 3, sdsLength, '<key>', 'How many bytes a key and its string have and take.'),
  exactly(
    'SET-ACTIVE-EXPIRE',
    3,
    setActiveExpire,
    '<0|1>',
    'Stop (0) or start (1) removing keys when they expire; commands find them expired still.',
  ),
  exactly('SET-DISABLE-DENY-SCRIPTS', 3, acknowledge),
  exactly('SLEEP', 3, sleep, '<seconds>', 'Serve nobody for so long; may be a fraction.'),
  exactly('STRINGMATCH-LEN', 4, stringMatch, '<length> <pattern>', 'Whether so many letters a match the pattern.'),
];

/** HELP adds itself. */
function helpEntries(): HelpEntry[] {
  const others = SUBCOMMANDS.filter(({ name }) => name !== 'HELP');
  const entries = others
    .filter(({ help }) => help.length > 0)
    .map(({ name, help: [usage, ...lines] }): HelpEntry => [`${name} ${usage}`.trimEnd(), ...lines]);
  for (const { name, help } of others) {
    if (help.length === 0) entries.push([name, 'Accepted, and without effect here.']);
  }
  return entries;
}

function debug(call: Call): void {
  const { args } = call;
  const access = call.server.config.get('enable-debug-command');
  if (access === 'no' || (access === 'local' && !call.client.isLocal)) throw errors.DEBUG_DISABLED;
  const subcommand = SUBCOMMANDS.find(({ name, accepts }) => args.is(1, name) && accepts(args.count));
  if (subcommand === undefined) throw errors.unknownSubcommandOrArity(args.latin1(1), 'DEBUG');
  subcommand.run(call);
}

function sleep(call: Call): void {
  // As Redis reads it: what is no number is 0.
  const seconds = Number.parseFloat(call.args.latin1(2));
  if (seconds > 0) call.server.sleep(seconds * 1000);
  call.reply.ok();
}

function setActiveExpire(call: Call): void {
  call.keyspace.activeExpiry = Number.parseInt(call.args.latin1(2), 10) > 0;
  call.reply.ok();
}

function reload(call: Call): void {
  const { args } = call;
  const options = { save: true, flush: true, merge: false };
  for (let i = 2; i < args.count; i++) {
    if (args.is(i, 'NOSAVE')) options.save = false;
    else if (args.is(i, 'NOFLUSH')) options.flush = false;
    else if (args.is(i, 'MERGE')) options.merge = true;
    else throw errors.DEBUG_RELOAD_OPTION;
  }
  call.server.persistence.reload(options);
  call.reply.ok();
}

/** Replication and the append-only file are not there yet: what was saved is what the file would say. */
function loadAof(call: Call): void {
  call.server.persistence.reload({ save: true, flush: true, merge: false });
  call.reply.ok();
}

function acknowledge(call: Call): void {
  call.reply.ok();
}

function acknowledgeInteger(call: Call): void {
  call.args.integer(2);
  call.reply.ok();
}

function error(call: Call): void {
  // To the letter, without a code that the client did not ask for, and not counted as an error.
  call.reply.rawLatin1(`-${call.args.latin1(2).replace(/[\r\n]/g, ' ')}\r\n`);
}

function log(call: Call): void {
  call.server.log(`DEBUG LOG: ${call.args.text(2)}`);
  call.reply.ok();
}

function changeReplicationId(call: Call): void {
  call.server.changeReplicationId();
  call.reply.ok();
}

function pauseCron(call: Call): void {
  call.server.pauseDuties(Number.parseInt(call.args.latin1(2), 10) > 0);
  call.reply.ok();
}

const BIGGEST_PACKED = 2 ** 32 - 1;

function packedThreshold(call: Call): void {
  const bytes = memoryBytes(call.args.latin1(2));
  if (bytes === undefined || Number(bytes) >= BIGGEST_PACKED) throw errors.PACKED_THRESHOLD;
  call.reply.ok();
}

function replyBuffer(call: Call): void {
  const { args } = call;
  const isPeakTime = args.is(2, 'PEAK-RESET-TIME');
  if (!isPeakTime && !args.is(2, 'RESIZING')) throw errors.unknownSubcommandOrArity(args.latin1(1), 'DEBUG');
  if (isPeakTime && !args.is(3, 'NEVER') && !args.is(3, 'RESET')) args.integer(3);
  call.reply.ok();
}

function stringMatch(call: Call): void {
  const { args } = call;
  const length = args.integer(2, errors.NOT_POSITIVE);
  if (length < 0 || length > call.keyspace.limits.protoMaxBulkLength) throw errors.NOT_POSITIVE;
  const text = Slice.of(Buffer.alloc(length, 'a'));
  call.reply.integer(new Glob(args.slice(3).toBuffer()).matches(text) ? 1 : 0);
}

export const debugCommands: readonly CommandRow[] = [
  {
    name: 'debug',
    summary: 'Looks and reaches inside the server, for tests.',
    group: 'server',
    complexity: 'Depends on the subcommand',
    arity: -2,
    flags: ['admin', 'noscript', 'loading', 'stale'],
    run: debug,
  },
];
