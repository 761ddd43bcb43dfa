/**
 * What is shipped: one file for the server, a face of it for the library, and one for the program with its log (pino).
 * Loading 130 modules one by one would double the time of a start, and pino's 25 would add 15 ms (npm run bench -- start-up). commander stays outside: it
 * is loaded for --help only. Names stay as they are, for stack traces; comments and source maps, two thirds of the package,
 * are left out.
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

/**
 * `import` gets the same instance as `require`, so that a process that does both has one class of each name: a module of names
 * around the CommonJS bundle.
 */
function moduleFace() {
  return {
    name: 'module-face',
    generateBundle(_options, bundle) {
      const { fileName, exports } = Object.values(bundle).find((chunk) => chunk.name === 'index');
      const source = `import face from './${fileName}';\nexport const { ${exports.join(', ')} } = face;\n`;
      this.emitFile({ type: 'asset', fileName: fileName.replace(/\.cjs$/, '.js'), source });
    },
  };
}

/**
 * Text of ASCII alone, in which other letters are escaped: a single one of them doubles the memory that Node reads into
 * and V8 compiles from (12 of 248 ms of a start). They stand in strings, templates and expressions, where an escape
 * means the same.
 */
function ascii() {
  const escaped = (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return {
    name: 'ascii',
    generateBundle(_options, bundle) {
      for (const chunk of Object.values(bundle)) {
        if (chunk.type === 'chunk') chunk.code = chunk.code.replace(/[^\x00-\x7f]/g, escaped);
      }
    },
  };
}

/** Of the thousands of media types that mime-db knows, OAuth asks for one: those of the others are a fortieth of the package. */
function formsOnly() {
  const FORM = 'application/x-www-form-urlencoded';
  return {
    name: 'forms-only',
    load(id) {
      if (!id.endsWith(join('mime-db', 'db.json'))) return undefined;
      const code = JSON.stringify({ [FORM]: JSON.parse(readFileSync(id, 'utf8'))[FORM] });
      return { code, moduleType: 'json' };
    },
  };
}

export default {
  platform: 'node',
  external: ['commander'],
  input: { index: 'src/index.ts', cli: 'src/cli/main.ts' },
  output: {
    dir: 'dist',
    // CommonJS, because Node 20 can keep the compiled code of no other form (scripts/code-cache.js) and Jest loads no other.
    format: 'cjs',
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name].cjs',
    comments: false,
    // White space and names of locals go, other names stay, for stack traces: 1 MB is what the package may take, packed.
    minify: {
      compress: { keepNames: { function: true, class: true } },
      mangle: { toplevel: false, keepNames: true },
      codegen: { removeWhitespace: true },
    },
    strict: true,
    // What a start loads, with what the rest shares with it: it has compiled code beside it (scripts/code-cache.js).
    codeSplitting: { groups: [{ name: 'redis-server', test: /src\/server\/redis-server\.ts$/ }] },
  },
  plugins: [licences(), moduleFace(), formsOnly(), ascii()],
};
