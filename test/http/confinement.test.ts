import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Caller, CallerEvents } from '../../src/engine/caller.js';
import { NO_CONNECTION } from '../../src/engine/client.js';
import { type Access, FULL_ACCESS } from '../../src/http/access/access.js';
import { type ClientConnection, Gateway } from '../../src/http/gateway.js';
import { Args } from '../../src/protocol/args.js';
import { RedisServer } from '../../src/server/redis-server.js';

let server: RedisServer;
let gateway: Gateway;

const SHOP: Access = { ...FULL_ACCESS, name: 'shop', keyPrefix: 'shop:' };
const READER: Access = { ...FULL_ACCESS, name: 'reader', isReadOnly: true };
const THIRD: Access = { ...FULL_ACCESS, name: 'third', database: 3 };

beforeAll(async () => {
  server = await RedisServer.start({ port: 0 });
  gateway = new Gateway(server['callerOwner'], 100);
});

afterAll(() => server.stop());

beforeEach(() => server.execute('FLUSHALL'));

function run(access: Access, text: string, database = access.database ?? 0): string {
  return gateway.run(text.split(' '), { database, protocol: 2, access }).toString('latin1');
}

const events: CallerEvents = { onBytes() {}, onResumed() {}, onClosed() {} };

function callerOf(access: Access, more: Partial<CallerEvents> = {}): { caller: Caller; run(text: string): string } {
  const caller = gateway.caller({ ...events, ...more }, { database: 0, protocol: 2, access });
  return { caller, run: (text) => caller.run(Args.from(text.split(' '))).toString('latin1') };
}

describe('an access with a key prefix', () => {
  test('reads, writes, counts and removes its keys only', async () => {
    await server.execute('MSET', 'a', '1', 'b', '2');
    expect(run(SHOP, 'MSET a x c y')).toBe('+OK\r\n');
    expect(run(SHOP, 'MGET a b c')).toBe('*3\r\n$1\r\nx\r\n$-1\r\n$1\r\ny\r\n');
    expect(run(SHOP, 'DBSIZE')).toBe(':2\r\n');
    expect(run(SHOP, 'FLUSHALL')).toBe('+OK\r\n');
    expect(run(SHOP, 'RANDOMKEY')).toBe('$-1\r\n');
    expect(await server.execute('KEYS', '*')).toHaveLength(2);
    expect(run(SHOP, 'EVAL return(1) 0')).toBe("-NOPERM keys have a prefix here, to which 'eval' can't be kept\r\n");
  });

  test('waits for its own key, and is told its name', async () => {
    const replies: string[] = [];
    const leave: (() => void)[] = [];
    const connection: ClientConnection = {
      facts: () => NO_CONNECTION,
      onGone: (callback) => void leave.push(callback),
    };
    const wait = (...words: string[]): Buffer | Promise<Buffer> =>
      gateway.wait(words, { database: 0, protocol: 2, access: SHOP }, connection);
    const waits = async (): Promise<void> => void replies.push(String(await wait('BLPOP', 'list', '0')));
    const all = [waits(), waits(), waits()];
    expect(gateway.waiting).toBe(3);
    await server.execute('RPUSH', 'list', 'other');
    expect(replies).toEqual([]);
    leave[1]();
    expect(run(SHOP, 'RPUSH list x y')).toBe(':2\r\n');
    await Promise.all([all[0], all[2]]);
    expect(replies).toEqual(['*2\r\n$4\r\nlist\r\n$1\r\nx\r\n', '*2\r\n$4\r\nlist\r\n$1\r\ny\r\n']);
    expect(gateway.waiting).toBe(0);
    expect(String(wait('DBSIZE'))).toBe(':0\r\n');
    expect(String(wait('EVAL', 'return 1', '0'))).toContain('-NOPERM');
  });

  test('has transactions, whose replies are as if each command had run by itself', async () => {
    const { run, caller } = callerOf(SHOP);
    expect(run('MULTI')).toBe('+OK\r\n');
    for (const each of ['RPUSH l a b', 'KEYS *', 'LMPOP 1 l LEFT', 'GET l']) expect(run(each)).toBe('+QUEUED\r\n');
    const reply = run('EXEC');
    expect(reply.startsWith('*4\r\n:2\r\n*1\r\n$1\r\nl\r\n*2\r\n$1\r\nl\r\n*1\r\n$1\r\na\r\n-WRONGTYPE')).toBe(true);
    expect(run('WATCH l')).toBe('+OK\r\n');
    run('MULTI');
    run('LLEN l');
    await server.execute('RPUSH', 'shop:l', 'x');
    expect(run('EXEC')).toBe('*-1\r\n');
    run('MULTI');
    expect(run('DBSIZE')).toMatch(/^-NOPERM/);
    expect(run('EXEC')).toMatch(/^-EXECABORT/);
    run('MULTI');
    expect(run('EVAL return(1) 0')).toMatch(/^-NOPERM/);
    expect(run('EXEC')).toMatch(/^-EXECABORT/);
    run('MULTI');
    run('KEYS *');
    expect(run('DISCARD')).toBe('+OK\r\n');
    expect(run('KEYS *')).toBe('*1\r\n$1\r\nl\r\n');
    caller.end();
  });

  test('is what it was after a pause, and after a wait', async () => {
    let given = '';
    const { run, caller } = callerOf(SHOP, { onBytes: (bytes) => (given += bytes.toString()) });
    await server.execute('CLIENT', 'PAUSE', '60000', 'WRITE');
    expect(run('RPUSH l a')).toBe('');
    await server.execute('CLIENT', 'UNPAUSE');
    await expect.poll(() => given).toBe(':1\r\n');
    expect(await server.execute('KEYS', '*')).toEqual(['shop:l']);
    given = '';
    expect(run('BLPOP m 0')).toBe('');
    await server.execute('RPUSH', 'shop:m', 'x');
    expect(given).toBe('*2\r\n$1\r\nm\r\n$1\r\nx\r\n');
    caller.end();
  });
});

