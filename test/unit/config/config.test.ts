import { describe, expect, test } from 'vitest';
import { Config, ConfigSetError } from '../../../src/config/config.js';
import { ConfigError } from '../../../src/config/value-types.js';

function setFailure(config: Config, ...pairs: [string, string][]): string {
  try {
    config.setAtRunTime(pairs, true);
  } catch (error) {
    if (error instanceof ConfigSetError) return `${error.directive}: ${error.reason}`;
    throw error;
  }
  throw new Error('it was taken');
}

describe('Config', () => {
  test('gives values in the types of their directives', () => {
    const config = new Config();
    config.assign({ maxmemory: '1gb', save: '60 100 300 10', bind: ['127.0.0.1', '::1'], unixsocketperm: '700' });
    config.assign({ rdbcompression: false, 'lua-time-limit': 7, 'maxmemory-clients': '5%' });
    expect(config.get('maxmemory')).toBe(2 ** 30);
    expect(config.get('save')).toEqual([
      { seconds: 60, changes: 100 },
      { seconds: 300, changes: 10 },
    ]);
    expect(config.get('bind')).toEqual(['127.0.0.1', '::1']);
    expect(config.get('unixsocketperm')).toBe(0o700);
    expect(config.get('rdbcompression')).toBe(false);
    expect(config.get('busy-reply-threshold')).toBe(7);
    expect(config.get('maxmemory-clients')).toEqual({ percent: 5 });
    expect(config.get('client-output-buffer-limit').pubsub).toEqual({
      hardBytes: 33554432,
      softBytes: 8388608,
      softSeconds: 60,
    });
  });

  test.each([
    ['1k', 1000],
    ['1kb', 1024],
    ['2M', 2_000_000],
    ['2mB', 2_097_152],
    ['3g', 3_000_000_000],
    ['100b', 100],
    ['007', 7],
  ])('reads %s as %i bytes', (text, bytes) => {
    const config = new Config();
    config.assign({ maxmemory: text });
    expect(config.get('maxmemory')).toBe(bytes);
    expect(config.text('maxmemory')).toBe(String(bytes));
  });

  test('keeps integers beyond 2^53 exactly as text', () => {
    const config = new Config();
    config.assign({ 'slowlog-max-len': '9223372036854775807' });
    expect(config.text('slowlog-max-len')).toBe('9223372036854775807');
  });

  test('CONFIG SET changes several directives or none', () => {
    const config = new Config();
    expect(setFailure(config, ['maxclients', '5'], ['timeout', 'abc'])).toBe(
      "timeout: argument couldn't be parsed into an integer",
    );
    expect(config.get('maxclients')).toBe(10000);
    config.setAtRunTime(
      [
        ['maxclients', '5'],
        ['TIMEOUT', '6'],
      ],
      false,
    );
    expect([config.get('maxclients'), config.get('timeout')]).toEqual([5, 6]);
  });

  test('a listener that turns a change down undoes all of it, also for listeners that were told already', () => {
    const config = new Config();
    const seen: number[] = [];
    config.onChange('maxclients', () => seen.push(config.get('maxclients')));
    config.onChange('timeout', () => {
      throw new ConfigError('not today');
    });
    expect(setFailure(config, ['maxclients', '5'], ['Timeout', '6'])).toBe('Timeout: not today');
    expect(seen).toEqual([5, 10000]);
    expect(config.get('timeout')).toBe(0);
  });

  test('listeners hear only of what changed, until they are taken off', () => {
    const config = new Config();
    const seen: string[] = [];
    const stop = config.onChange(['maxclients', 'timeout'], (name) => seen.push(name));
    config.setAtRunTime(
      [
        ['maxclients', '10000'],
        ['timeout', '9'],
      ],
      false,
    );
    stop();
    config.setAtRunTime([['timeout', '10']], false);
    expect(seen).toEqual(['timeout']);
  });

  test('protected directives change only for those who may', () => {
    const config = new Config();
    expect(() => config.setAtRunTime([['dbfilename', 'x.rdb']], false)).toThrow("can't set protected config");
    config.setAtRunTime([['dbfilename', 'x.rdb']], true);
    expect(config.get('dbfilename')).toBe('x.rdb');
  });

  test('what would only pretend is refused, its default is not', () => {
    const config = new Config();
    expect(setFailure(config, ['appendonly', 'yes'])).toMatch(/^appendonly: not supported by redstart: /);
    config.setAtRunTime([['appendonly', 'no']], false);
    expect(() => config.assign({ 'cluster-enabled': true })).toThrow(/^cluster-enabled: not supported by redstart/);
  });

  test('save lines add up, the first one replaces the default, an empty one clears', () => {
    const config = new Config();
    config.load('save', ['60', '100']);
    config.load('save', ['300', '10', '900', '1']);
    expect(config.text('save')).toBe('60 100 300 10 900 1');
    config.load('save', ['']);
    expect(config.get('save')).toEqual([]);
    config.load('save', ['5', '5']);
    expect(config.text('save')).toBe('5 5');
  });

  test('CONFIG GET answers names, aliases in any case and patterns, each once', () => {
    const config = new Config();
    expect([...config.match(['MAXmemory', 'maxmemory', 'maxmemory-s*'])]).toEqual([
      ['MAXmemory', '0'],
      ['maxmemory', '0'],
      ['maxmemory-samples', '5'],
    ]);
    expect([...config.match(['*-ziplist-size'])]).toEqual([['list-max-ziplist-size', '-2']]);
    expect([...config.match(['nothing', 'nothing*'])]).toEqual([]);
  });

  test('dir is resolved by whoever knows directories', () => {
    const config = new Config({ resolveDirectory: (path) => `/base/${path}` });
    expect(config.get('dir')).toBe('/base/.');
    config.assign({ dir: 'data' });
    expect(config.get('dir')).toBe('/base/data');
  });
});
