/** One effect: a command as bytes, encoded once for all who read it. */

import { Slice } from '../memory/slice.js';
import type { Args } from '../protocol/args.js';

/** A part of an effect: bytes in place, text, or a whole number. */
export type EffectPart = Slice | string | number | bigint;

export class Effect {
  constructor(
    /** The database that it is about. */
    readonly databaseIndex: number,
    /** The command as a client would send it: `*2\r\n$3\r\nDEL\r\n$1\r\nk\r\n`. They never change from here on. */
    readonly bytes: Buffer,
  ) {}
}

export function encodeParts(parts: readonly EffectPart[]): Buffer {
  const pieces: Buffer[] = [Buffer.from(`*${parts.length}\r\n`)];
  for (const part of parts) {
    const bytes = part instanceof Slice ? part.toBuffer() : Buffer.from(String(part));
    pieces.push(Buffer.from(`$${bytes.length}\r\n`), bytes, CRLF);
  }
  return Buffer.concat(pieces);
}

export function encodeArgs(args: Args): Buffer {
  const pieces: Buffer[] = [Buffer.from(`*${args.count}\r\n`)];
  for (let i = 0; i < args.count; i++) {
    const bytes = args.bytes.subarray(args.starts[i], args.ends[i]);
    pieces.push(Buffer.from(`$${bytes.length}\r\n`), bytes, CRLF);
  }
  return Buffer.concat(pieces);
}

const CRLF = Buffer.from('\r\n');
