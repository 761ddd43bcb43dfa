/** A client as CLIENT LIST and CLIENT INFO print it: one line of fields. */

import type { Call } from '../../engine/call.js';
import { type Client, ClientGate, type ConnectionFacts } from '../../engine/client.js';
import { ageSeconds, secondsSince } from './client-filter.js';

/** What a caller in process shows, which has no connection. */
const IN_PROCESS: ConnectionFacts = {
  remoteAddress: '',
  localAddress: '',
  isUnixSocket: false,
  descriptor: -1,
  queryBytes: 0,
  queryCapacity: 0,
  pendingReplies: 0,
  pendingReplyBytes: 0,
  memoryBytes: 0,
};

/** Without a line break. Fields of features that are not there have the values they have in Redis when unused. */
export function clientLine(call: Call, client: Client): string {
  const connection = client.sink.facts() ?? IN_PROCESS;
  const argumentBytes = client === call.client ? totalLength(call) : 0;
  const idle = client === call.client ? 0 : secondsSince(client.lastActiveAtMs, call.now);
  const { subscriptions } = client;
  const queue = client.transaction?.queue;
  // One piece of text: a list of fields took six times as long, and others wait while CLIENT LIST tells of thousands.
  return (
    `id=${client.id} addr=${connection.remoteAddress} laddr=${connection.localAddress} fd=${connection.descriptor}` +
    ` name=${client.name} age=${ageSeconds(call.now, client)} idle=${idle} flags=${flagsOf(client, connection)}` +
    ` db=${client.databaseIndex} sub=${subscriptions?.channels.size ?? 0} psub=${subscriptions?.patterns.size ?? 0}` +
    ` ssub=${subscriptions?.shardChannels.size ?? 0} multi=${queue?.length ?? -1} watch=${client.watched.length}` +
    ` qbuf=${connection.queryBytes} qbuf-free=${connection.queryCapacity - connection.queryBytes}` +
    // Replies are written into a buffer that all clients share: rbs, rbp, obl.
    ` argv-mem=${argumentBytes} multi-mem=${queue?.bytes ?? 0} rbs=0 rbp=0 obl=0 oll=${connection.pendingReplies}` +
    ` omem=${connection.pendingReplyBytes} tot-mem=${connection.memoryBytes + argumentBytes}` +
    ` events=${connection.pendingReplyBytes > 0 ? 'rw' : 'r'} cmd=${client.lastCommand?.fullName ?? 'NULL'}` +
    ` user=${client.user} redir=-1 resp=${client.protocol} lib-name=${client.libraryName} lib-ver=${client.libraryVersion}`
  );
}

function flagsOf(client: Client, connection: ConnectionFacts): string {
  let flags = '';
  if ((client.gate & ClientGate.IS_MONITOR) !== 0) flags += 'O';
  if ((client.gate & ClientGate.IS_SUBSCRIBER) !== 0) flags += 'P';
  if (client.transaction !== null) flags += 'x';
  if (client.isWaiting) flags += 'b';
  if (client.watchBroken) flags += 'd';
  if (client.closing) flags += 'c';
  if (connection.isUnixSocket) flags += 'U';
  if (client.noEvict) flags += 'e';
  if ((client.gate & ClientGate.NO_TOUCH) !== 0) flags += 'T';
  return flags === '' ? 'N' : flags;
}

function totalLength({ args }: Call): number {
  let length = 0;
  for (let i = 0; i < args.count; i++) length += args.length(i);
  return length;
}
