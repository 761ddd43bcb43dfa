import { expect, test } from 'vitest';
import { encodeCommand, RawClient } from '../support/raw-client.js';
import { startServer } from '../support/start-server.js';
import { until } from '../support/until.js';

async function start(options = {}) {
  const server = await startServer(options);
  const connect = async (protocol: 2 | 3 = 2) => {
    const client = await RawClient.connect({ port: server.port }, { protocol });
    const id = Number(`${await client.call('CLIENT', 'ID')}`.slice(1));
    return { client, id, ask: async (...command: string[]) => `${await client.call(...command)}` };
  };
  const list = async () => `${await server.execute('CLIENT', 'LIST')}`.trimEnd().split('\n');
  return { server, connect, list };
}

test('ids grow and are never given twice', async () => {
  const { connect } = await start();
  const one = await connect();
  const two = await connect();
  await one.client.close();
  const three = await connect();
  expect(two.id).toBe(one.id + 1);
  expect(three.id).toBe(two.id + 1);
  expect(await three.ask('CLIENT', 'ID', 'x')).toBe("-ERR wrong number of arguments for 'client|id' command\r\n");
});

test('SETNAME names a connection, and takes the name away again', async () => {
  const { connect } = await start();
  const { ask } = await connect();
  expect(await ask('CLIENT', 'GETNAME')).toBe('$-1\r\n');
  expect(await ask('CLIENT', 'SETNAME', 'me:1')).toBe('+OK\r\n');
  expect(await ask('CLIENT', 'GETNAME')).toBe('$4\r\nme:1\r\n');
  for (const name of ['a b', 'a\nb', 'a\u0001', 'ü']) {
    expect(await ask('CLIENT', 'SETNAME', name)).toBe(
      '-ERR Client names cannot contain spaces, newlines or special characters.\r\n',
    );
  }
  expect(await ask('CLIENT', 'GETNAME')).toBe('$4\r\nme:1\r\n');
  expect(await ask('CLIENT', 'SETNAME', '')).toBe('+OK\r\n');
  expect(await ask('CLIENT', 'GETNAME')).toBe('$-1\r\n');
});

test('SETINFO tells about the library', async () => {
  const { connect } = await start();
  const { ask } = await connect();
  expect(await ask('CLIENT', 'SETINFO', 'LIB-NAME', 'ioredis')).toBe('+OK\r\n');
  expect(await ask('client', 'setinfo', 'lib-ver', '5.0')).toBe('+OK\r\n');
  expect(await ask('CLIENT', 'INFO')).toContain(' lib-name=ioredis lib-ver=5.0\n');
  expect(await ask('CLIENT', 'SETINFO', 'LIB-NAME', 'a b')).toBe(
    '-ERR lib-name cannot contain spaces, newlines or special characters.\r\n',
  );
  expect(await ask('CLIENT', 'SETINFO', 'LIB-VER', 'ü')).toBe(
    '-ERR lib-ver cannot contain spaces, newlines or special characters.\r\n',
  );
  expect(await ask('CLIENT', 'SETINFO', 'FOO', 'x')).toBe("-ERR Unrecognized option 'FOO'\r\n");
});

test('INFO shows the fields of Redis 7.4 in its order', async () => {
  const { server, connect } = await start();
  const { client, id, ask } = await connect();
  await ask('SELECT', '2');
  const line = await ask('CLIENT', 'INFO');
  const fields = line.split('\r\n')[1]!.trimEnd().split(' ');
  expect(fields.map((field) => field.split('=')[0])).toEqual(
    [
      'id addr laddr fd name age idle flags db sub psub ssub multi watch qbuf qbuf-free argv-mem multi-mem rbs rbp',
      'obl oll omem tot-mem events cmd user redir resp lib-name lib-ver',
    ].flatMap((names) => names.split(' ')),
  );
  expect(fields).toEqual(
    expect.arrayContaining([
      `id=${id}`,
      `laddr=127.0.0.1:${server.port}`,
      'age=0',
      'flags=N',
      'db=2',
      'multi=-1',
      'watch=0',
      'events=r',
      'cmd=client|info',
      'user=default',
      'resp=2',
    ]),
  );
  await client.close();
});

test('INFO and LIST are verbatim texts in RESP3', async () => {
  const { connect } = await start();
  const { ask, id } = await connect(3);
  expect(await ask('CLIENT', 'INFO')).toMatch(new RegExp(`^=\\d+\r\ntxt:id=${id} .*\n\r\n$`));
  expect(await ask('CLIENT', 'LIST')).toMatch(new RegExp(`^=\\d+\r\ntxt:id=${id} .*\n\r\n$`));
});

