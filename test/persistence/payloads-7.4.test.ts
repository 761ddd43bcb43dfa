/** Payloads that Redis 7.4 made, for what redis-server 7.0 does not write: field deadlines, listpacks of sets. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RedisServer } from '../../src/index.js';

interface Payload {
  readonly commands: string | string[][];
  readonly key: string;
  readonly type: string;
  readonly encoding: string;
  readonly dump_base64: string;
}

const fixture = JSON.parse(readFileSync(new URL('../fixtures/redis-7.4-payloads.json', import.meta.url), 'utf8')) as {
  payloads: Record<string, Payload>;
};

/** Redis's own string of a HyperLogLog was changed in place, which its encoding tells. */
const CHANGED_IN_PLACE = ['hyperloglog sparse'];

const readable = Object.entries(fixture.payloads);

let server: RedisServer;

beforeAll(async () => {
  server = await RedisServer.start({ port: 0, enableDebugCommand: 'yes' });
});

afterAll(() => server.stop());

async function restored(name: string): Promise<Payload> {
  const payload = fixture.payloads[name] as Payload;
  await server.execute('FLUSHALL');
  expect(await server.execute('RESTORE', 'restored', 0, Buffer.from(payload.dump_base64, 'base64'))).toBe('OK');
  return payload;
}

describe('RESTORE of a payload of 7.4', () => {
  test.each(readable.map(([name]) => name))('%s', async (name) => {
    const { type, encoding } = await restored(name);
    expect(await server.execute('TYPE', 'restored')).toBe(type);
    if (!CHANGED_IN_PLACE.includes(name)) expect(await server.execute('OBJECT', 'ENCODING', 'restored')).toBe(encoding);
  });

  const HERE = /^(HSET|HPEXPIREAT|PEXPIREAT|SADD|ZADD|RPUSH|SET|XADD|XGROUP)$/;
  const repeatable = readable.filter(
    ([, { commands }]) => Array.isArray(commands) && commands.every(([verb]) => HERE.test(verb as string)),
  );

  test.each(repeatable.map(([name]) => name))('%s, is what its commands make here', async (name) => {
    const { commands, key, type } = await restored(name);
    for (const command of commands as string[][]) await server.execute(...command);
    const digests = (await server.execute('DEBUG', 'DIGEST-VALUE', 'restored', key)) as string[];
    expect(digests[0]).toBe(digests[1]);
    if (type !== 'hash') return;
    const fields = (await server.execute('HKEYS', key)) as string[];
    const deadlines = (of: string) => server.execute('HPEXPIRETIME', of, 'FIELDS', fields.length, ...fields);
    expect(await deadlines('restored')).toEqual(await deadlines(key));
  });

  test('hash fields keep their deadlines, every tenth of 600', async () => {
    const name = Object.keys(fixture.payloads).find((each) => each.startsWith('hashtable of 600 fields')) as string;
    await restored(name);
    const fields = Array.from({ length: 600 }, (_, number) => `a${String(number).padStart(3, '0')}`);
    const deadlines = (await server.execute('HPEXPIRETIME', 'restored', 'FIELDS', 600, ...fields)) as number[];
    expect(deadlines).toEqual(fields.map((_, number) => (number % 10 === 0 ? 4_102_444_800_000 + number : -1)));
  });
});
