/**
 * Writes the program's compiled code beside it, for bin/redstart.js: starts the program, so that what a start needs is
 * compiled and nothing else, and ends with it.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import module, { createRequire } from 'node:module';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';

const ATTEMPTS = 500;
const ATTEMPT_MS = 10;

const program = fileURLToPath(new URL('../dist/program/cli.cjs', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'redstart-build-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));

const port = await freePort();
process.argv.splice(2, Infinity, '--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--dir', directory);
process.argv.push('--logfile', join(directory, 'log'));
// A name without a path: it is part of what is written, and bin/redstart.js gives the program its own.
const script = new Script(module.wrap(readFileSync(program, 'utf8')), { filename: 'redstart/dist/program/cli.cjs' });
const { exports } = { exports: {} };
script.runInThisContext()(exports, createRequire(program), { exports }, program, dirname(program));
await answered();
writeFileSync(`${program}.${process.arch}-v8-${process.versions.v8}`, script.createCachedData());
process.exit(0);

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port: free } = server.address();
      server.close(() => resolve(free));
    });
  });
}

async function answered() {
  for (let i = 0; i < ATTEMPTS; i++) {
    if (await ping()) return;
    await new Promise((resolve) => setTimeout(resolve, ATTEMPT_MS));
  }
  throw new Error('The program did not start');
}

function ping() {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.once('data', () => resolve(true)).once('error', () => resolve(false));
    socket.unref();
  });
}