test('LIST shows every connection, with what it did last and for how long it has been idle', async () => {
  const { server, connect, list } = await start();
  server.clock.freeze();
  const one = await connect();
  await one.ask('CLIENT', 'SETNAME', 'one');
  await server.clock.advance(90_000);
  const two = await connect();
  two.client.write(encodeCommand(['BLPOP', 'list', '0']));
  await until(async () => (await list()).some((line) => line.includes('flags=b')));
  const [first, second] = await list();
  expect(first).toMatch(/ name=one age=90 idle=90 flags=N .* cmd=client\|setname /);
  expect(second).toMatch(/ age=0 idle=0 flags=b .* cmd=blpop /);
});

test('LIST chooses by type or by ids, in the order given', async () => {
  const { connect } = await start();
  const one = await connect();
  const two = await connect();
  const ids = async (...options: string[]) =>
    [...(await one.ask('CLIENT', 'LIST', ...options)).matchAll(/^id=(\d+)/gm)].map(([, id]) => Number(id));
  expect(await ids()).toEqual([one.id, two.id]);
  expect(await ids('TYPE', 'normal')).toEqual([one.id, two.id]);
  for (const type of ['master', 'replica', 'slave', 'pubsub']) expect(await ids('type', type)).toEqual([]);
  expect(await ids('ID', `${two.id}`, '999999', '0', `${one.id}`)).toEqual([two.id, one.id]);
});

test.each([
  [['LIST', 'TYPE'], 'ERR syntax error'],
  [['LIST', 'TYPE', 'odd'], "ERR Unknown client type 'odd'"],
  [['LIST', 'TYPE', 'normal', 'ID', '1'], 'ERR syntax error'],
  [['LIST', 'ID'], 'ERR syntax error'],
  [['LIST', 'ID', '1', 'x'], 'ERR Invalid client ID'],
  [['LIST', 'x'], 'ERR syntax error'],
  [['KILL'], "ERR wrong number of arguments for 'client|kill' command"],
  [['KILL', 'nowhere'], 'ERR No such client'],
  [['KILL', 'ID'], 'ERR No such client'],
  [['KILL', 'ID', 'x'], 'ERR client-id should be greater than 0'],
  [['KILL', 'ID', '0'], 'ERR client-id should be greater than 0'],
  [['KILL', 'TYPE', 'odd'], "ERR Unknown client type 'odd'"],
  [['KILL', 'USER', 'nobody'], "ERR No such user 'nobody'"],
  [['KILL', 'SKIPME', 'maybe'], 'ERR syntax error'],
  [['KILL', 'MAXAGE', 'x'], 'ERR maxage is not an integer or out of range'],
  [['KILL', 'MAXAGE', '-1'], 'ERR maxage should be greater than 0'],
  [['KILL', 'MAXAGE', '0'], 'ERR maxage should be greater than 0'],
  [['KILL', 'ADDR', '1.1.1.1:1', 'ID'], 'ERR syntax error'],
  [['KILL', 'ODD', '1'], 'ERR syntax error'],
  [['REPLY'], "ERR wrong number of arguments for 'client|reply' command"],
  [['REPLY', 'maybe'], 'ERR syntax error'],
  [['NO-EVICT', 'maybe'], 'ERR syntax error'],
  [['NO-TOUCH', 'maybe'], 'ERR syntax error'],
  [['UNBLOCK', 'x'], 'ERR value is not an integer or out of range'],
  [['UNBLOCK', '1', 'x'], 'ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR'],
  [['SETINFO', 'LIB-NAME'], "ERR wrong number of arguments for 'client|setinfo' command"],
  [['MAINT_NOTIFICATIONS', 'ON'], "ERR unknown subcommand 'MAINT_NOTIFICATIONS'. Try CLIENT HELP."],
  [[], "ERR wrong number of arguments for 'client' command"],
])('CLIENT %j is refused', async (command, error) => {
  const { connect } = await start();
  const { ask } = await connect();
  expect(await ask('CLIENT', ...command)).toBe(`-${error}\r\n`);
});

test('KILL with an address closes that connection, also the own one after the reply', async () => {
  const { connect } = await start();
  const [one, two] = [await connect(), await connect()];
  const addressOf = async ({ ask }: typeof one) => /addr=(\S+)/.exec(await ask('CLIENT', 'INFO'))![1]!;
  expect(await one.ask('CLIENT', 'KILL', await addressOf(two))).toBe('+OK\r\n');
  await two.client.closed;
  expect(await one.ask('CLIENT', 'KILL', await addressOf(one))).toBe('+OK\r\n');
  await one.client.closed;
});

