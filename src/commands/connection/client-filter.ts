/** Choosing clients: the filters of CLIENT LIST and CLIENT KILL. */

import type { Call } from '../../engine/call.js';
import type { Client, ClientType } from '../../engine/client.js';
import * as errors from '../../protocol/errors.js';

export interface ClientFilter {
  id?: number;
  type?: ClientType;
  user?: string;
  remoteAddress?: string;
  localAddress?: string;
  /** Connected for at least so many seconds. */
  minimumAgeSeconds?: number;
  skipsCaller: boolean;
}

const TYPES: Readonly<Record<string, ClientType>> = {
  normal: 'normal',
  master: 'master',
  slave: 'replica',
  replica: 'replica',
  pubsub: 'pubsub',
};

export function readClientType(call: Call, index: number): ClientType {
  const name = call.args.latin1(index);
  const type = TYPES[name.toLowerCase()];
  if (type === undefined) throw errors.unknownClientType(name);
  return type;
}

/** CLIENT KILL's filters: pairs from argument 2 on. */
export function readKillFilter(call: Call): ClientFilter {
  const { args } = call;
  const filter: ClientFilter = { skipsCaller: true };
  for (let i = 2; i < args.count; i += 2) {
    const value = i + 1;
    if (value >= args.count) throw errors.SYNTAX;
    if (args.is(i, 'ID')) {
      filter.id = args.integerBetween(value, 1, Number.POSITIVE_INFINITY, errors.CLIENT_ID_TO_KILL);
    } else if (args.is(i, 'TYPE')) {
      filter.type = readClientType(call, value);
    } else if (args.is(i, 'ADDR')) {
      filter.remoteAddress = args.text(value);
    } else if (args.is(i, 'LADDR')) {
      filter.localAddress = args.text(value);
    } else if (args.is(i, 'USER')) {
      filter.user = args.text(value);
      if (filter.user !== 'default') throw errors.noSuchUser(args.latin1(value));
    } else if (args.is(i, 'MAXAGE')) {
      filter.minimumAgeSeconds = args.integer(value, errors.CLIENT_MAXAGE);
      if (filter.minimumAgeSeconds <= 0) throw errors.CLIENT_MAXAGE_POSITIVE;
    } else if (args.is(i, 'SKIPME')) {
      if (args.is(value, 'YES')) filter.skipsCaller = true;
      else if (args.is(value, 'NO')) filter.skipsCaller = false;
      else throw errors.SYNTAX;
    } else {
      throw errors.SYNTAX;
    }
  }
  return filter;
}

export function matchingClients(call: Call, filter: ClientFilter): Client[] {
  return [...call.server.clients.all()].filter((client) => matches(call, filter, client));
}

function matches(call: Call, filter: ClientFilter, client: Client): boolean {
  const connection = client.sink.facts();
  return (
    !(filter.skipsCaller && client === call.client) &&
    (filter.id === undefined || client.id === filter.id) &&
    (filter.type === undefined || client.type === filter.type) &&
    (filter.user === undefined || client.user === filter.user) &&
    (filter.remoteAddress === undefined || connection?.remoteAddress === filter.remoteAddress) &&
    (filter.localAddress === undefined || connection?.localAddress === filter.localAddress) &&
    (filter.minimumAgeSeconds === undefined || ageSeconds(call.now, client) >= filter.minimumAgeSeconds)
  );
}

export function ageSeconds(nowMs: number, client: Client): number {
  return secondsSince(client.createdAtMs, nowMs);
}

export function secondsSince(thenMs: number, nowMs: number): number {
  return Math.max(0, Math.floor((nowMs - thenMs) / 1000));
}
