import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Config } from '../../../src/config/config.js';
import { type Directive, directiveRows } from '../../../src/config/directives.js';
import { ALL_EVENTS } from '../../../src/config/value-types.js';
import { EVENT_LETTERS } from '../../../src/keyspace/events.js';

/** CONFIG GET * of Redis 7.4. */
const redis = JSON.parse(readFileSync(new URL('../../fixtures/config-7.4.json', import.meta.url), 'utf8')) as Record<
  string,
  string
>;

const rows = Object.entries(directiveRows) as [string, Directive][];

describe('the table of directives', () => {
  test('knows every directive and alias of Redis 7.4, with its default', () => {
    const ofRedis = [...new Config().match(['*'])].filter(([name]) => !name.startsWith('http-'));
    expect(Object.fromEntries(ofRedis.sort())).toEqual(Object.fromEntries(Object.entries(redis).sort()));
  });

  test.each(rows)('%s is documented, and says why if it has no effect', (_, row) => {
    expect(row.doc).toMatch(/^[A-Z`].*[.]$/s);
    expect(row.since).toMatch(/^\d+\.\d+\.\d+$/);
    expect(row.why === undefined).toBe(row.effect === 'works');
  });

  test.each(rows)('%s prints a text that reads back as the same value', (name) => {
    const config = new Config();
    const text = config.text(name as keyof typeof directiveRows);
    config.assign({ [name]: text });
    expect(config.text(name as keyof typeof directiveRows)).toBe(text);
  });
});

test('every letter of notify-keyspace-events that chooses events has its class', () => {
  expect(Object.keys(EVENT_LETTERS).sort()).toEqual([...ALL_EVENTS, 'm', 'n'].sort());
});
