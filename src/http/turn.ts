/**
 * Several commands of one request, which run one after the other. Their replies lie one after the other as well, in the
 * engine's reply writer, and are read there: no command costs a copy of its reply.
 */
import type { Caller } from '../engine/caller.js';
import type { Client } from '../engine/client.js';
import type { Engine } from '../engine/engine.js';
import { viewOf } from '../memory/slice.js';
import type { Args } from '../protocol/args.js';
import type { ReplyWindow, ReplyWriter } from '../protocol/reply-writer.js';

export abstract class Turn implements ReplyWindow {
  /** Where the replies lie, as read() found them: bytes[start, end). */
  bytes = EMPTY_BYTES;
  view = EMPTY_VIEW;
  start = 0;
  end = 0;
  /** Takes what is answered in the place of a command. */
  readonly reply: ReplyWriter;
  private readonly from: number;

  constructor(protected readonly engine: Engine) {
    this.reply = engine.reply;
    this.from = this.reply.mark();
  }

  /** Runs a command, which does not wait. */
  abstract run(args: Args): void;

  /** Bytes of replies since the beginning, or since clear(). */
  get length(): number {
    return this.reply.length - this.from;
  }

  /** What it finds is valid until the next command runs or the turn ends. */
  read(): void {
    const { bytes } = this;
    this.reply.locate(this.from, this);
    if (this.bytes !== bytes) this.view = viewOf(this.bytes);
  }

  /** The replies so far are wanted no more. */
  clear(): void {
    this.reply.rewind(this.from);
  }
}

/** Within one turn of the engine's, for a client who may do everything. */
export class FreeTurn extends Turn {
  constructor(
    engine: Engine,
    private readonly client: Client,
  ) {
    super(engine);
  }

  run(args: Args): void {
    this.engine.execute(this.client, args);
  }
}

/** Command by command, for a caller that looks at each. */
export class CallerTurn extends Turn {
  constructor(
    engine: Engine,
    private readonly caller: Caller,
  ) {
    super(engine);
  }

  run(args: Args): void {
    this.reply.raw(this.caller.run(args));
  }
}

const EMPTY_BYTES = Buffer.alloc(0);
const EMPTY_VIEW = viewOf(EMPTY_BYTES);
