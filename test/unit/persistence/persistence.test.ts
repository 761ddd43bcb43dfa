import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { allCommands } from '../../../src/commands/index.js';
import { EngineGate } from '../../../src/engine/gate.js';
import { Persistence } from '../../../src/features/persistence/persistence.js';
import type { PersistenceSettings } from '../../../src/features/persistence/persistence-context.js';
import { RdbLoader } from '../../../src/features/persistence/rdb-loader.js';
import { SAVE_FAILED } from '../../../src/features/persistence/save-failed.js';
import { disk, type Storage, type StorageFile } from '../../../src/features/persistence/storage.js';
import { Slice } from '../../../src/memory/slice.js';
import { Args } from '../../../src/protocol/args.js';
import { contentOf, fileOf, newKeyspace, putList, putString } from '../../persistence/keyspace-helper.js';
import { TestClock, testClient, testEngine } from '../../support/test-engine.js';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'redstart-persistence-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

type Settings = { -readonly [Name in keyof PersistenceSettings]: PersistenceSettings[Name] };

function setUp(options: { storage?: Storage; settings?: Partial<Settings>; unitsPerStep?: number } = {}) {
  const clock = new TestClock(1_800_000_000_000);
  const engine = testEngine(allCommands, { clock });
  const settings: Settings = {
    directory,
    fileName: 'dump.rdb',
    compression: true,
    checksum: true,
    savePoints: [],
    stopWritesOnError: true,
    ...options.settings,
  };
  const log: string[] = [];
  let turns = 0;
  let looks = 0;
  let onTurn: (turn: number) => void = () => {};
  const persistence = new Persistence({
    engine,
    settings,
    log: { info: (message) => log.push(message), warn: (message) => log.push(`! ${message}`) },
    yield: () =>
      new Promise((resolve) =>
        setImmediate(() => {
          onTurn(++turns);
          resolve();
        }),
      ),
    // Each turn is over after its first step.
    stopwatch: { microseconds: () => ++looks * 1e6 },
    redisVersion: '7.4.0',
    ...(options.storage ? { storage: options.storage } : {}),
    ...(options.unitsPerStep ? { unitsPerStep: options.unitsPerStep } : {}),
  });
  return {
    clock,
    engine,
    keyspace: engine.keyspace,
    settings,
    log,
    persistence,
    eachTurn: (visit: (turn: number) => void) => (onTurn = visit),
  };
}

type SetUp = ReturnType<typeof setUp>;

function change({ keyspace }: SetUp, key: string, value: string | Buffer): void {
  putString(keyspace, 0, key, value);
  keyspace.dirty++;
}

/** Loads the file with a server of its own. */
async function loaded(): Promise<ReturnType<typeof contentOf>> {
  const other = setUp();
  await other.persistence.load();
  other.keyspace.checkIntegrity();
  return contentOf(other.keyspace);
}

const files = () => readdirSync(directory);

/** The machine's storage, except that some calls fail. */
function failing(fails: (call: string, count: number) => Error | undefined): Storage {
  const counts = new Map<string, number>();
  const check = (call: string): void => {
    const count = (counts.get(call) ?? 0) + 1;
    counts.set(call, count);
    const error = fails(call, count);
    if (error !== undefined) throw error;
  };
  /** Calls are known by their name without "Now": both forms of one fail alike. */
  const watch = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(_target, name) {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== 'function') return member;
        return (...parameters: unknown[]) => {
          check(String(name).replace(/Now$/, ''));
          const result: unknown = Reflect.apply(member, target, parameters);
          return name === 'create' || name === 'open' ? watch(result as StorageFile) : result;
        };
      },
    });
  return watch(disk);
}

const FULL = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });

