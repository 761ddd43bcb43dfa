/**
 * Commands, snapshots, saves, reloads, expiry, eviction and compaction in a random order, while memory is refused; see
 * TwoEngines.
 */
import { SeededRandom } from '../../src/engine/random.js';
import { collectionChanges, type Drawing } from './collection-commands.js';
import { DATABASES, type Refuses, TwoEngines, type Words } from './two-engines.js';

const STEPS = 150;

/** Steps drawn at random; the same seed gives the same ones. */
class Workload {
  private readonly random: SeededRandom;
  private database = 0;
  private readonly payloads: Buffer[] = [];
  private readonly isImpatient: boolean;
  /** Thousands of elements at once, and long values: rarely, since each check goes through all that there is. */
  private readonly isLarge: boolean;
  private readonly drawing: Drawing;

  constructor(
    private readonly two: TwoEngines,
    seed: number,
  ) {
    this.random = new SeededRandom([seed, seed * 7919, 3, 4]);
    this.isImpatient = seed % 4 !== 0;
    this.isLarge = seed % 8 === 3;
    this.drawing = {
      below: (limit) => this.below(limit),
      value: () => this.value(),
      several: (words) => this.several(words),
      many: (words) => this.many(words),
      nowMs: () => two.clock.nowMs,
    };
  }

  run(steps: number): void {
    for (let step = 0; step < steps; step++) this.step();
  }

  /** What is in the databases before memory is refused. */
  fill(): void {
    for (let step = 0; step < 40; step++) this.two.run(...this.writing());
  }

  private step(): void {
    const { two } = this;
    const { arena } = two.subject.engine.keyspace;
    const kind = this.below(100);
    // Once a second, or at once: then each shortage is a refusal of its own.
    if (this.isImpatient || this.below(5) === 0) arena.askAgain();
    if (two.refusesFrom !== null) two.refuseFrom(1 + this.below(4));
    if (kind < 60) two.run(...this.writing());
    else if (kind < 66) two.run(...this.lessening());
    else if (kind < 68) two.pop(`set ${this.below(5)}`, 1 + this.below(600));
    else if (kind < 70) this.moveHash();
    else if (kind < 74) two.transaction(Array.from({ length: 1 + this.below(6) }, () => this.writing()));
    else if (kind < 79) this.dumpAndRestore();
    else if (kind < 84) two.background();
    else if (kind < 88) two.clock.nowMs += this.below(3_000);
    else if (kind < 91) this.snapshot();
    else if (kind < 96) this.save();
    else if (kind < 97) two.reload({ save: this.below(2) === 0, flush: this.below(2) === 0, merge: true });
    else if (kind < 98) two.subject.engine.limitMemory(this.below(2) === 0 ? 0 : 500_000 + this.below(3_000_000));
    else two.subject.engine.keyspace.eviction.policy = this.below(2) === 0 ? 'allkeys-random' : 'noeviction';
  }

  private snapshot(): void {
    if (this.below(2) === 0) this.orNothing(() => this.two.openSnapshot());
    else this.two.closeSnapshot(this.below(2) === 0);
  }

  private save(): void {
    const what = this.below(5);
    if (what === 0) this.orNothing(() => this.two.beginSave());
    else if (what === 1) this.two.saveNow();
    else this.two.continueSave(1 + this.below(2_000));
  }

  /** What may be given up when there is no memory for it. */
  private orNothing(step: () => void): void {
    try {
      step();
    } catch (error) {
      if ((error as Error).name !== 'OutOfMemoryError') throw error;
    }
  }

  /** What is answered goes by which fields are still there: in both, none that is due. */
  private moveHash(): void {
    const { two } = this;
    two.expireAll();
    const commands: (() => Words)[] = [
      () => ['COPY', this.hash(), this.hash(), 'DB', this.below(DATABASES), 'REPLACE'],
      () => ['RENAME', this.hash(), this.hash()],
      () => ['MOVE', this.hash(), this.below(DATABASES)],
      () => ['DEL', this.hash()],
      () => ['HLEN', this.hash()],
      () => ['PEXPIRE', this.hash(), 1 + this.below(5_000)],
      () => ['PERSIST', this.hash()],
      () => ['SORT', `set ${this.below(5)}`, 'ALPHA', 'GET', 'hash 1->*', 'STORE', this.key()],
    ];
    two.run(...(commands[this.below(commands.length)] as () => Words)());
  }

