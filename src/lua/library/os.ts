/** The library `os`, of which scripts have the processor time alone. */

import type { State } from '../runtime/state.js';
import { Table } from '../runtime/table.js';

/** Seconds of processor time that the process has taken. */
function clock(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

export function openOs(state: State): void {
  const library = new Table(0, 1);
  library.setString('clock', clock);
  state.globals.setString('os', library);
}
