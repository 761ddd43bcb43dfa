import fc from 'fast-check';
import { afterAll, beforeAll, test } from 'vitest';
import { describeWithOracle } from '../support/oracle.js';
import { type Pair, startPair } from '../support/pair.js';
import { type Address, type Command, RawClient } from '../support/raw-client.js';
import { elementsOf, showCommand, showReply, textOf } from '../support/reply-text.js';
import { type Difference, expectNoDifference } from './reduction.js';
import { leavingSeed, protocolOf } from './script-file.js';

/**
 * Three clients, in two databases, that watch, queue, run and give up transactions, change keys, flush and exchange
 * databases at random. After every step both servers must have given the same replies and published the same keyspace
 * events, in the same order. FUZZ_SEED repeats a run, FUZZ_STEPS lengthens it.
 */
const CLIENTS = 3;
const KEYS = ['a', 'b', 'c'];
const ROUND = 300;

interface Step {
  client: number;
  commands: readonly Command[];
}

const key = fc.constantFrom(...KEYS);
const side = fc.constantFrom('LEFT', 'RIGHT');
const small = fc.nat(3).map(String);

const of = (weight: number, arbitrary: fc.Arbitrary<Command>) => ({ weight, arbitrary });
const fixed = (weight: number, ...command: string[]) => of(weight, fc.constant<Command>(command));
const withKey = (weight: number, ...[name, ...rest]: [string, ...string[]]) =>
  of(
    weight,
    key.map((k): Command => [name, k, ...rest]),
  );

const command: fc.Arbitrary<Command> = fc.oneof(
  fixed(8, 'MULTI'),
  fixed(10, 'EXEC'),
  fixed(2, 'DISCARD'),
  of(
    8,
    fc.array(key, { minLength: 1, maxLength: 2 }).map((keys): Command => ['WATCH', ...keys]),
  ),
  fixed(1, 'UNWATCH'),
  fixed(1, 'RESET'),
  of(
    2,
    fc.constantFrom('0', '1').map((index): Command => ['SELECT', index]),
  ),
  // A limit that is never reached still makes the gate look, and lookups note uses otherwise.
  of(
    1,
    fc.constantFrom('1gb', '0').map((bytes): Command => ['CONFIG', 'SET', 'maxmemory', bytes]),
  ),
  withKey(6, 'SET', 'v'),
  withKey(2, 'SET', 'v', 'NX'),
  withKey(4, 'SET', 'v', 'PXAT', '1'),
  withKey(1, 'SET', 'v', 'EX', '100'),
  withKey(4, 'GET'),
  withKey(2, 'GETDEL'),
  withKey(1, 'GETEX', 'PERSIST'),
  withKey(1, 'GETEX', 'PXAT', '1'),
  withKey(3, 'INCR'),
  withKey(1, 'APPEND', 'x'),
  withKey(1, 'APPEND', ''),
  withKey(1, 'SETRANGE', '0', ''),
  of(
    1,
    fc.tuple(key, key).map(([a, b]): Command => ['MSET', a, '1', b, '2']),
  ),
  withKey(3, 'RPUSH', 'x', 'y'),
  withKey(2, 'LPOP'),
  withKey(1, 'LPOP', '2'),
  withKey(1, 'LTRIM', '1', '1'),
  withKey(1, 'LREM', '0', 'x'),
  of(
    1,
    fc.tuple(key, key, side, side).map((args): Command => ['LMOVE', ...args]),
  ),
  of(
    1,
    fc.tuple(key, key).map(([a, b]): Command => ['BLPOP', a, b, '0.001']),
  ),
  of(
    1,
    fc.tuple(key, key).map(([a, b]): Command => ['BLMOVE', a, b, 'LEFT', 'LEFT', '0.001']),
  ),
  withKey(3, 'DEL'),
  withKey(1, 'EXISTS'),
  withKey(1, 'TYPE'),
  withKey(1, 'TTL'),
  withKey(1, 'EXPIRE', '100'),
  withKey(1, 'EXPIRE', '-1'),
  withKey(1, 'PEXPIREAT', '1'),
  withKey(1, 'PERSIST'),
  of(
    2,
    fc.tuple(key, key).map((keys): Command => ['RENAME', ...keys]),
  ),
  of(
    1,
    fc.tuple(key, key).map((keys): Command => ['COPY', ...keys, 'REPLACE']),
  ),
  of(
    1,
    fc.tuple(key, fc.constantFrom('0', '1')).map((args): Command => ['MOVE', ...args]),
  ),
  fixed(1, 'FLUSHDB'),
  fixed(1, 'FLUSHALL'),
  fixed(2, 'SWAPDB', '0', '1'),
  fixed(1, 'SWAPDB', '1', '1'),
  fixed(1, 'DBSIZE'),
  fixed(1, 'NOPE', 'x'),
  fixed(1, 'GET'),
  fixed(1, 'EXEC', 'x'),
  of(
    1,
    small.map((text): Command => ['PUBLISH', '__key', text]),
  ),
);

