/**
 * The LZF format, in which RDB files keep longer strings.
 *
 * A stream is a row of instructions. A control byte below 32 says "that many plus one literal bytes follow".
 * Otherwise its top three bits are a match length (7: one more byte of length follows), its low five bits and the
 * byte at the end a distance: the match is length + 2 bytes long (3 … 264), begins distance + 1 bytes back
 * (1 … 8192), and may overlap what it produces.
 *
 * Both directions stop and go on wherever the caller wants, so that neither a save nor a load spends a long turn on one
 * value. Nothing outside the given ranges is read or written, whatever the input says.
 */

const MAX_LITERALS = 32;
const MIN_MATCH = 3;
const MAX_MATCH = 264;
export const MAX_DISTANCE = 8192;
/** One instruction turns at least one byte into at most this many: a longer promise is a lie. */
export const MAX_EXPANSION = MAX_MATCH / 3;

const HASH_BITS = 14;
const NO_BYTES = new Uint8Array(0);

/** How a run of the compressor ended. */
export const Compression = { MORE: 0, DONE: 1, TOO_LONG: 2 } as const;
export type Compression = (typeof Compression)[keyof typeof Compression];

/** Compresses one range at a time, in as many runs as the caller likes; the input must stay as it is meanwhile. */
export class LzfCompressor {
  /** Where the next output byte goes; after DONE, the end of the output. */
  at = 0;

  private input: Uint8Array = NO_BYTES;
  private position = 0;
  private literalsFrom = 0;
  private start = 0;
  private end = 0;
  private output: Uint8Array = NO_BYTES;
  private limit = 0;
  /**
   * The last place of each hash, as position + shift. Each input takes a higher range of numbers than the one before,
   * so what that one left here is recognised, and the table is cleared once in 2^31 bytes instead of once a string.
   */
  private readonly places = new Int32Array(1 << HASH_BITS);
  private shift = 0;
  private nextPlace = 1;

  begin(input: Uint8Array, start: number, end: number, output: Uint8Array, at: number, limit: number): void {
    if (this.nextPlace + (end - start) > 0x7fffffff) {
      this.places.fill(0);
      this.nextPlace = 1;
    }
    this.input = input;
    this.start = start;
    this.end = end;
    this.position = start;
    this.literalsFrom = start;
    this.output = output;
    this.at = at;
    this.limit = limit;
    this.shift = this.nextPlace - start;
    this.nextPlace += end - start;
  }

  /** Compresses about `budget` bytes more. TOO_LONG: the output ran out of room, the string is better kept as it is. */
  run(budget: number): Compression {
    const input = this.input;
    const output = this.output;
    const places = this.places;
    const shift = this.shift;
    const start = this.start;
    const end = this.end;
    const stop = Math.min(end - MIN_MATCH + 1, this.position + budget);
    let position = this.position;
    while (position < stop) {
      const head = input[position] | (input[position + 1] << 8) | (input[position + 2] << 16);
      const slot = Math.imul(head, 0x9e3779b1) >>> (32 - HASH_BITS);
      const candidate = places[slot] - shift;
      places[slot] = position + shift;
      if (
        candidate < start ||
        position - candidate > MAX_DISTANCE ||
        (input[candidate] | (input[candidate + 1] << 8) | (input[candidate + 2] << 16)) !== head
      ) {
        position++;
        continue;
      }
      const longest = Math.min(MAX_MATCH, end - position);
      let length = MIN_MATCH;
      while (length < longest && input[candidate + length] === input[position + length]) length++;
      if (!this.writeLiterals(position) || this.at + 3 > this.limit) return Compression.TOO_LONG;
      const distance = position - candidate - 1;
      if (length < 9) {
        output[this.at++] = ((length - 2) << 5) | (distance >> 8);
      } else {
        output[this.at++] = 0xe0 | (distance >> 8);
        output[this.at++] = length - 9;
      }
      output[this.at++] = distance & 0xff;
      position += length;
      this.literalsFrom = position;
    }
    this.position = position;
    if (position <= end - MIN_MATCH) return Compression.MORE;
    return this.writeLiterals(end) ? Compression.DONE : Compression.TOO_LONG;
  }

  private writeLiterals(upTo: number): boolean {
    const input = this.input;
    const output = this.output;
    let from = this.literalsFrom;
    let at = this.at;
    while (from < upTo) {
      const count = Math.min(MAX_LITERALS, upTo - from);
      if (at + 1 + count > this.limit) return false;
      output[at++] = count - 1;
      for (const runEnd = from + count; from < runEnd; ) output[at++] = input[from++];
    }
    this.at = at;
    return true;
  }
}

/**
 * Decompresses from window to window. A run stops before the first instruction that is not wholly in the input, or
 * whose result would not wholly fit the output; whether that is the end or a corruption is the caller's to say.
 */
export class LzfDecompressor {
  /** First input byte not used, first output byte not written. */
  from = 0;
  at = 0;

  /**
   * @param floor lowest output position that holds earlier output, as far as matches may reach back
   * @returns false when a match reaches back beyond `floor`
   */
  run(
    input: Uint8Array,
    from: number,
    end: number,
    output: Uint8Array,
    floor: number,
    at: number,
    limit: number,
  ): boolean {
    let valid = true;
    while (from < end) {
      const control = input[from];
      if (control < MAX_LITERALS) {
        const count = control + 1;
        if (from + 1 + count > end || at + count > limit) break;
        from++;
        for (const runEnd = from + count; from < runEnd; ) output[at++] = input[from++];
        continue;
      }
      let length = (control >> 5) + 2;
      let next = from + 1;
      if (length === 9) {
        if (next >= end) break;
        length += input[next++];
      }
      if (next >= end || at + length > limit) break;
      let source = at - (((control & 0x1f) << 8) | input[next++]) - 1;
      if (source < floor) {
        valid = false;
        break;
      }
      from = next;
      for (const runEnd = at + length; at < runEnd; ) output[at++] = output[source++];
    }
    this.from = from;
    this.at = at;
    return valid;
  }
}

const compressor = new LzfCompressor();
const decompressor = new LzfDecompressor();

/** Compresses a range in one go. @returns the end of the output, or -1 when it would pass `limit` */
export function compress(
  input: Uint8Array,
  start: number,
  end: number,
  output: Uint8Array,
  at: number,
  limit: number,
): number {
  compressor.begin(input, start, end, output, at, limit);
  return compressor.run(end - start) === Compression.DONE ? compressor.at : -1;
}

/** Decompresses a range that must fill output [at, limit) exactly. @returns whether it did */
export function decompress(
  input: Uint8Array,
  start: number,
  end: number,
  output: Uint8Array,
  at: number,
  limit: number,
): boolean {
  const valid = decompressor.run(input, start, end, output, at, at, limit);
  return valid && decompressor.from === end && decompressor.at === limit;
}
