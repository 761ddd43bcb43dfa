import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RedisServer } from '../../src/index.js';
import { RawClient } from '../support/raw-client.js';

let server: RedisServer;

beforeEach(async () => {
  server = await RedisServer.start({ port: 0, enableDebugCommand: 'yes' });
});

afterEach(() => server.stop());

/** INFO's fields by section. */
async function info(...sections: string[]): Promise<Record<string, Record<string, string>>> {
  const client = await RawClient.connect({ port: server.port });
  const text = (await client.call('INFO', ...sections)).toString('utf8').replace(/^\$\d+\r\n/, '');
  await client.close();
  const found: Record<string, Record<string, string>> = {};
  let current: Record<string, string> = {};
  for (const line of text.split('\r\n').filter((each) => each !== '')) {
    if (line.startsWith('# ')) {
      current = found[line.slice(2)] = {};
      continue;
    }
    const colon = line.indexOf(':');
    current[line.slice(0, colon)] = line.slice(colon + 1);
  }
  return found;
}

const DEFAULT_SECTIONS = [
  'Server',
  'Clients',
  'Memory',
  'Persistence',
  'Stats',
  'Replication',
  'CPU',
  'Modules',
  'Errorstats',
  'Cluster',
  'Keyspace',
];

describe('INFO', () => {
  test('has the sections of Redis 7.4, in its order', async () => {
    expect(Object.keys(await info())).toEqual(DEFAULT_SECTIONS);
    expect(Object.keys(await info('default'))).toEqual(DEFAULT_SECTIONS);
    const all = Object.keys(await info('everything'));
    expect(all).toEqual([...all.slice(0, 8), 'Commandstats', 'Errorstats', 'Latencystats', 'Cluster', 'Keyspace']);
    expect(Object.keys(await info('all'))).toEqual(all);
    expect(Object.keys(await info('CPU', 'server', 'nonsense'))).toEqual(['Server', 'CPU']);
    expect(await info('nonsense')).toEqual({});
  });

  test('tells what clients and job queues look for', async () => {
    const { Server, Clients, Memory, Persistence, Replication } = await info();
    expect(Server).toMatchObject({ redis_version: '7.4.0', redis_mode: 'standalone', tcp_port: String(server.port) });
    expect(Server?.['redstart_version']).toMatch(/^\d+\.\d+\.\d+$/);
    expect(Server?.['run_id']).toMatch(/^[0-9a-f]{40}$/);
    expect(Clients).toMatchObject({ connected_clients: '1', blocked_clients: '0', maxclients: '10000' });
    expect(Memory).toMatchObject({ maxmemory: '0', maxmemory_human: '0B', maxmemory_policy: 'noeviction' });
    expect(Number(Memory?.['used_memory'])).toBeGreaterThan(0);
    expect(Persistence).toMatchObject({ loading: '0', rdb_bgsave_in_progress: '0', aof_enabled: '0' });
    expect(Replication).toMatchObject({ role: 'master', connected_slaves: '0' });
  });

  test('counts keys, deadlines and their mean', async () => {
    server.clock.freeze();
    await server.execute('MSET', 'a', '1', 'b', '2', 'c', '3');
    await server.execute('PEXPIRE', 'a', 10_000);
    await server.execute('PEXPIRE', 'b', 30_000);
    expect((await info('keyspace'))['Keyspace']).toEqual({ db0: 'keys=3,expires=2,avg_ttl=20000,subexpiry=0' });
  });

  test('counts commands, hits, errors and expired keys, until CONFIG RESETSTAT', async () => {
    await server.execute('SET', 'k', 'v');
    await server.execute('GET', 'k');
    await server.execute('GET', 'missing');
    await expect(server.execute('LPUSH', 'k', 'x')).rejects.toThrow('WRONGTYPE');
    await expect(server.execute('GET')).rejects.toThrow('wrong number');
    const before = await info('stats', 'commandstats', 'errorstats');
    expect(before['Stats']).toMatchObject({ keyspace_hits: '1', keyspace_misses: '1', total_error_replies: '2' });
    expect(before['Commandstats']?.['cmdstat_get']).toMatch(
      /^calls=2,usec=\d+,usec_per_call=\d+\.\d\d,rejected_calls=1,failed_calls=0$/,
    );
    expect(before['Errorstats']).toEqual({ errorstat_ERR: 'count=1', errorstat_WRONGTYPE: 'count=1' });
    await server.execute('CONFIG', 'RESETSTAT');
    const after = await info('stats', 'commandstats', 'errorstats');
    expect(after['Stats']).toMatchObject({ keyspace_hits: '0', keyspace_misses: '0', total_error_replies: '0' });
    expect(after['Commandstats']?.['cmdstat_get']).toBeUndefined();
    expect(after['Errorstats']).toEqual({});
  });
});

describe('CONFIG', () => {
  test('maxmemory refuses commands that need memory once it is reached, and no others', async () => {
    await server.execute('SET', 'k', 'v');
    await server.execute('CONFIG', 'SET', 'maxmemory', '1');
    await expect(server.execute('SET', 'k', 'w')).rejects.toThrow(
      "OOM command not allowed when used memory > 'maxmemory'.",
    );
    expect(await server.execute('DEL', 'k')).toBe(1);
    await server.execute('CONFIG', 'SET', 'maxmemory', '0');
    expect(await server.execute('SET', 'k', 'w')).toBe('OK');
  });

  test('list-max-listpack-size is in force at once', async () => {
    await server.execute('CONFIG', 'SET', 'list-max-listpack-size', '1');
    await server.execute('RPUSH', 'l', 'a', 'b');
    expect(String(await server.execute('OBJECT', 'ENCODING', 'l'))).toBe('quicklist');
  });
});

