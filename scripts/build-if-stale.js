/**
 * Bundles the program if it is not there, as in a fresh clone, or if a source is newer: what `npm start` runs first.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const program = statSync(join(root, 'dist/cli.cjs'), { throwIfNoEntry: false });
const source = join(root, 'src');
const isStale =
  program === undefined ||
  readdirSync(source, { recursive: true }).some((name) => statSync(join(source, name)).mtimeMs > program.mtimeMs);

if (isStale) {
  // One string, since npm is a script that only a shell finds on Windows. What the build says goes where errors go.
  const { status } = spawnSync('npm run --silent bundle', { cwd: root, shell: true, stdio: ['ignore', 2, 2] });
  if (status !== 0) process.exit(status ?? 1);
}
