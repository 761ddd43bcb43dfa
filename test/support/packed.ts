/**
 * The package as `npm pack` makes it: built once for all test files of a run, and again when what it is made of has
 * changed.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

const directory = join(root, '.tmp', 'packed');
/** Whoever took it has died. */
const STALE_LOCK_MS = 300_000;
const SOURCES = ['src', 'bin', 'scripts'];
const FILES = ['package.json', 'package-lock.json', 'rolldown.config.js', 'rollup.config.js', 'tsconfig.build.json'];

/** The tarball's path. */
export async function packed(): Promise<string> {
  const tarball = join(directory, `redstart-${fingerprint()}.tgz`);
  mkdirSync(directory, { recursive: true });
  await once(
    join(directory, 'lock'),
    () => existsSync(tarball),
    () => pack(tarball),
  );
  return tarball;
}

/** Does a piece of work unless it is done, in one process at a time: test files run side by side. */
export async function once(lock: string, isDone: () => boolean, work: () => Promise<void> | void): Promise<void> {
  while (!isDone()) {
    if (!takeLock(lock)) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      continue;
    }
    try {
      if (!isDone()) await work();
    } finally {
      rmSync(lock, { recursive: true });
    }
  }
}

/**
 * A directory under .tmp/ that `build` has filled from the sources as they are: once for all test files of a run, and
 * for the next runs until a source changes.
 */
export async function builtOnce(name: string, build: (directory: string) => Promise<void> | void): Promise<string> {
  const parent = join(root, '.tmp', name);
  const directory = join(parent, fingerprint());
  mkdirSync(parent, { recursive: true });
  await once(
    join(parent, 'lock'),
    () => existsSync(directory),
    async () => {
      for (const old of readdirSync(parent)) if (old !== 'lock') rmSync(join(parent, old), { recursive: true });
      // It appears only when it is whole, so that a build that was interrupted is not taken for one.
      mkdirSync(`${directory}.part`);
      await build(`${directory}.part`);
      renameSync(`${directory}.part`, directory);
    },
  );
  return directory;
}

/** Unpacks the tarball as node_modules/redstart in a directory. @returns the package's folder */
export async function unpackInto(project: string): Promise<string> {
  const installed = join(project, 'node_modules', 'redstart');
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['-xzf', await packed(), '-C', installed, '--strip-components=1']);
  return installed;
}

function fingerprint(): string {
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

function takeLock(lock: string): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch {
    const made = statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Date.now() - made > STALE_LOCK_MS) rmSync(lock, { recursive: true, force: true });
    return false;
  }
}

function pack(tarball: string): void {
  for (const name of readdirSync(directory)) if (name.endsWith('.tgz')) rmSync(join(directory, name));
  const options = { cwd: root, stdio: 'pipe', shell: process.platform === 'win32' } as const;
  const output = execFileSync('npm', ['pack', '--silent', '--pack-destination', directory], options).toString().trim();
  renameSync(join(directory, output.split('\n').at(-1)!), tarball);
}