describe('COMMAND', () => {
  test('DOCS shows arguments as Redis 7.4 does', async () => {
    const client = await RawClient.connect({ port: server.port }, { protocol: 3 });
    const reply = (await client.call('COMMAND', 'DOCS', 'getex')).toString('latin1');
    await client.close();
    expect(reply).toContain(
      '$9\r\narguments\r\n*2\r\n' +
        '%4\r\n$4\r\nname\r\n$3\r\nkey\r\n$4\r\ntype\r\n$3\r\nkey\r\n' +
        '$12\r\ndisplay_text\r\n$3\r\nkey\r\n$14\r\nkey_spec_index\r\n:0\r\n' +
        '%4\r\n$4\r\nname\r\n$10\r\nexpiration\r\n$4\r\ntype\r\n$5\r\noneof\r\n$5\r\nflags\r\n~1\r\n+optional\r\n',
    );
  });

  test('without a subcommand describes as many commands as COUNT counts, and INFO and DOCS without names too', async () => {
    const count = await server.execute('COMMAND', 'COUNT');
    expect(await server.execute('COMMAND')).toHaveLength(count as number);
    expect(await server.execute('COMMAND', 'INFO')).toHaveLength(count as number);
    expect((await server.execute('COMMAND', 'DOCS')) as unknown).toHaveProperty('size', count);
  });

  test('LIST holds subcommands and can be filtered', async () => {
    const names = ((await server.execute('COMMAND', 'LIST')) as unknown[]).map(String);
    expect(names).toEqual(expect.arrayContaining(['get', 'config', 'config|get']));
    const strings = ((await server.execute('COMMAND', 'LIST', 'FILTERBY', 'ACLCAT', 'String')) as unknown[]).map(
      String,
    );
    expect(strings).toEqual(expect.arrayContaining(['get', 'set', 'append']));
    expect(strings).not.toContain('lpush');
  });
});

describe('ACL', () => {
  test('lists the one user, in the words of 7.4, and SCRIPT DEBUG has nothing to switch', async () => {
    expect(await server.execute('ACL', 'LIST')).toEqual(['user default on nopass sanitize-payload ~* &* +@all']);
    expect(await server.execute('SCRIPT', 'DEBUG', 'NO')).toBe('OK');
    await expect(server.execute('SCRIPT', 'DEBUG', 'x')).rejects.toThrow('ERR Use SCRIPT DEBUG YES/SYNC/NO');
  });
});

describe('DEBUG', () => {
  test('HELP tells of every subcommand', async () => {
    const lines = ((await server.execute('DEBUG', 'HELP')) as unknown[]).map(String);
    expect(lines).toContain('DIGEST-VALUE <key> [<key> ...]');
    expect(lines).toContain('REPLICATE');
    expect(lines.slice(-2)).toEqual(['HELP', '    Prints this help.']);
  });

  test('is refused unless the configuration allows it', async () => {
    await using plain = await RedisServer.start({ port: 0 });
    await expect(plain.execute('DEBUG', 'SLEEP', '0')).rejects.toThrow(/^ERR DEBUG command not allowed. If the/);
  });

  test('OBJECT tells encoding and length', async () => {
    await server.execute('SET', 'n', '12345');
    await server.execute('RPUSH', 'l', 'abc', 'de');
    expect(String(await server.execute('DEBUG', 'OBJECT', 'n'))).toMatch(
      /^Value at:0x[0-9a-f]+ refcount:1 encoding:int serializedlength:3 lru:\d+ lru_seconds_idle:0$/,
    );
    expect(String(await server.execute('DEBUG', 'OBJECT', 'l'))).toMatch(/encoding:listpack serializedlength:8 /);
  });

  test('SLEEP holds everybody up for no longer than asked', async () => {
    const before = performance.now();
    expect(await server.execute('DEBUG', 'SLEEP', '0.05')).toBe('OK');
    expect(performance.now() - before).toBeGreaterThanOrEqual(49);
  });

  test('SET-ACTIVE-EXPIRE 0 leaves expired keys where they are, invisible', async () => {
    server.clock.freeze();
    await server.execute('SET', 'k', 'v', 'PX', '10');
    await server.execute('DEBUG', 'SET-ACTIVE-EXPIRE', '0');
    await server.clock.advance(1000);
    expect(await server.execute('DBSIZE')).toBe(1);
    expect(await server.execute('EXISTS', 'k')).toBe(0);
  });
});

describe('TIME', () => {
  test('tells seconds and microseconds', async () => {
    const [seconds, microseconds] = ((await server.execute('TIME')) as unknown[]).map(Number);
    expect(Math.abs((seconds as number) - Date.now() / 1000)).toBeLessThan(10);
    expect(microseconds).toBeLessThan(1_000_000);
  });
});

describe('HELP', () => {
  test.each(['CONFIG', 'COMMAND', 'DEBUG', 'OBJECT', 'CLIENT'])('of %s lists subcommands', async (command) => {
    const lines = ((await server.execute(command, 'HELP')) as unknown[]).map(String);
    expect(lines[0]).toBe(`${command} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`);
    expect(lines.slice(-2)).toEqual(['HELP', '    Prints this help.']);
  });
});

test('CONFIG SET loglevel takes what 7.4 takes, and says so', async () => {
  const client = await RawClient.connect({ port: server.port });
  expect((await client.call('CONFIG', 'SET', 'loglevel', 'nothing')).toString()).toBe('+OK\r\n');
  expect((await client.call('CONFIG', 'SET', 'loglevel', 'foo')).toString()).toBe(
    "-ERR CONFIG SET failed (possibly related to argument 'loglevel') - argument(s) must be one of the following: debug, verbose, notice, warning, nothing\r\n",
  );
  await client.close();
});
