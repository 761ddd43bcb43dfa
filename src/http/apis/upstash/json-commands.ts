/**
 * Commands out of a JSON body: `["SET","key","value"]`, or a list of such.
 *
 * Arguments stay where they lie in the body: of each only the offsets are kept, and strings with escapes are decoded
 * in their place, for none becomes longer by that. The body is read as a whole before anything runs, so one that is cut
 * short runs nothing. Numbers keep their digits, `true` and `false` are their words.
 */
import { viewOf } from '../../../memory/slice.js';
import type { Args } from '../../../protocol/args.js';
import { hexDigit } from '../../percent.js';

/** What is wrong with a body. */
export class UnreadableBody extends Error {
  override name = 'UnreadableBody';
}

const NOT_JSON = 'ERR the body is no valid JSON';
const NO_COMMAND = 'ERR the body must be a command as a JSON array, such as ["SET", "key", "value"]';
const NO_COMMANDS = 'ERR the body must be a JSON array of commands, such as [["GET", "key"], ["INCR", "number"]]';
const NESTED = 'ERR the arguments of a command must be strings, numbers or booleans';
const NULL_ARGUMENT = 'ERR null args are not supported';
const EMPTY_COMMAND = 'ERR empty command';
const NOTHING_TO_RUN = 'ERR the list of commands is empty';

const FIRST_OFFSETS = 256;
/** What needed more gives it back. */
const KEPT_OFFSETS = 65_536;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const MINUS = 0x2d;
const PLUS = 0x2b;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const OPEN_BRACKET = 0x5b;
const CLOSED_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const LETTER_U = 0x75;
/** What stands in the place of half a UTF-16 pair, and of no character at all. */
const REPLACEMENT = 0xfffd;

export class JsonCommands {
  /** How many commands there are. */
  count = 0;
  /** Per command how many arguments it has, and the start and end of each. */
  private offsets = new Int32Array(FIRST_OFFSETS);
  private used = 0;
  /** Where next() reads. */
  private readAt = 0;
  private bytes!: Buffer;
  private view!: DataView;
  private at = 0;
  private end = 0;

  /** A body that is one command. @throws UnreadableBody */
  readOne(body: Buffer): void {
    this.begin(body);
    if (this.peek() !== OPEN_BRACKET) throw new UnreadableBody(NO_COMMAND);
    this.command(NO_COMMAND);
    this.finish();
  }

  /** A body that is a list of commands. @throws UnreadableBody */
  readAll(body: Buffer): void {
    this.begin(body);
    if (this.peek() !== OPEN_BRACKET) throw new UnreadableBody(NO_COMMANDS);
    this.at++;
    if (this.peek() === CLOSED_BRACKET) throw new UnreadableBody(NOTHING_TO_RUN);
    do {
      if (this.peek() !== OPEN_BRACKET) throw new UnreadableBody(NO_COMMANDS);
      this.command(NESTED);
    } while (this.goesOn());
    this.finish();
  }

  /** Points `args` at the next command's. */
  next(args: Args): void {
    const { offsets } = this;
    const at = this.readAt;
    this.readAt = args.point(this.bytes, this.view, offsets[at], offsets, at + 1);
  }

  /** Lets go of the body. */
  clear(): void {
    this.bytes = EMPTY_BYTES;
    this.view = EMPTY_VIEW;
    if (this.offsets.length > KEPT_OFFSETS) this.offsets = new Int32Array(FIRST_OFFSETS);
  }

  private begin(body: Buffer): void {
    this.bytes = body;
    this.view = viewOf(body);
    this.at = 0;
    this.end = body.length;
    this.count = this.used = this.readAt = 0;
  }

  private finish(): void {
    this.peek();
    if (this.at < this.end) throw new UnreadableBody(NOT_JSON);
  }

  /** The next byte that is no blank; 0 at the end. */
  private peek(): number {
    const { bytes, end } = this;
    let at = this.at;
    while (at < end && isBlank(bytes[at])) at++;
    this.at = at;
    return at < end ? bytes[at] : 0;
  }

  /** After an element: whether another one follows. */
  private goesOn(): boolean {
    const next = this.peek();
    if (next !== COMMA && next !== CLOSED_BRACKET) throw new UnreadableBody(NOT_JSON);
    this.at++;
    return next === COMMA;
  }

