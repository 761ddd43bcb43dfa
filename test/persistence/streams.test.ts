/** Streams cross over to a real redis-server and back by DUMP and RESTORE. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { idleTimes } from '../support/group-replies.js';
import { describeWithOracle } from '../support/oracle.js';
import { payloadOf } from '../support/payload.js';
import type { Argument, RawClient } from '../support/raw-client.js';
import { isError, textOf } from '../support/reply-text.js';
import { type CrossingPair, startCrossingPair } from './crossing-pair.js';

const LONG = Buffer.alloc(100_000, 'abcdefg');
const BIG = '18446744073709551615';

/** How streams of many shapes come to be. */
const shapes: Record<string, Argument[][]> = {
  'of one entry': [['XADD', 's', '1-1', 'a', '1']],
  'of many nodes': Array.from({ length: 1000 }, (_, i) => [
    'XADD',
    's',
    `${1_700_000_000_000 + i * 7}-${i % 3}`,
    'f',
    i,
  ]),
  'of changing fields': Array.from({ length: 300 }, (_, i) => ['XADD', 's', '5-*', `f${i % 4}`, `v${i}`, 'g', -i]),
  'with deleted entries': [
    ...Array.from({ length: 250 }, (_, i) => ['XADD', 's', `7-${i + 1}`, 'f', `${i}`]),
    ['XDEL', 's', ...Array.from({ length: 70 }, (_, i) => `7-${3 * i + 1}`)],
    ['XTRIM', 's', 'MAXLEN', '160'],
  ],
  'without entries': [
    ['XADD', 's', '3-3', 'a', '1'],
    ['XDEL', 's', '3-3'],
  ],
  'of the largest ids': [
    ['XADD', 's', '1-5', 'a', '1'],
    ['XADD', 's', `9007199254740993-${BIG}`, 'a', '9223372036854775807'],
    ['XADD', 's', `${BIG}-3`, 'a', '1', 'b', '2'],
    ['XADD', 's', `${BIG}-${BIG}`, 'a', '1'],
  ],
  'of long values': [
    ['XADD', 's', '1-1', 'a', LONG],
    ['XADD', 's', '1-2', LONG, 'b', 'c', LONG],
    ['XADD', 's', '1-3', '', ''],
  ],
  'whose books were set': [
    ['XADD', 's', '1-1', 'a', '1'],
    ['XSETID', 's', '9-9', 'ENTRIESADDED', '9223372036854775807', 'MAXDELETEDID', '8-8'],
  ],
};

const GROUPS = ['g', 'h', Buffer.alloc(20_000, 'long').toString()];
const CONSUMERS = ['ann', 'bob', ''];

const read = (group: string, consumer: string, ...more: Argument[]): Argument[] => [
  ...['XREADGROUP', 'GROUP', group, consumer, ...more, 'STREAMS', 's', '>'],
];
const pendingReads = (group: string) => [
  ['XPENDING', 's', group],
  ...[[], ...CONSUMERS.map((name) => [name])].map((name) => ['XPENDING', 's', group, '-', '+', '5000', ...name]),
];

