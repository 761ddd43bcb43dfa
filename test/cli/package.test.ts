/** What is shipped, as it is shipped: the bundles, and the program that starts from them. */
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RawClient } from '../support/raw-client.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
let installed: string;
let directory: string;

beforeAll(() => {
  execFileSync('npm', ['run', 'bundle'], { cwd: root, stdio: 'pipe', shell: process.platform === 'win32' });
  directory = mkdtempSync(join(tmpdir(), 'redstart-package-'));
  installed = join(directory, 'node_modules', 'redstart');
  mkdirSync(installed, { recursive: true });
  for (const part of ['bin', 'dist', 'package.json'])
    cpSync(join(root, part), join(installed, part), { recursive: true });
}, 60_000);

afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Starts the program, asks it something, and ends it with SHUTDOWN. */
async function startAndEnd(): Promise<number | null> {
  const args = [join(installed, 'bin', 'redstart.js'), '--port', '0', '--save', ''];
  const child = spawn(process.execPath, args, { cwd: directory, stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
    const port = await new Promise<number>((resolve, reject) => {
      let output = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        const ready = /Ready to accept connections tcp on port (\d+)/.exec(output);
        if (ready !== null) resolve(Number(ready[1]));
      });
      child.once('close', () => reject(new Error(`ended before it was ready: ${output}`)));
    });
    const client = await RawClient.connect({ port });
    expect((await client.call('ECHO', 'shipped')).toString()).toBe('$7\r\nshipped\r\n');
    client.send(['SHUTDOWN']);
    return await exited;
  } finally {
    child.kill('SIGKILL');
  }
}

function codeCaches(): string[] {
  return readdirSync(join(installed, 'dist', 'program')).filter((name) => name.includes('-v8-'));
}

test('the program starts with the code that the build has compiled', async () => {
  expect(codeCaches()).toEqual([`cli.cjs.${process.arch}-v8-${process.versions.v8}`]);
  const check = `
    const { readFileSync } = require('node:fs');
    const source = require('node:module').wrap(readFileSync('cli.cjs', 'utf8'));
    const cachedData = readFileSync('${codeCaches()[0]}');
    console.log(new (require('node:vm').Script)(source, { cachedData }).cachedDataRejected);`;
  const checked = execFileSync(process.execPath, ['-e', check], { cwd: join(installed, 'dist', 'program') });
  expect(checked.toString().trim()).toBe('false');
  expect(await startAndEnd()).toBe(0);
});

test('it starts without that on a Node of another version', async () => {
  for (const name of codeCaches()) rmSync(join(installed, 'dist', 'program', name));
  expect(await startAndEnd()).toBe(0);
});

test('the library is imported by the name of the package', () => {
  const use = `
    import { RedisServer } from 'redstart';
    const server = await RedisServer.start({ port: 0 });
    console.log(await server.execute('ECHO', 'imported'));
    await server.stop();`;
  const printed = execFileSync(process.execPath, ['--input-type=module', '-e', use], { cwd: directory });
  expect(printed.toString().trim()).toBe('imported');
});
