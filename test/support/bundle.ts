/** The program as one file, as it is shipped, so that no build has to be up to date. */
import { join } from 'node:path';
import { build } from 'rolldown';
import { builtOnce, root } from './packed.js';

/** The program's main file, inside the project, so that packages are found. */
export async function bundleProgram(): Promise<string> {
  const directory = await builtOnce('bundle', async (dir) => {
    await build({
      input: { cli: join(root, 'src/cli/main.ts') },
      platform: 'node',
      external: ['commander'],
      output: { dir, format: 'cjs', entryFileNames: '[name].cjs', chunkFileNames: '[name].cjs' },
      logLevel: 'silent',
    });
  });
  return join(directory, 'cli.cjs');
}
