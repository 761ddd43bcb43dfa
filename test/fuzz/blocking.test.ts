import fc from 'fast-check';
import { afterAll, beforeAll, test } from 'vitest';
import { describeWithOracle } from '../support/oracle.js';
import { type Pair, startPair } from '../support/pair.js';
import { PATIENCE_MS } from '../support/patience.js';
import { type Address, type Command, RawClient } from '../support/raw-client.js';
import { showCommand, showReply, textOf } from '../support/reply-text.js';
import { type Difference, expectNoDifference } from './reduction.js';
import { leavingSeed } from './script-file.js';

/**
 * Several clients, in two databases, that block, push, move, rename and go away at random. After every step both
 * servers must agree on who is served with what, and on how many still wait. FUZZ_SEED repeats a run, FUZZ_STEPS
 * lengthens it.
 *
 * Redis since 7.2, and redstart, run a served command again from its first key; 7.0 takes the key that became ready. To
 * compare with either, clients wait for several keys only among those that no served BLMOVE fills (`a`, `b`) and that
 * hold nothing but lists.
 */
const CLIENTS = 6;
const KEYS = ['a', 'b', 'c'];
const ROUND = 150;

type Step = { client: number; commands: readonly Command[] } | { client: number; close: true };

const key = fc.constantFrom(...KEYS);
const side = fc.constantFrom('LEFT', 'RIGHT');
const client = fc.nat(CLIENTS - 1);
const values = fc.array(fc.nat(999).map(String), { minLength: 1, maxLength: 3 });

const select = fc.constantFrom('0', '0', '1').map((index): Command => ['SELECT', index]);

const listCommand: fc.Arbitrary<Command> = fc.oneof(
  { weight: 1, arbitrary: select },
  // A limit that is never reached still makes the gate look, and lookups note uses otherwise.
  {
    weight: 1,
    arbitrary: fc.constantFrom('1gb', '0').map((bytes): Command => ['CONFIG', 'SET', 'maxmemory', bytes]),
  },
  {
    weight: 6,
    arbitrary: fc
      .tuple(fc.constantFrom('BLPOP', 'BRPOP'), fc.array(fc.constantFrom('a', 'b'), { minLength: 1, maxLength: 3 }))
      .map(([name, keys]) => [name, ...keys, 0]),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(fc.constantFrom('BLPOP', 'BRPOP'), fc.constantFrom('c', 'd')).map((args) => [...args, 0]),
  },
  { weight: 4, arbitrary: fc.tuple(key, fc.constantFrom('c', 'd'), side, side).map((args) => ['BLMOVE', ...args, 0]) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constantFrom('c', 'd'), side, side).map(([k, ...sides]) => ['BLMOVE', 'd', k, ...sides, 0]),
  },
  {
    weight: 6,
    arbitrary: fc.tuple(fc.constantFrom('LPUSH', 'RPUSH'), key, values).map(([name, k, v]) => [name, k, ...v]),
  },
  { weight: 1, arbitrary: fc.tuple(key, key, side, side).map((args) => ['LMOVE', ...args]) },
  { weight: 1, arbitrary: fc.tuple(key, key).map((keys) => ['RENAME', ...keys]) },
  { weight: 1, arbitrary: fc.tuple(key, key).map((keys) => ['COPY', ...keys, 'REPLACE']) },
  { weight: 1, arbitrary: fc.constant<Command>(['SET', 'd', 'string']) },
  { weight: 2, arbitrary: values.map((v) => ['RPUSH', 'd', ...v]) },
  { weight: 1, arbitrary: fc.constant<Command>(['DEL', 'd']) },
  { weight: 2, arbitrary: key.map((k) => ['DEL', k]) },
  { weight: 1, arbitrary: key.map((k) => ['EXPIRE', k, -1]) },
  { weight: 1, arbitrary: key.map((k) => ['LPOP', k]) },
  // No SWAPDB: Redis takes the keys that it makes ready in the order of a randomly seeded hash table.
  { weight: 1, arbitrary: fc.constant<Command>(['FLUSHDB']) },
);

const stream = fc.constantFrom('s', 't');
const group = fc.constantFrom('g', 'h');
const sortedSet = fc.constantFrom('y', 'z');
const score = fc.integer({ min: -3, max: 3 });
const member = fc.nat(9).map((n) => `m${n}`);
const fromId = fc.constantFrom('$', '$', '0', '50-4');
const groupOptions = fc.constantFrom<Command[]>([], ['COUNT', 1], ['NOACK']);
/**
 * No stream goes away while a group waits for it: 7.0 answers another error than 7.4. None is copied: of one without
 * entries 7.0 serves none, to clients that wait for the copy.
 */