  private dumpAndRestore(): void {
    const { two } = this;
    const kinds = [() => this.key(), () => this.hash(), () => this.zset(), () => `set ${this.below(5)}`].concat(
      () => `stream ${this.below(3)}`,
    );
    const name = (kinds[this.below(kinds.length)] as () => string)();
    // A hash's payload has the fields that are due and not removed yet; any key may have been restored from one.
    if (/^(key|hash)/.test(name)) two.expireAll();
    const reply = two.run('DUMP', name);
    if (!reply.startsWith('$-1')) {
      this.payloads.push(Buffer.from(reply.slice(reply.indexOf('\n') + 1, -2), 'latin1'));
      if (this.payloads.length > 20) this.payloads.shift();
    }
    const payload = this.payloads[this.below(this.payloads.length)];
    if (payload === undefined) return;
    const words: Words = ['RESTORE', this.key(), this.below(2) * 5_000, payload];
    two.run(...words, ...(this.below(3) > 0 ? ['REPLACE'] : []));
  }

  private writing(): Words {
    if (this.below(100) < 45) return this.drawn(collectionChanges);
    const key = this.key();
    const commands: (() => Words)[] = [
      () => ['SET', key, this.value()],
      () => ['SET', key, this.value(), 'PX', 1 + this.below(5_000)],
      () => ['MSET', ...this.several(() => [this.key(), this.value()])],
      () => ['MSETNX', ...this.several(() => [this.key(), this.value()])],
      () => ['MSET', ...this.many(() => [`many:${this.below(1_000)}`, 'v'])],
      () => ['APPEND', key, this.value()],
      () => ['SETRANGE', key, this.below(300_000), this.value()],
      () => ['SETBIT', key, this.below(4_000_000), 1],
      () => ['BITFIELD', key, 'SET', 'u32', `#${this.below(50_000)}`, 7, 'INCRBY', 'i16', this.below(900_000), 3],
      () => ['BITOP', ['AND', 'OR', 'XOR'][this.below(3)] as string, key, this.key(), this.key()],
      () => ['BITOP', 'NOT', key, this.key()],
      () => ['INCRBY', key, this.below(1_000)],
      () => ['INCRBYFLOAT', key, '1.5'],
      () => ['GETSET', key, this.value()],
      () => ['RPUSH', key, ...this.several(() => [this.value()])],
      () => ['LPUSH', key, ...this.several(() => [this.value()])],
      () => ['RPUSH', key, ...this.many(() => [`element ${this.below(100)}`])],
      () => ['LSET', key, this.below(5) - 2, this.value()],
      () => ['LINSERT', key, 'BEFORE', `element ${this.below(100)}`, this.value()],
      () => ['LMOVE', key, this.key(), this.end(), this.end()],
      () => ['RPOPLPUSH', key, this.key()],
      () => ['ZADD', this.zset(), ...this.several(() => [`${this.below(50)}`, this.value()])],
      () => ['ZADD', this.zset(), ...this.many(() => [`${this.below(50)}`, `member ${this.below(2_000)}`])],
      () => ['ZINCRBY', this.zset(), '1', `member ${this.below(2_000)}`],
      () => ['ZUNIONSTORE', this.zset(), '2', this.zset(), this.zset()],
      () => ['ZRANGESTORE', this.zset(), this.zset(), this.below(50), this.below(2_000)],
      () => ['COPY', this.zset(), this.zset(), 'DB', this.below(DATABASES), 'REPLACE'],
      () => ['COPY', key, this.key(), 'DB', this.below(DATABASES), 'REPLACE'],
      () => ['SORT', key, 'ALPHA', 'STORE', this.key()],
      () => ['SORT', key, 'BY', 'nosort', 'GET', '#', 'GET', 'many:*', 'STORE', this.key()],
      () => ['RENAME', key, this.key()],
      () => ['MOVE', key, this.below(DATABASES)],
      () => ['PEXPIRE', key, 1 + this.below(5_000)],
      () => ['GETEX', key, 'PX', 1 + this.below(5_000)],
      () => ['SELECT', (this.database = this.below(DATABASES))],
      () => this.lessening(),
    ];
    return (commands[this.below(commands.length)] as () => Words)();
  }