  /** From the bracket on. `nested`: what is said of an argument that is an array or an object. */
  private command(nested: string): void {
    this.at++;
    const countAt = this.used;
    this.room(1);
    this.used++;
    if (this.peek() === CLOSED_BRACKET) throw new UnreadableBody(EMPTY_COMMAND);
    let count = this.plainStrings();
    if (count === 0 || this.bytes[this.at - 1] === COMMA) {
      do {
        this.argument(nested);
        count++;
      } while (this.goesOn());
    }
    this.offsets[countAt] = count;
    this.count++;
  }

  /**
   * Arguments as nearly all are: strings without escapes, with nothing between them but commas. Of those that are not
   * it reads none. Reading a pipeline takes half as long as with argument() for each.
   * @returns how many, up to and with the comma or bracket after the last
   */
  private plainStrings(): number {
    const { bytes, view, end } = this;
    let { at, used, offsets } = this;
    let count = 0;
    while (at < end && bytes[at] === QUOTE) {
      const start = at + 1;
      at = start;
      while (at + 4 <= end && isPlainWord(view.getInt32(at, true))) at += 4;
      while (at < end && STRING_STOPS[bytes[at]] === 0) at++;
      if (at + 1 >= end || bytes[at] !== QUOTE) break;
      const next = bytes[at + 1];
      if (next !== COMMA && next !== CLOSED_BRACKET) break;
      if (used + 2 > offsets.length) {
        this.used = used;
        this.room(2);
        offsets = this.offsets;
      }
      offsets[used++] = start;
      offsets[used++] = at;
      at += 2;
      this.at = at;
      count++;
      if (next === CLOSED_BRACKET) break;
    }
    this.used = used;
    return count;
  }

  private argument(nested: string): void {
    const first = this.peek();
    if (this.used + 2 > this.offsets.length) this.room(2);
    if (first === QUOTE) {
      this.at++;
      this.string();
      return;
    }
    const start = this.at;
    if (first === MINUS || (first >= ZERO && first <= NINE)) this.number();
    else if (first === OPEN_BRACKET || first === OPEN_BRACE) throw new UnreadableBody(nested);
    else if (this.word('null')) throw new UnreadableBody(NULL_ARGUMENT);
    else if (!this.word('true') && !this.word('false')) throw new UnreadableBody(NOT_JSON);
    this.offsets[this.used++] = start;
    this.offsets[this.used++] = this.at;
  }

  /** From after the quote on. */
  private string(): void {
    const { bytes, end } = this;
    const start = this.at;
    let at = start;
    while (at < end && STRING_STOPS[bytes[at]] === 0) at++;
    this.at = at;
    const to = bytes[at] === BACKSLASH && at < end ? this.escapedString() : at;
    if (this.at >= end || bytes[this.at] !== QUOTE) throw new UnreadableBody(NOT_JSON);
    this.at++;
    this.offsets[this.used++] = start;
    this.offsets[this.used++] = to;
  }

  /** From an escape on: moves what follows to where it belongs. @returns where the string ends then */
  private escapedString(): number {
    const { bytes, end } = this;
    let to = this.at;
    let at = this.at;
    while (at < end) {
      const byte = bytes[at];
      if (STRING_STOPS[byte] === 0) {
        bytes[to++] = byte;
        at++;
        continue;
      }
      if (byte !== BACKSLASH) break;
      if (bytes[at + 1] === LETTER_U && at + 1 < end) {
        this.at = at;
        to = writeCharacter(bytes, to, this.unicodeEscape());
        at = this.at;
        continue;
      }
      const stands = at + 1 < end ? ESCAPED[bytes[at + 1]] : 0;
      if (stands === 0) throw new UnreadableBody(NOT_JSON);
      bytes[to++] = stands;
      at += 2;
    }
    this.at = at;
    return to;
  }

  /** `\u` and four digits, or a pair of that. */
  private unicodeEscape(): number {
    const unit = this.codeUnit();
    if (unit < 0xd800 || unit > 0xdfff) return unit;
    if (unit < 0xdc00 && this.bytes[this.at] === BACKSLASH && this.bytes[this.at + 1] === LETTER_U) {
      const before = this.at;
      const low = this.codeUnit();
      if (low >= 0xdc00 && low <= 0xdfff) return 0x10000 + ((unit - 0xd800) << 10) + low - 0xdc00;
      this.at = before;
    }
    return REPLACEMENT;
  }

