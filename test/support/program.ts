/** The program in a process of its own, with what it writes and how it ends. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleProgram } from './bundle.js';
import { RawClient } from './raw-client.js';

export interface ProgramSettings {
  readonly input?: string;
  readonly environment?: NodeJS.ProcessEnv;
  /** A command to run the program under, such as `unshare --pid`. */
  readonly before?: readonly string[];
  readonly directory: string;
}

export class Program {
  output = '';
  errors = '';
  readonly exited: Promise<number | NodeJS.Signals | null>;
  readonly child: ChildProcess;

  constructor(main: string, args: readonly string[], { input, environment, before = [], directory }: ProgramSettings) {
    const env = { ...process.env, ...environment };
    const [command, ...words] = [...before, process.execPath, main, ...args];
    this.child = spawn(command, words, { cwd: directory, stdio: 'pipe', env });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.errors += text));
    // 'close': after the last of its output.
    this.exited = new Promise((resolve) => this.child.once('close', (code, signal) => resolve(code ?? signal)));
    if (input !== undefined) this.child.stdin?.end(input);
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Waits for what the program writes. */
  async says(text: string | RegExp): Promise<string> {
    for (;;) {
      const found =
        typeof text === 'string' ? (this.output.includes(text) ? text : undefined) : this.output.match(text);
      if (found) return typeof found === 'string' ? found : (found[1] ?? found[0]);
      if (this.hasEnded) throw new Error(`ended with ${this.child.exitCode}: ${this.errors}${this.output}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** The port that the log tells, once the program is ready. */
  async ready(): Promise<number> {
    return Number(await this.says(/Ready to accept connections tcp on port (\d+)/));
  }

  async client(port?: number): Promise<RawClient> {
    return RawClient.connect({ port: port ?? (await this.ready()) });
  }

  /** One command on a connection of its own; the reply's bytes as text. */
  async ask(...command: string[]): Promise<string> {
    const client = await this.client();
    try {
      return (await client.call(...command)).toString('latin1');
    } finally {
      await client.close();
    }
  }

  signal(signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null> {
    this.child.kill(signal);
    return this.exited;
  }
}

/** For one test file: each test has a directory, and no program outlives it. */
export class Programs {
  directory = '';
  private readonly programs: Program[] = [];

  private constructor(private readonly main: string) {}

  static async create(): Promise<Programs> {
    return new Programs(await bundleProgram());
  }

  begin(): void {
    this.directory = mkdtempSync(join(tmpdir(), 'redstart-program-'));
  }

  start(args: readonly string[], settings: Omit<ProgramSettings, 'directory'> = {}): Program {
    const program = new Program(this.main, args, { ...settings, directory: this.directory });
    this.programs.push(program);
    return program;
  }

  /** A file in the directory of the test; its path. */
  write(name: string, text: string): string {
    const path = join(this.directory, name);
    writeFileSync(path, text);
    return path;
  }

  async end(): Promise<void> {
    await Promise.all(this.programs.splice(0).map((program) => program.signal('SIGKILL')));
    rmSync(this.directory, { recursive: true, force: true });
  }
}