test('KILL by filters spares the caller unless told otherwise, and counts', async () => {
  const { server, connect, list } = await start();
  const [one, two, three] = [await connect(), await connect(), await connect()];
  expect(await one.ask('CLIENT', 'KILL', 'ID', `${one.id}`)).toBe(':0\r\n');
  expect(await one.ask('CLIENT', 'KILL', 'ID', `${two.id}`, 'TYPE', 'pubsub')).toBe(':0\r\n');
  expect(await one.ask('CLIENT', 'KILL', 'ID', `${two.id}`, 'USER', 'default', 'TYPE', 'normal')).toBe(':1\r\n');
  await two.client.closed;
  expect(await one.ask('CLIENT', 'KILL', 'LADDR', `127.0.0.1:${server.port}`)).toBe(':1\r\n');
  await three.client.closed;
  expect(await list()).toHaveLength(1);
  expect(await one.ask('CLIENT', 'KILL', 'SKIPME', 'no')).toBe(':1\r\n');
  await one.client.closed;
  await until(async () => (await server.execute('CLIENT', 'LIST')) === '');
});

test('KILL MAXAGE closes connections that are old enough', async () => {
  const { server, connect } = await start();
  server.clock.freeze();
  const old = await connect();
  await server.clock.advance(100_000);
  const fresh = await connect();
  expect(await fresh.ask('CLIENT', 'KILL', 'MAXAGE', '101')).toBe(':0\r\n');
  expect(await fresh.ask('CLIENT', 'KILL', 'MAXAGE', '100')).toBe(':1\r\n');
  await old.client.closed;
});

test('KILL ends the wait of a blocked client', async () => {
  const { server, connect, list } = await start();
  const [blocked, other] = [await connect(), await connect()];
  blocked.client.write(encodeCommand(['BLPOP', 'list', '0']));
  await until(async () => (await list()).some((line) => line.includes('flags=b')));
  expect(await other.ask('CLIENT', 'KILL', 'ID', `${blocked.id}`)).toBe(':1\r\n');
  await blocked.client.closed;
  await server.execute('RPUSH', 'list', 'kept');
  expect(await server.execute('LLEN', 'list')).toBe(1);
});

test('UNBLOCK ends a wait as its time-out would, or with an error', async () => {
  const { connect, list } = await start();
  const [blocked, other] = [await connect(), await connect()];
  const block = async () => {
    blocked.client.write(encodeCommand(['BLPOP', 'list', '0']));
    await until(async () => (await list()).some((line) => line.includes('flags=b')));
  };
  expect(await other.ask('CLIENT', 'UNBLOCK', `${blocked.id}`)).toBe(':0\r\n');
  await block();
  expect(await other.ask('CLIENT', 'UNBLOCK', `${blocked.id}`)).toBe(':1\r\n');
  expect(`${await blocked.client.read()}`).toBe('*-1\r\n');
  await block();
  expect(await other.ask('CLIENT', 'UNBLOCK', `${blocked.id}`, 'ERROR')).toBe(':1\r\n');
  expect(`${await blocked.client.read()}`).toBe('-UNBLOCKED client unblocked via CLIENT UNBLOCK\r\n');
  expect(await blocked.ask('PING')).toBe('+PONG\r\n');
});

test('REPLY ON answers OK', async () => {
  const { connect } = await start();
  const { ask } = await connect();
  expect(await ask('CLIENT', 'REPLY', 'ON')).toBe('+OK\r\n');
});

test('NO-EVICT and NO-TOUCH show in the flags', async () => {
  const { connect } = await start();
  const { ask } = await connect();
  expect(await ask('CLIENT', 'NO-EVICT', 'on')).toBe('+OK\r\n');
  expect(await ask('CLIENT', 'NO-TOUCH', 'ON')).toBe('+OK\r\n');
  expect(await ask('CLIENT', 'INFO')).toContain(' flags=eT ');
  await ask('CLIENT', 'NO-EVICT', 'OFF');
  await ask('CLIENT', 'NO-TOUCH', 'off');
  expect(await ask('CLIENT', 'INFO')).toContain(' flags=N ');
});

test('nobody tracks', async () => {
  const { connect } = await start();
  const { ask } = await connect();
  expect(await ask('CLIENT', 'GETREDIR')).toBe(':-1\r\n');
  expect(await ask('CLIENT', 'TRACKINGINFO')).toBe(
    '*6\r\n$5\r\nflags\r\n*1\r\n$3\r\noff\r\n$8\r\nredirect\r\n:-1\r\n$8\r\nprefixes\r\n*0\r\n',
  );
});

test('HELP explains every subcommand', async () => {
  const { server } = await start();
  const help = (await server.execute('CLIENT', 'HELP')) as string[];
  expect(help[0]).toBe('CLIENT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:');
  expect(help.at(-2)).toBe('HELP');
});
