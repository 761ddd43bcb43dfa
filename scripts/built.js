/**
 * What is made of the sources for tests and benchmarks: once for all processes of a run, and again when what it is made
 * of has changed.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const root = fileURLToPath(new URL('..', import.meta.url));

const packages = join(root, '.tmp', 'packed');
/** Longer than all tests take on a machine with other work. */
const LONGEST_RUN_MS = 3_600_000;
const SOURCES = ['src', 'bin', 'scripts'];
const FILES = ['package.json', 'package-lock.json', 'rolldown.config.js', 'rollup.config.js', 'tsconfig.build.json'];

/** What the sources were when the run began, where it told (tellFingerprint). */
const FINGERPRINT = 'REDSTART_TEST_FINGERPRINT';

/** The package as `npm pack` makes it. @returns the tarball's path */
export async function packed() {
  const tarball = join(packages, `redstart-${fingerprint()}.tgz`);
  mkdirSync(packages, { recursive: true });
  await once(
    join(packages, 'lock'),
    () => existsSync(tarball),
    () => pack(tarball),
  );
  touch(tarball);
  return tarball;
}

async function pack(tarball) {
  removeOld(packages);
  const options = { cwd: root, shell: process.platform === 'win32' };
  const { stdout } = await promisify(execFile)('npm', ['pack', '--silent', '--pack-destination', packages], options);
  renameSync(join(packages, stdout.trim().split('\n').at(-1)), tarball);
}

/**
 * A directory under .tmp/ that `build` has filled from the sources as they are: once for all test files of a run, and
 * for the next runs until a source changes. What another run may still load stays.
 */
export async function builtOnce(name, build) {
  const parent = join(root, '.tmp', name);
  const directory = join(parent, fingerprint());
  mkdirSync(parent, { recursive: true });
  await once(
    join(parent, 'lock'),
    () => existsSync(directory),
    async () => {
      removeOld(parent);
      // It appears only when it is whole, so that a build that was interrupted is not taken for one.
      const part = `${directory}.${process.pid}`;
      mkdirSync(part);
      await build(part);
      renameSync(part, directory);
    },
  );
  touch(directory);
  return directory;
}

/** Does a piece of work unless it is done, in one process at a time: test files and runs go on side by side. */
export async function once(lock, isDone, work) {
  while (!isDone()) {
    if (!takeLock(lock)) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      continue;
    }
    try {
      if (!isDone()) await work();
    } finally {
      rmSync(lock, { recursive: true, force: true });
    }
  }
}

/** Tells the runs of other sources that somebody is about to load it. */
function touch(path) {
  const now = new Date();
  utimesSync(path, now, now);
}

/** Removes what no run has begun with for so long that none goes on. */
function removeOld(parent) {
  for (const name of readdirSync(parent)) {
    const path = join(parent, name);
    const usedAt = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (name !== 'lock' && Date.now() - usedAt > LONGEST_RUN_MS) rmSync(path, { recursive: true, force: true });
  }
}

/** Tells the processes of a run that begins what the sources are: each would take 0.1 s for every test file. */
export function tellFingerprint() {
  process.env[FINGERPRINT] = readFingerprint();
}

function fingerprint() {
  return process.env[FINGERPRINT] ?? readFingerprint();
}

function readFingerprint() {
  const hash = createHash('sha256');
  const inside = SOURCES.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
  );
  for (const name of [...FILES, ...inside.sort()]) {
    const path = join(root, name);
    if (statSync(path).isFile()) hash.update(`${name}\0`).update(readFileSync(path));
  }
  return hash.digest('hex').slice(0, 16);
}

/** A lock is a file with the number of the process that holds it. */
function takeLock(lock) {
  try {
    writeFileSync(lock, `${process.pid}`, { flag: 'wx' });
    return true;
  } catch {
    if (!isHeld(lock)) rmSync(lock, { recursive: true, force: true });
    return false;
  }
}

function isHeld(lock) {
  try {
    const holder = Number(readFileSync(lock, 'latin1'));
    // 0: its holder has not yet written into it.
    if (holder > 0) process.kill(holder, 0);
    return true;
  } catch (error) {
    // Of another user.
    return error.code === 'EPERM';
  }
}
