/** Bodies of the cache's requests, beside what FastAPI answered to them (test/fixtures/http/cache-bodies.py). */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Field, readBody } from '../../src/http/apis/cache/bodies.js';
import { parsePythonJson } from '../../src/http/apis/cache/python-json.js';
import type { HttpRequest } from '../../src/http/message.js';

interface Case {
  readonly path: string;
  readonly body: string;
  readonly type?: string;
  readonly status: number;
  readonly reply: string;
}

const cases: Case[] = JSON.parse(readFileSync(new URL('../fixtures/http/cache-bodies.json', import.meta.url), 'utf8'));

const field = (name: string, type: Field['type'], isOptional = false): Field => ({
  name,
  type,
  isOptional,
  description: '',
});
const KEY = field('key', 'str');
const TOKEN = field('token', 'str');
const MODELS: Readonly<Record<string, readonly Field[]>> = {
  '/SET': [KEY, field('value', 'str'), TOKEN, field('ttl', 'int', true)],
  '/HSET': [KEY, field('fields', 'pairs'), TOKEN],
  '/RPUSH': [KEY, field('elements', 'strs'), TOKEN],
  '/LSET': [KEY, field('index', 'int'), field('element', 'str'), TOKEN],
};

/** Status and body, as FastAPI gives back what it understood. */
function answer({ path, body, type = 'application/json' }: Pick<Case, 'path' | 'body' | 'type'>): [number, string] {
  const request = { body: Buffer.from(body), header: () => type } as unknown as HttpRequest;
  const values = readBody(request, MODELS[path], false);
  if ('reply' in values) return [values.reply.status, String(values.reply.body)];
  const members = MODELS[path].map(({ name, type: kind }) => {
    const value = kind === 'int' ? String(values.int(name) ?? null) : JSON.stringify(values[kind](name));
    return `${JSON.stringify(name)}:${value}`;
  });
  return [200, `{${members.join()}}`];
}

test('there are cases of all kinds', () => {
  expect(new Set(cases.map(({ status }) => status))).toEqual(new Set([200, 422]));
  expect(cases.length).toBeGreaterThan(200);
});

test.each(cases.map((each) => [each.path, each.body, each] as const))('%s %j', (_path, _body, each) => {
  expect(answer(each)).toEqual([each.status, each.reply]);
});

describe('what Python can not take at all', () => {
  test.each([
    ['bytes that are no UTF-8', Buffer.from([0x22, 0xff, 0x22])],
    ['what is too deep', Buffer.from('['.repeat(100_000))],
    ['an integer of too many digits', Buffer.from(`{"key":${'1'.repeat(5000)}}`)],
  ])('%s is answered with 400', (_, body) => {
    const request = { body, header: () => undefined } as unknown as HttpRequest;
    const values = readBody(request, MODELS['/SET'], false);
    expect('reply' in values && [values.reply.status, values.reply.body]).toEqual([
      400,
      '{"detail":"There was an error parsing the body"}',
    ]);
  });
});

test('a token in a header need not be in the body', () => {
  const request = { body: Buffer.from('{"key":5,"value":"v"}'), header: () => undefined } as unknown as HttpRequest;
  const values = readBody(request, MODELS['/SET'], true);
  expect('reply' in values ? values.reply : values.str('key')).toBe('5');
});

test.each([
  ['5', '5'],
  ['-0', '0'],
  ['-0.0', '-0.0'],
  ['1e5', '100000.0'],
  ['1e16', '1e+16'],
  ['1234567890123456789.0', '1.2345678901234568e+18'],
  ['0.0001', '0.0001'],
  ['0.00001', '1e-05'],
  ['1.5e-7', '1.5e-07'],
  ['1e400', 'inf'],
  ['-1e400', '-inf'],
  ['NaN', 'nan'],
  ['123456789012345678901234567890', '123456789012345678901234567890'],
])('the number %s is %s as text', (source, text) => {
  expect(String(parsePythonJson(source))).toBe(text);
});
