/**
 * The real `redis-server` that differential tests compare with.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './ports.js';
import { describeWithPrograms, findProgram } from './programs.js';
import { RawClient } from './raw-client.js';

/** `describe` for suites that need the real server. */
export function describeWithOracle(name: string, body: () => void): void {
  describeWithPrograms(['redis-server'], name, body);
}

/** A running redis-server with a temporary directory of its own. */
export class Oracle {
  readonly host = '127.0.0.1';
  private readonly child: ChildProcess;
  private readonly exited: Promise<void>;

  private constructor(
    child: ChildProcess,
    readonly port: number,
    readonly directory: string,
  ) {
    this.child = child;
    this.exited = new Promise((resolve) => child.once('exit', () => resolve()));
    // A test process that dies must not leave the server behind.
    process.once('exit', this.kill);
  }

  /** Starts one on a free port; `settings` are further command-line directives, such as `--databases 4`. */
  static async start(...settings: string[]): Promise<Oracle> {
    const program = findProgram('redis-server');
    if (program === undefined) throw new Error('redis-server is not on PATH');
    for (let attempt = 1; ; attempt++) {
      const oracle = await Oracle.launch(program, settings);
      if (oracle !== undefined) return oracle;
      // Somebody else took the port between our look and redis-server's bind.
      if (attempt === 5) throw new Error('redis-server does not start');
    }
  }

  private static async launch(program: string, settings: string[]): Promise<Oracle | undefined> {
    const port = await freePort();
    const directory = mkdtempSync(join(tmpdir(), 'redstart-oracle-'));
    const fixed = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', directory, '--daemonize', 'no'];
    const defaults = ['--save', '', '--appendonly', 'no', '--enable-debug-command', 'yes', '--loglevel', 'warning'];
    const child = spawn(program, [...fixed, ...defaults, ...settings], { stdio: ['ignore', 'ignore', 'ignore'] });
    const oracle = new Oracle(child, port, directory);
    for (;;) {
      if (child.exitCode !== null || child.signalCode !== null) break;
      try {
        const client = await RawClient.connect({ port });
        const info = await client.call('INFO', 'server');
        await client.close();
        // Another server may have taken the port: only our own child counts.
        if (info.includes(`process_id:${child.pid}\r\n`)) return oracle;
      } catch {
        // not listening yet
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await oracle.stop();
    return undefined;
  }

  async stop(): Promise<void> {
    process.off('exit', this.kill);
    if (this.child.exitCode === null && this.child.signalCode === null) {
      this.kill();
      await this.exited;
    }
    rmSync(this.directory, { recursive: true, force: true });
  }

  private readonly kill = (): void => {
    this.child.kill('SIGKILL');
  };
}
