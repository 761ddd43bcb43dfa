/**
 * What is shipped: one file for the library, and one for the program with its log (pino). Loading 130 modules one by one
 * would double the time of a start, and pino's 25 would add 15 ms (npm run bench -- start-up). commander stays outside: it
 * is loaded for --help only. Names stay as they are, for stack traces.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Writes the licences of the packages that are bundled beside the bundle. */
function licences() {
  return {
    name: 'licences',
    generateBundle(_options, bundle) {
      const folders = new Set();
      for (const chunk of Object.values(bundle)) {
        for (const id of chunk.type === 'chunk' ? chunk.moduleIds : []) {
          if (id.includes('node_modules')) folders.add(packageFolder(id));
        }
      }
      if (folders.size === 0) return;
      const source = [...folders].sort().map(licenceOf).join('\n\n');
      this.emitFile({ type: 'asset', fileName: 'THIRD-PARTY-LICENSES.txt', source });
    },
  };
}

function packageFolder(id) {
  let folder = dirname(id.replace(/^\0/, '').split('?')[0]);
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}

function licenceOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file === undefined ? '' : readFileSync(join(folder, file), 'utf8').trim();
  return `${name} ${version} (${license})\n\n${text}\n`;
}

const common = { platform: 'node', external: ['commander'], plugins: [licences()] };

export default [
  { ...common, input: { index: 'src/index.ts' }, output: { dir: 'dist', format: 'esm', sourcemap: true } },
  // CommonJS, because Node 20 can keep the compiled code of no other form (scripts/code-cache.js).
  {
    ...common,
    input: { cli: 'src/cli/main.ts' },
    output: {
      dir: 'dist/program',
      format: 'cjs',
      entryFileNames: '[name].cjs',
      chunkFileNames: '[name].cjs',
      sourcemap: true,
    },
  },
];
