/** What listpacks and ziplists have in common: a size, a count, elements one after the other, an end mark. */

import { Slice, viewOf } from '../memory/slice.js';

const TERMINATOR = 0xff;
const COUNT_UNKNOWN = 0xffff;

/** Reads a pack of unknown origin: every step is checked against its bounds. */
export abstract class PackReader {
  /** The current element, an integer as its decimal text. Valid until next(). */
  readonly element = new Slice();

  protected bytes: Buffer = Buffer.alloc(0);
  protected view: DataView = viewOf(this.bytes);
  /** Where the next element begins. */
  protected at = 0;
  /** Where the end mark is. */
  protected end = 0;
  private expected = 0;
  private readonly text = Slice.of(Buffer.alloc(24));

  /** @param headerSize bytes before the elements, of which the last two are their count */
  constructor(
    private readonly name: string,
    private readonly headerSize: number,
  ) {}

  /** @returns what is wrong with the header, if anything */
  open(pack: Slice): string | undefined {
    const { bytes, view, start, length } = pack;
    this.bytes = bytes;
    this.view = view;
    this.at = start + this.headerSize;
    this.end = pack.end - 1;
    if (length < this.headerSize + 1) return `a ${this.name} is too short`;
    if (view.getUint32(start, true) !== length) return `a ${this.name} has not the length it states`;
    if (bytes[this.end] !== TERMINATOR) return `a ${this.name} has no end mark`;
    this.expected = view.getUint16(this.at - 2, true);
    return undefined;
  }

  /** Elements as the header states them; -1: not stated. */
  get count(): number {
    return this.expected === COUNT_UNKNOWN ? -1 : this.expected;
  }

  atEnd(): boolean {
    return this.at === this.end;
  }

  /** Moves to the next element. @returns what is wrong with it, if anything */
  abstract next(): string | undefined;

  protected integer(value: number | bigint): void {
    const text = String(value);
    const { bytes, view } = this.text;
    bytes.write(text, 0, 'latin1');
    this.element.set(bytes, view, 0, text.length);
  }
}
