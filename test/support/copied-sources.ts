/** A copy of the sources that a test may change, build and load. */

import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'rolldown';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Change {
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

/** The changes that a guide shows: a block names its file, and its lines begin with a space, a minus or a plus. */
export function changesOf(guide: string): Change[] {
  return [...guide.matchAll(/^```diff\n(.+?)\n(.*?)^```$/gms)].map(([, path, body]) => {
    const lines = body.trimEnd().split('\n');
    const without = (mark: string) =>
      lines
        .filter((line) => !line.startsWith(mark))
        .map((line) => line.slice(1))
        .join('\n');
    return { path, before: without('+'), after: without('-') };
  });
}

export class CopiedSources {
  private readonly directory: string;

  constructor() {
    const cache = join(root, 'node_modules', '.cache');
    mkdirSync(cache, { recursive: true });
    this.directory = mkdtempSync(join(cache, 'redstart-guide-'));
    cpSync(join(root, 'src'), join(this.directory, 'src'), { recursive: true });
  }

  /** Replaces a text that stands there once. */
  change({ path, before, after }: Change): void {
    const file = join(this.directory, path);
    const text = readFileSync(file, 'utf8');
    if (text.split(before).length !== 2) throw new Error(`${path} does not have this text once: ${before}`);
    writeFileSync(
      file,
      text.replace(before, () => after),
    );
  }

  /** Adds a file, or all files of a folder, whose imports of the sources are made to fit their new place. */
  add(from: string, to: string): void {
    const target = join(this.directory, to);
    if (!from.endsWith('.ts')) {
      for (const name of readdirSync(join(root, from))) this.add(`${from}/${name}`, `${to}/${name}`);
      return;
    }
    const up = '../'.repeat(to.split('/').length - 2);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, readFileSync(join(root, from), 'utf8').replace(/(from ')(?:\.\.\/)+src\//g, `$1${up}`));
  }

  /** Builds what `entry` exports, and loads it. */
  async load<T>(entry: string): Promise<T> {
    const input = join(this.directory, 'src/entry.ts');
    const file = join(this.directory, 'entry.mjs');
    writeFileSync(input, entry);
    await build({
      input,
      platform: 'node',
      output: { dir: this.directory, entryFileNames: 'entry.mjs', format: 'esm' },
      logLevel: 'silent',
    });
    return (await import(pathToFileURL(file).href)) as T;
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
