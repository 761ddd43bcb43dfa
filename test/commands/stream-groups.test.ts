import { Redis } from 'ioredis5';
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from 'vitest';
import { allCommands } from '../../src/commands/index.js';
import { RedisServer } from '../../src/index.js';
import { CommandRunner } from '../support/command-runner.js';

let server: RedisServer;
let reader: Redis;
let writer: Redis;

beforeAll(async () => {
  server = await RedisServer.start({ port: 0 });
  reader = new Redis(server.url);
  writer = new Redis(server.url);
});

beforeEach(() => writer.flushall());

afterAll(async () => {
  reader.disconnect();
  writer.disconnect();
  await server.stop();
});

const NO_GROUP = "NOGROUP No such key 's' or consumer group 'g' in XREADGROUP with GROUP option";

/** As since 7.2, where the command runs again; 7.0 has other words. */
test.each([
  ['its group goes', 'XGROUP DESTROY s g', NO_GROUP],
  ['its stream is deleted', 'DEL s', NO_GROUP],
  ['all keys go', 'FLUSHALL', NO_GROUP],
  ['another stream takes the name', 'RENAME other s', NO_GROUP],
  ['the key becomes a string', 'SET s x', 'WRONGTYPE Operation against a key holding the wrong kind of value'],
])('a reader of a group that waits is told when %s', async (_, command, error) => {
  await writer.xadd('s', '1-1', 'a', '1');
  await writer.xadd('other', '1-1', 'a', '1');
  await writer.xgroup('CREATE', 's', 'g', '$');
  const reply = reader.xreadgroup('GROUP', 'g', 'ann', 'BLOCK', 0, 'STREAMS', 's', '>').catch(String);
  await server.untilBlocked(1);
  const [name, ...words] = command.split(' ');
  await writer.call(name!, words);
  expect(await reply).toBe(`ReplyError: ${error}`);
});

describe('a group with many pending entries', () => {
  const ENTRIES = 5_000;
  let redis: CommandRunner;
  const used = () => redis.engine.keyspace.arena.usedBytes;

  beforeEach(() => {
    redis = new CommandRunner(allCommands);
    for (let i = 1; i <= ENTRIES; i++) redis.engineOnly(`XADD s 5-${i} f v`);
  });

  const give = (group: string) => {
    redis.line(`XGROUP CREATE s ${group} 0`);
    redis.engineOnly(`XREADGROUP GROUP ${group} ann COUNT ${ENTRIES / 2} STREAMS s >`);
    redis.engineOnly(`XREADGROUP GROUP ${group} bob STREAMS s >`);
  };

  it('is freed in slices when it is destroyed, and the others stay', () => {
    give('other');
    const before = used();
    give('g');
    const withGroup = used();
    expect(redis.line('XGROUP DESTROY s g')).toBe(':1\r\n');
    expect(used()).toBeGreaterThan((before + withGroup) / 2);
    const { reclaimer } = redis.engine.keyspace;
    expect(reclaimer.pendingObjects).toBe(1);
    for (let step = 0; reclaimer.isBusy; step++) {
      reclaimer.step(100);
      if (step % 20 === 0) redis.engine.keyspace.checkIntegrity();
    }
    expect(used()).toBe(before);
    expect(redis.line('XPENDING s g')).toMatch(/^-NOGROUP/);
    expect(redis.line('XINFO GROUPS s')).toContain(`pending\r\n:${ENTRIES}\r\n`);
  });

  it('may be created again while the old one is freed', () => {
    give('g');
    redis.line('XGROUP DESTROY s g');
    expect(redis.line('XGROUP CREATE s g 0')).toBe('+OK\r\n');
    expect(redis.line('XGROUP DESTROY s g')).toBe(':1\r\n');
    expect(redis.engine.keyspace.reclaimer.pendingObjects).toBe(1);
  });
});

describe('effects that redis-server 7.0 leaves out or has otherwise', () => {
  const redis = new CommandRunner(allCommands);

  it('are a new consumer, and that what is gone is pending no longer', () => {
    for (const line of ['XADD s 1-1 a 1', 'XADD s 2-1 a 2', 'XGROUP CREATE s g 0']) redis.line(line);
    redis.line('XREADGROUP GROUP g ann STREAMS s >');
    redis.line('XDEL s 1-1 2-1');
    redis.takeEffects();
    redis.line('XREADGROUP GROUP g bob STREAMS s 0');
    redis.line('XCLAIM s g bob 0 1-1');
    redis.line('XAUTOCLAIM s g bob 0 0');
    expect(redis.takeEffects().map((words) => words.join(' '))).toEqual([
      'XGROUP CREATECONSUMER s g bob',
      'XACK s g 1-1',
      'XACK s g 2-1',
    ]);
  });
});
