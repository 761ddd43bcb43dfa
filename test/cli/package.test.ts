/** What is shipped, as it is shipped: the tarball, the library in it, and the program that starts from it. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { packed, root } from '../../scripts/built.js';
import { freePort } from '../support/ports.js';
import { RawClient } from '../support/raw-client.js';
import { unpackInto } from '../support/workshop.js';

const MAX_PACKED_BYTES = 1_000_000;
const HTTP_PORT = /Ready to accept connections http on port (\d+)/;

let tarball: string;
let installed: string;
let directory: string;

beforeAll(async () => {
  tarball = await packed();
  directory = mkdtempSync(join(tmpdir(), 'redstart-package-'));
  installed = await unpackInto(directory);
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Starts the program, asks it something, and ends it with SHUTDOWN. `use` gets what it has written by then. */
async function startAndEnd(
  settings: readonly string[] = [],
  use: (output: string) => Promise<void> = async () => {},
): Promise<number | null> {
  const args = [join(installed, 'bin', 'redstart.js'), '--port', '0', '--save', '', ...settings];
  const child = spawn(process.execPath, args, { cwd: directory, stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
    let output = '';
    const port = await new Promise<number>((resolve, reject) => {
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        const ready = /Ready to accept connections tcp on port (\d+)/.exec(output);
        const isReady = !settings.includes('--http-port') || HTTP_PORT.test(output);
        if (ready !== null && isReady) resolve(Number(ready[1]));
      });
      child.once('close', () => reject(new Error(`ended before it was ready: ${output}`)));
    });
    const client = await RawClient.connect({ port });
    expect((await client.call('ECHO', 'shipped')).toString()).toBe('$7\r\nshipped\r\n');
    await use(output);
    client.send(['SHUTDOWN']);
    return await exited;
  } finally {
    child.kill('SIGKILL');
  }
}

function codeCaches(): string[] {
  return readdirSync(join(installed, 'dist'))
    .filter((name) => name.includes('-v8-'))
    .sort();
}

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(join(folder, name)).isFile(),
  );
}

test('the tarball is small: bundles and one declaration file for each way to load, no maps, no sources', () => {
  expect(statSync(tarball).size).toBeLessThan(MAX_PACKED_BYTES);
  const files = filesOf(installed).filter((name) => !name.includes('-v8-'));
  expect(files.filter((name) => name.endsWith('.map') || name.endsWith('.ts'))).toEqual(['dist/index.d.ts']);
  expect(files.filter((name) => name.startsWith('dist/index.')).sort()).toEqual([
    'dist/index.cjs',
    'dist/index.d.cts',
    'dist/index.d.ts',
    'dist/index.js',
  ]);
});

test('nothing in it tells where it was built', () => {
  const places = [root.replace(/[\\/]$/, ''), tmpdir()].filter((place) => place.length > '/tmp'.length);
  for (const name of filesOf(installed)) {
    const bytes = readFileSync(join(installed, name));
    for (const place of places) expect(bytes.includes(place), `${name} names ${place}`).toBe(false);
  }
});

test('no script runs when it is installed, from the registry, a tarball or a repository', () => {
  const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as Record<string, never>;
  const atInstall = ['preinstall', 'install', 'postinstall', 'prepare', 'preprepare', 'postprepare', 'dependencies'];
  expect(Object.keys(manifest['scripts']).filter((name) => atInstall.includes(name))).toEqual([]);
  expect(manifest['gypfile']).toBe(undefined);
  expect(filesOf(installed).filter((name) => name.endsWith('.node') || name.endsWith('.gyp'))).toEqual([]);
  for (const field of ['repository', 'homepage', 'bugs', 'license', 'main', 'types']) {
    expect(manifest[field], field).toBeDefined();
  }
});

test('publint has nothing to say', async () => {
  const { messages } = await publint({ pkgDir: installed, strict: true });
  expect(messages).toEqual([]);
});

test('its types are right however TypeScript looks for them: node10, node16 from both sides, bundlers', async () => {
  const analysis = await checkPackage(createPackageFromTarballData(readFileSync(tarball)));
  expect(analysis).toMatchObject({ packageName: 'redstart', problems: [] });
});

test('the program starts with the code that the build has compiled', async () => {
  const suffix = `.${process.arch}-v8-${process.versions.v8}`;
  expect(codeCaches()).toEqual([`redis-server.cjs${suffix}`]);
  for (const name of codeCaches()) {
    const check = `
      const { readFileSync } = require('node:fs');
      const source = require('node:module').wrap(readFileSync('${name.slice(0, -suffix.length)}', 'utf8'));
      const cachedData = readFileSync('${name}');
      console.log(new (require('node:vm').Script)(source, { cachedData }).cachedDataRejected);`;
    const checked = execFileSync(process.execPath, ['-e', check], { cwd: join(installed, 'dist') });
    expect(checked.toString().trim(), name).toBe('false');
  }
  expect(await startAndEnd()).toBe(0);
});

test('the files of the build have one class of each name: what one throws, another knows', async () => {
  writeFileSync(join(directory, 'webdis.json'), '{"websockets":true}');
  const settings = ['--http-port', String(await freePort()), '--http-webdis-config', join(directory, 'webdis.json')];
  const ended = await startAndEnd(settings, async (output) => {
    const socket = new WebSocket(`ws://127.0.0.1:${HTTP_PORT.exec(output)?.[1]}/webdis/`);
    try {
      await once(socket, 'open');
      socket.send('["MULTI"]');
      const [answer] = await Promise.race([once(socket, 'message'), once(socket, 'close')]);
      expect(String(answer)).toBe('{"error":true,"message":"Forbidden","http_status":403}');
    } finally {
      socket.terminate();
    }
  });
  expect(ended).toBe(0);
});

test('it starts without that on a Node of another version', async () => {
  for (const name of codeCaches()) rmSync(join(installed, 'dist', name));
  expect(await startAndEnd()).toBe(0);
});

test('import and require give the same library', () => {
  const use = `
    import * as imported from 'redstart';
    import { createRequire } from 'node:module';
    const required = createRequire(import.meta.url)('redstart');
    console.log(Object.keys(imported).filter((name) => imported[name] !== required[name]).join());
    const server = await imported.RedisServer.start({ port: 0 });
    console.log(await server.execute('ECHO', 'loaded'));
    await server.stop();`;
  const script = ['--input-type=module', '-e', use];
  const printed = execFileSync(process.execPath, script, { cwd: directory }).toString();
  expect(printed.trim()).toBe('loaded');
});
