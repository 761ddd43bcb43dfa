import { beforeEach, describe, expect, it } from 'vitest';
import { Transactions } from '../../src/features/transactions/transactions.js';
import { RawClient } from '../support/raw-client.js';
import { SeveralClients } from '../support/several-clients.js';
import { startServer } from '../support/start-server.js';

let room: SeveralClients;

beforeEach(() => {
  room = new SeveralClients();
});

describe('EXEC', () => {
  it('answers an array of the replies, errors among them', () => {
    const replies = room.lines('a', 'MULTI', 'SET k text', 'INCR k', 'GET k', 'EXEC');
    expect(replies).toBe(
      '+OK\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n' +
        '*3\r\n+OK\r\n-ERR value is not an integer or out of range\r\n$4\r\ntext\r\n',
    );
  });

  it('answers null in either protocol when a watched key was changed', () => {
    for (const name of ['a', 'a3']) {
      room.run(name, 'WATCH', 'k');
      room.run('b', 'INCR', 'k');
      room.lines(name, 'MULTI', 'GET k');
      expect(room.run(name, 'EXEC')).toBe(name === 'a' ? '*-1\r\n' : '_\r\n');
    }
  });

  it('has one time for all commands', () => {
    room.lines('a', 'SET k v PX 5', 'MULTI', 'GET k', 'GET k', 'EXEC');
    const { clock } = room.engine;
    // A clock that moves whenever it is read.
    Object.assign(clock, { now: () => room.clock.nowMs++ });
    room.lines('a', 'MULTI', 'PTTL k', 'PTTL k', 'PTTL k', 'PTTL k', 'PTTL k', 'PTTL k');
    const ttls = room.run('a', 'EXEC').match(/:\d+/g);
    expect(new Set(ttls).size).toBe(1);
  });

  it('runs copies: what the read buffer holds later does not matter', async () => {
    const server = await startServer();
    const client = await RawClient.connect({ port: server.port });
    const value = 'x'.repeat(3000);
    await client.call('MULTI');
    for (let i = 0; i < 40; i++) await client.call('RPUSH', 'l', `${i}${value}`);
    const replies = (await client.call('EXEC')).toString().split('\r\n');
    expect(replies.slice(0, 4)).toEqual(['*40', ':1', ':2', ':3']);
    expect((await client.call('LINDEX', 'l', 39)).toString()).toBe(`$3002\r\n39${value}\r\n`);
    await client.close();
  });

  it('forgets its commands: the next transaction begins empty', () => {
    room.lines('a', 'MULTI', 'SET k v', 'EXEC', 'MULTI');
    expect(room.run('a', 'EXEC')).toBe('*0\r\n');
    room.lines('a', 'MULTI', 'SET k v', 'DISCARD', 'MULTI');
    expect(room.run('a', 'EXEC')).toBe('*0\r\n');
  });

  it('keeps the transactions of several clients apart', () => {
    room.lines('a', 'MULTI', 'SET k a');
    room.lines('b', 'MULTI', 'SET k b', 'GET k');
    expect(room.run('a', 'EXEC')).toBe('*1\r\n+OK\r\n');
    expect(room.run('b', 'EXEC')).toBe('*2\r\n+OK\r\n$1\r\nb\r\n');
  });

  it('serves who waits after all of its commands', () => {
    expect(room.run('w', 'BLPOP', 'k', '0')).toBe('');
    room.lines('a', 'MULTI', 'RPUSH k 1', 'DEL k', 'RPUSH k 2', 'LLEN k');
    expect(room.run('a', 'EXEC')).toBe('*4\r\n:1\r\n:1\r\n:1\r\n:1\r\n');
    expect(room.takeSent()).toEqual(['w *2\r\n$1\r\nk\r\n$1\r\n2\r\n']);
  });

  it('lets its client wait again after it', () => {
    room.lines('a', 'MULTI', 'BLPOP k 0');
    expect(room.run('a', 'EXEC')).toBe('*1\r\n*-1\r\n');
    expect(room.run('a', 'BLPOP', 'k', '0')).toBe('');
  });
});

describe('what a transaction propagates', () => {
  it('stands between MULTI and EXEC when it is more than one effect', () => {
    room.lines('a', 'MULTI', 'SET k 1', 'GET k', 'INCR k', 'EXEC');
    expect(room.takeEffects()).toEqual(['0: MULTI', '0: SET k 1', '0: INCR k', '0: EXEC']);
  });

  it('stands alone when it is one, and is nothing when nothing changed', () => {
    room.lines('a', 'MULTI', 'GET k', 'SET k 1', 'EXEC');
    expect(room.takeEffects()).toEqual(['0: SET k 1']);
    room.lines('a', 'MULTI', 'GET k', 'EXEC', 'MULTI', 'EXEC', 'MULTI', 'SET k 2', 'DISCARD');
    expect(room.takeEffects()).toEqual([]);
  });

  it('leaves out what failed, and names the database of each effect', () => {
    room.lines('a', 'MULTI', 'SET k x', 'INCR k', 'SELECT 3', 'SET j 1', 'EXEC');
    expect(room.takeEffects()).toEqual(['0: MULTI', '0: SET k x', '3: SET j 1', '3: EXEC']);
  });

  it('has the removal of a key that was due before the command that met it', () => {
    room.lines('a', 'SET k v PX 5');
    room.takeEffects();
    room.clock.nowMs += 10;
    room.lines('a', 'MULTI', 'INCR k', 'EXEC');
    expect(room.takeEffects()).toEqual(['0: MULTI', '0: DEL k', '0: INCR k', '0: EXEC']);
  });

  it('comes before what those who were served propagate', () => {
    room.run('w', 'BLPOP', 'k', '0');
    room.lines('a', 'MULTI', 'RPUSH k 1 2', 'SET s v', 'EXEC');
    expect(room.takeEffects()).toEqual(['0: MULTI', '0: RPUSH k 1 2', '0: SET s v', '0: EXEC', '0: LPOP k']);
  });
});

