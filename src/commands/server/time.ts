/** TIME: the time of the server in seconds and microseconds. */

import type { Call } from '../../engine/call.js';
import type { CommandRow } from '../../engine/command.js';

function time(call: Call): void {
  const { reply } = call;
  const microseconds = call.server.microseconds();
  reply.array(2);
  reply.bulkInteger(Math.floor(microseconds / 1e6));
  reply.bulkInteger(microseconds % 1e6);
}

export const timeCommands: readonly CommandRow[] = [
  {
    name: 'time',
    summary: "Tells the server's time: Unix seconds, and the microseconds of the current one.",
    group: 'server',
    complexity: 'O(1)',
    arity: 1,
    flags: ['loading', 'stale', 'fast'],
    run: time,
  },
];
