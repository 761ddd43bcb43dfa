/** INFO against the sections and fields of Redis 7.4, and what its counters count. */
import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, test } from 'vitest';
import type { RedisServer } from '../../src/index.js';
import { startServer } from '../support/start-server.js';

const fields = JSON.parse(readFileSync(new URL('../fixtures/info-7.4.json', import.meta.url), 'utf8')) as Record<
  string,
  string[]
>;

/** What only redstart tells. */
const OWN_FIELDS = ['redstart_version', 'node_version'];

let server: RedisServer;

beforeEach(async () => {
  server = await startServer({ 'enable-debug-command': 'yes' });
});

async function info(...sections: string[]): Promise<Map<string, Map<string, string>>> {
  const found = new Map<string, Map<string, string>>();
  let section = new Map<string, string>();
  for (const line of String(await server.execute('INFO', ...sections)).split('\r\n')) {
    if (line.startsWith('# ')) found.set(line.slice(2), (section = new Map()));
    else if (line !== '') section.set(line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1));
  }
  return found;
}

describe('INFO', () => {
  test('has the sections of Redis 7.4 in its order', async () => {
    expect([...(await info('everything')).keys()]).toEqual(Object.keys(fields));
  });

  test.each(Object.keys(fields))('%s has the fields of Redis 7.4 in its order', async (section) => {
    const names = fields[section] as string[];
    if (names.length === 0) return;
    const shown = [...((await info('everything')).get(section)?.keys() ?? [])];
    expect(shown.filter((name) => !OWN_FIELDS.includes(name))).toEqual(names);
  });
});
