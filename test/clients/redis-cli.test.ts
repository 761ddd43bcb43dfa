import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RedisServer } from '../../src/index.js';
import { findProgram } from '../support/programs.js';

/** Commands as typed into redis-cli, with what it prints in its readable form (--no-raw). */
const tour: [command: string, output: string | RegExp][] = [
  ['PING', 'PONG'],
  ['ECHO "hello world"', '"hello world"'],
  ['CLIENT SETNAME cli', 'OK'],
  ['CLIENT GETNAME', '"cli"'],
  ['CLIENT ID', /^\(integer\) \d+$/],
  ['CLIENT SETINFO LIB-NAME tour', 'OK'],
  ['AUTH secret', /^\(error\) ERR AUTH <password> called without any password/],
  ['CONFIG SET maxmemory 0', 'OK'],
  ['COMMAND COUNT', /^\(integer\) \d+$/],
  ['SET k v EX 100', 'OK'],
  ['TTL k', '(integer) 100'],
  ['SET k w KEEPTTL GET', '"v"'],
  ['GET missing', '(nil)'],
  ['GETEX k PERSIST', '"w"'],
  ['GETSET k x', '"w"'],
  ['GETDEL k', '"x"'],
  ['SETNX k 1', '(integer) 1'],
  ['SETEX k 10 v', 'OK'],
  ['PSETEX k 10000 v', 'OK'],
  ['MSET a 1 b 2', 'OK'],
  ['MSETNX b 1 c 2', '(integer) 0'],
  ['MGET a b none', '1) "1"\n2) "2"\n3) (nil)'],
  ['APPEND k !', '(integer) 2'],
  ['STRLEN k', '(integer) 2'],
  ['SETRANGE k 4 "\\x00y"', '(integer) 6'],
  ['GETRANGE k 0 -1', '"v!\\x00\\x00\\x00y"'],
  ['INCR a', '(integer) 2'],
  ['INCRBY a 5', '(integer) 7'],
  ['DECR a', '(integer) 6'],
  ['DECRBY a 2', '(integer) 4'],
  ['INCRBYFLOAT a 0.5', '"4.5"'],
  ['INCR a', '(error) ERR value is not an integer or out of range'],
  ['NOSUCH x', "(error) ERR unknown command 'NOSUCH', with args beginning with: 'x' "],
  ['EXISTS a b none', '(integer) 2'],
  ['TYPE a', 'string'],
  ['KEYS b', '1) "b"'],
  ['SCAN 0 MATCH b COUNT 100', '1) "0"\n2) 1) "b"'],
  ['RENAME a c', 'OK'],
  ['RENAMENX c b', '(integer) 0'],
  ['COPY c d', '(integer) 1'],
  ['TOUCH c d', '(integer) 2'],
  ['OBJECT ENCODING b', '"int"'],
  ['MOVE d 1', '(integer) 1'],
  ['SWAPDB 2 3', 'OK'],
  ['DBSIZE', '(integer) 3'],
  ['UNLINK c', '(integer) 1'],
  ['EXPIRE b 100', '(integer) 1'],
  ['PEXPIREAT b 4000000000123', '(integer) 1'],
  ['PEXPIRETIME b', '(integer) 4000000000123'],
  ['EXPIRETIME b', '(integer) 4000000000'],
  ['PERSIST b', '(integer) 1'],
  ['RPUSH l a b c', '(integer) 3'],
  ['LPUSH l z', '(integer) 4'],
  ['LRANGE l 0 -1', '1) "z"\n2) "a"\n3) "b"\n4) "c"'],
  ['LINDEX l -1', '"c"'],
  ['LLEN l', '(integer) 4'],
  ['LPOP l', '"z"'],
  ['RPOP l 2', '1) "c"\n2) "b"'],
  ['LMOVE l m LEFT RIGHT', '"a"'],
  ['BLPOP m 0', '1) "m"\n2) "a"'],
  ['BRPOP m 0.01', '(nil)'],
  ['BLMOVE m l LEFT LEFT 0.01', '(nil)'],
  ['SAVE', 'OK'],
  ['LASTSAVE', /^\(integer\) \d+$/],
  ['DEBUG SLEEP 0', 'OK'],
  ['DEBUG RELOAD', 'OK'],
  ['GET b', '"2"'],
  ['FLUSHALL', 'OK'],
  ['RANDOMKEY', '(nil)'],
  ['SELECT 3', 'OK'],
  ['DBSIZE', '(integer) 0'],
];

const cli = findProgram('redis-cli');

describe.skipIf(cli === undefined && !process.env['REDSTART_REQUIRE_ORACLE'])('redis-cli', () => {
  const directory = mkdtempSync(join(tmpdir(), 'redstart-redis-cli-'));
  let server: RedisServer;

  beforeAll(async () => {
    server = await RedisServer.start({ port: 0, dir: directory, enableDebugCommand: 'local' });
  });

  afterAll(async () => {
    await server.stop();
    rmSync(directory, { recursive: true });
  });

  function run(args: string[], input = ''): Promise<string> {
    return new Promise((resolve, reject) => {
      const child = spawn(cli!, ['-p', String(server.port), ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
      let output = '';
      child.stdout.on('data', (chunk) => (output += chunk));
      child.on('error', reject);
      child.on('close', () => resolve(output));
      child.stdin.end(input);
    });
  }

  test.each([['-2'], ['-3']])('a tour with %s', async (protocol) => {
    // ECHO lines tell the output of one command from the next.
    const mark = (at: number): string => `--- ${at} ---`;
    const input = tour.map(([command], at) => `${command}\nECHO "${mark(at)}"\n`).join('');
    let rest = await run(['--no-raw', protocol], input);
    for (const [at, [command, wanted]] of tour.entries()) {
      const end = rest.indexOf(`"${mark(at)}"\n`);
      expect(end, `${command}: no answer in ${JSON.stringify(rest.slice(0, 200))}`).toBeGreaterThan(0);
      const output = rest.slice(0, end - 1);
      if (typeof wanted === 'string') expect(output, command).toBe(wanted);
      else expect(output, command).toMatch(wanted);
      rest = rest.slice(end + mark(at).length + 3);
    }
  });

  test('INFO and CLIENT LIST are printed as they are', async () => {
    expect(await run(['INFO', 'server'])).toMatch(/redis_version:7\.4\.0\r?\n/);
    expect(await run(['CLIENT', 'LIST'])).toMatch(/^id=\d+ addr=/);
  });

  test('--scan, --bigkeys and -r work', async () => {
    await server.execute('FLUSHALL');
    await run(['-r', '3', 'INCR', 'n']);
    expect(await run(['GET', 'n'])).toBe('3\n');
    expect(await run(['--scan'])).toBe('n\n');
    expect(await run(['--bigkeys'])).toContain('Biggest string found');
  });

  test('--pipe loads frames', async () => {
    const frames = Array.from(
      { length: 1_000 },
      (_, i) => `*3\r\n$3\r\nSET\r\n$4\r\np${100 + (i % 900)}\r\n$1\r\nv\r\n`,
    );
    expect(await run(['--pipe'], frames.join(''))).toContain('errors: 0, replies: 1000');
  });
});
