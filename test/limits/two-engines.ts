/**
 * Two engines that run the same commands, one of which is refused memory. What it answers with OOM the other does not
 * run, so that afterwards both must hold the same: a refusal changes nothing.
 */

import { allCommands } from '../../src/commands/index.js';
import { digestOfValue } from '../../src/commands/server/debug-digest.js';
import { Client } from '../../src/engine/client.js';
import { Engine } from '../../src/engine/engine.js';
import { SeededRandom } from '../../src/engine/random.js';
import type { Server } from '../../src/engine/server.js';
import { Persistence } from '../../src/features/persistence/persistence.js';
import { RdbLoader } from '../../src/features/persistence/rdb-loader.js';
import { RdbWriter } from '../../src/features/persistence/rdb-writer.js';
import { AbortedError } from '../../src/features/persistence/snapshot-file.js';
import type { Storage, StorageFile } from '../../src/features/persistence/storage.js';
import type { Database } from '../../src/keyspace/database.js';
import type { KeyspaceSnapshot } from '../../src/keyspace/keyspace.js';
import { PAGE_SIZE, type Ref } from '../../src/memory/arena.js';
import { Slice } from '../../src/memory/slice.js';
import { Args } from '../../src/protocol/args.js';
import { HASH, hashes } from '../../src/types/hash/value.js';
import { dataTypes } from '../../src/types/index.js';
import { ElementBytes } from './element-bytes.js';

export type Words = readonly (string | number | Buffer)[];

export const DATABASES = 3;
const OOM = "-OOM command not allowed when used memory > 'maxmemory'.\r\n";

/** Whether a request for a segment is refused, by its number since the last reset. */
export type Refuses = (request: number) => boolean;

/** A key that is not due, with its deadline, and its value's elements. */
interface KeyImage {
  line: string;
  elements: Buffer;
  digest(): Buffer;
}

/** An engine with a client and files in memory. */
export class LoneEngine {
  readonly engine: Engine;
  readonly client: Client;
  readonly persistence: Persistence;
  private readonly files = new MemoryStorage();
  private readonly elements = new ElementBytes();

  constructor(clock: { nowMs: number }) {
    this.engine = new Engine({
      types: dataTypes,
      commands: allCommands,
      clock: { now: () => clock.nowMs, schedule: () => ({ cancel() {} }) },
      random: new SeededRandom([1, 2, 3, 4]),
      databases: DATABASES,
      onInternalError: (error) => {
        throw error;
      },
    });
    const sink = { send() {}, unblocked() {}, close() {}, facts: () => null } as never;
    this.client = new Client(1, sink, clock.nowMs, false);
    this.persistence = new Persistence({
      engine: this.engine,
      settings: {
        directory: '/',
        fileName: 'dump.rdb',
        compression: true,
        checksum: false,
        savePoints: [],
        stopWritesOnError: false,
      },
      log: { info() {}, warn() {} },
      yield: () => Promise.reject(new AbortedError('nothing is saved in the background')),
      stopwatch: { microseconds: () => 0 },
      redisVersion: '7.4.0',
      storage: this.files,
    });
    this.engine.server = { config: { get: () => 'yes' }, persistence: this.persistence, log() {} } as unknown as Server;
  }

  run(words: Words): string {
    this.engine.execute(this.client, Args.from([...words]));
    return this.engine.reply.take(0).toString('latin1');
  }

  /** What each database holds, to compare others with for as long as nothing changes. */
  image(): KeyImage[][] {
    const { keyspace } = this.engine;
    return keyspace.databases.map((db) =>
      this.keysOf(db).map(([line, ref]) => ({
        line,
        elements: Buffer.from(this.elements.of(keyspace.types, db, ref)),
        digest: () => digestOfValue(keyspace.types, db, ref),
      })),
    );
  }

  /** Whether it holds the same as the one that the image is of. */
  looksLike(image: KeyImage[][]): boolean {
    const { databases, types } = this.engine.keyspace;
    return databases.every((db, index) => {
      const expected = image[index]!;
      const keys = this.keysOf(db);
      return (
        keys.length === expected.length &&
        keys.every(([line, ref], at) => {
          const { line: otherLine, elements, digest } = expected[at]!;
          if (line !== otherLine) return false;
          // Their order may differ where it means nothing.
          return this.elements.of(types, db, ref).equals(elements) || digestOfValue(types, db, ref).equals(digest());
        })
      );
    });
  }