  private codeUnit(): number {
    if (this.at + 6 > this.end) throw new UnreadableBody(NOT_JSON);
    let unit = 0;
    for (let i = 2; i < 6; i++) {
      const digit = hexDigit(this.bytes[this.at + i]);
      if (digit < 0) throw new UnreadableBody(NOT_JSON);
      unit = unit * 16 + digit;
    }
    this.at += 6;
    return unit;
  }

  /** JSON's grammar of numbers. */
  private number(): void {
    const { bytes } = this;
    if (bytes[this.at] === MINUS) this.at++;
    if (bytes[this.at] === ZERO && this.at < this.end) this.at++;
    else this.digits();
    if (this.at < this.end && bytes[this.at] === DOT) {
      this.at++;
      this.digits();
    }
    if (this.at < this.end && (bytes[this.at] | 0x20) === 0x65) {
      this.at++;
      if (this.at < this.end && (bytes[this.at] === PLUS || bytes[this.at] === MINUS)) this.at++;
      this.digits();
    }
  }

  private digits(): void {
    const { bytes, end } = this;
    const from = this.at;
    let at = from;
    while (at < end && bytes[at] >= ZERO && bytes[at] <= NINE) at++;
    if (at === from) throw new UnreadableBody(NOT_JSON);
    this.at = at;
  }

  private word(word: string): boolean {
    if (this.at + word.length > this.end) return false;
    for (let i = 0; i < word.length; i++) if (this.bytes[this.at + i] !== word.charCodeAt(i)) return false;
    this.at += word.length;
    return true;
  }

  private room(count: number): void {
    if (this.used + count <= this.offsets.length) return;
    const more = new Int32Array(this.offsets.length * 2);
    more.set(this.offsets);
    this.offsets = more;
  }
}

/** Whether each of four bytes stands for itself within a string. */
function isPlainWord(word: number): boolean {
  const stops = (word - EACH_BLANK) | ((word ^ EACH_QUOTE) - EACH_ONE) | ((word ^ EACH_BACKSLASH) - EACH_ONE);
  return (stops & ~word & EACH_HIGH_BIT) === 0;
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** Writes a character's UTF-8. @returns where it ends */
function writeCharacter(bytes: Buffer, at: number, character: number): number {
  if (character < 0x80) {
    bytes[at] = character;
    return at + 1;
  }
  if (character < 0x800) {
    bytes[at] = 0xc0 | (character >> 6);
    bytes[at + 1] = 0x80 | (character & 63);
    return at + 2;
  }
  if (character < 0x10000) {
    bytes[at] = 0xe0 | (character >> 12);
    bytes[at + 1] = 0x80 | ((character >> 6) & 63);
    bytes[at + 2] = 0x80 | (character & 63);
    return at + 3;
  }
  bytes[at] = 0xf0 | (character >> 18);
  bytes[at + 1] = 0x80 | ((character >> 12) & 63);
  bytes[at + 2] = 0x80 | ((character >> 6) & 63);
  bytes[at + 3] = 0x80 | (character & 63);
  return at + 4;
}

const EMPTY_BYTES = Buffer.alloc(0);
const EMPTY_VIEW = viewOf(EMPTY_BYTES);

const EACH_ONE = 0x01010101;
const EACH_BLANK = 0x20 * EACH_ONE;
const EACH_QUOTE = QUOTE * EACH_ONE;
const EACH_BACKSLASH = BACKSLASH * EACH_ONE;
const EACH_HIGH_BIT = (0x80 * EACH_ONE) | 0;

/** Bytes that don't stand for themselves within a string: its end, an escape, and what may not be there. */
const STRING_STOPS = new Uint8Array(256).fill(1, 0, 0x20);
STRING_STOPS[QUOTE] = 1;
STRING_STOPS[BACKSLASH] = 1;

/** What a letter after a backslash stands for. */
const ESCAPED = new Uint8Array(256);
for (const [letter, byte] of [
  ['"', 0x22],
  ['\\', 0x5c],
  ['/', 0x2f],
  ['b', 0x08],
  ['f', 0x0c],
  ['n', 0x0a],
  ['r', 0x0d],
  ['t', 0x09],
] as const) {
  ESCAPED[letter.charCodeAt(0)] = byte;
}
