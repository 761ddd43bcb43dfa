/**
 * `npm run replay FILE`: runs again what the fuzz found and wrote down: a script of commands, on redis-server and
 * redstart, or a seed. `test` in the file's first line says which test file does it.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const [file] = process.argv.slice(2);
if (file === undefined) {
  console.error('usage: npm run replay FILE');
  process.exit(2);
}
const { test, environment = { FUZZ_SCRIPT: resolve(file) } } = JSON.parse(readFileSync(file, 'utf8').split('\n', 1)[0]);
const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
const env = { ...process.env, ...environment, REDSTART_REQUIRE_ORACLE: '1' };
const { status } = spawnSync(process.execPath, [vitest, 'run', test], { stdio: 'inherit', env });
process.exit(status ?? 1);
