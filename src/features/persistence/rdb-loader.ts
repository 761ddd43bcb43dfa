/**
 * Reads an RDB file, in pieces as they come, into a keyspace.
 *
 * feed() reads as far as the piece allows, finish() says that there are no more. A small record is read again from its
 * start when the piece ends within it; long strings and lists are taken in as they come, so that memory holds one piece
 * and one list node besides what is loaded.
 *
 * Any error leaves the keyspace half filled: load into one that can be thrown away or restored.
 */

import { MAGIC, MAX_RDB_VERSION, Opcode, VALUE_TYPE_NAMES } from '../../format/rdb-encoding.js';
import { NEED_MORE, RdbInput, StringForm } from '../../format/rdb-input.js';
import { quoted, RdbValueInput } from '../../format/rdb-value-input.js';
import type { DataType } from '../../keyspace/data-type.js';
import type { Database } from '../../keyspace/database.js';
import type { Keyspace } from '../../keyspace/keyspace.js';
import { NO_DEADLINE } from '../../keyspace/types.js';
import { copySlice, Slice, viewOf } from '../../memory/slice.js';
import { CommandError } from '../../protocol/errors.js';

/** From this version on a checksum ends the file. */
const FIRST_WITH_CHECKSUM = 5;
const HEADER_LENGTH = 9;

/** What is to come after a record, or after the beginning of one: then the steps that read the rest of its value. */
const Next = { RECORD: 0, END: 1 } as const;
type Next = (typeof Next)[keyof typeof Next] | Generator<void, void>;

/** The value that is being read, and where it goes. */
class Target {
  readonly key = new Slice();
  deadline = NO_DEADLINE;
  /** It is due already: it is read without being kept. */
  isExpired = false;

  constructor(public database: Database) {}
}

export interface RdbLoaderOptions {
  /** Whether to check the checksum. */
  checksum: boolean;
  /** Keys whose deadline is not after this are left out. */
  nowMs: number;
  /** Takes the text of a library of functions. Without it there must be none. @throws CommandError */
  onLibrary?: (source: Slice) => void;
  /** Whether a key that is there already gives way (DEBUG RELOAD MERGE); otherwise it is an error. */
  replace: boolean;
}

export class RdbLoader {
  keysLoaded = 0;
  keysExpired = 0;
  /** Fields about the file. */
  readonly aux = new Map<string, string>();

  private readonly keyspace: Keyspace;
  private readonly options: RdbLoaderOptions;
  private readonly input: RdbInput;
  private readonly steps: Generator<void, void>;
  private isDone = false;

  private readonly values: RdbValueInput;
  private readonly target: Target;
  private version = 0;
  /** What a record said of the use of its key, else -1. */
  private idleSeconds = -1;
  private frequency = -1;
  /** Beginning of the record whose value is being read, for what is said of it. */
  private recordOffset = 0;
  private keyCopy = Buffer.alloc(256);
  private keyCopyView = viewOf(this.keyCopy);
  private readonly value = new Slice();

  constructor(keyspace: Keyspace, fileSize: number, options: RdbLoaderOptions) {
    this.keyspace = keyspace;
    this.options = options;
    this.input = new RdbInput(fileSize, options.checksum);
    this.values = new RdbValueInput(this.input);
    this.target = new Target(keyspace.databases[0]);
    this.steps = this.file();
  }

  private get database(): Database {
    return this.target.database;
  }

  private get key(): Slice {
    return this.target.key;
  }

  /** Reads what the next piece of the file allows. Throws RdbError. */
  feed(piece: Buffer): void {
    if (this.isDone) return;
    this.input.feed(piece);
    this.isDone = this.steps.next().done === true;
    this.keyspace.arena.settle();
  }

  /** Throws unless the whole file was read. */
  finish(): void {
    if (!this.isDone) this.input.fail('the file is truncated: it has no end mark');
  }

  private *file(): Generator<void, void> {
    const input = this.input;
    yield* input.whole(() => this.header());
    for (;;) {
      input.mark();
      let next: Next;
      try {
        next = this.record();
      } catch (error) {
        if (error !== NEED_MORE) throw error;
        input.rewind();
        yield;
        continue;
      }
      if (next === Next.RECORD) continue;
      if (next === Next.END) break;
      input.mark();
      yield* next;
      this.endRecord();
      this.keyspace.arena.settle();
    }
    if (this.version >= FIRST_WITH_CHECKSUM) yield* input.whole(() => input.verifyChecksum());
  }

  private header(): void {
    const input = this.input;
    if (input.fileSize < HEADER_LENGTH) input.fail('the file is too short to be an RDB file');
    input.need(HEADER_LENGTH);
    const header = input.bytes.toString('latin1', input.position, input.position + HEADER_LENGTH);
    if (!header.startsWith(MAGIC)) input.fail('this is not an RDB file: it does not begin with REDIS');
    const version = header.slice(MAGIC.length);
    this.version = /^\d+$/.test(version) ? Number(version) : 0;
    if (this.version < 1 || this.version > MAX_RDB_VERSION) {
      input.fail(`RDB version ${JSON.stringify(version)} is not one of those known here (1 to ${MAX_RDB_VERSION})`);
    }
    input.position += HEADER_LENGTH;
  }