/** The same with groups: all have those of GROUPS. */
const groupShapes: Record<string, Argument[][]> = {
  'that have read nothing': [
    ['XADD', 's', '5-1', 'f', 'v'],
    ...GROUPS.map((group) => ['XGROUP', 'CREATE', 's', group, '0']),
  ],
  'of consumers with pending entries': [
    ...Array.from({ length: 300 }, (_, i) => ['XADD', 's', `5-${i + 1}`, 'f', i]),
    ...GROUPS.map((group, i) => ['XGROUP', 'CREATE', 's', group, `5-${i * 70}`, 'ENTRIESREAD', i * 70]),
    ['XGROUP', 'CREATECONSUMER', 's', 'h', 'idle'],
    ...GROUPS.flatMap((group) => CONSUMERS.map((name) => read(group, name, 'COUNT', 50))),
    ['XACK', 's', 'g', ...Array.from({ length: 40 }, (_, i) => `5-${3 * i + 1}`)],
    ['XCLAIM', 's', 'g', 'bob', '0', '5-2', '5-3', 'RETRYCOUNT', '9223372036854775807', 'JUSTID'],
    ['XCLAIM', 's', 'h', 'ann', '0', '5-90', 'RETRYCOUNT', '0', 'JUSTID'],
    ['XDEL', 's', '5-3', '5-5', '5-100'],
  ],
  'whose entries are gone': [
    ...Array.from({ length: 200 }, (_, i) => ['XADD', 's', `5-${i + 1}`, 'f', i]),
    ...GROUPS.map((group) => ['XGROUP', 'CREATE', 's', group, '0']),
    read('g', 'ann'),
    read('h', 'bob', 'NOACK'),
    ['XTRIM', 's', 'MAXLEN', '0'],
  ],
  'of thousands of pending entries': [
    ...Array.from({ length: 5000 }, (_, i) => ['XADD', 's', `5-${i + 1}`, 'f', i]),
    ...GROUPS.map((group) => ['XGROUP', 'CREATE', 's', group, '0']),
    read('g', 'ann', 'COUNT', 3000),
    read('g', 'bob'),
    read('h', 'bob', 'COUNT', 4000),
  ],
};

/** A payload of type 19 with small numbers only, as versions before 7.0 wrote it: without what these did not count. */
function asType15(body: Buffer): Buffer {
  // The type; one node, its id of 16 bytes and its listpack; three numbers; five that are new; the number of groups.
  const afterNodes = 2 + 17 + 1 + body[19]!;
  const groups: Buffer[] = [body.subarray(afterNodes + 8, afterNodes + 9)];
  let at = afterNodes + 9;
  for (let group = body[at - 1]!; group > 0; group--) {
    // The name and the last id; how many were read, which is new; then pending entries and consumers.
    const read = at + 1 + body[at]! + 2;
    const isUnknown = body[read] === 0x81;
    const rest = read + (isUnknown ? 9 : 1);
    let end = rest + 1 + body[rest]! * 25;
    const consumers = body[end++]!;
    for (let consumer = 0; consumer < consumers; consumer++) {
      const pendingAt = end + 1 + body[end]! + 8;
      end = pendingAt + 1 + body[pendingAt]! * 16;
    }
    groups.push(body.subarray(at, read), body.subarray(rest, end));
    at = end;
  }
  return Buffer.concat([Buffer.from([15]), body.subarray(1, afterNodes + 3), ...groups]);
}

