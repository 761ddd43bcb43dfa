/**
 * The table "to add X, touch Y" of docs/architecture.md: a toy of each is put into a copy of the sources, with no more
 * changes than the table says, and a server that is built from it has them all.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type * as library from '../../src/index.js';
import { type Change, CopiedSources, changesOf } from '../support/copied-sources.js';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

/** An import beside one that is there, and an item before another one. */
function listed(path: string, name: string, from: string, beside: string, item: string, before: string): Change[] {
  return [
    { path, before: beside, after: `import { ${name} } from '${from}';\n${beside}` },
    { path, before, after: before.replace(/^( *)/, `$1${item}\n$1`) },
  ];
}

const TOYS = {
  'a command': {
    files: [['test/toys/twice.ts', 'src/commands/server/twice.ts']],
    changes: listed(
      'src/commands/server/index.ts',
      'twiceCommands',
      './twice.js',
      "import { timeCommands } from './time.js';",
      '...twiceCommands,',
      '  ...timeCommands,',
    ),
  },
  'a data type': {
    files: [['test/unit/types/alarm', 'src/types/alarm']],
    changes: listed(
      'src/types/index.ts',
      'alarm',
      './alarm/index.js',
      "import { bitmap } from './bitmap/index.js';",
      'alarm,',
      'string, bitmap,',
    ),
  },
  'a feature': {
    files: [['test/toys/quota.ts', 'src/features/quota/quota.ts']],
    changes: listed(
      'src/commands/index.ts',
      'quotaCommands',
      '../features/quota/quota.js',
      "import { typeCommands } from '../types/index.js';",
      '...quotaCommands,',
      '  ...serverCommands,',
    ),
  },
  'a directive with an effect': { files: [], changes: changesOf(read('docs/guides/directive.md')) },
} as const;

const TABLE = new Map(
  [...read('docs/architecture.md').matchAll(/^\| (an? [\w ]+) \| (\d+) \| (\d+) \|/gm)].map(
    ([, what, files, lines]) => [what!, { files: Number(files), lines: Number(lines) }] as const,
  ),
);

/** Lines that are new, or other than before. */
function changedLines({ before, after }: Change): number {
  const old = before.split('\n');
  return after.split('\n').filter((line) => !old.includes(line)).length;
}

let copy: CopiedSources;
let server: library.RedisServer;

beforeAll(async () => {
  copy = new CopiedSources();
  for (const { files, changes } of Object.values(TOYS)) {
    for (const [from, to] of files) copy.add(from, to);
    for (const change of changes) copy.change(change);
  }
  const { RedisServer } = await copy.load<typeof library>("export * from './index.js';");
  server = await RedisServer.start({ port: 0 });
});

afterAll(async () => {
  await server?.stop();
  copy.remove();
});

test.each(Object.entries(TOYS))('%s touches as many places as the table says', (what, { changes }) => {
  const files = new Set(changes.map(({ path }) => path)).size;
  expect({ files, lines: changes.reduce((sum, change) => sum + changedLines(change), 0) }).toEqual(TABLE.get(what));
});

test('the table has no other lines', () => {
  expect([...TABLE.keys()].sort()).toEqual(Object.keys(TOYS).sort());
});

test('the command is there', async () => {
  expect(await server.execute('TWICE', 'INCR', 'n')).toEqual([1, 2]);
});

test('the data type is there, for commands that are not its own too', async () => {
  expect(await server.execute('ALARM.ADD', 'a', 4102444800000)).toBe(1);
  expect(await server.execute('TYPE', 'a')).toBe('alarm');
  expect(await server.execute('COPY', 'a', 'b')).toBe(1);
  expect(await server.execute('OBJECT', 'ENCODING', 'b')).toBe('few');
});

test('the feature is there', async () => {
  const session = server.session();
  expect(await session.execute('QUOTA', 1)).toBe('OK');
  expect(await session.execute('PING')).toBe('PONG');
  await expect(session.execute('PING')).rejects.toThrow('QUOTA no commands are left');
  session.close();
});

test('the directive is there, and acts', async () => {
  await server.execute('CONFIG', 'SET', 'maxmemory-samples-floor', '9');
  expect(await server.execute('CONFIG', 'GET', 'maxmemory-samples-floor')).toEqual(
    new Map([['maxmemory-samples-floor', '9']]),
  );
});
