import { describe, expect, test } from 'vitest';
import { parse } from '../../../src/lua/compiler/parser.js';
import type { Expression } from '../../../src/lua/compiler/syntax-tree.js';
import { LuaError } from '../../../src/lua/runtime/errors.js';
import { LuaState } from '../../../src/lua/state.js';

/** The expression with all the parentheses that it does not need. */
function grouped(source: string): string {
  const [statement] = parse(`return ${source}`, '@text', 0).block;
  if (statement?.kind !== 'return') throw new Error('no return statement');
  return shown(statement.values[0]!);
}

function shown(expression: Expression): string {
  switch (expression.kind) {
    case 'global':
      return expression.name;
    case 'number':
      return String(expression.value);
    case 'parenthesis':
      return shown(expression.inner);
    case 'unary':
      return `(${expression.operator} ${shown(expression.operand)})`;
    case 'binary':
      return `(${shown(expression.left)} ${expression.operator} ${shown(expression.right)})`;
    case 'and':
    case 'or':
      return `(${shown(expression.left)} ${expression.kind} ${shown(expression.right)})`;
    default:
      return expression.kind;
  }
}

test.each([
  ['a or b and c', '(a or (b and c))'],
  ['a < b == c', '((a < b) == c)'],
  ['a .. b .. c', '(a .. (b .. c))'],
  ['a - b - c', '((a - b) - c)'],
  ['a + b * c', '(a + (b * c))'],
  ['a .. b + c', '(a .. (b + c))'],
  ['-a ^ b', '(- (a ^ b))'],
  ['a ^ -b', '(a ^ (- b))'],
  ['a ^ b ^ c', '(a ^ (b ^ c))'],
  ['not a == b', '((not a) == b)'],
  ['#a + b', '((# a) + b)'],
  ['(a + b) * c', '((a + b) * c)'],
])('%s is %s', (source, expected) => {
  expect(grouped(source)).toBe(expected);
});

test.each([
  ['2 + 3 * 4', '14'],
  ['-2 ^ 2', '-4'],
  ['1 / 0', '(1 / 0)'],
  ['a + 1 + 2', '((a + 1) + 2)'],
])('of constants %s becomes %s', (source, expected) => {
  expect(grouped(source)).toBe(expected);
});

function complaintAbout(source: string): unknown {
  try {
    parse(source, '@text', 0);
  } catch (error) {
    if (error instanceof LuaError) return error.value;
    throw error;
  }
  return undefined;
}

describe('what is no program is an error', () => {
  test.each([
    ['x =', "text:1: unexpected symbol near '<eof>'"],
    ['x', "text:1: '=' expected near '<eof>'"],
    ['x \0', "text:1: '=' expected"],
    ['x + 1', "text:1: '=' expected near '+'"],
    ['return 1 1', "text:1: '<eof>' expected near '1'"],
    ['if x then', "text:1: 'end' expected near '<eof>'"],
    ['if x then\n\n', "text:3: 'end' expected (to close 'if' at line 1) near '<eof>'"],
    ['f(\n1', "text:2: ')' expected (to close '(' at line 1) near '<eof>'"],
    ['for 1 = 1, 2 do end', "text:1: '<name>' expected near '1'"],
    ['for a do end', "text:1: '=' or 'in' expected near 'do'"],
    ['break', "text:1: no loop to break near '<eof>'"],
    ['function f() return ... end', "text:1: cannot use '...' outside a vararg function near '...'"],
    ['goto x', "text:1: '=' expected near 'x'"],
    ['f\n(1)', "text:2: ambiguous syntax (function call x new statement) near '('"],
  ])('%j', (source, complaint) => {
    expect(complaintAbout(source)).toBe(complaint);
  });

  test('for having too many of something', () => {
    expect(complaintAbout(`return ${'('.repeat(201)}`)).toContain('chunk has too many syntax levels');
    expect(complaintAbout(`local ${'a,'.repeat(200)}a`)).toContain('main function has more than 200 local variables');
  });
});

describe('the code that is made', () => {
  const run = (source: string) => new LuaState().load(source, '@text')();

  test('evaluates operands from left to right', () => {
    expect(run("local s = '' local function f(x) s = s .. x return x end local _ = f(1) + f(2) * f(3) return s")).toBe(
      '123',
    );
  });

  test('has one variable for each turn of a loop', () => {
    expect(run('local t = {} for i = 1, 3 do t[i] = function() return i end end return t[1]() + t[3]()')).toBe(4);
  });

  test('gives as many values as are wanted', () => {
    expect(run("local function f() return 1, 2, 3 end return f(), (f()), select('#', f(), f())")).toEqual([1, 1, 4]);
  });

  test('puts an error down to its line, and names what is wrong', () => {
    expect(run('return pcall(function()\n local t = {}\n return t.x.y end)')).toEqual([
      false,
      "text:3: attempt to index field 'x' (a nil value)",
    ]);
  });
});