  /** Deadline and name, and the entry, of every key that is not due, unless all its fields are; in order. */
  private keysOf(db: Database): [line: string, ref: Ref][] {
    const keys: [string, Ref][] = [];
    this.engine.keyspace.beginCommand();
    for (let position = 0; position < db.size; position++) {
      const ref = db.at(position);
      if (db.isDue(ref) || (db.typeOf(ref) === HASH && !hashes(db).brief.open(ref).nextLive())) continue;
      keys.push([`${db.deadlineOf(ref)} ${db.keyOf(ref, new Slice()).toLatin1()}`, ref]);
    }
    return keys.sort(([a], [b]) => (a < b ? -1 : 1));
  }

  /** Database, deadline and name of each key, and a digest of its value. */
  contents(): string[] {
    return this.image().flatMap((keys, index) =>
      keys.map(({ line, digest }) => `${index} ${line} ${digest().toString('hex')}`),
    );
  }
}

export class TwoEngines {
  readonly clock = { nowMs: 1_700_000_000_000 };
  readonly subject = new LoneEngine(this.clock);
  readonly model = new LoneEngine(this.clock);
  /** Requests for segments, and how many of them were refused. */
  requests = 0;
  refusals = 0;
  /** Commands that were answered with OOM. */
  refusedCommands = 0;
  /** Snapshots that were given up. */
  lostSnapshots = 0;
  refuses: Refuses = () => false;
  /** If set, each command is tried with what this refuses from n on, for n = 1, 2, … until it has what it asks for. */
  refusesFrom: ((n: number) => Refuses) | null = null;
  /** Of the model, while a command is tried that it has not run. */
  private image: KeyImage[][] | null = null;
  private isInBackground = false;
  private readonly steps: string[] = [];
  private snapshots: { subject: KeyspaceSnapshot; model: KeyspaceSnapshot }[] = [];
  private save: { snapshot: KeyspaceSnapshot; model: KeyspaceSnapshot; writer: RdbWriter; chunks: Buffer[] } | null =
    null;

  constructor(readonly segmentPages: number) {
    const { keyspace } = this.subject.engine;
    keyspace.arena.physical.allocateSegment = () => {
      if (this.refuses(++this.requests)) {
        this.refusals++;
        throw new RangeError('refused');
      }
      const segment = Buffer.allocUnsafeSlow(segmentPages * PAGE_SIZE);
      // Not zeros: nobody may rely on them. Of small ones only: with all filled a run takes half as long again.
      return (segmentPages === 1 ? segment.fill(0xa5) : segment).buffer as ArrayBuffer;
    };
    keyspace.arena.onSnapshotLost = () => this.lostSnapshots++;
    keyspace.observe({
      keyChanged: (db, key, event) => {
        // A hash whose last fields were due goes there as well: refilled, it would be called a hash table still.
        if (event !== 'evicted' && !(this.isInBackground && event === 'del')) return;
        this.image = null;
        const other = this.model.engine.keyspace.databases[db.index]!;
        const ref = other.dict.find(key);
        if (ref !== 0) other.delete(ref);
        this.model.engine.keyspace.arena.settle();
      },
      databaseChanged() {},
    });
  }

  /** Runs a command here, and there unless it was refused; the replies must be the same. */
  run(...words: Words): string {
    const short = words.map((word) => (String(word).length > 40 ? `<${String(word).length}>` : word));
    this.steps.push(short.length > 12 ? `${short.slice(0, 12).join(' ')} … (${short.length})` : short.join(' '));
    this.image = null;
    if (this.refusesFrom === null) return this.attempt(words);
    for (let n = 1; ; n++) {
      const { refusals } = this;
      this.refuseFrom(n);
      const reply = this.attempt(words);
      if (reply !== OOM || this.refusals === refusals) return reply;
    }
  }

  /** From here on the n-th request is refused, as `refusesFrom` says; nothing vacant remains from before. */
  refuseFrom(n: number): void {
    if (this.refusesFrom === null) return;
    const { arena } = this.subject.engine.keyspace;
    this.refuses = () => false;
    arena.askAgain();
    while (arena.compactSegments(0));
    arena.settle();
    this.requests = 0;
    this.refuses = this.refusesFrom(n);
  }

  private attempt(words: Words): string {
    const { refusals } = this;
    const { overdrafts } = this.subject.engine.keyspace.arena;
    const reply = this.subject.run(words);
    if (reply === OOM) this.refusedCommands++;
    else {
      const expected = this.model.run(words);
      if (reply !== expected) this.fail(`replied ${shown(reply)}, expected ${shown(expected)}`);
    }
    const overdrawn = this.subject.engine.keyspace.arena.overdrafts - overdrafts;
    if (overdrawn > 0) this.fail(`took ${overdrawn} pages more than it had reserved`);
    // The model stays as it is until the command is answered otherwise.
    if (reply === OOM) this.check((this.image ??= this.model.image()));
    else if (this.refusals > refusals) this.check();
    return reply;
  }

