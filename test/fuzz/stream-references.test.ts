/**
 * Random commands on a stream and its groups, with the options of 8.2 for what refers to entries, compared with a plain
 * model: the redis-server of the other runs is too old to know them.
 *
 *   FUZZ_SEED=… and FUZZ_COMMANDS=… as for the others
 */
import { expect, test } from 'vitest';
import { allCommands } from '../../src/commands/index.js';
import { SeededRandom } from '../../src/engine/random.js';
import { CommandRunner } from '../support/command-runner.js';
import { leavingSeed } from './script-file.js';

const COMMANDS = Number(process.env['FUZZ_COMMANDS'] ?? 2_000);
const FIRST_SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() & 0x7fffffff);
const ROUND = 400;
const GROUPS = ['g0', 'g1', 'g2'];
const OPTIONS = ['', 'KEEPREF', 'DELREF', 'ACKED'];

/** Entries are known by their sequence numbers. */
interface Group {
  last: number;
  pending: Set<number>;
}

class Round {
  private readonly runner = new CommandRunner(allCommands);
  private readonly random: SeededRandom;
  private readonly nodeEntries: number;
  private entries: number[] = [];
  private added = 0;
  private readonly groups = new Map<string, Group>();
  private readonly log: string[] = [];

  constructor(seed: number) {
    this.random = new SeededRandom([seed, 5, 6, 7]);
    this.nodeEntries = [3, 10, 100][seed % 3]!;
    this.runner.engine.keyspace.limits.streamNodeMaxEntries = this.nodeEntries;
    this.add('');
  }

  step(): void {
    const option = OPTIONS[this.below(OPTIONS.length)]!;
    const group = GROUPS[this.below(GROUPS.length)]!;
    const commands = [
      () => this.add(''),
      () => this.add(''),
      () => this.add(`MAXLEN ${this.below(60)} ${option}`),
      () => this.read(group),
      () => this.read(group),
      () => this.acknowledge(group),
      () => this.acknowledge(group),
      () => this.deleteEntries(option),
      () => this.acknowledgeAndDelete(group, option),
      () => this.trim(option),
      () => this.trimApproximately(option),
      () => this.regroup(group),
    ];
    commands[this.below(commands.length)]!();
    this.compare();
  }

  private add(trimming: string): void {
    const count = trimming === '' ? 1 + this.below(15) : 1;
    for (let i = 0; i < count; i++) {
      this.entries.push(++this.added);
      this.run(`XADD s ${trimming} 5-${this.added} field value`);
      if (trimming === '') continue;
      const [, most, option] = trimming.split(' ');
      this.trimModel(option!, (length) => length > Number(most));
    }
  }

  private read(name: string): void {
    const group = this.groups.get(name);
    if (group === undefined) return;
    const count = 1 + this.below(30);
    this.run(`XREADGROUP GROUP ${name} ann COUNT ${count} STREAMS s >`);
    for (const entry of this.entries.filter((each) => each > group.last).slice(0, count)) {
      group.last = entry;
      group.pending.add(entry);
    }
  }

  private acknowledge(name: string): void {
    const ids = this.someIds();
    this.run(`XACK s ${name} ${ids.map(id).join(' ')}`);
    for (const entry of ids) this.groups.get(name)?.pending.delete(entry);
  }

  private deleteEntries(option: string): void {
    const ids = this.someIds();
    const codes = ids.map((entry) => this.deleteFromModel(entry, option));
    this.run(`XDELEX s ${option} IDS ${ids.length} ${ids.map(id).join(' ')}`, codes);
  }

  private acknowledgeAndDelete(name: string, option: string): void {
    const ids = this.someIds();
    const pending = this.groups.get(name)?.pending;
    const codes = ids.map((entry) => {
      if (!pending?.delete(entry)) return -1;
      return this.deleteFromModel(entry, option) === 2 ? 2 : 1;
    });
    this.run(`XACKDEL s ${name} IDS ${ids.length} ${ids.map(id).join(' ')} ${option}`, codes);
  }

  /** Returns the code of the reply. */
  private deleteFromModel(entry: number, option: string): number {
    const isThere = this.entries.includes(entry);
    if (option === 'DELREF') this.forget(entry);
    if (option === 'ACKED' && isThere && this.isReferredTo(entry)) return 2;
    this.entries = this.entries.filter((each) => each !== entry);
    return isThere ? 1 : -1;
  }