  private lessening(): Words {
    const key = this.key();
    const commands: (() => Words)[] = [
      () => ['DEL', ...this.several(() => [this.key()])],
      () => ['DEL', ...this.many(() => [`many:${this.below(1_000)}`])],
      () => ['UNLINK', key, this.key()],
      () => ['GETDEL', key],
      () => ['PERSIST', key],
      () => ['GETEX', key, 'PERSIST'],
      () => ['LPOP', key, 1 + this.below(400)],
      () => ['RPOP', key, 1 + this.below(400)],
      () => ['LTRIM', key, this.below(50), 50 + this.below(300)],
      () => ['LREM', key, this.below(5) - 2, `element ${this.below(100)}`],
      () => ['SETRANGE', key, this.below(100), 'x'],
      () => ['ZREMRANGEBYRANK', this.zset(), this.below(50), 50 + this.below(300)],
      () => ['ZPOPMIN', this.zset(), 1 + this.below(400)],
      () => ['ZREM', this.zset(), ...this.many(() => [`member ${this.below(2_000)}`])],
      () => ['SWAPDB', this.below(DATABASES), this.below(DATABASES)],
      () => (this.below(10) === 0 ? ['FLUSHALL'] : ['GET', key]),
      () => (this.below(5) === 0 ? ['FLUSHDB'] : ['LRANGE', key, 0, 5]),
    ];
    return (commands[this.below(commands.length)] as () => Words)();
  }

  private drawn(commands: readonly ((drawing: Drawing) => Words)[]): Words {
    return (commands[this.below(commands.length)] as (drawing: Drawing) => Words)(this.drawing);
  }

  private key(): string {
    const number = this.below(24);
    // Two are too long for an entry.
    return number < 22 ? `key:${number}` : `key:${number}:`.padEnd(17_000 + 50_000 * (number - 22), 'k');
  }

  private zset(): string {
    return `sorted set ${this.below(5)}`;
  }

  private hash(): string {
    return `hash ${this.below(5)}`;
  }

  private value(): string {
    const sizes = [1, 8, 40, 300, 300, 3_000, 20_000, 40_000, 150_000];
    const draws = [0, 0, 0].slice(this.isLarge ? 1 : 0).map(() => this.below(sizes.length));
    const size = sizes[Math.min(...draws)] as number;
    const length = 1 + this.below(size);
    return this.below(4) === 0
      ? String(this.below(1_000_000))
      : String.fromCharCode(97 + this.below(26)).repeat(length);
  }

  private end(): string {
    return this.below(2) === 0 ? 'LEFT' : 'RIGHT';
  }

  private several(words: () => string[]): string[] {
    return Array.from({ length: 1 + this.below(4) }, words).flat();
  }

  private many(words: () => string[]): string[] {
    return Array.from({ length: 1 + this.below(this.isLarge ? 1_500 : 150) }, words).flat();
  }

  private below(limit: number): number {
    return this.random.below(limit);
  }
}

/** One run of the workload. `refuses` begins to count when there is something in the databases. */
export function runWorkload(seed: number, refuses: Refuses): TwoEngines {
  return run(seed, (two) => {
    two.requests = 0;
    two.refuses = refuses;
  });
}

/** One run in which each command is tried with its n-th request refused, for every n; see TwoEngines.refusesFrom. */
export function runRetrying(seed: number, refusesFrom: (n: number) => Refuses): TwoEngines {
  return run(seed, (two) => {
    two.refusesFrom = refusesFrom;
  });
}

function run(seed: number, beginRefusing: (two: TwoEngines) => void): TwoEngines {
  const two = new TwoEngines(1 + (seed % 3));
  const workload = new Workload(two, seed);
  workload.fill();
  beginRefusing(two);
  try {
    workload.run(STEPS);
    two.refusesFrom = null;
    two.refuses = () => false;
    two.subject.engine.limitMemory(0);
    two.subject.engine.keyspace.arena.askAgain();
    two.close();
  } catch (error) {
    throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error });
  }
  return two;
}
