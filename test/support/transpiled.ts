/** The sources as JavaScript, for tests that need a server in a process of its own (to kill it, say). */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { builtOnce, root } from './packed.js';

/** The directory with src/ transpiled; inside the project, so that packages are found. */
export function transpileSources(): Promise<string> {
  return builtOnce('transpiled', (directory) => {
    writeFileSync(join(directory, 'package.json'), '{"type":"module"}');
    const source = join(root, 'src');
    for (const name of readdirSync(source, { recursive: true, encoding: 'utf8' })) {
      if (!name.endsWith('.ts')) continue;
      const target = join(directory, name.replace(/\.ts$/, '.js'));
      mkdirSync(dirname(target), { recursive: true });
      const { outputText } = ts.transpileModule(readFileSync(join(source, name), 'utf8'), {
        compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true },
      });
      writeFileSync(target, outputText);
    }
  });
}
