/** TIME and LOLWUT. */

import type { Call } from '../../engine/call.js';
import type { CommandRow } from '../../engine/command.js';
import { REDIS_VERSION, REDSTART_VERSION } from '../../version.js';

function time(call: Call): void {
  const { reply } = call;
  const microseconds = call.engine.host.microseconds();
  reply.array(2);
  reply.bulkInteger(Math.floor(microseconds / 1e6));
  reply.bulkInteger(microseconds % 1e6);
}

function lolwut(call: Call): void {
  const { args, reply } = call;
  // Versions and sizes are read like Redis reads them; the picture is always the same.
  if (args.count >= 3 && args.is(1, 'VERSION')) args.integer(2);
  reply.verbatim('txt', `${BIRD}Redis ver. ${REDIS_VERSION} (redstart ${REDSTART_VERSION})\n`);
}

/** A redstart. */
const BIRD = "   __\n <(o )___\n  ( ._> /\n   `---'\n";

export const timeCommands: readonly CommandRow[] = [
  {
    name: 'time',
    summary: "Tells the server's time: Unix seconds, and the microseconds of the current one.",
    since: '2.6.0',
    group: 'server',
    complexity: 'O(1)',
    arity: 1,
    flags: ['loading', 'stale', 'fast'],
    categories: ['@fast'],
    tips: ['nondeterministic_output'],
    run: time,
  },
  {
    name: 'lolwut',
    summary: 'Shows a bird and the version.',
    since: '5.0.0',
    group: 'server',
    complexity: 'O(1)',
    arity: -1,
    flags: ['readonly', 'fast'],
    categories: ['@read', '@fast'],
    arguments: [{ name: 'version', type: 'integer', token: 'VERSION', optional: true }],
    run: lolwut,
  },
];
