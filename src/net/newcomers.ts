/** Connections that wait to be accepted, which the event loop would do: Linux tells how many there are. */

import { readFileSync } from 'node:fs';

const TABLES = ['/proc/net/tcp', '/proc/net/tcp6'];
/** A line of such a table: number, local address and port, remote ones, state, and the queues' lengths. */
const LISTENER = /^\s*\d+: [0-9A-F]+:([0-9A-F]{4}) [0-9A-F]+:0000 0A [0-9A-F]+:([0-9A-F]+)/;

/** @returns true also where that can't be known */
export function hasNewcomers(port: number): boolean {
  let isKnown = false;
  for (const table of TABLES) {
    let text: string;
    try {
      text = readFileSync(table, 'latin1');
    } catch {
      continue;
    }
    for (const line of text.split('\n')) {
      const listener = LISTENER.exec(line);
      if (listener === null || Number.parseInt(listener[1]!, 16) !== port) continue;
      isKnown = true;
      if (Number.parseInt(listener[2]!, 16) > 0) return true;
    }
  }
  return !isKnown;
}