const step: fc.Arbitrary<Step> = fc.record({
  client: fc.nat(CLIENTS - 1),
  commands: fc.array(command, { minLength: 1, maxLength: 4 }),
});

class Side {
  private readonly clients: RawClient[] = [];
  private control!: RawClient;
  private listener!: RawClient;

  private constructor(private readonly address: Address) {}

  static async open(address: Address, protocol: 2 | 3): Promise<Side> {
    const side = new Side(address);
    side.control = await RawClient.connect(address);
    await side.control.pipeline([
      ['FLUSHALL'],
      // Keys that are due go when a command meets them.
      ['DEBUG', 'SET-ACTIVE-EXPIRE', '0'],
      ['CONFIG', 'SET', 'notify-keyspace-events', 'KEAnm'],
    ]);
    side.listener = await RawClient.connect(address, { protocol: 3 });
    side.listener.send(['PSUBSCRIBE', '__key*']);
    for (let i = 0; i < CLIENTS; i++) side.clients.push(await RawClient.connect(side.address, { protocol }));
    return side;
  }

  async play({ client, commands }: Step): Promise<string[]> {
    const replies = await this.clients[client]!.pipeline(commands);
    // What was published before has arrived when this is answered.
    await this.listener.call('PING');
    const messages = this.listener.pushes.splice(0).map((push) =>
      elementsOf(push)!
        .map((part) => textOf(part))
        .join(' '),
    );
    return [...replies.map((reply) => showReply(reply)), ...messages];
  }

  async close(): Promise<void> {
    await this.control.pipeline([
      ['CONFIG', 'SET', 'maxmemory', '0'],
      ['CONFIG', 'SET', 'notify-keyspace-events', ''],
      ['DEBUG', 'SET-ACTIVE-EXPIRE', '1'],
    ]);
    await Promise.all([this.control, this.listener, ...this.clients].map((it) => it.close()));
  }
}

async function compare(pair: Pair, steps: readonly Step[], protocol: 2 | 3): Promise<Difference<Step> | undefined> {
  const [oracle, subject] = await Promise.all([Side.open(pair.oracle, protocol), Side.open(pair.subject, protocol)]);
  const lines: string[] = [];
  try {
    for (const [at, it] of steps.entries()) {
      const [theirs, ours] = await Promise.all(
        [oracle, subject].map((side) => side.play(it).catch((error: Error) => [error.message])),
      );
      lines.push(`client ${it.client}: ${it.commands.map(showCommand).join(' ; ')}`);
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

describeWithOracle('random transactions', () => {
  let pair: Pair;

  beforeAll(async () => {
    pair = await startPair();
  });

  afterAll(() => pair?.stop());

  test('end and tell as with redis-server', { timeout: 3_600_000 }, async () => {
    const firstSeed = Number(process.env['FUZZ_SEED'] ?? Date.now() & 0x7fffffff);
    const rounds = Math.ceil(Number(process.env['FUZZ_STEPS'] ?? 750) / ROUND);
    for (let seed = firstSeed; seed < firstSeed + rounds; seed++) {
      await leavingSeed(seed, { FUZZ_STEPS: ROUND }, () =>
        expectNoDifference(fc.sample(step, { seed, numRuns: ROUND }), (steps) =>
          compare(pair, steps, protocolOf(seed)),
        ),
      );
    }
  });
});
