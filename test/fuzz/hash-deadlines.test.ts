/**
 * Random commands on hashes whose fields have deadlines, compared with a plain model: the redis-server of the other
 * runs may be too old to know them. The clock moves, expiry runs in slices, snapshots are opened and restored.
 *
 *   FUZZ_SEED=… and FUZZ_COMMANDS=… as for the others
 */
import { expect, test } from 'vitest';
import { allCommands } from '../../src/commands/index.js';
import { SeededRandom } from '../../src/engine/random.js';
import type { KeyspaceSnapshot } from '../../src/keyspace/keyspace.js';
import { CommandRunner } from '../support/command-runner.js';
import { leavingSeed } from './script-file.js';

const COMMANDS = Number(process.env['FUZZ_COMMANDS'] ?? 2_000);
const FIRST_SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() & 0x7fffffff);
const ROUND = 500;
const KEYS = ['h0', 'h1', 'h2'];

interface Field {
  value: string;
  deadline: number;
}
type Hash = Map<string, Field>;
/** Hashes without a field are not there. */
type Model = Map<string, Hash>;

const NONE = -1;

class Round {
  private readonly runner = new CommandRunner(allCommands);
  private readonly random: SeededRandom;
  private model: Model = new Map();
  private snapshot: { own: KeyspaceSnapshot; model: Model } | null = null;
  private readonly log: string[] = [];

  constructor(seed: number) {
    this.random = new SeededRandom([seed, 3, 4, 5]);
    const { limits } = this.runner.engine.keyspace;
    if (seed % 3 === 1) limits.hashMaxListpackEntries = 8;
    if (seed % 3 === 2) limits.hashMaxListpackValue = 100_000;
  }

  step(): void {
    const kind = this.below(100);
    if (kind < 8) this.runner.now += this.below(400);
    else if (kind < 14) this.runner.engine.keyspace.expireDue(1 + this.below(5));
    else if (kind < 16) this.snapshots();
    else if (kind < 20) this.whole();
    else this.command();
  }

  /** All fields of all hashes, one by one and as a whole. */
  finish(): void {
    this.expireAll();
    for (const key of KEYS) {
      const hash = this.model.get(key) ?? new Map<string, Field>();
      this.expect(['HLEN', key], `:${hash.size}\r\n`);
      this.expect(['EXISTS', key], `:${hash.size > 0 ? 1 : 0}\r\n`);
      for (const [name, { value, deadline }] of hash) {
        this.expect(['HGET', key, name], bulk(value));
        this.expect(['HPEXPIRETIME', key, 'FIELDS', '1', name], array([integer(deadline)]));
      }
    }
    this.snapshot?.own.close();
    this.runner.engine.keyspace.arena.settle();
    this.runner.engine.keyspace.checkIntegrity();
  }

  // --- steps

  private snapshots(): void {
    const { keyspace } = this.runner.engine;
    if (this.snapshot === null) {
      this.snapshot = { own: keyspace.snapshot(), model: copied(this.live()) };
      return;
    }
    if (this.below(2) === 0) {
      this.log.push('restore');
      keyspace.restore(this.snapshot.own);
      this.model = this.snapshot.model;
    }
    this.snapshot.own.close();
    this.snapshot = null;
    keyspace.arena.settle();
    keyspace.checkIntegrity();
  }

  /** What is done with a hash as a whole; what is answered then depends on whether any field is left. */
  private whole(): void {
    this.expireAll();
    const [from, to] = [this.key(), this.key()];
    const hash = this.model.get(from);
    const kind = this.below(5);
    if (kind === 0) {
      this.expect(['DEL', from], `:${hash === undefined ? 0 : 1}\r\n`);
      this.model.delete(from);
    } else if (hash === undefined || from === to) {
      this.expect(['HLEN', from], `:${hash?.size ?? 0}\r\n`);
    } else if (kind < 3) {
      this.expect(['COPY', from, to, 'REPLACE'], ':1\r\n');
      this.model.set(to, copiedHash(hash));
    } else {
      this.expect(['RENAME', from, to], '+OK\r\n');
      this.model.delete(from);
      this.model.set(to, hash);
    }
  }

  private command(): void {
    const key = this.key();
    const hash = this.live().get(key) ?? new Map<string, Field>();
    const commands = [
      () => this.hset(key, hash),
      () => this.hset(key, hash),
      () => this.hsetnx(key, hash),
      () => this.hincrby(key, hash),
      () => this.hdel(key, hash),
      () => this.hexpire(key, hash),
      () => this.hexpire(key, hash),
      () => this.hexpire(key, hash),
      () => this.times(key, hash),
      () => this.hpersist(key, hash),
      () => this.hgetex(key, hash),
      () => this.hsetex(key, hash),
      () => this.hsetex(key, hash),
      () => this.hgetdel(key, hash),
      () => this.hgetall(key, hash),
    ];
    (commands[this.below(commands.length)] as () => void)();
    if (hash.size === 0) this.model.delete(key);
    else this.model.set(key, hash);
  }

