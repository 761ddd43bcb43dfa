import { describe, expect, test } from 'vitest';
import { END, Lexer, NAME, NUMBER, STRING } from '../../../src/lua/compiler/lexer.js';
import { LuaError } from '../../../src/lua/runtime/errors.js';

type Token = string | number;

/** Names and strings as texts, with what they are; numbers; all other tokens as their kinds. */
function tokensOf(source: string): Token[] {
  const lexer = new Lexer(source, '@text');
  const tokens: Token[] = [];
  for (lexer.next(); lexer.kind !== END; lexer.next()) {
    if (lexer.kind === NUMBER) tokens.push(lexer.number);
    else if (lexer.kind === STRING) tokens.push(`"${lexer.text}"`);
    else tokens.push(lexer.kind === NAME ? `name ${lexer.text}` : lexer.kind);
  }
  return tokens;
}

function complaintAbout(source: string): unknown {
  try {
    tokensOf(source);
  } catch (error) {
    if (error instanceof LuaError) return error.value;
    throw error;
  }
  return undefined;
}

test('names, reserved words and operators are told apart', () => {
  expect(tokensOf('local _a1, goto = x')).toEqual(['local', 'name _a1', ',', 'name goto', '=', 'name x']);
  expect(tokensOf('a<=b==c~=d..e...f.g')).toEqual([
    'name a',
    '<=',
    'name b',
    '==',
    'name c',
    '~=',
    'name d',
    '..',
    'name e',
    '...',
    'name f',
    '.',
    'name g',
  ]);
});

test.each<[string, number]>([
  ['3', 3],
  ['3.', 3],
  ['.5', 0.5],
  ['1e3', 1000],
  ['1E-2', 0.01],
  ['0x1F', 31],
  ['271.5e-2', 2.715],
])('%s is a number', (source, value) => {
  expect(tokensOf(source)).toEqual([value]);
});

test.each<[string, string]>([
  ['"a\\n\\65\\"\\z"', 'a\nA"z'],
  ["'a\\\nb'", 'a\nb'],
  ['[[\nfirst line]]', 'first line'],
  ['[==[a]]b]=]c]==]', 'a]]b]=]c'],
  ['[[ [[ ]]', ' [[ '],
  ['[[a\r\nb\n\rc]]', 'a\nb\nc'],
])('%j is a string', (source, text) => {
  expect(tokensOf(source)).toEqual([`"${text}"`]);
});

test('comments are nothing, short or long', () => {
  expect(tokensOf('a -- b\nc --[[ d\n]] e --[==[ ]] ]==] f --[ g')).toEqual(['name a', 'name c', 'name e', 'name f']);
});

test('each token knows its line, and the one before it', () => {
  const lexer = new Lexer('a\n\n[[x\ny]] b', '@text');
  const lines: [number, number][] = [];
  for (lexer.next(); lexer.kind !== END; lexer.next()) lines.push([lexer.line, lexer.lastLine]);
  expect(lines).toEqual([
    [1, 1],
    [4, 1],
    [4, 4],
  ]);
});

test('to look ahead changes nothing of the token that is present', () => {
  const lexer = new Lexer('a b', '@text');
  lexer.next();
  expect([lexer.peek(), lexer.text]).toEqual([NAME, 'a']);
  lexer.next();
  expect(lexer.text).toBe('b');
});

describe('what is no token is an error', () => {
  test.each([
    ['3x', "text:1: malformed number near '3x'"],
    ['1..2', "text:1: malformed number near '1..2'"],
    ['"a', "text:1: unfinished string near '<eof>'"],
    ['\n"a\nb"', "text:2: unfinished string near '\"a'"],
    ['"\\300"', "text:1: escape sequence too large near '\"'"],
    ['[[a', "text:1: unfinished long string near '<eof>'"],
    ['--[[a\n', "text:2: unfinished long comment near '<eof>'"],
    ['[=x', "text:1: invalid long string delimiter near '[='"],
  ])('%j', (source, complaint) => {
    expect(complaintAbout(source)).toBe(complaint);
  });
});
