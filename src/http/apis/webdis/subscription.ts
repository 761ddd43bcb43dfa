/** Commands whose replies go on (SUBSCRIBE, MONITOR): a stream with one piece for each, until its client leaves. */
import type { Caller } from '../../../engine/caller.js';
import type { Args } from '../../../protocol/args.js';
import type { Gateway, RunOptions } from '../../gateway.js';
import type { Exchange, HttpReply } from '../../message.js';
import { ReplyCursor } from '../../reply-cursor.js';
import { STREAMING, type Streaming } from '../../route.js';
import { bodyOf, type ReplyForm } from './reply-body.js';

const MINUS = 0x2d;

export interface Subscribing {
  readonly gateway: Gateway;
  readonly exchange: Exchange;
  readonly args: Args;
  readonly runOptions: RunOptions;
  readonly form: ReplyForm;
  /** Header lines. */
  readonly headers: string;
  /** What an error is answered with, after which nothing comes. */
  readonly onError: (reply: Buffer) => HttpReply;
}

export function subscribe({
  gateway,
  exchange,
  args,
  runOptions,
  form,
  headers,
  onError,
}: Subscribing): HttpReply | Streaming {
  const caller: Caller = gateway.caller(
    { onBytes: (bytes) => send(bytes), onResumed() {}, onClosed: () => end() },
    runOptions,
    exchange,
  );
  const first = caller.run(args);
  if (first[0] === MINUS) {
    caller.end();
    return onError(first);
  }
  const stream = exchange.stream({ status: 200, type: form.format.type, headers });
  let hasEnded = false;
  const end = (): void => {
    if (hasEnded) return;
    hasEnded = true;
    caller.end();
    stream.end();
  };
  const send = (bytes: Buffer): void => {
    const piece = bodyOf(form, bytes);
    if (hasEnded || piece === undefined || piece.length === 0) return;
    if (!stream.write(piece)) end();
  };
  exchange.onGone(end);
  for (const reply of repliesOf(first)) send(reply);
  return STREAMING;
}

/** One for each channel. */
export function repliesOf(bytes: Buffer): Buffer[] {
  const cursor = new ReplyCursor();
  cursor.reset(bytes);
  const replies: Buffer[] = [];
  while (!cursor.isAtEnd) {
    const from = cursor.position;
    cursor.skip();
    replies.push(bytes.subarray(from, cursor.position));
  }
  return replies;
}
