/**
 * The command in a path: `/7/SET/key/a%2Fb.txt` is SET of `key` to `a/b` in database 7, answered as text.
 *
 * - Arguments are what stands between the slashes; an argument's own slashes are escaped. Each is percent-decoded, and
 *   '+' is a space; the command's name stands as it is sent.
 * - The extension is what follows the last dot of the last argument, where that is one that is known.
 */
import { viewOf } from '../../../memory/slice.js';
import { Args } from '../../../protocol/args.js';
import { decodePercent } from '../../percent.js';
import { type Format, formatOf } from './formats.js';

const SHARED_BYTES = 64 * 1024;
const ZERO = 0x30;
const NINE = 0x39;

/** Reused for each request: what it holds is valid until it reads the next one. */
export class CommandReader {
  /** undefined: none is named. */
  database: number | undefined;
  /** As it was sent; '' where there is no command. */
  verb = '';
  format: Format | undefined;
  readonly args = new Args();
  private readonly shared = Buffer.allocUnsafeSlow(SHARED_BYTES);
  private readonly sharedView = viewOf(this.shared);

  /** Reads text of one character a byte, which begins at `from` after the first slash; `last` is one more argument. */
  read(text: string, from: number, last: Buffer | undefined): void {
    let slash = text.indexOf('/', from);
    this.database = undefined;
    if (slash > from && areDigits(text, from, slash)) {
      this.database = Number(text.slice(from, slash));
      from = slash + 1;
      slash = text.indexOf('/', from);
    }
    const end = this.findExtension(text, from);
    this.verb = text.slice(from, slash < 0 ? end : slash);
    this.makeRoom(text.length + (last?.length ?? 0));
    if (text.indexOf('%', from) < 0 && text.indexOf('+', from) < 0) this.readPlain(text, from, end);
    else this.readEncoded(text, from, end);
    if (last !== undefined) this.append(last);
  }

  /** @returns where the last argument ends */
  private findExtension(text: string, from: number): number {
    this.format = undefined;
    const dot = text.lastIndexOf('.');
    if (dot < from || text.indexOf('/', dot) >= 0) return text.length;
    this.format = formatOf(text.slice(dot + 1));
    return this.format === undefined ? text.length : dot;
  }

  private makeRoom(length: number): void {
    const { args } = this;
    args.trim();
    args.count = 0;
    if (length <= SHARED_BYTES) {
      args.bytes = this.shared;
      args.view = this.sharedView;
    } else {
      args.bytes = Buffer.allocUnsafeSlow(length);
      args.view = viewOf(args.bytes);
    }
  }

  /** Nothing is to be decoded: all is written at once, and an argument lies where it stood in the text. */
  private readPlain(text: string, from: number, end: number): void {
    const { args } = this;
    args.bytes.write(text, 'latin1');
    for (let start = from; ; ) {
      const slash = text.indexOf('/', start);
      const isLast = slash < 0 || slash >= end;
      args.append(start, isLast ? end : slash);
      if (isLast) return;
      start = slash + 1;
    }
  }

  private readEncoded(text: string, from: number, end: number): void {
    const { args } = this;
    let written = args.bytes.write(this.verb, 'latin1');
    args.append(0, written);
    for (let slash = from + this.verb.length; slash < end; ) {
      const found = text.indexOf('/', slash + 1);
      const stop = found < 0 || found > end ? end : found;
      const start = written;
      written = decodePercent(text, slash + 1, stop, args.bytes, start, true);
      args.append(start, written);
      slash = stop;
    }
  }

  private append(argument: Buffer): void {
    const { args } = this;
    const start = args.ends[args.count - 1];
    argument.copy(args.bytes, start);
    args.append(start, start + argument.length);
  }
}

function areDigits(text: string, from: number, to: number): boolean {
  for (let i = from; i < to; i++) {
    const code = text.charCodeAt(i);
    if (code < ZERO || code > NINE) return false;
  }
  return true;
}
