/**
 * The sources as JavaScript: for tests that need a server in a process of its own (to kill it, say), and in place of
 * what the test runner would load, whose modules call each other through objects.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';
import { builtOnce, root } from './packed.js';

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  verbatimModuleSyntax: true,
  sourceMap: true,
};

/** With a map, so that an error's stack names the source. */
function transpiled(path: string): string {
  const { outputText, sourceMapText } = ts.transpileModule(readFileSync(path, 'utf8'), { compilerOptions: OPTIONS });
  const map = Buffer.from(JSON.stringify({ ...JSON.parse(sourceMapText!), sources: [path] })).toString('base64');
  return outputText.replace(/\/\/# sourceMappingURL=.*$/, `//# sourceMappingURL=data:application/json;base64,${map}`);
}

/** The directory with src/ transpiled; inside the project, so that packages are found. */
export function transpileSources(): Promise<string> {
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
