/** DEBUG: what tests of clients and of this server need. */

import type { Call } from '../../engine/call.js';
import type { CommandRow, Handler } from '../../engine/command.js';
import { stringLength } from '../../keyspace/string-value.js';
import { ENCODING_NAMES, Encoding, Type } from '../../keyspace/types.js';
import type { Ref } from '../../memory/arena.js';
import * as errors from '../../protocol/errors.js';
import { help } from '../help.js';

const HELP = help('DEBUG', [
  ['OBJECT <key>', 'How the value of a key is kept.'],
  [
    'RELOAD [NOSAVE] [NOFLUSH] [MERGE]',
    'Save a snapshot, empty the databases and load it again. NOSAVE does not save, NOFLUSH does not empty,',
    'MERGE lets loaded keys replace those that are there.',
  ],
  [
    'SET-ACTIVE-EXPIRE <0|1>',
    'Stop (0) or start (1) removing keys when they expire; commands find them expired still.',
  ],
  ['SLEEP <seconds>', 'Serve nobody for so long; may be a fraction.'],
]);

/** DEBUG has no subcommands of its own in the table: any mistake is answered alike. */
const SUBCOMMANDS: readonly { name: string; accepts: (count: number) => boolean; run: Handler }[] = [
  { name: 'HELP', accepts: (count) => count === 2, run: HELP },
  { name: 'OBJECT', accepts: (count) => count === 3, run: object },
  { name: 'RELOAD', accepts: () => true, run: reload },
  { name: 'SET-ACTIVE-EXPIRE', accepts: (count) => count === 3, run: setActiveExpire },
  { name: 'SLEEP', accepts: (count) => count === 3, run: sleep },
];

function debug(call: Call): void {
  const { args } = call;
  const access = call.engine.host.config.get('enable-debug-command');
  if (access === 'no' || (access === 'local' && !call.client.isLocal)) throw errors.DEBUG_DISABLED;
  const subcommand = SUBCOMMANDS.find(({ name, accepts }) => args.is(1, name) && accepts(args.count));
  if (subcommand === undefined) throw errors.unknownSubcommandOrArity(args.latin1(1), 'DEBUG');
  subcommand.run(call);
}

function sleep(call: Call): void {
  // As Redis reads it: what is no number is 0.
  const seconds = Number.parseFloat(call.args.latin1(2));
  if (seconds > 0) call.engine.host.sleep(seconds * 1000);
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
  call.engine.host.persistence.reload(options);
  call.reply.ok();
}

function object(call: Call): void {
  const { db, args } = call;
  const ref = db.peek(args.slice(2));
  if (ref === 0) throw errors.NO_SUCH_KEY;
  const encoding = db.encodingOf(ref);
  call.reply.status(
    `Value at:0x${ref.toString(16)} refcount:1 encoding:${ENCODING_NAMES[encoding]} ` +
      `serializedlength:${serializedLength(call, ref)} lru:${db.lruOf(ref)} lru_seconds_idle:${db.idleSeconds(ref)}`,
  );
}

/** Bytes in a snapshot that is not compressed; of a list, of its elements each by itself. */
function serializedLength({ db }: Call, ref: Ref): number {
  if (db.typeOf(ref) === Type.STRING) return withLength(stringLength(db, ref), db.encodingOf(ref) === Encoding.INT);
  const list = db.list.open(ref);
  let total = 1;
  list.seek(0);
  do total += withLength(list.lengthHere, false);
  while (list.next());
  return total;
}

function withLength(length: number, isInteger: boolean): number {
  if (isInteger) return length <= 3 ? 2 : length <= 5 ? 3 : 5;
  return length + (length < 64 ? 1 : length < 16384 ? 2 : 5);
}

export const debugCommands: readonly CommandRow[] = [
  {
    name: 'debug',
    summary: 'Looks and reaches inside the server, for tests.',
    since: '1.0.0',
    group: 'server',
    complexity: 'Depends on the subcommand.',
    arity: -2,
    flags: ['admin', 'noscript', 'loading', 'stale'],
    categories: ['@admin', '@slow', '@dangerous'],
    docFlags: ['syscmd'],
    run: debug,
  },
];
