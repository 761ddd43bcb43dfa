/** `npm run replay FILE`: runs a script that the fuzz wrote on redis-server and redstart, and compares. */
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const [file] = process.argv.slice(2);
if (file === undefined) {
  console.error('usage: npm run replay FILE');
  process.exit(2);
}
const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
const env = { ...process.env, FUZZ_SCRIPT: resolve(file), REDSTART_REQUIRE_ORACLE: '1' };
const { status } = spawnSync(process.execPath, [vitest, 'run', 'test/fuzz/corpus.test.ts'], { stdio: 'inherit', env });
process.exit(status ?? 1);
