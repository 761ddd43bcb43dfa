/**
 * A folder with client libraries, test runners and other runtimes, in which small projects run against the packed
 * package as a user's would. It lies outside of the repository, so that nothing is found there by accident. It is kept
 * between runs and shared by all checkouts with the same lock file.
 */
import { type ExecFileException, execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { once, root, unpackInto } from './packed.js';

const tools = join(root, 'test', 'packages');
const FILES = ['package.json', 'package-lock.json', '.npmrc'];
/** What hangs is ended, and fails. */
const MOST_MS = 150_000;
const MOST_OUTPUT_BYTES = 16 * 1024 * 1024;

export class Workshop {
  private constructor(
    private readonly directory: string,
    /** Where the projects of one test file lie, beside the package. */
    private readonly place: string,
  ) {}

  static async open(): Promise<Workshop> {
    const hash = createHash('sha256');
    for (const name of FILES) hash.update(readFileSync(join(tools, name)));
    const directory = join(tmpdir(), `redstart-packages-${hash.digest('hex').slice(0, 12)}`);
    const installed = join(directory, 'installed');
    await once(
      `${directory}.lock`,
      () => existsSync(installed),
      () => {
        mkdirSync(directory, { recursive: true });
        for (const name of FILES) cpSync(join(tools, name), join(directory, name));
        npm(directory, ['ci', '--ignore-scripts']);
        writeFileSync(installed, '');
      },
    );
    const place = mkdtempSync(join(directory, 'projects-'));
    await unpackInto(place);
    // The one package that it depends on: npm would install it beside.
    cpSync(join(root, 'node_modules', 'commander'), join(place, 'node_modules', 'commander'), { recursive: true });
    return new Workshop(directory, place);
  }

  /** A copy of a project, or an empty one, beside the installed packages. */
  project(source?: string): Project {
    const name = source === undefined ? 'empty' : basename(source);
    const directory = mkdtempSync(join(this.place, `${name}-`));
    if (source !== undefined) cpSync(join(root, source), directory, { recursive: true });
    return new Project(directory);
  }

  /** Removes the projects; what is installed stays for the next run. */
  close(): void {
    rmSync(this.place, { recursive: true, force: true });
  }

  /** A file of an installed package. */
  path(...names: string[]): string {
    return join(this.directory, 'node_modules', ...names);
  }

  /** The program of a runtime whose package holds one for this machine only; undefined where there is none. */
  runtime(name: 'bun' | 'deno'): string | undefined {
    const scope = this.path(name === 'bun' ? '@oven' : '@deno');
    if (!existsSync(scope)) return undefined;
    const executable = process.platform === 'win32' ? `${name}.exe` : name;
    const candidates = readdirSync(scope).flatMap((folder) => [
      join(scope, folder, 'bin', executable),
      join(scope, folder, executable),
    ]);
    return candidates.find((path) => existsSync(path));
  }
}

export class Project {
  constructor(readonly directory: string) {}

  write(name: string, text: string): string {
    const path = join(this.directory, name);
    writeFileSync(path, text);
    return path;
  }

  /** Runs a program in the project and gives what it printed; fails with that when the program does. */
  run(program: string, args: readonly string[]): Promise<string> {
    const { VITEST: _, NODE_OPTIONS: __, NODE_ENV: ___, ...env } = process.env;
    const options = {
      cwd: this.directory,
      env: { ...env, NO_COLOR: '1' },
      maxBuffer: MOST_OUTPUT_BYTES,
      timeout: MOST_MS,
      killSignal: 'SIGKILL',
    } as const;
    return new Promise((resolve, reject) => {
      execFile(program, args, options, (error, stdout, stderr) => {
        if (error === null) resolve(`${stdout}${stderr}`);
        else reject(new Error(`${basename(program)} ${args.join(' ')}${ended(error)}: ${stdout}\n${stderr}`));
      });
    });
  }

  node(...args: string[]): Promise<string> {
    return this.run(process.execPath, args);
  }
}

/** How a program ended that failed. */
function ended({ killed, signal, code }: ExecFileException): string {
  if (killed) return ` hung for ${MOST_MS / 1000} s`;
  return signal ? ` was killed by ${signal}` : ` failed with ${code}`;
}

function npm(directory: string, args: readonly string[]): void {
  const options = { cwd: directory, stdio: 'pipe', shell: process.platform === 'win32' } as const;
  execFileSync('npm', [...args, '--no-audit', '--no-fund', '--prefer-offline'], options);
}
