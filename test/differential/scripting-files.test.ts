/** Libraries of functions in RDB files: each server loads what the other one saved. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RedisServer } from '../../src/index.js';
import { describeWithOracle, Oracle } from '../support/oracle.js';
import { RawClient } from '../support/raw-client.js';

const LIBRARY = `#!lua name=l
redis.register_function('echo', function(keys, args) return args end)
-- ${'A text of more than 64 KiB is written in another way. '.repeat(1500)}`;
const SMALL =
  "#!lua name=s\nredis.register_function{function_name='one',callback=function() return 1 end,flags={'no-writes'}}";

describeWithOracle('functions in files', () => {
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'redstart-functions-'));
  });

  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  async function fill(port: number): Promise<void> {
    const client = await RawClient.connect({ port });
    await client.pipeline([
      ['SET', 'k', 'v'],
      ['FUNCTION', 'LOAD', LIBRARY],
      ['FUNCTION', 'LOAD', SMALL],
    ]);
    expect((await client.call('SAVE')).toString()).toBe('+OK\r\n');
    await client.close();
  }

  async function check(port: number): Promise<void> {
    const client = await RawClient.connect({ port });
    const replies = await client.pipeline([
      ['GET', 'k'],
      ['FCALL', 'echo', 0, 'x'],
      ['FCALL_RO', 'one', 0],
    ]);
    expect(replies.map(String)).toEqual(['$1\r\nv\r\n', '*1\r\n$1\r\nx\r\n', ':1\r\n']);
    expect((await client.call('FUNCTION', 'LIST', 'WITHCODE', 'LIBRARYNAME', 'l')).includes(LIBRARY)).toBe(true);
    await client.close();
  }

  const start = () => RedisServer.start({ port: 0, dir: directory, save: '' });

  test('ours load there, and here', async () => {
    const server = await start();
    await fill(server.port);
    await server.execute('DEBUG', 'RELOAD').catch(() => {});
    await check(server.port);
    await server.stop();
    const oracle = await Oracle.start('--dir', directory);
    await check(oracle.port).finally(() => oracle.stop());
    const again = await start();
    await check(again.port).finally(() => again.stop());
  });

  test('theirs load here', async () => {
    const oracle = await Oracle.start('--dir', directory);
    await fill(oracle.port).finally(() => oracle.stop());
    const server = await start();
    await check(server.port).finally(() => server.stop());
  });
});