  private hset(key: string, hash: Hash): void {
    const pairs = this.names().map((name): [string, string] => [name, this.value()]);
    const created = pairs.filter(([name]) => !hash.has(name)).length;
    this.expect(['HSET', key, ...pairs.flat()], `:${created}\r\n`);
    for (const [name, value] of pairs) hash.set(name, { value, deadline: NONE });
  }

  private hsetnx(key: string, hash: Hash): void {
    const [name, value] = [this.name(), this.value()];
    this.expect(['HSETNX', key, name, value], hash.has(name) ? ':0\r\n' : ':1\r\n');
    if (!hash.has(name)) hash.set(name, { value, deadline: NONE });
  }

  private hincrby(key: string, hash: Hash): void {
    const name = `number ${this.below(4)}`.replace(' ', '');
    const { value, deadline } = hash.get(name) ?? { value: '0', deadline: NONE };
    const sum = String(Number(value) + 7);
    this.expect(['HINCRBY', key, name, '7'], `:${sum}\r\n`);
    hash.set(name, { value: sum, deadline });
  }

  private hdel(key: string, hash: Hash): void {
    const names = this.names();
    this.expect(['HDEL', key, ...names], `:${names.filter((name) => hash.has(name)).length}\r\n`);
    for (const name of names) hash.delete(name);
  }

  private hexpire(key: string, hash: Hash): void {
    const names = this.names();
    const condition = (['', '', '', 'NX', 'XX', 'GT', 'LT'] as const)[this.below(7)]!;
    const { words, deadline } = this.deadline(['HEXPIRE', 'HPEXPIRE', 'HEXPIREAT', 'HPEXPIREAT'][this.below(4)]!);
    const verdicts = names.map((name) => {
      const field = hash.get(name);
      if (field === undefined) return -2;
      const current = field.deadline === NONE ? Number.POSITIVE_INFINITY : field.deadline;
      if (condition === 'NX' && field.deadline !== NONE) return 0;
      if (condition === 'XX' && field.deadline === NONE) return 0;
      if (condition === 'GT' && deadline <= current) return 0;
      if (condition === 'LT' && deadline >= current) return 0;
      if (deadline > this.runner.now) field.deadline = deadline;
      else hash.delete(name);
      return deadline > this.runner.now ? 1 : 2;
    });
    const [name, time] = words as [string, string];
    const options = condition === '' ? [] : [condition];
    this.expect([name, key, time, ...options, ...fields(names)], array(verdicts.map(integer)));
  }

  private times(key: string, hash: Hash): void {
    const names = this.names();
    const { now } = this.runner;
    const answers: Record<string, (deadline: number) => number> = {
      HTTL: (deadline) => Math.ceil((deadline - now) / 1000),
      HPTTL: (deadline) => deadline - now,
      HEXPIRETIME: (deadline) => Math.ceil(deadline / 1000),
      HPEXPIRETIME: (deadline) => deadline,
    };
    const [command, answer] = Object.entries(answers)[this.below(4)]!;
    const expected = names.map((name) => {
      const field = hash.get(name);
      if (field === undefined) return -2;
      return field.deadline === NONE ? NONE : answer(field.deadline);
    });
    this.expect([command, key, ...fields(names)], array(expected.map(integer)));
  }

  private hpersist(key: string, hash: Hash): void {
    const names = this.names();
    const expected = names.map((name) => {
      const field = hash.get(name);
      if (field === undefined) return -2;
      const had = field.deadline !== NONE;
      field.deadline = NONE;
      return had ? 1 : NONE;
    });
    this.expect(['HPERSIST', key, ...fields(names)], array(expected.map(integer)));
  }

  private hgetex(key: string, hash: Hash): void {
    const names = this.names();
    const values = array(names.map((name) => bulk(hash.get(name)?.value)));
    const kind = this.below(4);
    const { words, deadline } = this.deadline(['EX', 'PX', 'EXAT', 'PXAT'][this.below(4)]!);
    const option = kind === 0 ? [] : kind === 1 ? ['PERSIST'] : words;
    this.expect(['HGETEX', key, ...option, ...fields(names)], values);
    for (const name of kind === 0 ? [] : names) this.setDeadline(hash, name, kind === 1 ? NONE : deadline);
  }

  private hsetex(key: string, hash: Hash): void {
    const pairs = this.names().map((name): [string, string] => [name, this.value()]);
    const condition = ['', '', 'FNX', 'FXX'][this.below(4)]!;
    const kind = this.below(4);
    const { words, deadline } = this.deadline(['EX', 'PX', 'EXAT', 'PXAT'][this.below(4)]!);
    const time = kind === 0 ? [] : kind === 1 ? ['KEEPTTL'] : words;
    const allowed = condition === '' || pairs.every(([name]) => hash.has(name) === (condition === 'FXX'));
    const options = condition === '' ? time : [condition, ...time];
    const block = ['FIELDS', String(pairs.length), ...pairs.flat()];
    this.expect(['HSETEX', key, ...options, ...block], allowed ? ':1\r\n' : ':0\r\n');
    for (const [name, value] of allowed ? pairs : []) {
      const before = hash.get(name)?.deadline ?? NONE;
      hash.set(name, { value, deadline: kind === 1 ? before : NONE });
      if (kind > 1) this.setDeadline(hash, name, deadline);
    }
  }

