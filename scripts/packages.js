/**
 * What projects of the tests and benchmarks run with: packages by the lock file of a folder (test/packages,
 * test/applications), in a folder of the system's temporary directory. It lies outside of the repository, so that
 * nothing is found there by accident; it is kept between runs and shared by all checkouts with the same lock file.
 *
 * `node scripts/packages.js` installs what the tests will want.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** What the tests run with. */
export const TEST_FOLDERS = ['test/packages', 'test/applications', 'test/applications/upstash'];
const FILES = ['package.json', 'package-lock.json', '.npmrc'];

/** Where the packages of a folder are, or will be. */
export function packagesDirectory(folder) {
  const hash = createHash('sha256');
  for (const name of FILES) hash.update(readFileSync(join(folder, name)));
  return join(tmpdir(), `redstart-${basename(folder)}-${hash.digest('hex').slice(0, 12)}`);
}

export function areInstalled(directory) {
  return existsSync(join(directory, 'installed'));
}

export async function installPackages(folder, directory) {
  mkdirSync(directory, { recursive: true });
  for (const name of FILES) cpSync(join(folder, name), join(directory, name));
  const options = { cwd: directory, shell: process.platform === 'win32' };
  await promisify(execFile)('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'], options);
  writeFileSync(join(directory, 'installed'), '');
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  for (const name of TEST_FOLDERS) {
    const folder = fileURLToPath(new URL(`../${name}`, import.meta.url));
    const directory = packagesDirectory(folder);
    if (!areInstalled(directory)) await installPackages(folder, directory);
  }
}
