/**
 * What the fuzz found, as files that `npm run replay FILE` runs again. The first line is JSON: the test file, and what
 * it needs to know. Two kinds follow:
 *
 * - a script: every other line is a command, as a JSON array of words whose characters are bytes. Those in corpus/ run
 *   before all else;
 * - a seed, from which the test draws the same again: what failed follows, to be read.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { Command } from '../support/raw-client.js';

export interface Script {
  /** It says in which protocol, and what else chance decides. */
  readonly seed: number;
  readonly directives: Readonly<Record<string, string>>;
  readonly commands: readonly Command[];
}

/** Odd seeds speak RESP3. */
export const protocolOf = (seed: number): 2 | 3 => (seed % 2 === 0 ? 2 : 3);

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Writes the script of a failing seed to .tmp/fuzz/<seed>.txt and gives the path. */
export function writeScript({ commands, ...head }: Script): string {
  return write(
    head,
    commands.map((command) => JSON.stringify(command.map(bytesAsText))),
  );
}

export function readScript(path: string): Script {
  const [head, ...lines] = readFileSync(path, 'utf8').trimEnd().split('\n');
  const commands = lines.map((line) => (JSON.parse(line) as string[]).map((word) => Buffer.from(word, 'latin1')));
  return { ...(JSON.parse(head!) as Omit<Script, 'commands'>), commands };
}

/** Does what a seed says; when that fails, a file with the seed is left, and the error names it. */
export async function leavingSeed(
  seed: number,
  variables: Readonly<Record<string, number>>,
  work: () => Promise<void> | void,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    const { message } = error as Error;
    const path = write({ seed, environment: { FUZZ_SEED: seed, ...variables } }, message.split('\n'));
    throw new Error(`npm run replay ${path} repeats this: ${message}`, { cause: error });
  }
}

function write(head: { readonly seed: number } & Readonly<Record<string, unknown>>, lines: readonly string[]): string {
  const folder = join(root, '.tmp', 'fuzz');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${head.seed}.txt`);
  const test = relative(root, expect.getState().testPath!).replaceAll('\\', '/');
  writeFileSync(path, `${[JSON.stringify({ test, ...head }), ...lines].join('\n')}\n`);
  return path;
}

function bytesAsText(word: Command[number]): string {
  return Buffer.from(typeof word === 'number' ? String(word) : word).toString('latin1');
}