  /** Reads one record, or the beginning of a long one. */
  private record(): Next {
    const input = this.input;
    this.recordOffset = input.offset;
    const code = input.byte();
    switch (code) {
      case Opcode.EXPIRE_TIME_MS:
        this.target.deadline = Math.max(0, input.int64());
        return Next.RECORD;
      case Opcode.EXPIRE_TIME:
        this.target.deadline = Math.max(0, input.int32() * 1000);
        return Next.RECORD;
      case Opcode.SELECT_DB:
        this.selectDatabase(input.length());
        return Next.RECORD;
      case Opcode.RESIZE_DB:
        input.length();
        input.length();
        return Next.RECORD;
      case Opcode.AUX:
        this.readAux();
        return Next.RECORD;
      case Opcode.FUNCTION_2:
        this.readLibrary();
        return Next.RECORD;
      case Opcode.IDLE:
        this.idleSeconds = input.length();
        return Next.RECORD;
      case Opcode.FREQUENCY:
        this.frequency = input.byte();
        return Next.RECORD;
      case Opcode.EOF:
        return Next.END;
      default: {
        const type = this.keyspace.types.readerOf(code);
        return type === undefined ? this.refuse(code) : this.readValue(type, code);
      }
    }
  }

  private readValue(type: DataType, rdbType: number): Next {
    this.readKey();
    const steps = type.rdb.read(rdbType, this.values, this.target);
    if (steps !== null) {
      this.keepKey();
      return steps;
    }
    this.endRecord();
    return Next.RECORD;
  }

  private selectDatabase(index: number): void {
    const { databases } = this.keyspace;
    if (index >= databases.length) {
      this.input.fail(`there are ${databases.length} databases here, none with number ${index}`, this.recordOffset);
    }
    this.target.database = databases[index];
  }

  private readAux(): void {
    const name = this.input.string(this.value).toLatin1();
    const value = this.input.string(this.value).toLatin1();
    this.aux.set(name, value);
  }

  private readLibrary(): void {
    const { onLibrary } = this.options;
    const source = this.input.string(this.value);
    try {
      if (onLibrary === undefined) throw new CommandError(NOT_HERE);
      onLibrary(source);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      this.input.fail(`a library of functions: ${error.message}`, this.recordOffset);
    }
  }

  /** Says of what cannot be loaded what it is. */
  private refuse(code: number): never {
    const input = this.input;
    const offset = this.recordOffset;
    const type = VALUE_TYPE_NAMES.get(code);
    if (type !== undefined) {
      const key = input.string(this.key);
      return input.fail(`${type} key ${quoted(key)} in database ${this.database.index}: ${NOT_HERE}`, offset);
    }
    if (code === Opcode.FUNCTION_PRE_RELEASE) {
      return input.fail('a library of functions as only a version before 7.0 wrote it', offset);
    }
    if (code === Opcode.MODULE_AUX) {
      input.length();
      return input.fail(`data of the module ${quoted(Slice.of(this.moduleName()))}: ${NOT_HERE}`, offset);
    }
    return input.fail(`0x${code.toString(16).padStart(2, '0')} is neither an opcode nor a value type`, offset);
  }

  /** The module id that was read last as a 64-bit length: nine characters of six bits, and a version. */
  private moduleName(): string {
    const input = this.input;
    if (input.position < 8) return '?';
    const id = input.view.getBigUint64(input.position - 8);
    let name = '';
    for (let shift = 58n; shift >= 10n; shift -= 6n) name += MODULE_CHARACTERS[Number((id >> shift) & 63n)];
    return name;
  }

  private readKey(): void {
    const input = this.input;
    const target = this.target;
    const form = input.stringHeader();
    input.stringBody(form, this.key);
    // Otherwise it lies where the value will be unpacked.
    if (form !== StringForm.RAW) this.keepKey();
    target.isExpired = target.deadline !== NO_DEADLINE && target.deadline <= this.options.nowMs;
    if (target.isExpired) return;
    const known = this.database.dict.find(this.key);
    if (known === 0) return;
    if (!this.options.replace) {
      input.fail(`the key ${quoted(this.key)} in database ${this.database.index} is there already`, this.recordOffset);
    }
    this.database.delete(known);
  }

  /** Copies the key out of what the next read may overwrite. */
  private keepKey(): void {
    const { length } = this.key;
    if (this.key.bytes === this.keyCopy) return;
    if (length > this.keyCopy.length) {
      this.keyCopy = Buffer.allocUnsafeSlow(2 * length);
      this.keyCopyView = viewOf(this.keyCopy);
    }
    copySlice(this.key, this.keyCopy, this.keyCopyView, 0);
    this.key.set(this.keyCopy, this.keyCopyView, 0, length);
  }

  /** The record is read: counts it, and forgets what stood before it. */
  private endRecord(): void {
    const target = this.target;
    if (target.isExpired) this.keysExpired++;
    else this.keysLoaded++;
    target.deadline = NO_DEADLINE;
    if (this.idleSeconds < 0 && this.frequency < 0) return;
    const ref = target.isExpired ? 0 : this.database.dict.find(this.key);
    if (ref !== 0) this.database.setUse(ref, this.idleSeconds, this.frequency);
    this.idleSeconds = -1;
    this.frequency = -1;
  }
}

const NOT_HERE = 'not supported by this version';
const MODULE_CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
