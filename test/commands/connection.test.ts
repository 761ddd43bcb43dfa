import { describe, expect, test } from 'vitest';
import { type Argument, RawClient } from '../support/raw-client.js';
import { startServer, useServer } from '../support/start-server.js';

const server = useServer();

async function connect(protocol?: 2 | 3): Promise<RawClient> {
  return RawClient.connect({ port: server().port }, protocol === undefined ? {} : { protocol });
}

/** The replies of one new connection to these commands, as text. */
async function replies(...commands: Argument[][]): Promise<string[]> {
  const client = await connect();
  const answers = await client.pipeline(commands);
  await client.close();
  return answers.map((answer) => answer.toString('latin1'));
}

const HELLO_2 =
  /^\*14\r\n\$6\r\nserver\r\n\$5\r\nredis\r\n\$7\r\nversion\r\n\$5\r\n7\.4\.0\r\n\$5\r\nproto\r\n:2\r\n\$2\r\nid\r\n:\d+\r\n\$4\r\nmode\r\n\$10\r\nstandalone\r\n\$4\r\nrole\r\n\$6\r\nmaster\r\n\$7\r\nmodules\r\n\*0\r\n$/;
const HELLO_3 =
  /^%7\r\n\$6\r\nserver\r\n\$5\r\nredis\r\n\$7\r\nversion\r\n\$5\r\n7\.4\.0\r\n\$5\r\nproto\r\n:3\r\n\$2\r\nid\r\n:\d+\r\n\$4\r\nmode\r\n\$10\r\nstandalone\r\n\$4\r\nrole\r\n\$6\r\nmaster\r\n\$7\r\nmodules\r\n\*0\r\n$/;

describe('PING and ECHO', () => {
  test('PING answers PONG, or its message', async () => {
    expect(await replies(['PING'], ['ping', 'a b\r\n\0'], ['PING', 'a', 'b'])).toEqual([
      '+PONG\r\n',
      '$6\r\na b\r\n\0\r\n',
      "-ERR wrong number of arguments for 'ping' command\r\n",
    ]);
  });

  test('ECHO answers its message', async () => {
    expect(await replies(['ECHO', ''], ['ECHO', 'ü'], ['ECHO'])).toEqual([
      '$0\r\n\r\n',
      '$2\r\n\xc3\xbc\r\n',
      "-ERR wrong number of arguments for 'echo' command\r\n",
    ]);
  });
});

describe('SELECT', () => {
  test('chooses the database, for this connection only', async () => {
    const key = 'select:k';
    expect(await replies(['SELECT', '3'], ['SET', key, 'v'], ['SELECT', '0'], ['GET', key])).toEqual([
      '+OK\r\n',
      '+OK\r\n',
      '+OK\r\n',
      '$-1\r\n',
    ]);
    expect(await replies(['GET', key], ['SELECT', '3'], ['GET', key], ['DEL', key])).toEqual([
      '$-1\r\n',
      '+OK\r\n',
      '$1\r\nv\r\n',
      ':1\r\n',
    ]);
  });

  test.each([
    ['-1', 'ERR DB index is out of range'],
    ['16', 'ERR DB index is out of range'],
    ['abc', 'ERR value is not an integer or out of range'],
    ['1 ', 'ERR value is not an integer or out of range'],
    ['99999999999999999999', 'ERR value is not an integer or out of range'],
    ['2147483648', 'ERR value is out of range, value must between -2147483648 and 2147483647'],
  ])('refuses %s', async (index, error) => {
    expect(await replies(['SELECT', index])).toEqual([`-${error}\r\n`]);
  });
});

describe('HELLO', () => {
  test('tells what server this is, in the protocol it chooses', async () => {
    const [second, third, kept] = await replies(['HELLO', '2'], ['HELLO', '3'], ['HELLO']);
    expect(second).toMatch(HELLO_2);
    expect(third).toMatch(HELLO_3);
    expect(kept).toMatch(HELLO_3);
  });

  test('takes AUTH and SETNAME in one go', async () => {
    const answers = await replies(
      ['HELLO', '3', 'AUTH', 'default', 'whatever', 'SETNAME', 'me'],
      ['CLIENT', 'GETNAME'],
      ['GET', 'hello:missing'],
    );
    expect(answers[0]).toMatch(HELLO_3);
    expect(answers.slice(1)).toEqual(['$2\r\nme\r\n', '_\r\n']);
  });

  test.each([
    [['1'], 'NOPROTO unsupported protocol version'],
    [['4'], 'NOPROTO unsupported protocol version'],
    [['-1'], 'NOPROTO unsupported protocol version'],
    [['abc'], 'ERR Protocol version is not an integer or out of range'],
    [['3', 'FOO'], "ERR Syntax error in HELLO option 'FOO'"],
    [['2', 'setname'], "ERR Syntax error in HELLO option 'setname'"],
    [['3', 'AUTH', 'default'], "ERR Syntax error in HELLO option 'AUTH'"],
    [['3', 'AUTH', 'nobody', 'x'], 'WRONGPASS invalid username-password pair or user is disabled.'],
    [['3', 'SETNAME', 'a b'], 'ERR Client names cannot contain spaces, newlines or special characters.'],
  ])('refuses %j and leaves the protocol as it is', async (options, error) => {
    expect(await replies(['HELLO', ...options], ['GET', 'hello:missing'])).toEqual([`-${error}\r\n`, '$-1\r\n']);
  });
});