  /** Pops members by chance, and removes the same ones there. */
  pop(key: string, count: number): void {
    this.steps.push(`SPOP ${key} ${count}`);
    const { refusals } = this;
    const reply = this.subject.run(['SPOP', key, count]);
    if (reply === OOM) this.refusedCommands++;
    else {
      const members = reply
        .split(/\$\d+\r\n/)
        .slice(1)
        .map((member) => member.slice(0, -2));
      const removed = members.length === 0 ? ':0\r\n' : this.model.run(['SREM', key, ...members]);
      if (removed !== `:${members.length}\r\n`) this.fail(`popped ${members.length}, removed ${shown(removed)}`);
    }
    if (this.refusals > refusals || reply === OOM) this.check();
  }

  /** Removes all that is due from both. */
  expireAll(): void {
    this.steps.push('expire all');
    for (const { engine } of [this.subject, this.model]) {
      engine.keyspace.beginCommand();
      while (engine.keyspace.expireDue(1_000) > 0);
      engine.keyspace.arena.settle();
    }
  }

  /** MULTI, commands, EXEC: each of them may be refused by itself. */
  transaction(commands: readonly Words[]): void {
    this.steps.push(`MULTI of ${commands.map((words) => words[0])}`);
    const { client } = this.subject;
    this.subject.run(['MULTI']);
    const queued = commands.map((words) => {
      this.steps.push(`  ${words.slice(0, 5).map((word) => shown(String(word)))}`);
      return this.subject.run(words) === '+QUEUED\r\n';
    });
    const { engine } = this.subject;
    const reply = this.subject.run(['EXEC']);
    if (queued.includes(false) || reply.startsWith('-')) {
      if (client.transaction !== null) this.fail('the transaction is still open');
    } else {
      let rest = reply.slice(reply.indexOf('\n') + 1);
      for (const words of commands) {
        if (rest.startsWith(OOM)) {
          this.refusedCommands++;
          rest = rest.slice(OOM.length);
          continue;
        }
        const expected = this.model.run(words);
        if (!rest.startsWith(expected)) this.fail(`EXEC: ${words[0]}: ${shown(rest)}, expected ${shown(expected)}`);
        rest = rest.slice(expected.length);
      }
      if (rest !== '') this.fail(`EXEC replied ${shown(rest)} more`);
    }
    engine.keyspace.arena.settle();
    this.check();
  }

  openSnapshot(): void {
    this.steps.push('open a snapshot');
    const { subject, model } = this;
    const opened = subject.engine.keyspace.snapshot();
    this.snapshots.push({ subject: opened, model: model.engine.keyspace.snapshot() });
  }

  /** Ends the oldest snapshot; if it is there still, both go back to it before. */
  closeSnapshot(restores: boolean): void {
    const snapshot = this.snapshots.shift();
    if (snapshot === undefined) return;
    this.steps.push(restores ? 'restore the oldest snapshot' : 'close the oldest snapshot');
    if (restores && !snapshot.subject.isLost) {
      this.subject.engine.keyspace.restore(snapshot.subject);
      this.model.engine.keyspace.restore(snapshot.model);
    }
    snapshot.subject.close();
    snapshot.model.close();
    this.check();
  }

  beginSave(): void {
    if (this.save !== null) return;
    this.steps.push('begin a save');
    const snapshot = this.subject.engine.keyspace.snapshot();
    const writer = new RdbWriter(snapshot, { compression: false, checksum: false, aux: [] });
    this.save = { snapshot, model: this.model.engine.keyspace.snapshot(), writer, chunks: [] };
  }

  /** One slice of the save; when it is over its file must hold what the model held when it began. */
  continueSave(units: number): void {
    const { save } = this;
    if (save === null) return;
    const isDone = !save.snapshot.isLost && save.writer.run(units);
    for (let chunk: Buffer | undefined; (chunk = save.writer.take()) !== undefined; save.writer.recycle(chunk)) {
      save.chunks.push(Buffer.from(chunk));
    }
    if (!isDone && !save.snapshot.isLost) return;
    this.save = null;
    save.snapshot.close();
    if (isDone) {
      const saved = new LoneEngine(this.clock);
      loadInto(saved, Buffer.concat(save.chunks));
      const expected = new LoneEngine(this.clock);
      const writer = new RdbWriter(save.model, { compression: false, checksum: false, aux: [] });
      while (!writer.run(1_000_000));
      const chunks: Buffer[] = [];
      for (let chunk: Buffer | undefined; (chunk = writer.take()) !== undefined; ) chunks.push(chunk);
      loadInto(expected, Buffer.concat(chunks));
      if (!saved.looksLike(expected.image())) this.fail(`the save ${this.difference(saved, expected)}`);
    }
    save.model.close();
  }

