/**
 * Writes the compiled code of the program's largest file beside it, for bin/redstart.js: starts the program, so that
 * what a start needs is compiled and nothing else, and ends with it.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import module, { createRequire } from 'node:module';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';

const ATTEMPTS = 500;
const ATTEMPT_MS = 10;

const dist = fileURLToPath(new URL('../dist/', import.meta.url));
const scripts = new Map();
const directory = mkdtempSync(join(tmpdir(), 'redstart-build-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));

const port = await freePort();
process.argv.splice(2, Infinity, '--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--dir', directory);
process.argv.push('--logfile', join(directory, 'log'));
load('cli.cjs');
await started();
// The others' would take a twentieth of what the package may, for some milliseconds.
const main = scripts.get('./redis-server.cjs');
writeFileSync(join(dist, `redis-server.cjs.${process.arch}-v8-${process.versions.v8}`), main.createCachedData());
process.exit(0);

/** As bin/redstart.js does. */
function load(file) {
  const path = join(dist, file);
  // A name without the path: it is part of what is written, and bin/redstart.js gives the program its own.
  const script = new Script(module.wrap(readFileSync(path, 'latin1')), { filename: `redstart/dist/${file}` });
  scripts.set(file, script);
  const loaded = { exports: {} };
  const requireOther = createRequire(path);
  const requireAny = (name) => (name.startsWith('./') ? load(name) : requireOther(name));
  script.runInThisContext()(loaded.exports, requireAny, loaded, path, dist);
  return loaded.exports;
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port: free } = server.address();
      server.close(() => resolve(free));
    });
  });
}

async function started() {
  for (let i = 0; i < ATTEMPTS; i++) {
    if (await accepts()) return;
    await new Promise((resolve) => setTimeout(resolve, ATTEMPT_MS));
  }
  throw new Error('The program did not start');
}

function accepts() {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.unref();
  });
}
