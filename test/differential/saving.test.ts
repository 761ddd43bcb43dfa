/** What clients are told when the file of keys can't be written. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compareScript } from '../support/compare.js';
import { describeWithOracle } from '../support/oracle.js';
import { type Pair, startPair } from '../support/pair.js';
import { PATIENCE_MS } from '../support/patience.js';
import { type Address, RawClient } from '../support/raw-client.js';

/** Asks until the background save has ended; every question is a round trip. */
async function untilSaveFailed(address: Address): Promise<void> {
  const client = await RawClient.connect(address);
  try {
    for (const deadline = Date.now() + PATIENCE_MS; ; ) {
      const info = String(await client.call('INFO', 'persistence'));
      if (info.includes('rdb_bgsave_in_progress:0') && info.includes('rdb_last_bgsave_status:err')) return;
      expect(Date.now(), 'no end of the background save').toBeLessThan(deadline);
    }
  } finally {
    await client.close();
  }
}

describeWithOracle('a save that fails is answered as by redis-server', () => {
  let pair: Pair;
  let directory: string;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'redstart-saving-'));
    pair = await startPair({ dir: directory });
    // No file can take the place of a directory.
    mkdirSync(join(directory, 'dump.rdb'));
  });

  afterAll(async () => {
    await pair?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  test.each([2, 3] as const)('by SAVE, DEBUG RELOAD and SHUTDOWN (RESP%i)', async (protocol) => {
    await compareScript(
      pair,
      [
        ['SET', 'k', 'v'],
        ['SAVE'],
        ['MULTI'],
        ['SAVE'],
        ['EXEC'],
        ['DEBUG', 'RELOAD'],
        ['SHUTDOWN', 'SAVE'],
        ['SHUTDOWN', 'SAVE', 'NOW'],
        ['SHUTDOWN', 'ABORT'],
        ['CONFIG', 'SET', 'save', '3600 1'],
        ['SHUTDOWN'],
        ['GET', 'k'],
        ['CONFIG', 'SET', 'save', ''],
      ],
      { protocol },
    );
  });

  test('by BGSAVE at its start, and by writes from its end on', async () => {
    await compareScript(pair, [['SET', 'k', 'v'], ['BGSAVE']]);
    await Promise.all([untilSaveFailed(pair.oracle), untilSaveFailed(pair.subject)]);
    await compareScript(
      pair,
      [
        ['SET', 'k', 'w'],
        ['CONFIG', 'SET', 'save', '3600 1'],
        ['GET', 'k'],
        ['SET', 'k', 'x'],
        ['MULTI'],
        ['SET', 'k', 'y'],
        ['EXEC'],
        ['PUBLISH', 'c', 'm'],
        ['CONFIG', 'SET', 'stop-writes-on-bgsave-error', 'no'],
        ['SET', 'k', 'z'],
        ['CONFIG', 'SET', 'stop-writes-on-bgsave-error', 'yes', 'save', ''],
        ['SET', 'k', 'v'],
      ],
      { keepData: true },
    );
  });
});
