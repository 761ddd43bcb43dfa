/**
 * `npm run dev`: runs the program from the sources, and starts it anew whenever one of them changes. What follows `--`
 * goes to the program: `npm run dev -- --port 7000`.
 */
import { spawn } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { watch } from 'rolldown';
import configuration from '../rolldown.config.js';

const folder = fileURLToPath(new URL('../dist/', import.meta.url));
let program;

const watcher = watch(configuration);
watcher.on('event', async (event) => {
  if (event.code === 'ERROR') console.error(event.error.message);
  if (event.code !== 'BUNDLE_END') return;
  await event.result.close();
  dropCompiledCode();
  await ended();
  program = spawn(process.execPath, [`${folder}cli.cjs`, ...process.argv.slice(2)], { stdio: 'inherit' });
});

/** V8 recognizes compiled code by the length of its source alone. */
function dropCompiledCode() {
  for (const name of readdirSync(folder)) if (name.includes('-v8-')) rmSync(folder + name);
}

function ended() {
  if (program === undefined || program.exitCode !== null || program.signalCode !== null) return undefined;
  program.kill();
  return new Promise((resolve) => program.once('exit', resolve));
}

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, async () => {
    await ended();
    await watcher.close();
    process.exit(0);
  });
}
