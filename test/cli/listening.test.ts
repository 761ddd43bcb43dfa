/** Where the program listens, at the start and after CONFIG SET. */
import { createServer, type Server } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { freePort } from '../support/ports.js';
import type { Program } from '../support/program.js';
import { Programs } from '../support/program.js';
import { RawClient } from '../support/raw-client.js';

let programs: Programs;
const others: Server[] = [];

beforeAll(async () => {
  programs = await Programs.create();
});
beforeEach(() => programs.begin());
afterEach(async () => {
  for (const other of others.splice(0)) other.close();
  await programs.end();
});

async function takenPort(host = '127.0.0.1'): Promise<number> {
  const other = createServer();
  others.push(other);
  await new Promise<void>((resolve) => other.listen(0, host, resolve));
  return (other.address() as { port: number }).port;
}

async function started(...args: string[]): Promise<{ program: Program; client: RawClient; port: number }> {
  const port = await freePort();
  const program = programs.start(['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', ...args]);
  return { program, client: await program.client(), port };
}

async function call(client: RawClient, ...command: string[]): Promise<string> {
  return (await client.call(...command)).toString('latin1');
}

async function answers(port: number, host = '127.0.0.1'): Promise<boolean> {
  try {
    const client = await RawClient.connect({ port, host });
    const reply = await client.call('PING');
    await client.close();
    return reply.toString() === '+PONG\r\n';
  } catch {
    return false;
  }
}

test('CONFIG SET port listens there and no more where it did; connections stay', async () => {
  const { client, port } = await started();
  const other = await freePort();
  expect(await call(client, 'CONFIG', 'SET', 'port', `${other}`)).toBe('+OK\r\n');
  expect([await answers(other), await answers(port)]).toEqual([true, false]);
  expect(await call(client, 'INFO', 'server')).toContain(`tcp_port:${other}\r\n`);
  expect(await call(client, 'CONFIG', 'GET', 'port')).toContain(`${other}`);
  expect(await call(client, 'CONFIG', 'SET', 'port', `${port}`)).toBe('+OK\r\n');
  expect([await answers(other), await answers(port)]).toEqual([false, true]);
  await client.close();
});

test('CONFIG SET of a port that is taken changes nothing of the call', async () => {
  const { client, port } = await started();
  expect(await call(client, 'CONFIG', 'SET', 'timeout', '7', 'port', `${await takenPort()}`)).toBe(
    "-ERR CONFIG SET failed (possibly related to argument 'port') - Unable to listen on this port. Check server logs.\r\n",
  );
  expect(await call(client, 'CONFIG', 'GET', 'timeout')).toContain('$1\r\n0\r\n');
  expect(await call(client, 'CONFIG', 'GET', 'port')).toContain(`${port}`);
  expect(await answers(port)).toBe(true);
  await client.close();
});

test('CONFIG SET bind listens on these addresses, or on those before if one can not be had', async () => {
  const { client, port } = await started();
  const failed =
    "-ERR CONFIG SET failed (possibly related to argument 'bind') - Failed to bind to specified addresses.\r\n";
  expect(await call(client, 'CONFIG', 'SET', 'bind', '127.0.0.1 1.2.3.4')).toBe(failed);
  expect(await call(client, 'CONFIG', 'SET', 'bind', 'no.such.name.invalid')).toBe(failed);
  expect(await call(client, 'CONFIG', 'SET', 'bind', '127.0.0.1  127.0.0.2')).toBe(failed);
  expect(await call(client, 'CONFIG', 'GET', 'bind')).toContain('$9\r\n127.0.0.1\r\n');
  expect(await answers(port)).toBe(true);
  expect(await call(client, 'CONFIG', 'SET', 'bind', '127.0.0.2 -1.2.3.4')).toBe('+OK\r\n');
  expect([await answers(port), await answers(port, '127.0.0.2')]).toEqual([false, true]);
  expect(await call(client, 'CONFIG', 'SET', 'bind', '*')).toBe('+OK\r\n');
  expect([await answers(port), await answers(port, '127.0.0.3')]).toEqual([true, true]);
  await client.close();
});

test('CONFIG SET of port and bind, in one call and back, and of a port beside what is refused', async () => {
  const { client, port } = await started();
  const other = await freePort();
  expect(await call(client, 'CONFIG', 'SET', 'bind', '127.0.0.2', 'port', `${other}`)).toBe('+OK\r\n');
  expect([await answers(port), await answers(other), await answers(other, '127.0.0.2')]).toEqual([false, false, true]);
  expect(await call(client, 'CONFIG', 'SET', 'port', `${port}`, 'appendonly', 'yes')).toMatch(
    /^-ERR CONFIG SET failed/,
  );
  expect(await answers(other, '127.0.0.2')).toBe(true);
  expect(await call(client, 'CONFIG', 'SET', 'port', '0')).toBe('+OK\r\n');
  expect(await answers(other, '127.0.0.2')).toBe(false);
  expect(await call(client, 'CONFIG', 'SET', 'port', `${port}`, 'bind', 'localhost')).toBe('+OK\r\n');
  expect(await answers(port)).toBe(true);
  await client.close();
});

const outside = Object.values(networkInterfaces())
  .flat()
  .find((address) => address?.family === 'IPv4' && !address.internal)?.address;

test.runIf(outside !== undefined)(
  'without a password, who comes from elsewhere is refused on any address',
  async () => {
    const { client, port } = await started('--bind', '0.0.0.0');
    const denied = async () => {
      const stranger = await RawClient.connect({ port, host: outside as string });
      try {
        return (await stranger.call('PING')).toString();
      } finally {
        await stranger.close();
      }
    };
    expect(await denied()).toMatch(/^-DENIED redstart is running in protected mode/);
    expect(await call(client, 'CONFIG', 'SET', 'protected-mode', 'no')).toBe('+OK\r\n');
    expect(await denied()).toBe('+PONG\r\n');
    expect(await call(client, 'CONFIG', 'SET', 'protected-mode', 'yes', 'requirepass', 'x')).toBe('+OK\r\n');
    expect(await denied()).toMatch(/^-NOAUTH/);
    await client.close();
  },
);

test.each([['127.0.0.1'], ['*']])('a port that is taken on %s is told once, with the address', async (bind) => {
  const port = await takenPort(bind === '*' ? '0.0.0.0' : bind);
  const program = programs.start(['--bind', bind, '--port', `${port}`]);
  expect(await program.exited).toBe(1);
  const told = `Could not listen on ${bind}:${port}: Address already in use`;
  expect(`${program.output}${program.errors}`.split(told)).toHaveLength(2);
  expect(program.errors).toBe(`${told}\n`);
});

test.each([
  [['--bind', ''], 'Could not start: Configured to not listen anywhere: bind names no address\n'],
  [
    ['--unixsocket', '/no/such/folder/socket'],
    'Could not listen on /no/such/folder/socket: No such file or directory\n',
  ],
  [['--unixsocket', '/tmp'], 'Could not listen on /tmp: Address already in use\n'],
])('%j ends it with the reason', async (args, reason) => {
  const program = programs.start(['--port', '0', '--save', '', ...args]);
  expect(await program.exited).toBe(1);
  expect(program.errors).toBe(reason);
});

test.each(['handles', 'events'])('--transport %s serves', async (transport) => {
  const program = programs.start(['--port', '0', '--save', '', '--transport', transport]);
  expect(await program.ask('SET', 'k', 'v')).toBe('+OK\r\n');
});
