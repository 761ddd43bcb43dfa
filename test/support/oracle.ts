/**
 * The real `redis-server` that differential tests compare with.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Launched, launch } from './launcher.js';
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

  private constructor(
    private readonly launched: Launched,
    readonly port: number,
    readonly directory: string,
  ) {
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
    const launched = await launch(program, [...fixed, ...defaults, ...settings]);
    const oracle = new Oracle(launched, port, directory);
    while (!launched.hasEnded) {
      try {
        const client = await RawClient.connect({ port });
        const info = await client.call('INFO', 'server');
        await client.close();
        // Another server may have taken the port: only ours counts.
        if (info.includes(`process_id:${launched.pid}\r\n`)) return oracle;
      } catch {
        // not listening yet
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await oracle.stop();
    return undefined;
  }

  get pid(): number {
    return this.launched.pid;
  }

  async stop(): Promise<void> {
    process.off('exit', this.kill);
    this.kill();
    await this.launched.ended;
    rmSync(this.directory, { recursive: true, force: true });
  }

  private readonly kill = (): void => {
    if (this.launched.hasEnded) return;
    try {
      process.kill(this.launched.pid, 'SIGKILL');
    } catch {
      // It has ended, and we have not heard of it.
    }
  };
}
