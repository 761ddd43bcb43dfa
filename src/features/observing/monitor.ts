/** MONITOR: every command that runs, as one line, for the clients that asked to see them. */

import type { Call } from '../../engine/call.js';
import type { CommandRow } from '../../engine/command.js';
import * as errors from '../../protocol/errors.js';
import { IS_MONITOR, Monitors } from './monitors.js';

function monitor(call: Call): void {
  const { client, reply } = call;
  if (!client.mayBlock) throw errors.MONITOR_DENIED;
  // As in Redis, who asks twice gets no answer to the second.
  if ((client.gate & IS_MONITOR) !== 0) return;
  call.feature(Monitors).add(client);
  reply.ok();
}

export const monitorCommands: readonly CommandRow[] = [
  {
    name: 'monitor',
    summary: 'Shows this connection every command that runs, until it is closed or RESET.',
    group: 'server',
    complexity: 'O(1); every command that runs then costs O(N), N being the monitors',
    arity: 1,
    flags: ['admin', 'noscript', 'loading', 'stale'],
    run: monitor,
  },
];