const streamCommand: fc.Arbitrary<Command> = fc.oneof(
  { weight: 1, arbitrary: select },
  { weight: 4, arbitrary: fc.tuple(stream, fromId).map(([s, id]) => ['XREAD', 'BLOCK', 0, 'STREAMS', s, id]) },
  {
    weight: 2,
    arbitrary: fc.tuple(fromId, fromId).map((ids) => ['XREAD', 'COUNT', 2, 'BLOCK', 0, 'STREAMS', 's', 't', ...ids]),
  },
  {
    weight: 8,
    arbitrary: fc
      .tuple(stream, group, fc.constantFrom('ann', 'bob'), groupOptions)
      .map(([s, g, c, options]) => ['XREADGROUP', 'GROUP', g, c, 'BLOCK', 0, ...options, 'STREAMS', s, '>']),
  },
  { weight: 9, arbitrary: fc.tuple(stream, values).map(([s, [v]]) => ['XADD', s, '50-*', 'f', v!]) },
  { weight: 1, arbitrary: stream.map((s) => ['XADD', s, 'MAXLEN', 2, '50-*', 'f', 'v']) },
  { weight: 1, arbitrary: stream.map((s) => ['XDEL', s, '50-1', '50-3', '50-5']) },
  { weight: 1, arbitrary: stream.map((s) => ['XTRIM', s, 'MAXLEN', 0]) },
  {
    weight: 5,
    arbitrary: fc.tuple(stream, group, fromId).map(([s, g, id]) => ['XGROUP', 'CREATE', s, g, id, 'MKSTREAM']),
  },
  { weight: 1, arbitrary: fc.tuple(stream, group).map(([s, g]) => ['XGROUP', 'SETID', s, g, '0']) },
  { weight: 1, arbitrary: fc.constant<Command>(['XADD', 'new', '50-*', 'f', 'v']) },
  { weight: 2, arbitrary: fc.constant<Command>(['XREAD', 'BLOCK', 0, 'STREAMS', 'new', '$']) },
  { weight: 1, arbitrary: fc.constant<Command>(['DEL', 'new']) },
  {
    weight: 4,
    arbitrary: fc.tuple(fc.constantFrom('BZPOPMIN', 'BZPOPMAX'), sortedSet).map(([name, z]) => [name, z, 'y', 0]),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(sortedSet, fc.constantFrom('MIN', 'MAX'), fc.integer({ min: 1, max: 3 }))
      .map(([z, end, count]) => ['BZMPOP', 0, 1, z, end, 'COUNT', count]),
  },
  { weight: 6, arbitrary: fc.tuple(sortedSet, score, member).map((words) => ['ZADD', ...words]) },
  { weight: 1, arbitrary: fc.constant<Command>(['ZUNIONSTORE', 'z', 2, 'y', 'z']) },
  { weight: 1, arbitrary: fc.constant<Command>(['RENAME', 'y', 'z']) },
  { weight: 1, arbitrary: sortedSet.map((z) => ['DEL', z]) },
);

/** Commands, and those that read everything which they may have written. */
const PLANS: Record<string, { command: fc.Arbitrary<Command>; finale: readonly Command[] }> = {
  'on lists': { command: listCommand, finale: [...KEYS, 'd'].map((k) => ['LRANGE', k, 0, -1]) },
  'on streams and sorted sets': {
    command: streamCommand,
    // XINFO would count consumers, which since 7.2 are created before there is something for them.
    finale: ['s', 't', 'new']
      .flatMap((s): Command[] => [['XRANGE', s, '-', '+'], ...['g', 'h'].map((g): Command => ['XPENDING', s, g])])
      .concat(['y', 'z'].map((z): Command => ['ZRANGE', z, 0, -1, 'WITHSCORES'])),
  },
};

function stepOf(command: fc.Arbitrary<Command>): fc.Arbitrary<Step> {
  return fc.oneof(
    { weight: 12, arbitrary: fc.record({ client, commands: command.map((it) => [it]) }) },
    // In one write: what the first command makes ready, the next may take away again.
    {
      weight: 2,
      arbitrary: fc.record({
        client,
        commands: fc.array(command, { minLength: 2, maxLength: 4 }).map((list) => list.filter((it) => !blocks(it))),
      }),
    },
    { weight: 1, arbitrary: fc.record({ client, close: fc.constant(true as const) }) },
  );
}

function blocks(command: Command): boolean {
  return String(command[0]).startsWith('B') || command.includes('BLOCK');
}

/** One server with its clients, as the script sees them. */
class Side {
  private readonly clients: (RawClient | undefined)[] = [];
  private readonly waiting = new Set<number>();

  private constructor(
    private readonly address: Address,
    private readonly control: RawClient,
  ) {}

