/**
 * The sources as JavaScript: for tests that need a server in a process of its own (to kill it, say), and in place of
 * what the test runner would load, whose modules call each other through objects.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { type TransformOptions, transformSync } from 'rolldown/utils';
import { builtOnce, root } from '../../scripts/built.js';

/** TypeScript's own compiler took 12 s for them. */
const OPTIONS: TransformOptions = { target: 'es2022', sourcemap: true, typescript: { onlyRemoveTypeImports: true } };

/** With a map, so that an error's stack names the source. */
function transpiled(path: string): string {
  const { code, map, errors } = transformSync(path, readFileSync(path, 'utf8'), OPTIONS);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]!.message}`);
  const inline = Buffer.from(JSON.stringify({ ...map, sources: [path] })).toString('base64');
  return `${code}\n//# sourceMappingURL=data:application/json;base64,${inline}\n`;
}

/** The directory with src/ transpiled; inside the project, so that packages are found. */
function transpileSources(): Promise<string> {
  return builtOnce('transpiled', (directory) => {
    writeFileSync(join(directory, 'package.json'), '{"type":"module"}');
    const source = join(root, 'src');
    for (const name of readdirSync(source, { recursive: true, encoding: 'utf8' })) {
      if (!name.endsWith('.ts')) continue;
      const target = join(directory, name.replace(/\.ts$/, '.js'));
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, transpiled(join(source, name)));
    }
  });
}

/** A plugin by which tests import the transpiled sources, and Node loads them. */
export async function importTranspiled() {
  const source = join(root, 'src');
  const target = await transpileSources();
  return {
    name: 'import-transpiled',
    enforce: 'pre',
    resolveId(id: string, importer: string | undefined) {
      if (importer === undefined || !id.startsWith('.')) return undefined;
      const path = relative(source, resolve(dirname(importer), id));
      return path.startsWith('..') ? undefined : join(target, path);
    },
  } as const;
}
