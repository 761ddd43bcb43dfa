/**
 * A folder with client libraries, test runners and other runtimes, in which small projects run as a user's would:
 * against the packed package, if they use it.
 */
import { type ExecFileException, execFile, execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { packed, root } from '../../scripts/built.js';
import { installed } from '../../scripts/packages.js';

/** What hangs is ended, and fails. */
const MOST_MS = 150_000;
const MOST_OUTPUT_BYTES = 16 * 1024 * 1024;

/** Unpacks the package as node_modules/redstart in a directory. @returns the package's folder */
export async function unpackInto(project: string): Promise<string> {
  const folder = join(project, 'node_modules', 'redstart');
  mkdirSync(folder, { recursive: true });
  execFileSync('tar', ['-xzf', await packed(), '-C', folder, '--strip-components=1']);
  return folder;
}

export class Workshop {
  private constructor(
    private readonly directory: string,
    /** Where the projects of one test file lie, beside the package. */
    private readonly place: string,
  ) {}

  /** With the packages that test/packages names, and the packed package. */
  static async open(): Promise<Workshop> {
    const workshop = await Workshop.with('test/packages');
    await unpackInto(workshop.place);
    // The one package that it depends on: npm would install it beside.
    const commander = join('node_modules', 'commander');
    cpSync(join(root, commander), join(workshop.place, commander), { recursive: true });
    return workshop;
  }

  /** With the packages that a folder names in its package.json. */
  static async with(folder: string): Promise<Workshop> {
    const directory = await installed(folder);
    return new Workshop(directory, mkdtempSync(join(directory, 'projects-')));
  }

  /** A copy of a project, or an empty one, beside the installed packages; its programs find the variables set. */
  project(source?: string, environment?: NodeJS.ProcessEnv): Project {
    const name = source === undefined ? 'empty' : basename(source);
    const directory = mkdtempSync(join(this.place, `${name}-`));
    if (source !== undefined) cpSync(join(root, source), directory, { recursive: true });
    return new Project(directory, environment);
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
  constructor(
    readonly directory: string,
    private readonly environment: NodeJS.ProcessEnv = {},
  ) {}

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
      env: { ...env, NO_COLOR: '1', ...this.environment },
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
