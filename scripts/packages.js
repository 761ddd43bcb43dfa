/**
 * What projects of the tests and benchmarks run with: packages by the lock file of a folder (test/packages,
 * test/applications), in a folder of the system's temporary directory. It lies outside of the repository, so that
 * nothing is found there by accident; it is kept between runs and shared by all checkouts with the same lock file.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { once, root } from './built.js';

const FILES = ['package.json', 'package-lock.json', '.npmrc'];

/** Where the packages are that a folder names in its package.json. */
export async function installed(folder) {
  const source = join(root, folder);
  const directory = directoryOf(source);
  await once(
    `${directory}.lock`,
    () => existsSync(join(directory, 'installed')),
    () => install(source, directory),
  );
  return directory;
}

function directoryOf(folder) {
  const hash = createHash('sha256');
  for (const name of FILES) hash.update(readFileSync(join(folder, name)));
  return join(tmpdir(), `redstart-${basename(folder)}-${hash.digest('hex').slice(0, 12)}`);
}

async function install(folder, directory) {
  mkdirSync(directory, { recursive: true });
  for (const name of FILES) cpSync(join(folder, name), join(directory, name));
  const options = { cwd: directory, shell: process.platform === 'win32' };
  await promisify(execFile)('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'], options);
  writeFileSync(join(directory, 'installed'), '');
}