describe('saving', () => {
  test('SAVE writes the file, clears dirty and sets LASTSAVE', async () => {
    const server = setUp();
    change(server, 'a', '1');
    server.clock.nowMs += 60_500;
    server.persistence.save();
    expect(server.keyspace.dirty).toBe(0);
    expect(server.persistence.facts()).toMatchObject({ lastSaveAt: 1_800_000_060, saves: 1, lastSaveFailed: false });
    expect(files()).toEqual(['dump.rdb']);
    expect(await loaded()).toEqual(contentOf(server.keyspace));
  });

  test('BGSAVE writes the keyspace of its instant, and counts later changes', async () => {
    const server = setUp({ unitsPerStep: 50 });
    for (let index = 0; index < 5000; index++) change(server, `key ${index}`, `value ${index}`);
    putList(
      server.keyspace,
      1,
      'list',
      Array.from({ length: 10_000 }, (_, index) => `element ${index}`),
    );
    const content = contentOf(server.keyspace);
    let turns = 0;
    server.eachTurn(() => {
      turns++;
      change(server, `late ${turns}`, 'x');
      const facts = server.persistence.facts();
      if (turns === 50) {
        expect(facts).toMatchObject({ isSaving: true, currentSaveKeysTotal: 5001, currentSaveSeconds: 0 });
        expect(facts.currentSaveKeysDone).toBeGreaterThan(1000);
        expect(facts.copiedBytes).toBeGreaterThan(0);
        expect(() => server.persistence.saveInBackground(false)).toThrow('ERR Background save already in progress');
        expect(() => server.persistence.saveInBackground(true)).toThrow('ERR Background save already in progress');
        expect(() => server.persistence.save()).toThrow('ERR Background save already in progress');
      }
    });
    expect(server.persistence.saveInBackground(false)).toBe('Background saving started');
    await server.persistence.finished;
    expect(turns).toBeGreaterThan(100);
    expect(server.keyspace.dirty).toBe(turns);
    expect(server.persistence.facts()).toMatchObject({ isSaving: false, saves: 1, lastSaveSeconds: 0 });
    expect(server.persistence.facts().lastCopiedBytes).toBeGreaterThan(0);
    expect(files()).toEqual(['dump.rdb']);
    expect(await loaded()).toEqual(content);
    server.keyspace.checkIntegrity();
    expect(server.keyspace.arena.hasSnapshots).toBe(false);
  });

  test('the aux fields tell of the file', async () => {
    const server = setUp();
    server.persistence.save();
    const text = readFileSync(join(directory, 'dump.rdb')).toString('latin1');
    expect(text).toMatch(/^REDIS0010\xfa\x09redis-ver\x057\.4\.0\xfa\x0aredis-bits\xc0\x40\xfa\x05ctime\xc2/);
    expect(text).toContain('used-mem');
    expect(text).toContain('aof-base\xc0\0');
  });

  test('save points start a save when enough has changed for long enough', async () => {
    const server = setUp({ settings: { savePoints: [{ seconds: 60, changes: 3 }] } });
    change(server, 'a', '1');
    change(server, 'b', '1');
    server.clock.nowMs += 61_000;
    server.persistence.tick(server.clock.nowMs);
    expect(server.persistence.facts().isSaving).toBe(false);
    change(server, 'c', '1');
    server.persistence.tick(server.clock.nowMs);
    expect(server.persistence.facts().isSaving).toBe(true);
    expect(server.log).toContain('3 changes in 60 seconds. Saving...');
    await server.persistence.finished;
    change(server, 'd', '1');
    server.persistence.tick(server.clock.nowMs);
    expect(server.persistence.facts().isSaving).toBe(false);
  });

  test('FLUSHALL calls a background save off and, with save points, saves the emptiness', async () => {
    const server = setUp({ settings: { savePoints: [{ seconds: 60, changes: 1 }] }, unitsPerStep: 10 });
    for (let index = 0; index < 2000; index++) change(server, `key ${index}`, 'x');
    server.persistence.saveInBackground(false);
    await new Promise((resolve) => setImmediate(resolve));
    server.keyspace.flushAll();
    server.persistence.flushed();
    expect(server.persistence.facts()).toMatchObject({ isSaving: false, lastSaveFailed: false, saves: 1 });
    expect(await loaded()).toEqual({});
    // The next one waits for nothing.
    change(server, 'new', 'x');
    server.persistence.save();
    server.persistence.saveInBackground(false);
    await server.persistence.finished;
    expect(server.persistence.facts()).toMatchObject({ isSaving: false, lastSaveFailed: false, saves: 3 });
    expect(files()).toEqual(['dump.rdb']);
    expect(await loaded()).toEqual(contentOf(server.keyspace));
    expect(server.keyspace.arena.hasSnapshots).toBe(false);
  });

  test('shutdown in the middle of a background save leaves no temporary file, with and without saving', async () => {
    const server = setUp({ unitsPerStep: 10 });
    for (let index = 0; index < 2000; index++) change(server, `key ${index}`, 'x');
    server.persistence.saveInBackground(false);
    while (files().length === 0) await new Promise((resolve) => setImmediate(resolve));
    server.persistence.shutdown(false);
    expect(files()).toEqual([]);
    await server.persistence.finished;
    expect(files()).toEqual([]);
    server.persistence.saveInBackground(false);
    await new Promise((resolve) => setImmediate(resolve));
    server.persistence.shutdown(true);
    expect(files()).toEqual(['dump.rdb']);
    await server.persistence.finished;
    expect(await loaded()).toEqual(contentOf(server.keyspace));
  });
});

