/**
 * Ziplists, in which RDB files from before redis-server 7 hold small lists and the nodes of larger ones (read only).
 *
 *   u32 bytes in all, u32 offset of the last element, u16 elements (65535: count them), elements, 0xff; little-endian.
 *
 * An element is the size of the one before it (one byte below 254, or 254 and four bytes), an encoding and a payload:
 *
 *   00LLLLLL            string of L bytes
 *   01LLLLLL L          string of L < 16384 bytes
 *   10...... LLLL       string, length in four bytes big-endian
 *   0xc0 0xd0 0xe0      integer of 2, 4, 8 bytes
 *   0xf0 0xfe           integer of 3, 1 bytes
 *   0xf1 … 0xfd         integer 0 … 12
 */

import { PackReader } from './pack-reader.js';

const HEADER = 10;
const LONG_PREVIOUS = 254;

const OUTSIDE = 'a ziplist holds an element that reaches beyond its end';

/** Reads a ziplist of unknown origin. */
export class ZiplistReader extends PackReader {
  constructor() {
    super('ziplist', HEADER);
  }

  override next(): string | undefined {
    const bytes = this.bytes;
    const view = this.view;
    let at = this.at;
    at += bytes[at] < LONG_PREVIOUS ? 1 : 5;
    const left = this.end - at;
    if (left < 1) return OUTSIDE;
    const first = bytes[at];
    let size = 1;
    if (first < 0xc0) {
      let header = 1;
      if (first < 0x40) size = 1 + first;
      else {
        header = first < 0x80 ? 2 : 5;
        if (header > left) return OUTSIDE;
        size = header + (header === 2 ? view.getUint16(at) & 0x3fff : view.getUint32(at + 1));
      }
      if (size > left) return OUTSIDE;
      this.element.set(bytes, view, at + header, at + size);
    } else if (first > 0xf0 && first < 0xfe) this.integer((first & 0x0f) - 1);
    else {
      size = INTEGER_SIZES.get(first) ?? 0;
      if (size === 0) return 'a ziplist holds an unknown encoding';
      if (size > left) return OUTSIDE;
      if (size === 2) this.integer(view.getInt8(at + 1));
      else if (size === 3) this.integer(view.getInt16(at + 1, true));
      else if (size === 4) this.integer(((view.getUint16(at + 1, true) | (bytes[at + 3] << 16)) << 8) >> 8);
      else if (size === 5) this.integer(view.getInt32(at + 1, true));
      else this.integer(view.getBigInt64(at + 1, true));
    }
    this.at = at + size;
    return undefined;
  }
}

/** Bytes of an integer element with its encoding byte. */
const INTEGER_SIZES: ReadonlyMap<number, number> = new Map([
  [0xfe, 2],
  [0xc0, 3],
  [0xf0, 4],
  [0xd0, 5],
  [0xe0, 9],
]);
