/** Does what docs/guides/directive.md says, to a copy of the sources: two places, and the directive acts. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Config as ConfigClass } from '../../src/config/config.js';
import type { Keyspace as KeyspaceClass } from '../../src/keyspace/keyspace.js';
import type * as settings from '../../src/keyspace/settings.js';
import type * as types from '../../src/types/index.js';
import { CopiedSources, changesOf } from '../support/copied-sources.js';

const guide = readFileSync(new URL('../../docs/guides/directive.md', import.meta.url), 'utf8');

let copy: CopiedSources;

beforeAll(() => {
  copy = new CopiedSources();
});

afterAll(() => copy.remove());

test('the worked example touches two places, and its directive acts at once and when CONFIG SET changes it', async () => {
  const changes = changesOf(guide);
  expect(changes).toHaveLength(2);
  for (const change of changes) copy.change(change);
  const entry = ['config/config', 'keyspace/keyspace', 'keyspace/settings', 'types/index']
    .map((name) => `export * from './${name}.js';`)
    .join('\n');
  const { Config, Keyspace, evictionSettings, dataTypes } = await copy.load<{
    Config: typeof ConfigClass;
    Keyspace: typeof KeyspaceClass;
    evictionSettings: typeof settings.evictionSettings;
    dataTypes: typeof types.dataTypes;
  }>(entry);
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
