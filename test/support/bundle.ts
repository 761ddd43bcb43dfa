/** The program and the library as one file each, as they are shipped, so that no build has to be up to date. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { build } from 'rolldown';
import { builtOnce, root } from './packed.js';

/** The program's main file, inside the project, so that packages are found. */
export function bundleProgram(): Promise<string> {
  return bundle('cli', 'src/cli/main.ts');
}

/** The library's main file. */
export function bundleLibrary(): Promise<string> {
  return bundle('library', 'src/index.ts');
}

/** The library from a bundle: commands take two thirds of what they take in modules that the test runner loads. */
export async function bundledLibrary(): Promise<typeof import('../../src/index.js')> {
  return createRequire(import.meta.url)(await bundleLibrary());
}

async function bundle(name: string, main: string): Promise<string> {
  const directory = await builtOnce(`bundle-of-${name}`, async (dir) => {
    await build({
      input: { [name]: join(root, main) },
      platform: 'node',
      external: ['commander'],
      output: { dir, format: 'cjs', entryFileNames: '[name].cjs', chunkFileNames: '[name].cjs' },
      logLevel: 'silent',
    });
  });
  return join(directory, `${name}.cjs`);
}