describe('with a password', () => {
  async function guarded() {
    const { port } = await startServer({ requirepass: 'secret' });
    return RawClient.connect({ port });
  }

  test('nothing but AUTH, HELLO, QUIT and RESET runs before it is given', async () => {
    const client = await guarded();
    const answers = await client.pipeline([['PING'], ['SET', 'a', 'b'], ['NONSENSE'], ['RESET'], ['HELLO', '3']]);
    expect(answers.slice(0, 2).map(String)).toEqual(Array(2).fill('-NOAUTH Authentication required.\r\n'));
    expect(`${answers[3]}`).toBe('+RESET\r\n');
    expect(`${answers[4]}`).toMatch(
      /^-NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH /,
    );
  });

  test('AUTH takes the password with or without the name of the user', async () => {
    for (const credentials of [['secret'], ['default', 'secret']]) {
      const client = await guarded();
      expect((await client.pipeline([['AUTH', ...credentials], ['PING']])).map(String)).toEqual([
        '+OK\r\n',
        '+PONG\r\n',
      ]);
    }
  });

  test('AUTH refuses all else', async () => {
    const client = await guarded();
    const wrong = '-WRONGPASS invalid username-password pair or user is disabled.\r\n';
    const answers = await client.pipeline([
      ['AUTH', 'wrong'],
      ['AUTH', ''],
      ['AUTH', 'default', 'wrong'],
      ['AUTH', 'nobody', 'secret'],
      ['AUTH', 'a', 'b', 'c'],
      ['AUTH'],
      ['PING'],
    ]);
    expect(answers.map(String)).toEqual([
      wrong,
      wrong,
      wrong,
      wrong,
      '-ERR syntax error\r\n',
      "-ERR wrong number of arguments for 'auth' command\r\n",
      '-NOAUTH Authentication required.\r\n',
    ]);
  });

  test('an AUTH inside HELLO stays valid when a later option fails', async () => {
    const client = await guarded();
    const answers = await client.pipeline([
      ['HELLO', '3', 'AUTH', 'default', 'secret', 'SETNAME', 'a b'],
      ['GET', 'k'],
    ]);
    expect(answers.map(String)).toEqual([
      '-ERR Client names cannot contain spaces, newlines or special characters.\r\n',
      '$-1\r\n',
    ]);
  });

  test('RESET asks for it again', async () => {
    const client = await guarded();
    const answers = await client.pipeline([['AUTH', 'secret'], ['RESET'], ['PING']]);
    expect(answers.map(String)).toEqual(['+OK\r\n', '+RESET\r\n', '-NOAUTH Authentication required.\r\n']);
  });

  test('a client that is in stays in when the password changes, a new one needs the new one', async () => {
    const guard = await startServer({ requirepass: 'secret' });
    const client = await RawClient.connect({ port: guard.port });
    await client.call('AUTH', 'secret');
    await client.call('CONFIG', 'SET', 'requirepass', 'other');
    expect(`${await client.call('PING')}`).toBe('+PONG\r\n');
    const another = await RawClient.connect({ port: guard.port });
    expect(`${await another.call('AUTH', 'secret')}`).toMatch(/^-WRONGPASS/);
    expect(`${await another.call('AUTH', 'other')}`).toBe('+OK\r\n');
  });

  test('requests beyond 10 arguments or 16 KiB are turned away before it is given', async () => {
    const client = await guarded();
    client.write('*11\r\n');
    expect(`${await client.read()}`).toBe('-ERR Protocol error: unauthenticated multibulk length\r\n');
    const other = await guarded();
    await other.call('AUTH', 'secret');
    expect(`${await other.call('SET', 'k', 'x'.repeat(20_000))}`).toBe('+OK\r\n');
    await other.call('RESET');
    other.write('*2\r\n$4\r\nECHO\r\n$16385\r\n');
    expect(`${await other.read()}`).toBe('-ERR Protocol error: unauthenticated bulk length\r\n');
    await other.closed;
  });
});

test('AUTH without any password to check says so', async () => {
  expect(await replies(['AUTH', 'x'], ['AUTH', 'default', 'x'], ['AUTH', 'nobody', 'x'])).toEqual([
    '-ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?\r\n',
    '+OK\r\n',
    '-WRONGPASS invalid username-password pair or user is disabled.\r\n',
  ]);
});

describe('RESET', () => {
  test('makes the connection what it was when it was new', async () => {
    const client = await connect(3);
    await client.pipeline([
      ['SELECT', '5'],
      ['CLIENT', 'SETNAME', 'me'],
      ['CLIENT', 'NO-EVICT', 'ON'],
      ['CLIENT', 'NO-TOUCH', 'ON'],
      ['CLIENT', 'SETINFO', 'LIB-NAME', 'lib'],
    ]);
    expect(`${await client.call('RESET')}`).toBe('+RESET\r\n');
    const info = `${await client.call('CLIENT', 'INFO')}`;
    expect(info).toMatch(/ name= .* flags=N db=0 .* resp=2 lib-name=lib lib-ver=\n/);
    await client.close();
  });

  test('turns replies on again', async () => {
    const client = await connect();
    client.write('CLIENT REPLY OFF\r\nPING\r\nRESET\r\nPING\r\n');
    expect([`${await client.read()}`, `${await client.read()}`]).toEqual(['+RESET\r\n', '+PONG\r\n']);
    await client.close();
  });
});

test('QUIT takes any arguments, answers OK and closes', async () => {
  const client = await connect();
  expect(`${await client.call('QUIT', 'now', 'please')}`).toBe('+OK\r\n');
  await client.closed;
});
