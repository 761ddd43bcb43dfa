/** The house is kept: lengths, words and names in documents, in files that no other check reads this way. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const MAX_COLUMNS = 120;
const MAX_FILE_LINES = 700;
const MAX_FUNCTION_LINES = 70;

/** Functions that may be a little longer: lists of parts in their order, of which half would say nothing. */
const LONG_FUNCTIONS: Record<string, number> = {
  'src/commands/server/info-sections.ts': 75,
  'src/server/redis-server.ts': 75,
};

/** Phrases that say a place where a time is meant: *before* and *after* say it. */
const PLACE_FOR_TIME = [
  /\bbehind (a|an|the|every|each|any|all|its|their) ?(\w+ )?(command|call|turn|write|reply|test|change|sum|round|event|save)s?\b/i,
  /\bbehind \w+\(\)/,
  /\bbehind (a removal|\w\w\w+ing\b(?! (one|ones|element|slash|digit)))/i,
  /\bin front of (a|an|the|every|each|any|all|its) ?(next |last )?(command|call|turn|write|reply|test|change|event|save)s?\b/i,
  /\bin front of \w+\(\)/,
];

interface SourceFile {
  readonly name: string;
  readonly lines: readonly string[];
}

function filesIn(folder: string, extension: RegExp): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
    .filter((name) => extension.test(name) && !name.includes('node_modules/') && statSync(join(root, name)).isFile())
    .sort();
}

const read = (name: string): string => readFileSync(join(root, name), 'utf8');
const files: SourceFile[] = ['src', 'test', 'bench', 'scripts', 'examples']
  .flatMap((folder) => filesIn(folder, /\.(ts|js|cjs)$/))
  .map((name) => ({ name, lines: read(name).split('\n') }));
const documents = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', ...filesIn('docs', /\.md$/)];

function expectNone(found: readonly string[]): void {
  expect(found).toEqual([]);
}

/** `file:line: text` of every line that is found. */
function linesThat(isFound: (line: string) => boolean, among = files): string[] {
  return among.flatMap(({ name, lines }) =>
    lines.flatMap((line, index) => (isFound(line) ? [`${name}:${index + 1}: ${line.trim()}`] : [])),
  );
}

const isComment = (line: string): boolean => /^\s*(\/\/|\/\*|\* )/.test(line);

describe('comments', () => {
  test('there are any', () => {
    expect(linesThat(isComment).length).toBeGreaterThan(1000);
  });

  test(`no line is longer than ${MAX_COLUMNS} columns`, () => {
    expectNone(linesThat((line) => isComment(line) && line.length > MAX_COLUMNS));
  });

  test('nor is one of the change log', () => {
    const lines = read('CHANGELOG.md').split('\n');
    expect(lines.filter((line) => line.length > MAX_COLUMNS)).toEqual([]);
  });

  test('time is before and after, not in front of and behind', () => {
    expectNone(linesThat((line) => isComment(line) && PLACE_FOR_TIME.some((phrase) => phrase.test(line))));
  });

  test('none only repeats a name', () => {
    expectNone(linesThat((line) => /^\s*\/\*\* [A-Z]+\. \*\/$/.test(line)));
  });
});

/** The files that a line names, as `call.ts` or `engine/call.ts`. */
function namedIn(line: string): string[] {
  return [...line.matchAll(/(?<![\w./-])([\w-]+(?:\/[\w.-]+)*\.(?:ts|js|cjs|md))\b/g)].map(([, path]) => path!);
}

describe('files that comments name', () => {
  const known = [...files.map(({ name }) => name), ...documents, 'bin/redstart.js', 'bench/results.md'];

  test('exist', () => {
    const isKnown = (path: string): boolean => known.some((name) => name === path || name.endsWith(`/${path}`));
    expect(files.flatMap(({ lines }) => lines.filter(isComment).flatMap(namedIn)).length).toBeGreaterThan(20);
    expectNone(linesThat((line) => isComment(line) && !namedIn(line).every(isKnown)));
  });
});

describe('names', () => {
  test('what is private says so by the word', () => {
    const isPrivateName = (line: string): boolean =>
      !isComment(line) && /^\s+(readonly |get |set |async |static )*\*?#\w+/.test(line);
    expectNone(
      linesThat(
        isPrivateName,
        files.filter(({ name }) => /^(src|test)\//.test(name)),
      ),
    );
  });
});

describe('lengths', () => {
  test(`no file has more than ${MAX_FILE_LINES} lines`, () => {
    const tooLong = files.filter(({ lines }) => lines.length > MAX_FILE_LINES);
    expectNone(tooLong.map(({ name, lines }) => `${name}: ${lines.length} lines`));
  });

  test(`no function in src has more than ${MAX_FUNCTION_LINES} lines`, () => {
    const tooLong: string[] = [];
    for (const { name, lines } of files.filter((file) => file.name.startsWith('src/'))) {
      const source = ts.createSourceFile(name, lines.join('\n'), {
        languageVersion: ts.ScriptTarget.ES2022,
        jsDocParsingMode: ts.JSDocParsingMode.ParseNone,
      });
      const lineAt = (position: number): number => source.getLineAndCharacterOfPosition(position).line + 1;
      const visit = (node: ts.Node): void => {
        // Nor is what stands inside.
        if (lineAt(node.end) - lineAt(node.pos) < MAX_FUNCTION_LINES) return;
        if (ts.isFunctionLike(node)) {
          const first = lineAt(node.getStart(source));
          const count = lineAt(node.end) - first + 1;
          if (count > (LONG_FUNCTIONS[name] ?? MAX_FUNCTION_LINES)) tooLong.push(`${name}:${first}: ${count} lines`);
        }
        ts.forEachChild(node, visit);
      };
      visit(source);
    }
    expectNone(tooLong);
  });
});

/** Where a path in a document may lie: as it stands, beside the document, or in src/ or docs/. */
function isThere(document: string, path: string): boolean {
  const [name] = path.split('#');
  const places = ['', dirname(document), 'src', 'docs', 'test'];
  return places.some((place) => existsSync(join(root, place, name!)));
}

describe('documents', () => {
  test.each(documents)('every path that %s names exists', (document) => {
    const text = read(document);
    const links = [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)\s]+)\)/g)].map(([, path]) => path!);
    const quoted = [...text.matchAll(/`([\w.-]+(?:\/[\w.-]+)+\.(?:ts|js|cjs|json|md))`/g)].map(([, path]) => path!);
    expect([...links, ...quoted].filter((path) => !isThere(document, path))).toEqual([]);
  });
});
