import { expect, test } from 'vitest';
import * as errors from '../../../src/protocol/errors.js';

test('an unknown command echoes 128 bytes of its name and of its arguments, up to a NUL', () => {
  const text = (name: string, ...args: string[]) => errors.unknownCommand(name, args).message;
  expect(text('FOO')).toBe("ERR unknown command 'FOO', with args beginning with: ");
  expect(text('FOO', 'a', 'b', 'c')).toBe("ERR unknown command 'FOO', with args beginning with: 'a' 'b' 'c' ");
  expect(text('f'.repeat(150), 'x'.repeat(50), 'y'.repeat(50), 'z'.repeat(60), 'w')).toBe(
    `ERR unknown command '${'f'.repeat(128)}', with args beginning with: '${'x'.repeat(50)}' '${'y'.repeat(50)}' '${'z'.repeat(22)}' `,
  );
  expect(text('foo', 'x'.repeat(125), 'y')).toBe(
    `ERR unknown command 'foo', with args beginning with: '${'x'.repeat(125)}' `,
  );
  expect(text('fo\0o', 'a\0b', 'c')).toBe("ERR unknown command 'fo', with args beginning with: 'a' 'c' ");
});

test('every text begins with a code', () => {
  for (const [name, value] of Object.entries(errors)) {
    if (value instanceof errors.CommandError) expect(value.code, name).toMatch(/^[A-Z]+$/);
  }
});

test('a text without a code becomes an ERR', () => {
  expect(errors.commandError('no such thing').message).toBe('ERR no such thing');
  expect(errors.commandError('NOGROUP no such group').code).toBe('NOGROUP');
  expect(new errors.ProtocolError('invalid bulk length').message).toBe('ERR Protocol error: invalid bulk length');
});