describe('a disk that fails', () => {
  const steps: [string, (call: string, count: number) => boolean][] = [
    ['create', (call) => call === 'create'],
    ['the first write', (call) => call === 'write'],
    ['a later write', (call, count) => call === 'write' && count === 2],
    ['sync', (call) => call === 'sync'],
    ['rename', (call) => call === 'rename'],
  ];

  test.each(steps)('in %s leaves the old file and nothing else', async (_name, matches) => {
    const before = setUp();
    change(before, 'old', 'content');
    before.persistence.save();
    const old = readFileSync(join(directory, 'dump.rdb'));

    let isFull = true;
    const server = setUp({
      storage: failing((call, count) => (isFull && matches(call, count) ? FULL : undefined)),
      settings: { savePoints: [{ seconds: 1, changes: 1 }] },
    });
    for (let index = 0; index < 50; index++) change(server, `key ${index}`, Buffer.alloc(20_000, index));
    server.settings.compression = false;
    server.persistence.saveInBackground(false);
    await server.persistence.finished;
    expect(server.persistence.facts()).toMatchObject({ lastSaveFailed: true, saves: 0 });
    expect(server.log.at(-1)).toBe('! Background saving failed: ENOSPC: no space left on device, write');
    expect(server.keyspace.dirty).toBe(50);
    expect(files()).toEqual(['dump.rdb']);
    expect(readFileSync(join(directory, 'dump.rdb')).equals(old)).toBe(true);
    expect(server.engine.gate & SAVE_FAILED).not.toBe(0);
    expect(server.keyspace.arena.hasSnapshots).toBe(false);

    if (_name !== 'a later write') {
      expect(() => server.persistence.save()).toThrow(/^ERR$/);
      expect(server.log.at(-1)).toContain('no space left on device');
      expect(files()).toEqual(['dump.rdb']);
      expect(readFileSync(join(directory, 'dump.rdb')).equals(old)).toBe(true);
    }

    // Save points wait a while, then try again; success lets writes in.
    server.clock.nowMs += 4000;
    server.persistence.tick(server.clock.nowMs);
    expect(server.persistence.facts().isSaving).toBe(false);
    isFull = false;
    server.clock.nowMs += 4000;
    server.persistence.tick(server.clock.nowMs);
    expect(server.persistence.facts().isSaving).toBe(true);
    await server.persistence.finished;
    expect(server.engine.gate & SAVE_FAILED).toBe(0);
    expect(server.keyspace.dirty).toBe(0);
    expect(await loaded()).toEqual(contentOf(server.keyspace));
  });

  test('writes go on when stop-writes-on-bgsave-error is off or there are no save points', async () => {
    const server = setUp({ storage: failing((call) => (call === 'write' ? FULL : undefined)) });
    server.persistence.saveInBackground(false);
    await server.persistence.finished;
    const isClosed = () => (server.engine.gate & SAVE_FAILED) !== 0;
    expect(isClosed()).toBe(false);
    server.settings.savePoints = [{ seconds: 1, changes: 1000 }];
    server.persistence.configure(server.settings);
    expect(isClosed()).toBe(true);
    const client = testClient(server.engine);
    const ask = (...words: string[]): string => {
      const { reply } = server.engine;
      reply.clear();
      server.engine.execute(client, Args.from(words));
      return reply.take(0).toString();
    };
    expect(ask('SET', 'a', '1')).toMatch(/^-MISCONF /);
    expect(ask('GET', 'a')).toBe('$-1\r\n');
    server.settings.stopWritesOnError = false;
    server.persistence.configure(server.settings);
    expect(isClosed()).toBe(false);
  });

  test('a directory that is not there is named in the log', async () => {
    const server = setUp({ settings: { directory: join(directory, 'gone') } });
    expect(() => server.persistence.save()).toThrow(/^ERR$/);
    expect(server.log.at(-1)).toMatch(/ENOENT.*gone/);
    server.persistence.saveInBackground(false);
    await server.persistence.finished;
    expect(server.log.at(-1)).toMatch(/^! Background saving failed: ENOENT.*gone/);
  });

  test.runIf(process.platform === 'linux')('that is really full is told of, and nothing is left', async () => {
    const full: Storage = { ...disk, create: () => disk.create('/dev/full') };
    const server = setUp({ storage: full });
    change(server, 'a', '1');
    expect(() => server.persistence.save()).toThrow(/^ERR$/);
    expect(server.log.at(-1)).toMatch(/ENOSPC/);
    server.persistence.saveInBackground(false);
    await server.persistence.finished;
    expect(server.log.at(-1)).toMatch(/^! Background saving failed: ENOSPC/);
    expect(files()).toEqual([]);
  });

  test.runIf(process.platform === 'linux')('that may really not be written is told of', async () => {
    // Not even root may create files in /sys; others are kept out by the mode.
    const locked = process.getuid?.() === 0 ? '/sys' : directory;
    chmodSync(directory, 0o500);
    const server = setUp({ settings: { directory: locked } });
    expect(() => server.persistence.save()).toThrow(/^ERR$/);
    expect(server.log.at(-1)).toMatch(/(EACCES|EPERM|EROFS).*temp-/);
    server.persistence.saveInBackground(false);
    await server.persistence.finished;
    expect(server.log.at(-1)).toMatch(/^! Background saving failed: (EACCES|EPERM|EROFS)/);
    expect(server.persistence.facts().lastSaveFailed).toBe(true);
    chmodSync(directory, 0o700);
    expect(files()).toEqual([]);
  });

  test('reading that fails leaves nothing loaded', async () => {
    const before = setUp({ settings: { compression: false } });
    for (let index = 0; index < 50; index++) change(before, `key ${index}`, Buffer.alloc(20_000, index));
    before.persistence.save();
    const broken = Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' });
    for (const count of [1, 2, 3]) {
      const server = setUp({ storage: failing((call, at) => (call === 'read' && at === count ? broken : undefined)) });
      await expect(server.persistence.load()).rejects.toThrow(/dump\.rdb cannot be loaded: EIO/);
      expect(contentOf(server.keyspace)).toEqual({});
      server.keyspace.checkIntegrity();
    }
  });
});

