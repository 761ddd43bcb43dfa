/** The program as one file, as it is shipped, bundled anew for a test file, so that no build has to be up to date. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

export interface Bundle {
  readonly main: string;
  remove(): void;
}

/** Of the sources in `root`/src; inside the project, so that packages are found. */
export async function bundleProgram(root = fileURLToPath(new URL('../..', import.meta.url))): Promise<Bundle> {
  const cache = join(fileURLToPath(new URL('../..', import.meta.url)), 'node_modules', '.cache');
  mkdirSync(cache, { recursive: true });
  const directory = mkdtempSync(join(cache, 'redstart-bundle-'));
  await build({
    input: { cli: join(root, 'src/cli/main.ts') },
    platform: 'node',
    external: ['commander'],
    output: { dir: directory, format: 'cjs', entryFileNames: '[name].cjs', chunkFileNames: '[name].cjs' },
    logLevel: 'silent',
  });
  return { main: join(directory, 'cli.cjs'), remove: () => rmSync(directory, { recursive: true, force: true }) };
}