describeWithOracle('streams and redis-server', () => {
  let pair: CrossingPair;
  let there: RawClient;
  let here: RawClient;

  beforeAll(async () => {
    pair = await startCrossingPair();
    ({ there, here } = pair);
  });

  beforeEach(async () => {
    await there.call('FLUSHALL');
    await here.call('FLUSHALL');
  });

  afterAll(() => pair?.stop());

  async function cross(from: RawClient, to: RawClient, commands: Argument[][]): Promise<void> {
    expect((await from.pipeline(commands)).filter(isError)).toEqual([]);
    const payload = bulkOf(await from.call('DUMP', 's'));
    expect((await to.call('RESTORE', 's', 0, payload)).toString()).toBe('+OK\r\n');
    for (const read of [
      ['XRANGE', 's', '-', '+'],
      // Entries of the nodes that are there; then deleted and added ones.
      ['XTRIM', 's', 'MAXLEN', '~', '150'],
      ['XRANGE', 's', '-', '+'],
      ['XADD', 's', '*', 'x', 'y'],
      ['XSETID', 's', '0-1'],
    ]) {
      const [a, b] = [await from.call(...read), await to.call(...read)];
      if (read[0] === 'XADD') expect(b[0]).toBe(a[0]);
      else expect(b.equals(a)).toBe(true);
    }
  }

  test.each(Object.entries(shapes))('ours are restored there: %s', (_, commands) => cross(here, there, commands));

  test.each(Object.entries(shapes))('theirs are restored here: %s', (_, commands) => cross(there, here, commands));

  /** What both say of the groups of a stream, but for times. */
  async function expectSameGroups(): Promise<void> {
    const reads = [['XINFO', 'STREAM', 's', 'FULL'], ['XINFO', 'GROUPS', 's'], ...GROUPS.flatMap(pendingReads)];
    for (const read of reads) {
      const [a, b] = [await there.call(...read), await here.call(...read)].map(withoutSizes);
      const compare = idleTimes[read.slice(0, 2).join(' ').toLowerCase()] ?? idleTimes[read[0]!.toLowerCase()];
      expect(compare?.(a, b) ?? a.equals(b), read.join(' ').slice(0, 80)).toBe(true);
    }
  }

  async function restore(from: RawClient, to: RawClient): Promise<void> {
    const payload = bulkOf(await from.call('DUMP', 's'));
    expect((await to.call('RESTORE', 's', 0, payload, 'REPLACE')).toString()).toBe('+OK\r\n');
  }

  test.each(Object.entries(groupShapes))('ours with groups %s are restored there, and back here', async (_, shape) => {
    expect((await here.pipeline(shape)).filter(isError)).toEqual([]);
    await restore(here, there);
    await expectSameGroups();
    await restore(there, here);
    await expectSameGroups();
    for (const command of [
      ['XACK', 's', 'g', '5-3'],
      ['XREADGROUP', 'GROUP', 'g', 'ann', 'STREAMS', 's', '>'],
    ]) {
      expect((await here.call(...command)).equals(await there.call(...command))).toBe(true);
    }
    await expectSameGroups();
  });

  test('payloads of 5.0 to 6.2 make the same groups here and there', async () => {
    await there.call('CONFIG', 'SET', 'rdbcompression', 'no');
    for (const command of [
      ['XADD', 's', '1-1', 'a', '1'],
      ['XADD', 's', '2-1', 'a', '2'],
      ['XGROUP', 'CREATE', 's', 'g', '0'],
      ['XGROUP', 'CREATE', 's', 'h', '$'],
      ['XREADGROUP', 'GROUP', 'g', 'ann', 'COUNT', '1', 'STREAMS', 's', '>'],
      ['XREADGROUP', 'GROUP', 'g', 'bob', 'COUNT', '1', 'STREAMS', 's', '>'],
    ]) {
      await there.call(...command);
    }
    const older = payloadOf(asType15(bulkOf(await there.call('DUMP', 's')).subarray(0, -10)));
    for (const client of [there, here]) {
      expect((await client.call('RESTORE', 's', 0, older, 'REPLACE')).toString()).toBe('+OK\r\n');
    }
    await expectSameGroups();
    await there.call('CONFIG', 'SET', 'rdbcompression', 'yes');
  });

  test.each(Object.entries(shapes))('what redis-server says of ours: %s', async (_, commands) => {
    for (const client of [here, there]) await client.pipeline(commands);
    const expected = withoutSizes(await there.call('XINFO', 'STREAM', 's', 'FULL'));
    await there.call('RESTORE', 's', 0, bulkOf(await here.call('DUMP', 's')), 'REPLACE');
    expect(withoutSizes(await there.call('XINFO', 'STREAM', 's', 'FULL')).equals(expected)).toBe(true);
  });
});

/** Redis's trees are its own. */
function withoutSizes(reply: Buffer): Buffer {
  return Buffer.from(reply.toString('latin1').replace(/(radix-tree-(?:keys|nodes)\r\n):\d+/g, '$1'), 'latin1');
}

function bulkOf(reply: Buffer): Buffer {
  expect(reply[0], textOf(reply)).toBe(0x24);
  return reply.subarray(reply.indexOf(0x0a) + 1, -2);
}