describe('loading', () => {
  test('without a file there is nothing to do', async () => {
    const server = setUp();
    await server.persistence.load();
    expect(server.persistence.facts()).toMatchObject({ lastLoadKeysLoaded: 0, isLoading: false });
  });

  test('clients are told meanwhile, the log afterwards', async () => {
    const before = setUp();
    for (let index = 0; index < 10_000; index++) change(before, `key ${index}`, `value ${index}`);
    before.persistence.save();
    const server = setUp();
    const done = server.persistence.load();
    expect(server.engine.gate & EngineGate.LOADING).not.toBe(0);
    expect(server.persistence.facts().isLoading).toBe(true);
    expect(server.persistence.loading).toMatchObject({ loadedBytes: 0 });
    await done;
    expect(server.engine.gate & EngineGate.LOADING).toBe(0);
    expect(server.persistence.facts()).toMatchObject({ isLoading: false, lastLoadKeysLoaded: 10_000 });
    expect(server.log.at(-1)).toMatch(/^DB loaded from disk: 0\.000 seconds, 10000 keys loaded, 0 expired$/);
    expect(server.keyspace.dirty).toBe(0);
    expect(contentOf(server.keyspace)).toEqual(contentOf(before.keyspace));
  });

  test('a damaged file leaves no key and stays as it is', async () => {
    const before = setUp();
    for (let index = 0; index < 30_000; index++) change(before, `key ${index}`, `value ${index}`);
    before.persistence.save();
    const path = join(directory, 'dump.rdb');
    const sound = readFileSync(path);
    for (const damaged of [
      sound.subarray(0, -1),
      sound.subarray(0, 300_000),
      Buffer.from(sound).fill(0, 310_000, 310_100),
    ]) {
      writeFileSync(path, damaged);
      const server = setUp();
      await expect(server.persistence.load()).rejects.toThrow(/dump\.rdb cannot be loaded: .* \(at byte \d+\)$/);
      expect(contentOf(server.keyspace)).toEqual({});
      expect(server.engine.gate).toBe(0);
      server.keyspace.checkIntegrity();
      expect(readFileSync(path).equals(damaged)).toBe(true);
    }
  });

  test('a server that ends while it loads does not save what it has so far', async () => {
    const before = setUp();
    for (let index = 0; index < 60_000; index++) change(before, `key ${index}`, `value ${index}`);
    before.persistence.save();
    const sound = readFileSync(join(directory, 'dump.rdb'));
    const server = setUp();
    const done = server.persistence.load();
    const failure = expect(done).rejects.toThrow('the server ends');
    while (server.persistence.loading!.loadedBytes === 0) await new Promise((resolve) => setImmediate(resolve));
    server.persistence.shutdown(true);
    await failure;
    expect(readFileSync(join(directory, 'dump.rdb')).equals(sound)).toBe(true);
    expect(contentOf(server.keyspace)).toEqual({});
  });

  test('a list whose entry moves or falls due between two pieces is loaded all the same', () => {
    const keyspace = newKeyspace();
    putList(
      keyspace,
      0,
      'list',
      Array.from({ length: 3000 }, (_, index) => `element ${index}`),
    );
    putString(keyspace, 0, 'last', 'x');
    const file = fileOf(keyspace);
    for (const deletes of [false, true]) {
      const target = newKeyspace();
      const loader = new RdbLoader(target, file.length, { checksum: true, nowMs: 0, replace: false });
      for (let at = 0; at < file.length; at += 100) {
        loader.feed(file.subarray(at, at + 100));
        const [db] = target.databases;
        const ref = db!.dict.find(Slice.of('list'));
        if (ref === 0) continue;
        if (deletes) db!.delete(ref);
        else db!.rename(ref, Slice.of('list'));
        target.arena.settle();
      }
      loader.finish();
      const expected = contentOf(keyspace)['db 0']!;
      expect(contentOf(target)['db 0']).toEqual(deletes ? { last: expected['last'] } : expected);
      target.checkIntegrity();
    }
  });

  test('DEBUG RELOAD brings back what is there, and keeps it when the file is damaged', () => {
    const server = setUp();
    change(server, 'a', '1');
    putList(server.keyspace, 3, 'list', ['a', Buffer.alloc(20_000, 'b')]);
    const content = contentOf(server.keyspace);
    const all = { save: true, flush: true, merge: false };
    server.persistence.reload(all);
    expect(contentOf(server.keyspace)).toEqual(content);
    expect(server.keyspace.dirty).toBe(0);

    change(server, 'b', '2');
    server.persistence.reload({ ...all, save: false });
    expect(contentOf(server.keyspace)).toEqual(content);

    change(server, 'b', '2');
    expect(() => server.persistence.reload({ save: false, flush: false, merge: false })).toThrow('is there already');
    expect(Object.keys(contentOf(server.keyspace)['db 0']!)).toEqual(['a', 'b']);
    server.persistence.reload({ save: false, flush: false, merge: true });
    expect(Object.keys(contentOf(server.keyspace)['db 0']!)).toEqual(['a', 'b']);

    server.keyspace.dirty = 3;
    const path = join(directory, 'dump.rdb');
    writeFileSync(path, readFileSync(path).subarray(0, -9));
    expect(() => server.persistence.reload({ ...all, save: false })).toThrow(/^ERR Error trying to load the RDB dump/);
    expect(Object.keys(contentOf(server.keyspace)['db 0']!)).toEqual(['a', 'b']);
    expect(server.keyspace.dirty).toBe(3);
    server.keyspace.checkIntegrity();
    expect(server.keyspace.arena.hasSnapshots).toBe(false);
  });
});
