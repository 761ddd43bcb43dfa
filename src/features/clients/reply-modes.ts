/**
 * CLIENT REPLY: replies that are left out.
 *
 * A client whose mode is not ON has REPLY_MODE, so that what is written for its command is taken back when
 * the command is over. EXEC is one command with one reply, but its commands may change the mode half-way: then the
 * array lacks elements, or elements lack their array, to the byte as in Redis. Messages are no replies, and never left
 * out.
 */

import type { Call } from '../../engine/call.js';
import { type Client, clientGateBit, ReplyMode } from '../../engine/client.js';
import type { Engine } from '../../engine/engine.js';

/** Replies are left out, or the next one is. */
const REPLY_MODE = clientGateBit();

export class ReplyModes {
  /** Inside EXEC: the mark from which what is written is left out; -1: none. */
  private mutedFrom = -1;

  constructor(private readonly engine: Engine) {
    engine.register({ afterCommand: { client: REPLY_MODE, run: this.apply } });
  }

  on({ client, reply }: Call): void {
    if (this.mutedFrom >= 0) reply.rewind(this.mutedFrom);
    this.mutedFrom = -1;
    client.replyMode &= ~ReplyMode.MUTED;
    reply.ok();
  }

  off({ client, reply }: Call): void {
    if (client.transaction !== null && this.mutedFrom < 0) this.mutedFrom = reply.mark();
    client.replyMode |= ReplyMode.OFF;
    client.gate |= REPLY_MODE;
  }

  skip({ client }: Call): void {
    if ((client.replyMode & ReplyMode.OFF) !== 0) return;
    client.replyMode |= ReplyMode.SKIP_NEXT;
    client.gate |= REPLY_MODE;
  }

  /** EXEC begins to reply for a client whose replies are left out. */
  muteFrom(mark: number): void {
    this.mutedFrom = mark;
  }

  /** What was written from `start` on is no reply but a message, and goes out whatever the mode is. */
  keep(client: Client, start: number): void {
    if ((client.replyMode & ReplyMode.MUTED) === 0) return;
    const { reply } = this.engine;
    const bytes = reply.take(start);
    if (this.mutedFrom < 0) {
      client.sink.send(bytes, 0, bytes.length);
      return;
    }
    // Within EXEC it takes the place of the replies that are left out.
    reply.rewind(this.mutedFrom);
    reply.raw(bytes);
    this.mutedFrom = reply.mark();
  }

  private readonly apply = (client: Client, from: number): void => {
    // It has no reply yet: this is done when it has.
    if (client.isWaiting) return;
    const { replyMode } = client;
    if ((replyMode & ReplyMode.MUTED) !== 0) this.engine.reply.rewind(this.mutedFrom < 0 ? from : this.mutedFrom);
    this.mutedFrom = -1;
    client.replyMode = (replyMode & ReplyMode.OFF) | ((replyMode & ReplyMode.SKIP_NEXT) === 0 ? 0 : ReplyMode.SKIP);
    if (client.replyMode === ReplyMode.ON) client.gate &= ~REPLY_MODE;
  };
}