  static async open(address: Address): Promise<Side> {
    const side = new Side(address, await RawClient.connect(address));
    await side.control.call('FLUSHALL');
    return side;
  }

  /** Plays one step; says what came of it, in a form that must be equal on both servers. */
  async play(it: Step): Promise<string[]> {
    const seen: string[] = [];
    if ('close' in it) {
      await this.leave(it.client);
    } else if (this.waiting.has(it.client)) {
      seen.push('still waiting');
    } else if (it.commands.length > 0) {
      const connection = (this.clients[it.client] ??= await RawClient.connect(this.address));
      if (blocks(it.commands[0]!)) await this.mayBlock(it.client, connection, it.commands[0]!, seen);
      else for (const reply of await connection.pipeline(it.commands)) seen.push(showReply(reply));
    }
    return [...seen, ...(await this.served()), `${this.waiting.size} waiting`];
  }

  async close(): Promise<void> {
    await this.control.call('CONFIG', 'SET', 'maxmemory', '0');
    await Promise.all([this.control, ...this.clients].map((it) => it?.close()));
  }

  private async mayBlock(id: number, connection: RawClient, it: Command, seen: string[]): Promise<void> {
    const before = this.waiting.size;
    connection.send(it);
    await until(async () => connection.unread > 0 || (await this.blocked()) > before, 'answers or blocks');
    if (connection.unread > 0) seen.push(showReply(await connection.read()));
    else this.waiting.add(id);
  }

  /** The replies of clients that this step has served. */
  private async served(): Promise<string[]> {
    const gone = this.waiting.size - (await this.blocked());
    const ready = (): number[] => [...this.waiting].filter((id) => this.clients[id]!.unread > 0);
    await until(async () => ready().length >= gone, `${gone} clients are served`);
    const seen: string[] = [];
    for (const id of ready().sort()) {
      this.waiting.delete(id);
      seen.push(`client ${id} gets ${showReply(await this.clients[id]!.read())}`);
    }
    return seen;
  }

  private async leave(id: number): Promise<void> {
    const connection = this.clients[id];
    if (connection === undefined) return;
    const wanted = this.waiting.size - (this.waiting.has(id) ? 1 : 0);
    await connection.close();
    this.clients[id] = undefined;
    this.waiting.delete(id);
    await until(async () => (await this.blocked()) === wanted, 'the server notices');
  }

  private async blocked(): Promise<number> {
    const info = textOf(await this.control.call('INFO', 'clients'))!;
    return Number(/^blocked_clients:(\d+)/m.exec(info)![1]);
  }
}

async function until(condition: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited ${PATIENCE_MS} ms until ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function compare(
  pair: Pair,
  steps: readonly Step[],
  finale: readonly Command[],
): Promise<Difference<Step> | undefined> {
  const [oracle, subject] = await Promise.all([Side.open(pair.oracle), Side.open(pair.subject)]);
  const lines: string[] = [];
  const last: Step = { client: CLIENTS, commands: finale };
  try {
    for (const [at, it] of [...steps, last].entries()) {
      const what = 'close' in it ? 'close' : it.commands.map(showCommand).join(' ; ');
      const [theirs, ours] = await Promise.all(
        [oracle, subject].map((side) => side.play(it).catch((error: Error) => [error.message])),
      );
      lines.push(`client ${it.client}: ${what}`);
      if (theirs!.join('\n') === ours!.join('\n')) continue;
      const text = [...lines, `  redis-server: ${theirs!.join(', ')}`, `  redstart:     ${ours!.join(', ')}`].join(
        '\n',
      );
      return { steps: steps.slice(0, at + 1), text };
    }
    return undefined;
  } finally {
    await Promise.all([oracle.close(), subject.close()]);
  }
}

for (const [where, { command, finale }] of Object.entries(PLANS)) {
  describeWithOracle(`random clients that block ${where}`, () => {
    let pair: Pair;

    beforeAll(async () => {
      pair = await startPair();
    });

    afterAll(() => pair?.stop());

    test('are served as redis-server serves them', { timeout: 3_600_000 }, async () => {
      const firstSeed = Number(process.env['FUZZ_SEED'] ?? Date.now() & 0x7fffffff);
      const rounds = Math.ceil(Number(process.env['FUZZ_STEPS'] ?? 750) / ROUND);
      const step = stepOf(command);
      for (let seed = firstSeed; seed < firstSeed + rounds; seed++) {
        await leavingSeed(seed, { FUZZ_STEPS: ROUND }, () =>
          expectNoDifference(fc.sample(step, { seed, numRuns: ROUND }), (steps) => compare(pair, steps, finale)),
        );
      }
    });
  });
}
