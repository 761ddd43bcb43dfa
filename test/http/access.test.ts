/** Who may ask: tokens, passwords, and requests from other machines. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseTokensFile } from '../../src/http/access/tokens-file.js';
import { RedisServer, type RedisServerOptions } from '../../src/index.js';

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'redstart-tokens-'));
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** What /metrics answers to an Authorization header, on a server with these options. */
async function statusesOf(options: RedisServerOptions, ...headers: (string | undefined)[]): Promise<number[]> {
  const server = await RedisServer.start({ port: 0, ...options, http: { port: 0, ...options.http } });
  const statuses: number[] = [];
  for (const authorization of headers) {
    const reply = await fetch(
      `${server.httpUrl}/metrics`,
      authorization === undefined ? {} : { headers: { authorization } },
    );
    statuses.push(reply.status);
    await reply.arrayBuffer();
  }
  await server.stop();
  return statuses;
}

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

test('with nothing configured this machine needs no token, and any is taken', async () => {
  expect(await statusesOf({}, undefined, 'Bearer whatever', basic('user:whatever'))).toEqual([200, 200, 200]);
});

test('with a password that is needed, as a token or by Basic', async () => {
  const headers = [
    undefined,
    'Bearer wrong',
    'Bearer secret',
    basic('default:secret'),
    basic(':secret'),
    basic('other:secret'),
  ];
  expect(await statusesOf({ requirepass: 'secret' }, ...headers)).toEqual([401, 401, 200, 200, 200, 401]);
});

test('with a password of other letters, whose bytes are those of AUTH', async () => {
  const headers = ['Bearer p\xe4ss', 'Bearer p\xc3\xa4ss', basic('default:p\u00e4ss')];
  expect(await statusesOf({ requirepass: 'p\u00e4ss' }, ...headers)).toEqual([401, 200, 200]);
});

test('with a file of tokens one of them is needed', async () => {
  const tokensFile = join(directory, 'tokens.json');
  writeFileSync(tokensFile, JSON.stringify([{ token: 'one' }, { token: 'two', readOnly: true }]));
  const headers = [undefined, 'Bearer one', 'bearer two', 'Bearer three'];
  expect(await statusesOf({ http: { tokensFile } }, ...headers)).toEqual([401, 200, 200, 401]);
});

describe('a file of tokens that is wrong', () => {
  test.each([
    ['{', 'no JSON: '],
    ['{}', 'an array of tokens is expected'],
    ['[1]', 'entry 1: an object is expected'],
    ['[{"token":""}]', "entry 1: 'token' must be a text that is not empty"],
    ['[{"token":"a"},{"token":"a"}]', "the token of 'token 2' is there twice"],
    ['[{"token":"a","scope":[]}]', "entry 1: 'scope' is not known"],
    ['[{"token":"a","scopes":"x"}]', "entry 1: 'scopes' must be an array of texts"],
    ['[{"token":"a","database":-1}]', "entry 1: 'database' must be a number from 0"],
  ])('says so: %s', (text, message) => {
    expect(() => parseTokensFile(text)).toThrow(message);
  });

  test('keeps the server from starting', async () => {
    const tokensFile = join(directory, 'wrong.json');
    writeFileSync(tokensFile, '[{}]');
    await expect(RedisServer.start({ port: 0, http: { port: 0, tokensFile } })).rejects.toThrow(
      /http-tokens-file .*wrong\.json: entry 1/,
    );
  });
});

describe('mounts', () => {
  test('are where they are put', async () => {
    const server = await RedisServer.start({
      port: 0,
      http: { port: 0, mount: { metrics: '/internal/metrics/', service: '/about' } },
    });
    const status = async (path: string): Promise<number> => (await fetch(`${server.httpUrl}${path}`)).status;
    expect([await status('/internal/metrics'), await status('/about/health'), await status('/about/docs')]).toEqual([
      200, 200, 200,
    ]);
    await server.stop();
  });

  test('that serve the same path are refused with both names, as are names that there are not', async () => {
    const start = (mount: Record<string, string>) => RedisServer.start({ port: 0, http: { port: 0, mount } });
    await expect(start({ metrics: '/health' })).rejects.toThrow(/'service' and 'metrics'|'metrics' and 'service'/);
    const commands = { lark: '/', upstash: 'off', webdis: '/' };
    await expect(start(commands)).rejects.toThrow(/'lark' and 'webdis'|'webdis' and 'lark'/);
    await expect(start({ webdis: '/' })).rejects.toThrow(/'upstash' and 'webdis'|'webdis' and 'upstash'/);
    await expect(start({ metrix: '/' })).rejects.toThrow("http-mount: there is no API 'metrix'");
    await expect(start({ metrics: 'metrics' })).rejects.toThrow("a path begins with '/', or is 'off'");
  });

  test('that are off serve nothing', async () => {
    const server = await RedisServer.start({ port: 0, http: { port: 0, mount: { metrics: 'off' } } });
    expect((await fetch(`${server.httpUrl}/metrics`)).status).not.toBe(200);
    await server.stop();
  });
});