describe('an access that may only read', () => {
  test.each(['SET a 1', 'DEL a', 'EVAL return(1) 0', 'CONFIG SET maxmemory 0', 'FLUSHALL', 'SCRIPT FLUSH', 'GETEX a'])(
    'does not %s',
    async (text) => {
      await server.execute('SET', 'a', '0');
      expect(run(READER, text)).toMatch(/^-NOPERM this access may only read/);
      expect(await server.execute('GET', 'a')).toBe('0');
    },
  );

  test.each(['GET a', 'KEYS *', 'EVAL_RO return(1) 0', 'PING', 'SCRIPT HELP', 'INFO server'])('does %s', (text) => {
    expect(run(READER, text)).not.toMatch(/^-/);
  });

  test('is refused in a transaction, which then does not run', () => {
    const { run, caller } = callerOf(READER);
    run('MULTI');
    expect(run('SET a 1')).toMatch(/^-NOPERM/);
    expect(run('EXEC')).toMatch(/^-EXECABORT/);
    caller.end();
  });
});

describe('an access to one database', () => {
  test.each(['MOVE a 1', 'COPY a b DB 1', 'SWAPDB 3 1', 'FLUSHALL', 'SELECT 1'])('does not %s', (text) => {
    expect(run(THIRD, text)).toBe('-NOPERM this access is for database 3 only\r\n');
  });

  test('does all that stays there', async () => {
    expect(run(THIRD, 'SET a 1')).toBe('+OK\r\n');
    expect(run(THIRD, 'COPY a b')).toBe(':1\r\n');
    expect(run(THIRD, 'SELECT 3')).toBe('+OK\r\n');
    expect(run(THIRD, 'DBSIZE')).toBe(':2\r\n');
    expect(await server.execute('DBSIZE')).toBe(0);
    const both: Access = { ...THIRD, keyPrefix: 'p:' };
    run(both, 'SET x 1');
    await server.execute('SET', 'p:x', '1');
    expect(run(both, 'FLUSHALL')).toBe('+OK\r\n');
    expect(run(THIRD, 'DBSIZE')).toBe(':2\r\n');
    expect(await server.execute('DBSIZE')).toBe(1);
  });
});