describe('WATCH', () => {
  it('observes the keyspace only while somebody watches', () => {
    const { watches } = room.engine.feature(Transactions);
    room.lines('a', 'WATCH k k j');
    room.lines('b', 'WATCH k');
    expect([watches.watchingClients, watches.watchedKeys]).toEqual([2, 2]);
    room.run('c', 'SET', 'k', 'v');
    expect([watches.watchingClients, watches.watchedKeys]).toEqual([0, 0]);
    room.run('a', 'WATCH', 'j');
    // The watch is broken: there is nothing left to watch.
    expect(watches.watchedKeys).toBe(0);
    room.lines('a', 'UNWATCH', 'WATCH j');
    expect(watches.watchedKeys).toBe(1);
    room.leave('a');
    expect([watches.watchingClients, watches.watchedKeys]).toEqual([0, 0]);
  });

  it('breaks when a watched key falls due, removed or not', () => {
    room.lines('a', 'SET k v PX 5', 'WATCH k');
    room.clock.nowMs += 10;
    room.lines('a', 'MULTI', 'PING');
    expect(room.run('a', 'EXEC')).toBe('*-1\r\n');
    room.lines('a', 'SET k v PX 5', 'WATCH k');
    room.clock.nowMs += 10;
    room.engine.keyspace.expireDue(10);
    room.lines('a', 'MULTI', 'PING');
    expect(room.run('a', 'EXEC')).toBe('*-1\r\n');
  });

  it('does not break by the removal of a key that was due before', () => {
    room.lines('b', 'SET k v PX 5');
    room.clock.nowMs += 10;
    room.run('a', 'WATCH', 'k');
    room.engine.keyspace.expireDue(10);
    room.lines('a', 'MULTI', 'PING');
    expect(room.run('a', 'EXEC')).toBe('*1\r\n+PONG\r\n');
  });

  it('breaks when a snapshot is restored in which the key is, or was', () => {
    const { keyspace } = room.engine;
    const empty = keyspace.snapshot();
    room.run('b', 'SET', 'k', 'v');
    room.run('a', 'WATCH', 'k');
    room.run('c', 'WATCH', 'none');
    keyspace.restore(empty);
    room.lines('a', 'MULTI', 'PING');
    room.lines('c', 'MULTI', 'PING');
    expect(room.run('a', 'EXEC')).toBe('*-1\r\n');
    expect(room.run('c', 'EXEC')).toBe('*1\r\n+PONG\r\n');
    empty.close();
  });

  it('knows keys by their bytes', () => {
    room.run('a', 'WATCH', Buffer.from([0xff, 0]));
    room.run('b', 'SET', Buffer.from([0xff]), 'v');
    room.run('b', 'SET', 'ÿ\0', 'v');
    room.lines('a', 'MULTI', 'PING');
    expect(room.run('a', 'EXEC')).toBe('*1\r\n+PONG\r\n');
    room.run('a', 'WATCH', Buffer.from([0xff, 0]));
    room.run('b', 'SET', Buffer.from([0xff, 0]), 'v');
    room.lines('a', 'MULTI', 'PING');
    expect(room.run('a', 'EXEC')).toBe('*-1\r\n');
  });
});

describe('statistics and CLIENT LIST', () => {
  it('show open transactions and watches', async () => {
    const server = await startServer();
    const client = await RawClient.connect({ port: server.port });
    const info = async (): Promise<string> => String(await server.execute('CLIENT', 'LIST', 'TYPE', 'normal'));
    await client.call('WATCH', 'a', 'b');
    expect(await info()).toMatch(/flags=N .* multi=-1 watch=2 /);
    await client.pipeline([['MULTI'], ['GET', 'a'], ['GET', 'b']]);
    expect(await info()).toMatch(/flags=x .* multi=2 watch=2 .* multi-mem=[1-9]/);
    await server.execute('SET', 'a', 'v');
    expect(await info()).toMatch(/flags=xd .* multi=2 watch=0 /);
    const stats = String(await server.execute('INFO', 'clients'));
    expect(stats).toContain('watching_clients:0\r\n');
    expect(stats).toContain('total_watched_keys:0\r\n');
    await client.call('DISCARD');
    expect(await info()).toMatch(/flags=N .* multi=-1 watch=0 .* multi-mem=0/);
    await client.close();
  });

  it('count a queued command once, when it runs', async () => {
    const server = await startServer();
    const client = await RawClient.connect({ port: server.port });
    await client.pipeline([['MULTI'], ['SET', 'k', 'v'], ['INCR', 'k']]);
    const calls = async (): Promise<string[]> =>
      String(await server.execute('INFO', 'commandstats')).match(/^cmdstat_(set|incr|exec):calls=\d+/gm) ?? [];
    expect(await calls()).toEqual([]);
    await client.call('EXEC');
    expect((await calls()).sort()).toEqual(['cmdstat_exec:calls=1', 'cmdstat_incr:calls=1', 'cmdstat_set:calls=1']);
    expect(String(await server.execute('INFO', 'commandstats'))).toMatch(/cmdstat_incr:.*failed_calls=1/);
    await client.close();
  });
});
