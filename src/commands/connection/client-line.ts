/** A client as CLIENT LIST and CLIENT INFO print it: one line of fields. */

import type { Call } from '../../engine/call.js';
import { type Client, ClientGate, type ConnectionFacts, NO_CONNECTION } from '../../engine/client.js';
import { IS_MONITOR } from '../../features/observing/monitors.js';
import { IS_SUBSCRIBER } from '../../features/pubsub/pub-sub.js';
import type { TextWriter } from '../../text/text-writer.js';
import { ageSeconds, secondsSince } from './client-filter.js';

/** Fields of features that are not there have the values they have in Redis when unused. */
export function writeClientLine(line: TextWriter, call: Call, client: Client): void {
  const connection = client.sink.facts() ?? NO_CONNECTION;
  const argumentBytes = client === call.client ? totalLength(call) : 0;
  const idle = client === call.client ? 0 : secondsSince(client.lastActiveAtMs, call.now);
  const { subscriptions } = client;
  const queue = client.transaction?.queue;
  line.text('id=').integer(client.id);
  line.text(' addr=').text(connection.remoteAddress);
  line.text(' laddr=').text(connection.localAddress);
  line.text(' fd=').integer(connection.descriptor);
  line.text(' name=').text(client.name);
  line.text(' age=').integer(ageSeconds(call.now, client));
  line.text(' idle=').integer(idle);
  line.text(' flags=').text(flagsOf(client, connection));
  line.text(' db=').integer(client.databaseIndex);
  line.text(' sub=').integer(subscriptions?.channels.size ?? 0);
  line.text(' psub=').integer(subscriptions?.patterns.size ?? 0);
  line.text(' ssub=').integer(subscriptions?.shardChannels.size ?? 0);
  line.text(' multi=').integer(queue?.length ?? -1);
  line.text(' watch=').integer(client.watched.length);
  line.text(' qbuf=').integer(connection.queryBytes);
  line.text(' qbuf-free=').integer(connection.queryCapacity - connection.queryBytes);
  line.text(' argv-mem=').integer(argumentBytes);
  line.text(' multi-mem=').integer(queue?.bytes ?? 0);
  // Replies are written into a buffer that all clients share.
  line.text(' rbs=0 rbp=0 obl=0');
  line.text(' oll=').integer(connection.pendingReplies);
  line.text(' omem=').integer(connection.pendingReplyBytes);
  line.text(' tot-mem=').integer(connection.memoryBytes + argumentBytes);
  line.text(connection.pendingReplyBytes > 0 ? ' events=rw' : ' events=r');
  line.text(' cmd=').text(client.lastCommand?.fullName ?? 'NULL');
  line.text(' user=').text(client.user);
  line.text(' redir=-1 resp=').integer(client.protocol);
  line.text(' lib-name=').text(client.libraryName);
  line.text(' lib-ver=').text(client.libraryVersion).text('\n');
}

function flagsOf(client: Client, connection: ConnectionFacts): string {
  let flags = '';
  if ((client.gate & IS_MONITOR) !== 0) flags += 'O';
  if ((client.gate & IS_SUBSCRIBER) !== 0) flags += 'P';
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