  private hgetdel(key: string, hash: Hash): void {
    const names = this.names();
    this.expect(['HGETDEL', key, ...fields(names)], array(names.map((name) => bulk(hash.get(name)?.value))));
    for (const name of names) hash.delete(name);
  }

  private hgetall(key: string, hash: Hash): void {
    const reply = this.run(['HGETALL', key]);
    const parts = reply
      .split('\r\n')
      .slice(1, -1)
      .filter((_, at) => at % 2 === 1);
    const found = parts.flatMap((part, at) => (at % 2 === 0 ? [`${part} ${parts[at + 1]}`] : []));
    const expected = [...hash].map(([name, { value }]) => `${name} ${value}`);
    if (found.sort().join() !== expected.sort().join()) this.fail(`HGETALL ${key}`, found.join(), expected.join());
  }

  // --- parts

  private setDeadline(hash: Hash, name: string, deadline: number): void {
    const field = hash.get(name);
    if (field === undefined) return;
    if (deadline !== NONE && deadline <= this.runner.now) hash.delete(name);
    else field.deadline = deadline;
  }

  /** A word that gives a deadline, with one: in seconds or ms, from now or absolute, seldom over already. */
  private deadline(word: string): { words: string[]; deadline: number } {
    const { now } = this.runner;
    const unit = /^H?P/.test(word) ? 1 : 1000;
    const left = this.below(12) === 0 ? 0 : unit === 1 ? 1 + this.below(1_500) : 1 + this.below(3);
    const isAbsolute = word.endsWith('AT');
    const time = isAbsolute ? Math.floor(now / unit) + left : left;
    return { words: [word, String(time)], deadline: isAbsolute ? time * unit : now + time * unit };
  }

  /** The model, without what is due. */
  private live(): Model {
    const { now } = this.runner;
    for (const [key, hash] of this.model) {
      for (const [name, { deadline }] of hash) if (deadline !== NONE && deadline <= now) hash.delete(name);
      if (hash.size === 0) this.model.delete(key);
    }
    return this.model;
  }

  private expireAll(): void {
    const { keyspace } = this.runner.engine;
    keyspace.beginCommand();
    while (keyspace.expireDue(100) > 0);
    keyspace.arena.settle();
    this.live();
  }

  private expect(words: string[], expected: string): void {
    const reply = this.run(words);
    if (reply !== expected) this.fail(words.join(' '), reply, expected);
  }

  private run(words: string[]): string {
    this.log.push(`${this.runner.now} ${words.join(' ')}`);
    const reply = this.runner.engineOnly(words.join(' '));
    if (this.below(50) === 0) this.runner.engine.keyspace.checkIntegrity();
    return reply;
  }

  private fail(what: string, reply: string, expected: string): never {
    const before = this.log.slice(-12, -1).map((line) => line.slice(0, 300));
    throw new Error(`${what}: ${JSON.stringify(reply)}, not ${JSON.stringify(expected)}, after\n${before.join('\n')}`);
  }

  private key(): string {
    return KEYS[this.below(KEYS.length)]!;
  }

  private name(): string {
    return `f${this.below(this.below(3) === 0 ? 400 : 20)}`;
  }

  /** Different ones; many at times. */
  private names(): string[] {
    const count = this.below(12) === 0 ? 1 + this.below(150) : 1 + this.below(4);
    return [...new Set(Array.from({ length: count }, () => this.name()))];
  }

  private value(): string {
    return 'v'.repeat(this.below(40) === 0 ? 1 + this.below(2_000) : 1 + this.below(12));
  }

  private below(limit: number): number {
    return this.random.below(limit);
  }
}

const fields = (names: readonly string[]) => ['FIELDS', String(names.length), ...names];
const bulk = (text: string | undefined) => (text === undefined ? '$-1\r\n' : `$${text.length}\r\n${text}\r\n`);
const integer = (n: number) => `:${n}\r\n`;
const array = (replies: readonly string[]) => `*${replies.length}\r\n${replies.join('')}`;
const copiedHash = (hash: Hash): Hash => new Map([...hash].map(([name, field]) => [name, { ...field }]));
const copied = (model: Model): Model => new Map([...model].map(([key, hash]) => [key, copiedHash(hash)]));

test('fields with deadlines are what a plain model says', { timeout: 3_600_000 }, async () => {
  let seed = FIRST_SEED;
  for (let done = 0; done < COMMANDS; done += ROUND, seed++) {
    await leavingSeed(seed, { FUZZ_COMMANDS: ROUND }, () => {
      const round = new Round(seed);
      for (let step = 0; step < ROUND; step++) round.step();
      round.finish();
    });
  }
  expect(seed).toBeGreaterThan(FIRST_SEED);
});
