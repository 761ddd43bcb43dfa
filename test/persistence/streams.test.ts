/** Streams cross over to a real redis-server and back by DUMP and RESTORE. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { describeWithOracle } from '../support/oracle.js';
import type { Argument, RawClient } from '../support/raw-client.js';
import { textOf } from '../support/reply-text.js';
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
    for (const command of commands) expect((await from.call(...command))[0]).not.toBe(0x2d);
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

  test.each(Object.entries(shapes))('what redis-server says of ours: %s', async (_, commands) => {
    for (const command of commands) {
      await here.call(...command);
      await there.call(...command);
    }
    const expected = withoutSizes((await there.call('XINFO', 'STREAM', 's', 'FULL')).toString('latin1'));
    await there.call('RESTORE', 's', 0, bulkOf(await here.call('DUMP', 's')), 'REPLACE');
    expect(withoutSizes((await there.call('XINFO', 'STREAM', 's', 'FULL')).toString('latin1'))).toBe(expected);
  });
});

/** Redis's trees are its own. */
function withoutSizes(reply: string): string {
  return reply.replace(/(radix-tree-(?:keys|nodes)\r\n):\d+/g, '$1');
}

function bulkOf(reply: Buffer): Buffer {
  expect(reply[0], textOf(reply)).toBe(0x24);
  return reply.subarray(reply.indexOf(0x0a) + 1, -2);
}
