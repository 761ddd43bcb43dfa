import type { ConnectionFacts } from '../engine/client.js';
import type { Channel } from './channel.js';

/** What CLIENT LIST says about a connection: what its channel knows, and what only its owner does. */
export function connectionFacts(
  channel: Channel,
  own: Pick<ConnectionFacts, 'queryBytes' | 'queryCapacity' | 'memoryBytes'>,
): ConnectionFacts {
  return {
    remoteAddress: channel.remoteAddress,
    localAddress: channel.localAddress,
    isUnixSocket: channel.isUnixSocket,
    descriptor: channel.descriptor,
    queryBytes: own.queryBytes,
    queryCapacity: own.queryCapacity,
    pendingReplies: channel.pendingPieces,
    pendingReplyBytes: channel.heldBytes,
    memoryBytes: own.memoryBytes,
  };
}
