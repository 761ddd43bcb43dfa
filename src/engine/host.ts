/**
 * What commands need of the server around the engine: configuration, clients, files, life and death. The server
 * implements it; commands know only this interface, so they stay free of sockets, disks and timers.
 */

import type { Client } from './client.js';

// Members are added by the features that need them.
export interface Host {
  readonly clients: HostClients;
}

export interface HostClients {
  /** All connected clients, in the order they came. */
  all(): Iterable<Client>;
}
