const CR = 0x0d;
const LF = 0x0a;

/**
 * Cuts a byte stream into whole RESP2/RESP3 replies without looking at what they mean. It shares no code with `src/`,
 * so a bug in our own reader cannot hide itself.
 */
export class ReplyFramer {
  private held: Buffer = Buffer.alloc(0);
  /** What `held` lies at the beginning of, once it had to be put together. Bytes in it are never written again. */
  private room: Buffer = Buffer.alloc(0);
  private scanned = 0;
  /** Values still missing until the reply at the start of `held` is whole. */
  private missing = 1;

  /** Adds received bytes and returns the replies that became whole, each with its exact bytes. */
  push(chunk: Buffer): Buffer[] {
    if (this.held.length === 0) this.held = chunk;
    else this.append(chunk);
    const replies: Buffer[] = [];
    let start = 0;
    while (this.skipValue()) {
      if (--this.missing > 0) continue;
      replies.push(this.held.subarray(start, this.scanned));
      start = this.scanned;
      this.missing = 1;
    }
    if (start > 0) {
      this.held = this.held.subarray(start);
      this.room = this.room.subarray(start);
      this.scanned -= start;
    }
    return replies;
  }

  /** With room for as much again: copying all for each chunk of long replies took a seventh of a run. */
  private append(chunk: Buffer): void {
    const { length } = this.held;
    const needed = length + chunk.length;
    if (this.held.buffer !== this.room.buffer || needed > this.room.length) {
      this.room = Buffer.allocUnsafeSlow(2 * needed);
      this.held.copy(this.room);
    }
    chunk.copy(this.room, length);
    this.held = this.room.subarray(0, needed);
  }

  /** Moves past one header with its payload; the children of an aggregate are counted as missing. */
  private skipValue(): boolean {
    const bytes = this.held;
    let lineEnd = bytes.indexOf(CR, this.scanned);
    while (lineEnd >= 0 && lineEnd + 1 < bytes.length && bytes[lineEnd + 1] !== LF) {
      lineEnd = bytes.indexOf(CR, lineEnd + 1);
    }
    if (lineEnd < 0 || lineEnd + 1 === bytes.length) return false;
    const type = String.fromCharCode(bytes[this.scanned]!);
    const count = (): number => Number(bytes.toString('latin1', this.scanned + 1, lineEnd));
    let end = lineEnd + 2;
    switch (type) {
      case '+':
      case '-':
      case ':':
      case ',':
      case '#':
      case '(':
      case '_':
        break;
      case '$':
      case '=':
      case '!': {
        const length = count();
        if (length >= 0) end += length + 2;
        if (end > bytes.length) return false;
        break;
      }
      case '*':
      case '~':
      case '>':
        this.missing += Math.max(0, count());
        break;
      case '%':
        this.missing += 2 * count();
        break;
      case '|':
        // An attribute precedes the value it belongs to.
        this.missing += 2 * count() + 1;
        break;
      default:
        throw new Error(`not a reply: ${JSON.stringify(bytes.toString('latin1', this.scanned, this.scanned + 80))}`);
    }
    this.scanned = end;
    return true;
  }
}