  /** What the server does between commands. */
  background(): void {
    this.steps.push('background');
    const { keyspace } = this.subject.engine;
    this.isInBackground = true;
    keyspace.beginCommand();
    keyspace.expireDue(64);
    keyspace.arena.settle();
    this.subject.engine.makeRoom();
    this.isInBackground = false;
    if (!keyspace.reclaimer.step(16)) keyspace.compactor.step(256);
  }

  /** DEBUG RELOAD and its like: the keyspace is replaced as a whole, or stays as it is. */
  reload(options: { save: boolean; flush: boolean; merge: boolean }): void {
    // By itself: it may succeed, and the load fail.
    if (options.save && !this.saveNow()) return;
    options = { ...options, save: false };
    this.steps.push(`reload ${JSON.stringify(options)}`);
    try {
      this.subject.persistence.reload(options);
    } catch {
      this.subject.engine.keyspace.arena.settle();
      this.check();
      return;
    }
    this.subject.engine.keyspace.arena.settle();
    this.model.persistence.reload(options);
    this.model.engine.keyspace.arena.settle();
    this.check();
  }

  /** Whether it was saved. */
  saveNow(): boolean {
    this.steps.push('save');
    try {
      this.subject.persistence.save();
    } catch {
      return false;
    }
    this.model.persistence.save();
    return true;
  }

  /** Both hold the same, and the subject's memory is intact. */
  check(image = this.model.image()): void {
    if (!this.subject.looksLike(image)) this.fail(`the keyspace ${this.difference(this.subject, this.model)}`);
    try {
      this.subject.engine.keyspace.checkIntegrity();
    } catch (error) {
      this.fail((error as Error).message);
    }
  }

  close(): void {
    for (const snapshot of this.snapshots.splice(0)) {
      snapshot.subject.close();
      snapshot.model.close();
    }
    this.save?.snapshot.close();
    this.save?.model.close();
    this.save = null;
    this.subject.engine.keyspace.arena.settle();
    this.check();
  }

  private difference(one: LoneEngine, other: LoneEngine): string {
    const [found, expected] = [one.contents(), other.contents()];
    const superfluous = found.filter((line) => !expected.includes(line));
    const missing = expected.filter((line) => !found.includes(line));
    return `differs: there is ${shown(superfluous.join(', '))}, missing is ${shown(missing.join(', '))}`;
  }

  private fail(message: string): never {
    throw new Error(
      `${message}\nafter ${this.refusals} refusals, the last steps:\n${this.steps.slice(-12).join('\n')}`,
    );
  }
}

function shown(text: string): string {
  return text.length > 120 ? `${JSON.stringify(text.slice(0, 120))}…` : JSON.stringify(text);
}

function loadInto({ engine, client }: LoneEngine, file: Buffer): void {
  const loader = new RdbLoader(engine.keyspace, file.length, {
    checksum: false,
    nowMs: client.createdAtMs,
    replace: false,
  });
  loader.feed(file);
  loader.finish();
}

class MemoryStorage implements Storage {
  private readonly files = new Map<string, MemoryFile>();

  create(path: string): StorageFile {
    const file = new MemoryFile();
    this.files.set(path, file);
    return file;
  }

  checkReplaceable(): void {}

  names(): string[] {
    return [];
  }

  modifiedAtMs(): number {
    return 0;
  }

  open(path: string): StorageFile | null {
    const file = this.files.get(path);
    return file === undefined ? null : new MemoryFile(file.content);
  }

  async rename(from: string, to: string): Promise<void> {
    this.renameNow(from, to);
  }

  renameNow(from: string, to: string): void {
    this.files.set(to, this.files.get(from) as MemoryFile);
    this.files.delete(from);
  }

  remove(path: string): void {
    this.files.delete(path);
  }

  async syncDirectoryOf(): Promise<void> {}

  syncDirectoryOfNow(): void {}
}

class MemoryFile implements StorageFile {
  private at = 0;

  constructor(public content: Buffer = Buffer.alloc(0)) {}

  get size(): number {
    return this.content.length;
  }

  async read(into: Buffer): Promise<number> {
    return this.readNow(into);
  }

  readNow(into: Buffer): number {
    const length = this.content.copy(into, 0, this.at);
    this.at += length;
    return length;
  }

  async write(bytes: Buffer): Promise<void> {
    this.writeNow(bytes);
  }

  writeNow(bytes: Buffer): void {
    this.content = Buffer.concat([this.content, bytes]);
  }

  async sync(): Promise<void> {}

  syncNow(): void {}

  close(): void {}
}
