/** Every block of code in README.md and docs/embedding.md runs as it stands, and prints what its comments say. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root } from '../../scripts/built.js';
import { type Project, Workshop } from '../support/workshop.js';

const INSTALL_MS = 300_000;
const RUN_MS = 180_000;

let workshop: Workshop;

beforeAll(async () => {
  workshop = await Workshop.open();
}, INSTALL_MS);

afterAll(() => workshop.close());

interface Block {
  language: string;
  code: string;
  line: number;
}

function blocksOf(document: string): Block[] {
  const text = readFileSync(join(root, document), 'utf8');
  return [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map((match) => ({
    language: match[1],
    code: match[2],
    line: text.slice(0, match.index).split('\n').length + 1,
  }));
}

/** What is printed, by the comments after calls that print, or that wait for something to print. */
function printedBy(code: string): string[] {
  return [...code.matchAll(/^ *(?:console\.log\(.*\)|await server\.idle\(\)); \/\/ (.*)$/gm)].map((match) => match[1]);
}

async function run(project: Project, { language, code }: Block): Promise<void> {
  if (code.includes("from 'vitest'")) {
    project.write('block.test.ts', code);
    expect(await project.node(workshop.path('vitest', 'vitest.mjs'), 'run')).toMatch(/Tests {2}\d+ passed/);
    return;
  }
  const isCommonJs = code.includes('require(');
  project.write('package.json', `{ "type": "${isCommonJs ? 'commonjs' : 'module'}" }`);
  if (language === 'ts') {
    project.write('block.ts', code);
    const options = ['--strict', '--target', 'es2022', '--lib', 'es2022', '--module', 'node20', '--types', 'node'];
    await project.node(workshop.path('typescript6', 'bin', 'tsc'), ...options, '--skipLibCheck', 'block.ts');
  } else {
    project.write('block.js', code);
  }
  const printed = (await project.node('block.js')).trimEnd().split('\n');
  const lines = printed.filter((line) => line !== '' && !line.startsWith('Ready to accept'));
  expect(lines).toEqual(printedBy(code));
}

for (const document of ['README.md', 'docs/embedding.md']) {
  const blocks = blocksOf(document);
  const programs = blocks.filter(({ language }) => language === 'js' || language === 'ts');

  test(`every block of ${document} says what it is`, () => {
    for (const { language, line } of blocks) expect(['js', 'ts', 'sh'], `line ${line}`).toContain(language);
    expect(programs.length).toBeGreaterThan(3);
  });

  describe.concurrent(document, { timeout: RUN_MS }, () => {
    test.each(programs.map((block) => [block.line, block] as const))('line %i', async (_line, block) => {
      await run(workshop.project(), block);
    });
  });
}

test('scripts that documents name exist', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object };
  for (const document of ['README.md', 'CONTRIBUTING.md', 'docs/our-tests.md', 'docs/architecture.md']) {
    const text = readFileSync(join(root, document), 'utf8');
    for (const [, name] of text.matchAll(/npm run ([a-z:]+)/g)) {
      expect(Object.keys(scripts), `npm run ${name} in ${document}`).toContain(name);
    }
  }
});
