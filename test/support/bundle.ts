/** The program and the library from bundles, so that no build has to be up to date. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { build, type RolldownOptions } from 'rolldown';
import { loadConfig } from 'rolldown/config';
import { builtOnce, root } from '../../scripts/built.js';

/** What starts the program, and what compiles it beforehand. */
const AROUND_PROGRAM = ['bin/redstart.js', 'bin/package.json', 'scripts/code-cache.js'];

/** The file that starts the program, which is made as it is shipped: not compiled it takes a third longer to start. */
export async function bundleProgram(): Promise<string> {
  const directory = await builtOnce('bundle-of-program', async (dir) => {
    const shipped = (await loadConfig(join(root, 'rolldown.config.js'))) as RolldownOptions;
    await build({ ...shipped, cwd: root, output: { ...shipped.output, dir: join(dir, 'dist') }, logLevel: 'silent' });
    for (const path of AROUND_PROGRAM) {
      mkdirSync(join(dir, dirname(path)), { recursive: true });
      copyFileSync(join(root, path), join(dir, path));
    }
    execFileSync(process.execPath, [join(dir, 'scripts', 'code-cache.js')], { stdio: 'pipe' });
  });
  return join(directory, 'bin', 'redstart.js');
}

/** The library's main file. */
export async function bundleLibrary(): Promise<string> {
  const directory = await builtOnce('bundle-of-library', async (dir) => {
    await build({
      input: { library: join(root, 'src/index.ts') },
      platform: 'node',
      external: ['commander'],
      output: { dir, format: 'cjs', entryFileNames: '[name].cjs', chunkFileNames: '[name].cjs' },
      logLevel: 'silent',
    });
  });
  return join(directory, 'library.cjs');
}

/** The library from a bundle: commands take two thirds of what they take in modules that the test runner loads. */
export async function bundledLibrary(): Promise<typeof import('../../src/index.js')> {
  return createRequire(import.meta.url)(await bundleLibrary());
}
