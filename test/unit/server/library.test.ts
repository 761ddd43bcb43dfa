/** The library in the hands of somebody who makes mistakes: wrong input, state left behind, use after the end. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { RedisServer, RedisServerError, type Reply, ReplyError } from '../../../src/index.js';
import { insideOf } from '../../support/inside.js';
import { encodeCommand, RawClient } from '../../support/raw-client.js';
import { startServer } from '../../support/start-server.js';

const start = (options: unknown) => RedisServer.start(options as never);

function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'redstart-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

describe('options', () => {
  test.each([
    [6380, 'start() takes an object of options, such as { port: 6380 }, not 6380'],
    ['redis://localhost', 'start() takes an object of options, such as { port: 6380 }, not "redis://localhost"'],
    [null, 'start() takes an object of options, such as { port: 6380 }, not null'],
    [[6380], 'start() takes an object of options, such as { port: 6380 }, not an array'],
    [{ port: null }, 'port: takes an integer, not null'],
    [{ port: Number.NaN }, 'port: takes an integer, not NaN'],
    [{ port: 63.5 }, 'port: takes an integer, not 63.5'],
    [{ port: true }, 'port: takes an integer, not true'],
    [{ port: {} }, 'port: takes an integer, not an object (Object)'],
    [{ port: '' }, "port: argument couldn't be parsed into an integer"],
    [{ port: 65_536 }, 'port: argument must be between 0 and 65535 inclusive'],
    [{ databases: 1_000_000_000 }, 'databases: argument must be between 1 and 65536 inclusive'],
    [{ port: -1 }, 'port: argument must be between 0 and 65535 inclusive'],
    [
      { maxmemory: Number.POSITIVE_INFINITY },
      "maxmemory: takes a number of bytes or a size such as '64mb', not Infinity",
    ],
    [{ maxmemory: '64 MB' }, 'maxmemory: argument must be a memory value'],
    [{ requirepass: 1234 }, 'requirepass: takes a string, not 1234'],
    [{ requirepass: null }, 'requirepass: takes a string, not null'],
    [{ rdbcompression: 1 }, 'rdbcompression: takes true or false, not 1'],
    [{ bind: ['127.0.0.1', null] }, 'bind: takes a string or an array of strings, not an array'],
    [{ save: [Number.NaN, 1] }, 'save: takes a string or an array of numbers, not an array'],
    [{ save: true }, 'save: takes a string or an array of numbers, not true'],
    [{ unixsocketperm: 777 }, 'unixsocketperm: argument must be between 0 and 777 inclusive'],
    [{ dir: '/does/not/exist' }, 'dir: No such file or directory'],
    [{ logger: true }, 'logger: takes an object with debug(), info(), warn() and error(), not true'],
    [
      { logger: { info() {} } },
      'logger: takes an object with debug(), info(), warn() and error(), not an object (Object)',
    ],
    [{ keepAlive: 'yes' }, 'keepAlive: takes true or false, not "yes"'],
    [{ transport: 'tcp' }, "transport: takes 'handles' or 'events', not \"tcp\""],
    [{ config: {} }, 'config: give directives as options: { maxmemory: "64mb", dir: "data" }'],
    [{ bind: [] }, 'Configured to not listen anywhere: bind names no address'],
    [{ bind: '' }, 'Configured to not listen anywhere: bind names no address'],
    [{ http: { port: 0, mount: { nothing: '/' } } }, "http-mount: there is no API 'nothing'"],
    [{ http: { port: 0, tokensFile: '/no/such' } }, /^http-tokens-file \/no\/such: ENOENT/],
    [{ http: { port: 0, webdisConfig: '/no/such' } }, /^http-webdis-config \/no\/such: ENOENT/],
    [{ appendonly: true }, /^appendonly: not supported by redstart: /],
    [{ daemonize: true }, 'daemonize: is for the program `redstart`, whose process is its own'],
    [{ supervised: 'no' }, 'supervised: is for the program `redstart`, whose process is its own'],
    [{ pidfile: '/tmp/pid' }, 'pidfile: is for the program `redstart`, whose process is its own'],
    [{ logfile: 'log' }, 'logfile: is for the program `redstart`, whose process is its own; give a logger'],
  ])('%j is refused at once, with the reason', async (options, message) => {
    const refused = await start(options).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(RedisServerError);
    expect(refused).toMatchObject({ name: 'RedisServerError', code: 'INVALID_OPTION' });
    if (typeof message === 'string') expect((refused as Error).message).toBe(message);
    else expect((refused as Error).message).toMatch(message);
  });

  test.each([
    ['host', 'bind'],
    ['hostname', 'bind'],
    ['password', 'requirepass'],
    ['requirePass', 'requirepass'],
    ['maxMemory', 'maxmemory'],
    ['maxMemoryPolicy', 'maxmemoryPolicy'],
    ['max_clients', 'maxclients'],
    ['prot', 'port'],
    ['maxmemmory', 'maxmemory'],
    ['keepalive', 'keepAlive'],
    ['unixSocket', 'unixsocket'],
    ['db', 'databases'],
    ['log', 'logger'],
  ])('%s: did you mean %s?', async (given, meant) => {
    await expect(start({ [given]: 1 })).rejects.toThrow(`unknown option '${given}': did you mean '${meant}'?`);
  });

  test('a name like no other gets no hint', async () => {
    await expect(start({ nonsense: 1 })).rejects.toThrow(/^unknown option 'nonsense'$/);
  });

  test('what is undefined is as if it were not there', async () => {
    const server = await startServer({ port: 0, requirepass: undefined, logger: undefined, keepAlive: undefined });
    expect(await server.execute('CONFIG', 'GET', 'requirepass')).toEqual(new Map([['requirepass', '']]));
  });

  test('each directive takes what its type suggests, beside its text', async () => {
    const server = await startServer({
      bind: ['127.0.0.1'],
      maxmemory: 64n * 1024n * 1024n,
      maxmemoryPolicy: 'allkeys-lfu',
      'maxmemory-samples': 7,
      lazyfreeLazyExpire: true,
      notifyKeyspaceEvents: 'KEA',
      clientOutputBufferLimit: ['pubsub', '32mb', '8mb', 60],
      shutdownOnSigterm: ['save', 'now'],
      unixsocketperm: 0o750,
    });
    const get = async (name: string) =>
      ((await server.execute('CONFIG', 'GET', name)) as Map<string, string>).get(name);
    expect(await get('maxmemory')).toBe('67108864');
    expect(await get('maxmemory-policy')).toBe('allkeys-lfu');
    expect(await get('maxmemory-samples')).toBe('7');
    expect(await get('lazyfree-lazy-expire')).toBe('yes');
    expect(await get('notify-keyspace-events')).toBe('AKE');
    expect(await get('client-output-buffer-limit')).toContain('pubsub 33554432 8388608 60');
    expect(await get('shutdown-on-sigterm')).toBe('save now');
    expect(await get('unixsocketperm')).toBe('750');
  });

  test('wrong types do not compile', () => {
    // @ts-expect-error a port is a number
    void (() => RedisServer.start({ port: true }));
    // @ts-expect-error a policy that does not exist
    void (() => RedisServer.start({ maxmemoryPolicy: 'allkeys' }));
    // @ts-expect-error a directive that is refused
    void (() => RedisServer.start({ appendonly: true }));
    // @ts-expect-error no such option
    void (() => RedisServer.start({ host: 'localhost' }));
  });
});

describe('execute', () => {
  test.each([
    [[], 'no command was given'],
    [[['SET', 'k', 'v']], "the parts of a command are arguments: execute('SET', 'k', 'v')"],
    [['SET', 'k', undefined], /^argument 2 of SET is undefined: a command takes strings, finite numbers, bigints and/],
    [['set', 'k', null], /^argument 2 of SET is null/],
    [['SET', 'k', {}], /^argument 2 of SET is an object \(Object\)/],
    [['SET', 'k', new Date()], /^argument 2 of SET is an object \(Date\)/],
    [['SET', 'k', Number.NaN], /^argument 2 of SET is NaN/],
    [['SET', 'k', Number.NEGATIVE_INFINITY], /^argument 2 of SET is -Infinity/],
    [['SET', 'k', true], /^argument 2 of SET is true/],
    [['SET', 'k', ['v']], /^argument 2 of SET is an array/],
    [['SET', 'k', () => 'v'], /^argument 2 of SET is a function/],
    [['SET', 'k', Symbol('v')], /^argument 2 of SET is a symbol/],
    [['SET', undefined, 'v'], /^argument 1 of SET is undefined/],
    [['SET', 'k', new ArrayBuffer(1)], /^argument 2 of SET is an object \(ArrayBuffer\)/],
    [['SET', 'k', new Uint16Array(1)], /^argument 2 of SET is an object \(Uint16Array\)/],
    [[undefined], /^the command's name is undefined/],
  ])('%j is refused, and nothing is stored', async (command, message) => {
    const server = await startServer();
    const refused = await server.execute(...(command as string[])).catch((error: unknown) => error);
    expect(refused).toMatchObject({ name: 'RedisServerError', code: 'INVALID_ARGUMENT' });
    if (typeof message === 'string') expect((refused as Error).message).toBe(message);
    else expect((refused as Error).message).toMatch(message);
    expect(await server.execute('DBSIZE')).toBe(0);
  });

  test('bytes come back as they are when Buffers are asked for, also inside of arrays and maps', async () => {
    const server = await startServer({ requirepass: 'secret' });
    const bytes = Buffer.from([0, 255, 128, 13, 10]);
    await server.execute('SET', 'k', bytes);
    expect(await server.executeBuffer('GET', 'k')).toEqual(bytes);
    expect(await server.executeBuffer('MGET', 'k', 'missing')).toEqual([bytes, null]);
    expect(await server.executeBuffer('STRLEN', 'k')).toBe(5);
    const dump = await server.executeBuffer<Buffer>('DUMP', 'k');
    expect(await server.execute('RESTORE', 'copy', 0, dump)).toBe('OK');
    expect(await server.executeBuffer('GET', 'copy')).toEqual(bytes);
    const password = [...(await server.executeBuffer<Map<Buffer, Buffer>>('CONFIG', 'GET', 'requirepass'))].flat();
    expect(password).toEqual([Buffer.from('requirepass'), Buffer.from('secret')]);
  });

  test('a window onto larger memory is stored as what it shows', async () => {
    const server = await startServer();
    await server.execute('SET', 'k', new Uint8Array(new TextEncoder().encode('abcdef').buffer, 2, 3));
    expect(await server.execute('GET', 'k')).toBe('cde');
  });

  test.each([
    [['SELECT', 1], 'SELECT'],
    [['MULTI'], 'MULTI'],
    [['WATCH', 'k'], 'WATCH'],
    [['HELLO', 2], 'HELLO'],
    [['CLIENT', 'REPLY', 'OFF'], 'CLIENT REPLY'],
    [['client', 'reply', 'skip'], 'CLIENT REPLY'],
    [['CLIENT', 'SETNAME', 'me'], 'CLIENT SETNAME'],
    [['CLIENT', 'NO-TOUCH', 'ON'], 'CLIENT NO-TOUCH'],
    [['CLIENT', 'NO-EVICT', 'ON'], 'CLIENT NO-EVICT'],
  ])('%j is refused, since it would meet whoever calls next', async (command, name) => {
    const server = await startServer();
    await expect(server.execute(...command)).rejects.toMatchObject({
      code: 'NEEDS_SESSION',
      message: `${name} changes the state of its connection, and execute() keeps none: use a session()`,
    });
    expect(await server.execute('SET', 'k', 'v')).toBe('OK');
    expect(await server.execute('GET', 'k')).toBe('v');
    expect(await server.execute('INFO', 'keyspace')).toContain('db0:keys=1');
    expect(await server.execute('CLIENT', 'GETNAME')).toBe(null);
    expect(await server.execute('CONFIG', 'GET', 'databases')).toBeInstanceOf(Map);
  });

  test('what leaves nothing behind is answered: RESET, QUIT, HELLO 3, SELECT 0, a MULTI that fails', async () => {
    const server = await startServer();
    expect(await server.execute('RESET')).toBe('RESET');
    expect(await server.execute('QUIT')).toBe('OK');
    expect(await server.execute('HELLO', 3)).toBeInstanceOf(Map);
    expect(await server.execute('SELECT', 0)).toBe('OK');
    await expect(server.execute('EXEC')).rejects.toThrow('ERR EXEC without MULTI');
    await expect(server.execute('SELECT', 99)).rejects.toThrow(ReplyError);
  });
});

describe('a session', () => {
  test('keeps database, transaction and name, and is nobody else’s', async () => {
    const server = await startServer();
    const [one, two] = [server.session(), server.session()];
    expect(await one.execute('SELECT', 3)).toBe('OK');
    await one.execute('SET', 'k', 'three');
    expect(await two.execute('GET', 'k')).toBe(null);
    expect(await one.execute('MULTI')).toBe('OK');
    expect(await one.execute('INCR', 'n')).toBe('QUEUED');
    expect(await two.execute('EXISTS', 'n')).toBe(0);
    expect(await one.execute('EXEC')).toEqual([1]);
    expect(await one.executeBuffer('GET', 'k')).toEqual(Buffer.from('three'));
    await one.execute('CLIENT', 'SETNAME', 'one');
    expect(await one.execute('CLIENT', 'GETNAME')).toBe('one');
    expect(await two.execute('CLIENT', 'GETNAME')).toBe(null);
  });

  test('a watch that another one breaks makes EXEC answer null', async () => {
    const server = await startServer();
    const session = server.session();
    await session.execute('WATCH', 'k');
    await server.execute('SET', 'k', 'v');
    await session.execute('MULTI');
    await session.execute('PING');
    expect(await session.execute('EXEC')).toBe(null);
  });

  test('its blocking commands wait, what comes after them too, and the clock ends them', async () => {
    const server = await startServer();
    server.clock.freeze();
    const session = server.session();
    const order: string[] = [];
    const popped = session.execute('BLPOP', 'l', 10).then((reply) => order.push(`popped ${reply}`));
    const after = session.execute('ECHO', 'after').then((reply) => order.push(`${reply}`));
    await server.untilBlocked();
    expect(await server.execute('RPUSH', 'l', 'x')).toBe(1);
    await Promise.all([popped, after]);
    expect(order).toEqual(['popped l,x', 'after']);
    const late = session.execute('BLPOP', 'l', 10);
    await server.clock.advance(10_000);
    expect(await late).toBe(null);
  });

  test('subscriptions bring messages, in order, beside its commands', async () => {
    const server = await startServer();
    const messages: Reply[] = [];
    const session = server.session({ onMessage: (message) => messages.push(message) });
    expect(await session.execute('SUBSCRIBE', 'a', 'b')).toEqual(['subscribe', 'a', 1]);
    await server.execute('PUBLISH', 'b', 'hello');
    expect(await session.execute('PUBLISH', 'a', 'to myself')).toBe(1);
    await server.idle();
    expect(messages).toEqual([
      ['subscribe', 'b', 2],
      ['message', 'b', 'hello'],
      ['message', 'a', 'to myself'],
    ]);
  });

  test('CLIENT PAUSE holds it back; what CLIENT REPLY leaves out is answered with null', async () => {
    const server = await startServer();
    server.clock.freeze();
    const session = server.session();
    await server.execute('CLIENT', 'PAUSE', 1000);
    const set = session.execute('SET', 'k', 'v');
    expect(server.blockedClients).toBe(1);
    expect(await server.execute('EXISTS', 'k')).toBe(0);
    await server.clock.advance(1000);
    expect(await set).toBe('OK');
    expect(await session.execute('CLIENT', 'REPLY', 'OFF')).toBe(null);
    expect(await session.execute('GET', 'k')).toBe(null);
    expect(await session.execute('CLIENT', 'REPLY', 'ON')).toBe('OK');
    const muted = server.session();
    await muted.execute('CLIENT', 'REPLY', 'OFF');
    const waiting = muted.execute('BLPOP', 'l', 0);
    await server.execute('RPUSH', 'l', 'x');
    expect(await waiting).toBe(null);
    expect(await server.execute('LLEN', 'l')).toBe(0);
  });

  test('closed it lets go of all it had, rejects what waits, and refuses what comes', async () => {
    const server = await startServer();
    const session = server.session();
    await session.execute('SUBSCRIBE', 'a');
    const other = server.session();
    const waiting = other.execute('BLPOP', 'l', 0);
    const queued = other.execute('PING');
    session.close();
    session.close();
    other.close();
    await expect(waiting).rejects.toMatchObject({ code: 'SESSION_CLOSED' });
    await expect(queued).rejects.toMatchObject({ code: 'SESSION_CLOSED' });
    await expect(session.execute('PING')).rejects.toMatchObject({ code: 'SESSION_CLOSED' });
    expect(server.blockedClients).toBe(0);
    expect(await server.execute('PUBSUB', 'NUMSUB', 'a')).toEqual(['a', 0]);
    expect(await server.execute('RPUSH', 'l', 'x')).toBe(1);
    const quitting = server.session();
    expect(await quitting.execute('QUIT')).toBe('OK');
    await expect(quitting.execute('PING')).rejects.toMatchObject({ code: 'SESSION_CLOSED' });
  });

  test('wrong arguments and error replies reject, and the session goes on', async () => {
    const server = await startServer();
    const session = server.session();
    await expect(session.execute('SET', 'k', undefined as never)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(session.execute('NONSENSE')).rejects.toThrow(ReplyError);
    expect(await session.execute('PING')).toBe('PONG');
  });
});

test('a server is made by start() only', () => {
  const Unchecked = RedisServer as unknown as new (options?: unknown) => RedisServer;
  const refused = { code: 'INVALID_OPTION', message: 'a server is made by RedisServer.start()' };
  expect(() => new Unchecked()).toThrow(expect.objectContaining(refused));
  expect(() => new Unchecked({ port: 0 })).toThrow(expect.objectContaining(refused));
});

test('bytes whose memory was given away are refused', async () => {
  const server = await startServer();
  const bytes = new Uint8Array(3);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  await expect(server.execute('SET', 'k', bytes)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
});

test.each([[null], [{ save: 'yes' }], [{ force: 1 }]])('shutdown(%j) is refused', async (options) => {
  const server = await startServer();
  const refused = { name: 'RedisServerError', code: 'INVALID_ARGUMENT' };
  expect(() => server.shutdown(options as never)).toThrow(expect.objectContaining(refused));
  expect(await server.execute('PING')).toBe('PONG');
});

test('what a logger throws is thrown where nothing of the server is', async () => {
  const before = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  const thrown: string[] = [];
  process.on('uncaughtException', ({ message }) => void thrown.push(message));
  try {
    const fail = () => {
      throw new Error('no log');
    };
    const server = await startServer({ logger: { debug: fail, info: fail, warn: fail, error: fail } });
    expect(await server.execute('BGSAVE')).toBe('Background saving started');
    await server.stop();
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.removeAllListeners('uncaughtException');
    for (const listener of before) process.on('uncaughtException', listener);
  }
  expect(thrown.length).toBeGreaterThan(1);
  expect(new Set(thrown)).toEqual(new Set(['no log']));
});

describe('after the end', () => {
  test('a stopped server refuses commands, sessions, snapshots and restores, and its clock does no harm', async () => {
    const server = await startServer();
    const snapshot = server.snapshot();
    const session = server.session();
    const waiting = session.execute('BLPOP', 'l', 0).catch((error: unknown) => error);
    await server.stop();
    const over = { name: 'RedisServerError', code: 'SERVER_STOPPED', message: 'the server is stopped' };
    expect(await waiting).toMatchObject(over);
    await expect(server.execute('PING')).rejects.toMatchObject(over);
    await expect(server.executeBuffer('PING')).rejects.toMatchObject(over);
    await expect(session.execute('PING')).rejects.toMatchObject(over);
    await expect(server.untilBlocked()).rejects.toMatchObject(over);
    expect(() => server.session()).toThrow(expect.objectContaining(over));
    expect(() => server.snapshot()).toThrow(expect.objectContaining(over));
    expect(() => server.restore(snapshot)).toThrow(expect.objectContaining(over));
    snapshot.close();
    session.close();
    await server.idle();
    await server.clock.advance(1000);
    server.shutdown();
    await Promise.all([server.stop(), server.stop(), server.closed]);
  });

  test('a closed snapshot is refused, and the server goes on; closing it twice does nothing', async () => {
    const server = await startServer();
    await server.execute('SET', 'k', 'v');
    const snapshot = server.snapshot();
    expect(snapshot.isClosed).toBe(false);
    snapshot.close();
    snapshot.close();
    expect(snapshot.isClosed).toBe(true);
    expect(() => server.restore(snapshot)).toThrow(expect.objectContaining({ code: 'SNAPSHOT_CLOSED' }));
    expect(await server.execute('GET', 'k')).toBe('v');
    expect(await server.execute('SET', 'k', 'w')).toBe('OK');
  });

  test('what is no snapshot, or another server’s, is refused', async () => {
    const [one, two] = [await startServer(), await startServer()];
    const snapshot = one.snapshot();
    expect(() => two.restore(snapshot)).toThrow(expect.objectContaining({ code: 'FOREIGN_SNAPSHOT' }));
    for (const wrong of [undefined, null, {}, 'snapshot']) {
      expect(() => two.restore(wrong as never)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    }
    snapshot.close();
  });

  test('from inside a command, by a logger, snapshots are refused and commands wait for their turn', async () => {
    const errors: unknown[] = [];
    const later: Promise<Reply>[] = [];
    const server = await startServer({
      enableDebugCommand: 'yes',
      logger: {
        debug() {},
        info() {},
        error() {},
        warn() {
          try {
            server.snapshot();
          } catch (error) {
            errors.push(error);
          }
          later.push(server.execute('INCR', 'n'), server.session().execute('INCR', 'n'));
        },
      },
    });
    const client = await RawClient.connect({ port: server.port });
    expect(`${await client.call('DEBUG', 'LOG', 'x')}`).toBe('+OK\r\n');
    await server.execute('DEBUG', 'LOG', 'x');
    expect(errors).toMatchObject([{ code: 'SERVER_BUSY' }, { code: 'SERVER_BUSY' }]);
    expect((await Promise.all(later)).sort()).toEqual([1, 2, 3, 4]);
  });

  test('a server that can not listen leaves nothing, and gives the system’s reason', async () => {
    const server = await startServer();
    await expect(start({ port: server.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await expect(start({ port: 0, bind: '203.0.113.1' })).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' });
  });
});

describe('files', () => {
  test('nobody asked for any: SAVE, BGSAVE and DEBUG RELOAD work, and the disk stays as it was', async () => {
    const before = readdirSync(process.cwd());
    const server = await startServer({ enableDebugCommand: 'yes' });
    await server.execute('SET', 'k', 'v');
    await server.execute('RPUSH', 'l', ...Array.from({ length: 5000 }, (_, i) => `element ${i}`));
    expect(await server.execute('SAVE')).toBe('OK');
    expect(await server.execute('BGSAVE')).toBe('Background saving started');
    while (`${await server.execute('INFO', 'persistence')}`.includes('rdb_bgsave_in_progress:1')) await server.idle();
    expect(`${await server.execute('INFO', 'persistence')}`).toContain('rdb_last_bgsave_status:ok');
    const digest = await server.execute('DEBUG', 'DIGEST');
    expect(await server.execute('DEBUG', 'RELOAD')).toBe('OK');
    expect(await server.execute('DEBUG', 'DIGEST')).toBe(digest);
    await server.execute('SHUTDOWN', 'SAVE');
    await server.closed;
    expect(readdirSync(process.cwd())).toEqual(before);
  });

  test.each(['option', 'CONFIG SET'])('who names a directory by %s has them', async (way) => {
    const dir = temporaryDirectory();
    const server = await startServer(way === 'option' ? { dir } : { enableProtectedConfigs: 'yes' });
    if (way === 'CONFIG SET') await server.execute('CONFIG', 'SET', 'dir', dir);
    await server.execute('SET', 'k', 'v');
    expect(await server.execute('SAVE')).toBe('OK');
    expect(existsSync(join(dir, 'dump.rdb'))).toBe(true);
  });
});

describe('waiting', () => {
  test('idle resolves when what clients sent has been answered or blocks', async () => {
    const server = await startServer();
    const clients = await Promise.all([1, 2, 3].map(() => RawClient.connect({ port: server.port })));
    clients[0]!.write(encodeCommand(['BLPOP', 'l', '0']));
    clients[1]!.write(encodeCommand(['BLPOP', 'l', '0']));
    clients[2]!.write(Buffer.concat(Array.from({ length: 20_000 }, () => encodeCommand(['INCR', 'n']))));
    await server.idle();
    expect(server.blockedClients).toBe(2);
    expect(await server.execute('GET', 'n')).toBe('20000');
  });

  test('untilBlocked resolves when as many clients wait, at once if they do', async () => {
    const server = await startServer();
    await server.untilBlocked(0);
    const sessions = [server.session(), server.session()];
    const both = server.untilBlocked(2);
    const replies = sessions.map((session) => session.execute('BLPOP', 'l', 0));
    await both;
    await server.untilBlocked();
    await server.execute('RPUSH', 'l', 'a', 'b');
    await Promise.all(replies);
    expect(server.blockedClients).toBe(0);
    await expect(server.untilBlocked(Number.NaN)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  test('advance first lets in what was sent before it', async () => {
    const server = await startServer();
    server.clock.freeze();
    const client = await RawClient.connect({ port: server.port });
    for (let i = 0; i < 20; i++) {
      const popped = client.call('BLPOP', 'l', '5');
      await server.clock.advance(5000);
      expect(`${await popped}`).toBe('*-1\r\n');
    }
  });

  test('advance does not wait for a client that never stops sending', async () => {
    const server = await startServer();
    const client = await RawClient.connect({ port: server.port });
    let isOver = false;
    const sending = (async () => {
      while (!isOver) await client.call('PING');
    })();
    await server.clock.advance(1000);
    isOver = true;
    await sending;
  });

  test.each([
    ['freeze', Number.NaN],
    ['freeze', Number.POSITIVE_INFINITY],
    ['freeze', -1],
    ['freeze', '2030-01-01'],
    ['freeze', new Date('nonsense')],
    ['freeze', null],
    ['advance', Number.NaN],
    ['advance', -1],
    ['advance', Number.POSITIVE_INFINITY],
    ['advance', undefined],
    ['advance', '5'],
    ['set', Number.NaN],
    ['set', undefined],
    ['set', new Date('nonsense')],
    ['set', 9e15],
  ] as const)('clock.%s(%s) is refused, and the clock is what it was', async (method, value) => {
    const server = await startServer();
    server.clock.freeze(new Date(1000));
    const call = async () => server.clock[method](value as never);
    await expect(call()).rejects.toMatchObject({ name: 'RedisServerError', code: 'INVALID_ARGUMENT' });
    expect(server.clock.now()).toBe(1000);
    await server.clock.advance(1);
    expect(server.clock.now()).toBe(1001);
  });
});

describe('an idle server', () => {
  test('has no timer once it has rested, and keeps the time of commands when it goes on', async () => {
    const server = await startServer();
    const client = await RawClient.connect({ port: server.port });
    await client.call('SET', 'k', 'v');
    const { background } = insideOf(server);
    const rested = async () => {
      while (!background['isResting']) await new Promise((resolve) => setTimeout(resolve, 20));
    };
    await rested();
    await new Promise((resolve) => setTimeout(resolve, 2100));
    expect(`${await client.call('OBJECT', 'IDLETIME', 'k')}`).toMatch(/^:[4-9]\r\n$/);
    await client.call('GET', 'k');
    expect(`${await client.call('OBJECT', 'IDLETIME', 'k')}`).toBe(':0\r\n');
    expect(background['isResting']).toBe(false);
    await rested();
    await server.execute('SET', 'soon', 'v', 'PX', 5);
    expect(background['isResting']).toBe(false);
    await rested();
    expect(await server.execute('DBSIZE')).toBe(1);
  });

  test('does not rest while something will be due: changes to save, clients that may idle too long', async () => {
    const dir = temporaryDirectory();
    const saving = await startServer({ dir, save: '3 1' });
    await saving.execute('SET', 'k', 'v');
    const closing = await startServer({ timeout: 3 });
    const client = await RawClient.connect({ port: closing.port });
    await client.closed;
    while (!existsSync(join(dir, 'dump.rdb'))) await new Promise((resolve) => setTimeout(resolve, 50));
  });
});
