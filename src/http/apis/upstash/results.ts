/**
 * Replies of RESP2, out of the bytes that they lie in, as Upstash's JSON: `{"result": …}` or `{"error": …}`, with
 * strings as text or as base64.
 *
 * In base64 are all strings but one: the status OK, where it is the whole result. Clients take that one as it is, and
 * decode each other string. Errors are text always. Integers are written digit by digit, so none is rounded.
 */
import { viewOf } from '../../../memory/slice.js';
import { errorReply } from '../../../protocol/errors.js';
import { ARRAY, BULK, ERROR, INTEGER } from '../../../protocol/reply-types.js';
import { JsonBytes } from '../../json-bytes.js';

const CR = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const DELETE = 0x7f;
const ZERO = 0x30;
const MINUS = 0x2d;
const COMMA = 0x2c;
const CLOSED_BRACKET = 0x5d;
const CLOSED_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
/** Of two digits at most. */
const SHORT = 64;
const LETTER_O = 0x4f;
const LETTER_K = 0x4b;

const RESULT = Buffer.from('{"result":');
const RESULT_LENGTH = RESULT.length;
const RESULT_WORD_0 = RESULT.readInt32LE(0);
const RESULT_WORD_1 = RESULT.readInt32LE(4);
const RESULT_WORD_2 = RESULT.readInt16LE(8);
const ERROR_KEY = '{"error":';

/** Arrays in arrays, up to this depth at first. */
const FIRST_DEPTH = 16;

export class Results {
  readonly json = new JsonBytes();
  /** Strings are written as base64. */
  isBase64 = false;
  private bytes!: Buffer;
  private view!: DataView;
  /** Where the next element begins. */
  private at = 0;
  /** How many there are by now. */
  private count = 0;
  /** Of each array that is open how many elements are missing, outermost first. */
  private missing = new Int32Array(FIRST_DEPTH);

  clear(): void {
    this.json.clear();
    this.count = 0;
  }

  /** The results of all replies in bytes[start, end), with commas between them and before them, if there are some. */
  add(bytes: Buffer, view: DataView, start: number, end: number): void {
    this.bytes = bytes;
    this.view = view;
    this.at = start;
    while (this.at < end) {
      if (this.count++ > 0) this.json.byte(COMMA);
      if (!this.shortString()) this.result();
    }
  }

  /** The same of an array's elements: what EXEC answers. */
  addElements(bytes: Buffer, view: DataView, start: number, end: number): void {
    this.bytes = bytes;
    this.at = start;
    this.length();
    this.add(bytes, view, this.at, end);
  }

  /** An error that is no reply of a command's; `text` in latin1. */
  error(text: string): void {
    const bytes = errorReply(text);
    this.add(bytes, viewOf(bytes), 0, bytes.length);
  }

  /**
   * A result that is a short string without escapes, as most are, in one go: so a pipeline of GETs takes a tenth less.
   * @returns false: it is none, and nothing was done
   */
  private shortString(): boolean {
    const { bytes, at, json } = this;
    if (bytes[at] !== BULK || this.isBase64) return false;
    let size = bytes[at + 1] - ZERO;
    let from = at + 4;
    if (bytes[at + 2] !== CR) {
      if (bytes[at + 3] !== CR) return false;
      size = size * 10 + bytes[at + 2] - ZERO;
      from++;
    }
    if (size < 0 || size > SHORT) return false;
    const end = from + size;
    json.reserve(RESULT_LENGTH + SHORT + 3);
    this.resultKey();
    const to = json.bytes;
    let length = json.length;
    to[length++] = QUOTE;
    for (; from < end; from++) {
      const byte = bytes[from];
      if (byte < SPACE || byte >= DELETE || byte === QUOTE || byte === BACKSLASH) {
        json.length -= RESULT_LENGTH;
        return false;
      }
      to[length++] = byte;
    }
    to[length++] = QUOTE;
    to[length++] = CLOSED_BRACE;
    json.length = length;
    this.at = end + 2;
    return true;
  }

  private result(): void {
    const { bytes, json } = this;
    if (bytes[this.at] === ERROR) {
      json.text(ERROR_KEY);
      const start = this.at + 1;
      const end = this.endOfLine();
      json.string(bytes, this.view, start, end);
      json.byte(CLOSED_BRACE);
      return;
    }
    json.reserve(RESULT_LENGTH);
    this.resultKey();
    if (this.isOk()) {
      this.at += 5;
      json.text('"OK"');
    } else if (bytes[this.at] === ARRAY) {
      this.value();
    } else {
      this.scalar();
    }
    json.byte(CLOSED_BRACE);
  }

  /** `{"result":`, in words; there is room. */
  private resultKey(): void {
    const { json } = this;
    const { view, length } = json;
    view.setInt32(length, RESULT_WORD_0, true);
    view.setInt32(length + 4, RESULT_WORD_1, true);
    view.setInt16(length + 8, RESULT_WORD_2, true);
    json.length = length + RESULT_LENGTH;
  }

  private isOk(): boolean {
    const { bytes, at } = this;
    // No other reply begins with these bytes and ends there.
    return bytes[at] === 0x2b && bytes[at + 1] === LETTER_O && bytes[at + 2] === LETTER_K && bytes[at + 3] === CR;
  }

  /** Without recursion: a script answers with arrays as deep as it likes. */
  private value(): void {
    const { json } = this;
    let depth = 0;
    for (;;) {
      if (this.bytes[this.at] === ARRAY) {
        const length = this.length();
        if (length > 0) {
          if (depth === this.missing.length) this.deepen();
          this.missing[depth++] = length;
          json.byte(OPEN_BRACKET);
          continue;
        }
        json.text(length === 0 ? '[]' : 'null');
      } else {
        this.scalar();
      }
      while (depth > 0 && --this.missing[depth - 1] === 0) {
        json.byte(CLOSED_BRACKET);
        depth--;
      }
      if (depth === 0) return;
      json.byte(COMMA);
    }
  }

  private scalar(): void {
    const { bytes, view, json } = this;
    const type = bytes[this.at];
    if (type === BULK) {
      const length = this.length();
      if (length < 0) {
        json.text('null');
        return;
      }
      const start = this.at;
      this.at = start + length + 2;
      this.string(start, start + length);
      return;
    }
    const start = this.at + 1;
    const end = this.endOfLine();
    if (type === INTEGER) json.raw(bytes, view, start, end);
    else this.string(start, end);
  }

  private string(start: number, end: number): void {
    if (this.isBase64) this.json.base64(this.bytes, start, end);
    else this.json.string(this.bytes, this.view, start, end);
  }

  /** Reads a header: `$5`, `*-1`. */
  private length(): number {
    const { bytes } = this;
    let at = this.at + 1;
    if (bytes[at] === MINUS) {
      this.endOfLine();
      return -1;
    }
    let length = 0;
    for (let byte = bytes[at]; byte !== CR; byte = bytes[++at]) length = length * 10 + byte - ZERO;
    this.at = at + 2;
    return length;
  }

  /** Passes the line over. @returns where it ends */
  private endOfLine(): number {
    const { bytes } = this;
    let end = this.at;
    while (bytes[end] !== CR) end++;
    this.at = end + 2;
    return end;
  }

  private deepen(): void {
    const deeper = new Int32Array(this.missing.length * 2);
    deeper.set(this.missing);
    this.missing = deeper;
  }
}
