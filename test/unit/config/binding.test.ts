import { expect, test } from 'vitest';
import { bind, defaultOf } from '../../../src/config/binding.js';
import { Config, ConfigSetError } from '../../../src/config/config.js';
import { type DirectiveName, directiveRows } from '../../../src/config/directives.js';
import { ConfigError } from '../../../src/config/value-types.js';
import { Keyspace } from '../../../src/keyspace/keyspace.js';
import { dataTypes } from '../../../src/types/index.js';

interface Idler {
  seconds: number;
  most: number;
  applied: number;
}

const idlerSettings = bind(['timeout', 'maxclients'], (get, idler: Idler) => {
  if (get('timeout') === 13) throw new ConfigError('an unlucky number');
  idler.seconds = get('timeout');
  idler.most = get('maxclients');
  idler.applied++;
});

function bound(): { config: Config; idler: Idler } {
  const config = new Config();
  const idler: Idler = { seconds: -1, most: -1, applied: 0 };
  config.bind(idlerSettings, idler);
  return { config, idler };
}

test('a binding applies at once, and again once for each CONFIG SET that changes one of its directives', () => {
  const { config, idler } = bound();
  expect(idler).toEqual({ seconds: 0, most: 10000, applied: 1 });
  config.setAtRunTime(
    [
      ['maxclients', '5'],
      ['timeout', '6'],
      ['hz', '20'],
    ],
    false,
  );
  expect(idler).toEqual({ seconds: 6, most: 5, applied: 2 });
  config.setAtRunTime([['hz', '30']], false);
  expect(idler.applied).toBe(2);
});

test('a binding that turns a change down is named with the directive, and nothing has changed for anybody', () => {
  const { config, idler } = bound();
  const other: Idler = { seconds: -1, most: -1, applied: 0 };
  config.bind(
    bind(['maxclients'], (get, target: Idler) => (target.most = get('maxclients'))),
    other,
  );
  const set = () =>
    config.setAtRunTime(
      [
        ['maxclients', '5'],
        ['Timeout', '13'],
      ],
      false,
    );
  expect(set).toThrow(ConfigSetError);
  expect([idler.seconds, idler.most, other.most]).toEqual([0, 10000, 10000]);
  expect([config.get('timeout'), config.get('maxclients')]).toEqual([0, 10000]);
});

test('a binding can only read what it lists', () => {
  // @ts-expect-error: `hz` would not follow CONFIG SET
  bind(['timeout'], (get) => get('hz'));
});

test('a module without a configuration has the defaults of the rows', () => {
  for (const name of Object.keys(directiveRows) as DirectiveName[]) {
    expect({ [name]: defaultOf(name) }).toEqual({ [name]: new Config().get(name) });
  }
  const clock = { now: () => 0 };
  const random = { int32: () => 0, below: () => 0 };
  const plain = new Keyspace({ clock, random, databases: 1, types: dataTypes });
  const configured = new Keyspace({ clock, random, databases: 1, types: dataTypes });
  for (const binding of dataTypes.settings) new Config().bind(binding, configured);
  expect(plain.limits).toEqual(configured.limits);
});
