/**
 * Listening at once, for CONFIG SET: net.Server says only in a later turn whether it worked, but the command's reply
 * has to tell.
 *
 * This rests on one function of node:net that is not documented and makes a bound handle. Where it is missing,
 * addresses and port can't be changed while the server runs.
 */
import net from 'node:net';
import { getSystemErrorName } from 'node:util';
import type { ListenAddress } from './listen-address.js';

interface BoundHandle {
  listen(backlog: number): number;
  close(): void;
}

/** Answers a handle or, below 0, the number of an error. */
type CreateHandle = (
  address: string,
  port: number,
  family: 4 | 6,
  fd: undefined,
  flags: number,
) => BoundHandle | number;

const { _createServerHandle: createHandle } = net as unknown as { _createServerHandle?: CreateHandle };

/** Without it, a socket of IPv6 takes IPv4 connections too. */
const IPV6_ONLY = 1;

export const canListenAtOnce = createHandle !== undefined;

/** A server that listens. @throws an error with the system's code */
export function listenAtOnce({ host, ipv6 }: ListenAddress, port: number, backlog: number): net.Server {
  // Other names would have to be asked for, and the answer comes later.
  const address = host === 'localhost' ? '127.0.0.1' : host;
  if (net.isIP(address) === 0) throw systemError('ENOTFOUND', host, port);
  const handle = createHandle!(address, port, ipv6 ? 6 : 4, undefined, ipv6 ? IPV6_ONLY : 0);
  if (typeof handle === 'number') throw systemError(getSystemErrorName(handle), host, port);
  const status = handle.listen(backlog);
  if (status !== 0) {
    handle.close();
    throw systemError(getSystemErrorName(status), host, port);
  }
  const server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true });
  server.listen(handle, backlog);
  return server;
}

function systemError(code: string, address: string, port: number): Error {
  return Object.assign(new Error(`listen ${code}: ${address}:${port}`), { code, syscall: 'listen', address, port });
}
