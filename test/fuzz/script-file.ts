/**
 * Scripts of the fuzz as files: the first line says with which protocol and directives, every other one is a command,
 * as a JSON array of words whose characters are bytes. `npm run replay FILE` runs one; those in corpus/ run before all
 * else.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from '../support/raw-client.js';

export interface Script {
  readonly protocol: 2 | 3;
  readonly directives: Readonly<Record<string, string>>;
  readonly commands: readonly Command[];
}

const failures = fileURLToPath(new URL('../../.tmp/fuzz', import.meta.url));

/** Writes the script of a failing seed to .tmp/fuzz/<seed>.txt and gives the path. */
export function writeFailure(seed: number, { commands, ...head }: Script): string {
  mkdirSync(failures, { recursive: true });
  const path = join(failures, `${seed}.txt`);
  const lines = commands.map((command) => JSON.stringify(command.map(bytesAsText)));
  writeFileSync(path, `${[JSON.stringify(head), ...lines].join('\n')}\n`);
  return path;
}

export function readScript(path: string): Script {
  const [head, ...lines] = readFileSync(path, 'utf8').trimEnd().split('\n');
  const commands = lines.map((line) => (JSON.parse(line) as string[]).map((word) => Buffer.from(word, 'latin1')));
  return { ...(JSON.parse(head!) as Omit<Script, 'commands'>), commands };
}

function bytesAsText(word: Command[number]): string {
  return Buffer.from(typeof word === 'number' ? String(word) : word).toString('latin1');
}
