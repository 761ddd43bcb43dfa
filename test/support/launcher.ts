/**
 * Starts programs by a shell that stays: to start one, a process is copied, and that of a shell takes no time, while
 * that of tests, with hundreds of megabytes, took 60 ms for each redis-server.
 */
import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';

export interface Launched {
  readonly pid: number;
  readonly hasEnded: boolean;
  /** Resolves when it has ended, however. */
  readonly ended: Promise<void>;
}

interface Waiting {
  resolve(launched: Launched): void;
  reject(error: Error): void;
}

class Launcher {
  private readonly shell = spawn('sh', [], { stdio: ['pipe', 'pipe', 'ignore'] });
  private readonly waiting = new Map<string, Waiting>();
  private readonly ends = new Map<string, () => void>();
  private launches = 0;

  constructor() {
    createInterface(this.shell.stdout).on('line', (line) => this.hear(line));
    this.shell.once('exit', () => {
      for (const { reject } of this.waiting.values()) reject(new Error('the shell that starts programs has ended'));
    });
    // It ends with its standard input, and keeps no process of tests from ending.
    this.shell.unref();
    for (const pipe of [this.shell.stdin, this.shell.stdout]) (pipe as Socket).unref();
  }

  launch(program: string, args: readonly string[]): Promise<Launched> {
    const id = String(++this.launches);
    const words = [program, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
    // One more shell, that waits for it.
    this.shell.stdin.write(
      `(${words} </dev/null >/dev/null 2>&1 & echo "${id} started $!"; wait $!; echo "${id} ended") &\n`,
    );
    return new Promise((resolve, reject) => this.waiting.set(id, { resolve, reject }));
  }

  private hear(line: string): void {
    const [id, event, pid] = line.split(' ') as [string, string, string | undefined];
    if (event === 'ended') {
      this.ends.get(id)!();
      this.ends.delete(id);
      return;
    }
    let hasEnded = false;
    const ended = new Promise<void>((resolve) => {
      this.ends.set(id, () => {
        hasEnded = true;
        resolve();
      });
    });
    const launched = {
      pid: Number(pid),
      ended,
      get hasEnded() {
        return hasEnded;
      },
    };
    this.waiting.get(id)!.resolve(launched);
    this.waiting.delete(id);
  }
}

let launcher: Launcher | undefined;

/** Starts a program that reads nothing and whose output nobody reads. */
export function launch(program: string, args: readonly string[]): Promise<Launched> {
  launcher ??= new Launcher();
  return launcher.launch(program, args);
}