  private trim(option: string): void {
    if (this.below(2) === 0) {
      const most = this.below(60);
      this.run(`XTRIM s MAXLEN ${most} ${option}`);
      this.trimModel(option, (length) => length > most);
    } else {
      const least = this.anId();
      this.run(`XTRIM s ${option} MINID = 5-${least}`);
      this.trimModel(option, (_, entry) => entry < least);
    }
  }

  /** The first entries that may go while there are too many, or they are too old. */
  private trimModel(option: string, goesOn: (length: number, entry: number) => boolean): void {
    for (const entry of [...this.entries]) {
      if (!goesOn(this.entries.length, entry)) return;
      this.deleteFromModel(entry, option);
    }
  }

  /** Where nodes end is known to the server only: what may have gone is what an exact run removes, from the front. */
  private trimApproximately(option: string): void {
    const most = this.below(60);
    const removed = Number(this.run(`XTRIM s MAXLEN ~ ${most} ${option}`).slice(1));
    const before = this.entries.length;
    const kept = this.entries.slice(removed);
    if (removed > Math.max(0, before - most)) throw new Error(`${removed} went, of ${before} with at most ${most}`);
    for (const entry of this.entries.slice(0, removed)) {
      if (option === 'ACKED' && this.isReferredTo(entry)) throw new Error(`5-${entry} went, which is referred to`);
      if (option === 'DELREF') this.forget(entry);
    }
    if (option !== 'ACKED' && kept.length - most > this.nodeEntries)
      throw new Error(`${kept.length} stayed of ${most}`);
    this.entries = kept;
  }

  private regroup(name: string): void {
    const group = this.groups.get(name);
    if (group === undefined) {
      const last = this.below(2) === 0 ? 0 : this.added;
      this.run(`XGROUP CREATE s ${name} 5-${last}`);
      this.groups.set(name, { last, pending: new Set() });
    } else if (this.below(3) === 0) {
      this.run(`XGROUP DESTROY s ${name}`);
      this.groups.delete(name);
    } else {
      group.last = this.below(this.added + 1);
      this.run(`XGROUP SETID s ${name} 5-${group.last}`);
    }
  }

  private isReferredTo(entry: number): boolean {
    return [...this.groups.values()].some(({ last, pending }) => last < entry || pending.has(entry));
  }

  private forget(entry: number): void {
    for (const { pending } of this.groups.values()) pending.delete(entry);
  }

  private compare(): void {
    this.runner.engine.keyspace.checkIntegrity();
    this.expectIds('XRANGE s - +', this.entries);
    for (const [name, { pending }] of this.groups) {
      const sorted = [...pending].sort((a, b) => a - b);
      this.expectIds(`XPENDING s ${name} - + 1000000`, sorted);
    }
  }

  /** Asks expect() only about what differs: it takes as long as the commands. */
  private expectIds(command: string, entries: readonly number[]): void {
    const found = idsIn(this.runner.engineOnly(command));
    if (found.length === entries.length && entries.every((entry, i) => found[i] === id(entry))) return;
    expect(found, this.story()).toEqual(entries.map(id));
  }

  private run(line: string, codes?: number[]): string {
    this.log.push(line);
    const reply = this.runner.engineOnly(line.replaceAll(/ +/g, ' ').trim());
    const wanted = codes && `*${codes.length}\r\n${codes.map((code) => `:${code}\r\n`).join('')}`;
    if (wanted !== undefined && reply !== wanted) expect(reply, this.story()).toBe(wanted);
    return reply;
  }

  private story(): string {
    return this.log.slice(-12).join('\n');
  }

  private anId(): number {
    // Mostly of entries that may still be there.
    const oldest = this.below(3) === 0 ? 0 : (this.entries[0] ?? 0);
    return oldest + this.below(this.added - oldest + 3);
  }

  private someIds(): number[] {
    return Array.from({ length: 1 + this.below(10) }, () => this.anId());
  }

  private below(limit: number): number {
    return this.random.below(limit);
  }
}

const id = (entry: number) => `5-${entry}`;
const idsIn = (reply: string) => [...reply.matchAll(/\b5-\d+/g)].map(String);

test('entries and what refers to them go as a plain model says', { timeout: 3_600_000 }, async () => {
  let seed = FIRST_SEED;
  for (let done = 0; done < COMMANDS; done += ROUND, seed++) {
    await leavingSeed(seed, { FUZZ_COMMANDS: ROUND }, () => {
      const round = new Round(seed);
      for (let step = 0; step < ROUND; step++) round.step();
    });
  }
  expect(seed).toBeGreaterThan(FIRST_SEED);
});
