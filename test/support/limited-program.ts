/**
 * The program in a process of its own, under limits that the system sets (`ulimit`) or V8 (`--max-old-space-size`): for
 * tests of what happens when something runs out.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleProgram } from './bundle.js';
import { RawClient } from './raw-client.js';

export interface Limits {
  /** As `-n 300`, `-v 1500000`. */
  readonly ulimit?: string;
  readonly node?: readonly string[];
}

export class LimitedProgram {
  log = '';
  errors = '';
  readonly exited: Promise<number | NodeJS.Signals | null>;
  private readonly child: ChildProcess;

  constructor(
    main: string,
    readonly directory: string,
    { ulimit, node = [] }: Limits,
    directives: readonly string[],
  ) {
    const program = [process.execPath, ...node, main, '--port', '0', '--dir', directory, ...directives];
    const shell = ulimit === undefined ? 'exec "$@"' : `ulimit ${ulimit} && exec "$@"`;
    this.child = spawn('sh', ['-c', shell, 'sh', ...program], { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.log += text));
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.errors += text));
    this.exited = new Promise((resolve) => this.child.once('close', (code, signal) => resolve(code ?? signal)));
  }

  get pid(): number {
    return this.child.pid as number;
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** The port that the log tells, once the program is ready. */
  async port(): Promise<number> {
    for (;;) {
      const port = /Ready to accept connections tcp on port (\d+)/.exec(this.log)?.[1];
      if (port !== undefined) return Number(port);
      if (this.hasEnded) throw new Error(`the program has ended: ${this.errors}${this.log}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  async client(options: { timeoutMs?: number; protocol?: 2 | 3 } = {}): Promise<RawClient> {
    return RawClient.connect({ port: await this.port() }, options);
  }

  /** Resident memory, in bytes. */
  get residentBytes(): number {
    const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${this.pid}/status`, 'latin1'))?.[1];
    return Number(kilobytes) * 1024;
  }

  signal(signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null> {
    this.child.kill(signal);
    return this.exited;
  }

  async remove(): Promise<void> {
    if (!this.hasEnded) await this.signal('SIGKILL');
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** For one test file: every program that is left over is ended. */
export class LimitedPrograms {
  private readonly programs: LimitedProgram[] = [];

  private constructor(private readonly main: string) {}

  static async create(): Promise<LimitedPrograms> {
    return new LimitedPrograms(await bundleProgram());
  }

  start(limits: Limits, ...directives: string[]): LimitedProgram {
    const directory = mkdtempSync(join(tmpdir(), 'redstart-limits-'));
    const program = new LimitedProgram(this.main, directory, limits, directives);
    this.programs.push(program);
    return program;
  }

  async endAll(): Promise<void> {
    await Promise.all(this.programs.splice(0).map((program) => program.remove()));
  }
}
