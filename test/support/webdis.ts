/**
 * The real `webdis`, in front of a redis-server, that webdis's API is compared with.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Oracle } from './oracle.js';
import { freePort } from './ports.js';
import { describeWithPrograms } from './programs.js';

const ATTEMPTS = 5;

/** `describe` for suites that need the real one. */
export function describeWithWebdis(name: string, body: () => void): void {
  describeWithPrograms(['webdis', 'redis-server'], name, body);
}

export class RealWebdis {
  private constructor(
    private readonly child: ChildProcess,
    readonly redis: Oracle,
    readonly port: number,
    private readonly directory: string,
  ) {
    process.once('exit', this.kill);
  }

  /** In front of a redis-server of its own; `settings` are further keys of webdis.json. */
  static async start(settings: Readonly<Record<string, unknown>> = {}): Promise<RealWebdis> {
    const redis = await Oracle.start();
    try {
      for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
        const webdis = await RealWebdis.launch(redis, settings);
        if (webdis !== undefined) return webdis;
      }
      throw new Error('webdis does not start');
    } catch (error) {
      await redis.stop();
      throw error;
    }
  }

  private static async launch(
    redis: Oracle,
    settings: Readonly<Record<string, unknown>>,
  ): Promise<RealWebdis | undefined> {
    const directory = mkdtempSync(join(tmpdir(), 'redstart-webdis-'));
    const port = await freePort();
    const file = join(directory, 'webdis.json');
    const fixed = { redis_host: '127.0.0.1', redis_port: redis.port, http_host: '127.0.0.1', http_port: port };
    const process = { threads: 1, pool_size: 1, daemonize: false, verbosity: 0, logfile: join(directory, 'log') };
    writeFileSync(file, JSON.stringify({ ...fixed, ...process, ...settings }));
    const child = spawn('webdis', [file], { stdio: 'ignore' });
    const webdis = new RealWebdis(child, redis, port, directory);
    while (child.exitCode === null && child.signalCode === null) {
      const answer = await fetch(`http://127.0.0.1:${port}/PING.txt`).then(
        (response) => response.text(),
        () => '',
      );
      if (answer === '+PONG') return webdis;
      await sleep(5);
    }
    webdis.end();
    return undefined;
  }

  async stop(): Promise<void> {
    this.end();
    await this.redis.stop();
  }

  private end(): void {
    process.off('exit', this.kill);
    this.kill();
    rmSync(this.directory, { recursive: true, force: true });
  }

  private readonly kill = (): void => {
    this.child.kill('SIGKILL');
  };
}
