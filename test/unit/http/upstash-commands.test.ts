import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JsonCommands, UnreadableBody } from '../../../src/http/apis/upstash/json-commands.js';
import { readPathCommand, tokenIn, withoutToken } from '../../../src/http/apis/upstash/path-command.js';
import { Args } from '../../../src/protocol/args.js';
import { anyText } from '../../support/any-text.js';

function words(args: Args): string[] {
  return Array.from({ length: args.count }, (_, i) => args.latin1(i));
}

const latin1 = (text: string): string => Buffer.from(text).toString('latin1');

function readOne(body: string | Buffer): string[] {
  const commands = new JsonCommands();
  const args = new Args();
  commands.readOne(Buffer.from(body));
  expect(commands.count).toBe(1);
  commands.next(args);
  return words(args);
}

function readAll(body: string): string[][] {
  const commands = new JsonCommands();
  const args = new Args();
  commands.readAll(Buffer.from(body));
  return Array.from({ length: commands.count }, () => {
    commands.next(args);
    return words(args);
  });
}

describe('commands out of JSON', () => {
  test('strings, numbers with their digits, booleans', () => {
    expect(readOne('["SET","key", 12345678901234567890 , -1.50e+3,true,false,0]')).toEqual([
      'SET',
      'key',
      '12345678901234567890',
      '-1.50e+3',
      'true',
      'false',
      '0',
    ]);
  });

  test('escapes', () => {
    const text = '\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00e4\\u20ac\\ud83d\\ude00';
    expect(readOne(`["ECHO","<${text}>","after"]`)).toEqual(['ECHO', latin1('<"\\/\b\f\n\r\tAä€😀>'), 'after']);
  });

  test('half of a pair has no character', () => {
    for (const half of ['\\ud83d', '\\ude00', '\\ud83d\\u0041', '\\ud83d\\ud83d', '\\ud83d\\n']) {
      const text = JSON.parse(`"${half}"`) as string;
      expect(readOne(`["ECHO","${half}"]`)).toEqual(['ECHO', latin1(Buffer.from(text).toString('utf8'))]);
    }
  });

  test('bytes that are no UTF-8 stay as they are', () => {
    expect(readOne(Buffer.from('["SET","k","\xff\xfe"]', 'latin1'))).toEqual(['SET', 'k', '\xff\xfe']);
  });

  test('a list', () => {
    expect(readAll(' [ ["PING"] , ["GET","a\\n"],["SET","b",1] ] ')).toEqual([
      ['PING'],
      ['GET', 'a\n'],
      ['SET', 'b', '1'],
    ]);
  });

  test('whatever JSON.stringify() makes', () => {
    const argument = fc.oneof(
      anyText({ maxLength: 20 }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.integer(),
      fc.boolean(),
    );
    const command = fc.array(argument, { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(fc.array(command, { minLength: 1, maxLength: 10 }), fc.constantFrom(0, 1), (commands, indent) => {
        const expected = commands.map((each) =>
          each.map((part) => latin1(typeof part === 'string' ? part : JSON.stringify(part))),
        );
        expect(readAll(JSON.stringify(commands, null, indent))).toEqual(expected);
      }),
    );
  });

  test.each([
    ['', /must be a command/],
    ['{"command":["GET"]}', /must be a command/],
    ['"GET key"', /must be a command/],
    ['[["GET","key"]]', /must be a command/],
    ['["GET",["key"]]', /must be a command/],
    ['["SET","key",{"a":1}]', /must be a command/],
    ['[]', 'ERR empty command'],
    ['["SET","key",null]', 'ERR null args are not supported'],
    ['["GET"', /no valid JSON/],
    ['["GET",]', /no valid JSON/],
    ['["GET" "key"]', /no valid JSON/],
    ['["GET"]x', /no valid JSON/],
    ['["GET","key]', /no valid JSON/],
    ['["GET","a\nb"]', /no valid JSON/],
    ['["GET","\\x"]', /no valid JSON/],
    ['["GET","\\u12g4"]', /no valid JSON/],
    ['["GET","\\u12', /no valid JSON/],
    ['["GET","\\', /no valid JSON/],
    ['["GET",01]', /no valid JSON/],
    ['["GET",-]', /no valid JSON/],
    ['["GET",1.]', /no valid JSON/],
    ['["GET",1e]', /no valid JSON/],
    ['["GET",truE]', /no valid JSON/],
    ['["GET",nul', /no valid JSON/],
  ])('%s is no command', (body, message) => {
    const read = (): unknown => readOne(body);
    expect(read).toThrow(message);
    expect(read).toThrow(UnreadableBody);
  });

  test.each([
    ['', /array of commands/],
    ['["GET","key"]', /array of commands/],
    ['[["GET","key"],"PING"]', /array of commands/],
    ['[]', /list of commands is empty/],
    ['[[]]', 'ERR empty command'],
    ['[["SET","key",{"a":1}]]', /must be strings, numbers or booleans/],
    ['[["GET","key"]', /no valid JSON/],
    ['[["GET","key"],]', /array of commands/],
  ])('%s is no list of commands', (body, message) => {
    expect(() => readAll(body)).toThrow(message);
  });

  test('whatever bytes come: commands or an UnreadableBody', () => {
    const pieces = fc.constantFrom('[', ']', '"', ',', '\\', 'u', 'd83d', '1', '-', '.', 'e', ' ', 'true', 'a', '\xff');
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
        const body = Buffer.from(`[["${parts.join('')}`, 'latin1');
        try {
          new JsonCommands().readAll(body);
        } catch (error) {
          expect(error).toBeInstanceOf(UnreadableBody);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('commands out of paths', () => {
  function read(path: string, body = '', query = ''): string[] {
    const args = new Args();
    readPathCommand(args, path, Buffer.from(body, 'latin1'), query);
    return words(args);
  }

  test.each([
    ['set/foo/bar/EX/100', '', '', ['set', 'foo', 'bar', 'EX', '100']],
    ['set/a%2fb/%00%FF', '', '', ['set', 'a/b', '\0\xff']],
    ['set/foo/1+1', '', '', ['set', 'foo', '1+1']],
    ['set/foo/', '', '', ['set', 'foo', '']],
    ['set/foo/100%', '', '', ['set', 'foo', '100%']],
    ['set/foo', 'va\xfflue', '', ['set', 'foo', 'va\xfflue']],
    ['set/foo', 'value', 'EX=100&NX', ['set', 'foo', 'value', 'EX', '100', 'NX']],
    ['set/foo', 'value', 'NX=&_token=secret&EX=1+0', ['set', 'foo', 'value', 'NX', 'EX', '1 0']],
    ['set/foo/bar', '', '_token=a%3Db', ['set', 'foo', 'bar']],
    ['get/foo', '', '&&=x&', ['get', 'foo']],
    ['a/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17', '', '', ['a', ...Array.from({ length: 17 }, (_, i) => `${i + 1}`)]],
  ])('%s with body %j and query %j', (path, body, query, expected) => {
    expect(read(path, body, query)).toEqual(expected);
  });

  test('the token', () => {
    expect(tokenIn('EX=1&_token=a%3Db+c&NX')).toBe('a=b c');
    expect(tokenIn('x_token=1')).toBeUndefined();
    expect(tokenIn('')).toBeUndefined();
    expect(withoutToken('_token=a&x=1')).toBe('x=1');
    expect(withoutToken('llo&_token=a')).toBe('llo');
  });
});
