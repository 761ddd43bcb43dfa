/** Does what docs/guides/directive.md says, to a copy of the sources: two places, and the directive acts. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'rolldown';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Config as ConfigClass } from '../../src/config/config.js';
import type { Keyspace as KeyspaceClass } from '../../src/keyspace/keyspace.js';
import type * as settings from '../../src/keyspace/settings.js';
import type * as types from '../../src/types/index.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const guide = readFileSync(join(root, 'docs/guides/directive.md'), 'utf8');

let copy: string;

beforeAll(() => {
  const cache = join(root, 'node_modules', '.cache');
  mkdirSync(cache, { recursive: true });
  copy = mkdtempSync(join(cache, 'redstart-guide-'));
  cpSync(join(root, 'src'), join(copy, 'src'), { recursive: true });
});

afterAll(() => rmSync(copy, { recursive: true, force: true }));

interface Change {
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

/** A block names its file; its lines begin with a space, a minus or a plus. */
function changesOf(text: string): Change[] {
  return [...text.matchAll(/^```diff\n(.+?)\n(.*?)^```$/gms)].map(([, path, body]) => {
    const lines = body.trimEnd().split('\n');
    const without = (mark: string) =>
      lines
        .filter((line) => !line.startsWith(mark))
        .map((line) => line.slice(1))
        .join('\n');
    return { path, before: without('+'), after: without('-') };
  });
}

test('the worked example touches two places, and its directive acts at once and when CONFIG SET changes it', async () => {
  const changes = changesOf(guide);
  expect(changes).toHaveLength(2);
  for (const { path, before, after } of changes) {
    const file = join(copy, path);
    const text = readFileSync(file, 'utf8');
    expect(text.split(before)).toHaveLength(2);
    writeFileSync(
      file,
      text.replace(before, () => after),
    );
  }
  writeFileSync(
    join(copy, 'src/entry.ts'),
    ['config/config', 'keyspace/keyspace', 'keyspace/settings', 'types/index']
      .map((name) => `export * from './${name}.js';`)
      .join('\n'),
  );
  const output = join(copy, 'entry.mjs');
  await build({
    input: join(copy, 'src/entry.ts'),
    platform: 'node',
    output: { file: output, format: 'esm' },
    logLevel: 'silent',
  });
  const { Config, Keyspace, evictionSettings, dataTypes } = (await import(pathToFileURL(output).href)) as {
    Config: typeof ConfigClass;
    Keyspace: typeof KeyspaceClass;
    evictionSettings: typeof settings.evictionSettings;
    dataTypes: typeof types.dataTypes;
  };
  const keyspace = new Keyspace({
    clock: { now: () => 0 },
    random: { int32: () => 0, below: () => 0 },
    databases: 1,
    types: dataTypes,
  });
  const config = new Config();
  config.load('maxmemory-samples-floor', ['7']);
  config.bind(evictionSettings, keyspace);
  expect(keyspace.eviction.samples).toBe(7);
  config.setAtRunTime([['maxmemory-samples-floor', '9']], false);
  expect(keyspace.eviction.samples).toBe(9);
  expect(() => config.setAtRunTime([['maxmemory-samples-floor', '0']], false)).toThrow('argument must be between 1');
  expect([...config.match(['maxmemory-samples-*'])]).toEqual([['maxmemory-samples-floor', '9']]);
});
