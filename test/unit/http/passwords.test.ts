import { scryptSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { hashPassword, isPassword, isStoredPassword } from '../../../src/http/access/passwords.js';

const SALT = Buffer.from('0123456789abcdef');

function stored(N: number, r: number, p: number): string {
  const hash = scryptSync('secret', SALT, 32, { N, r, p, maxmem: 2 ** 30 });
  return `scrypt$${N}$${r}$${p}$${SALT.toString('base64')}$${hash.toString('base64')}`;
}

test('a password is known by what was kept of it', async () => {
  const kept = await hashPassword('secret');
  expect(kept).toMatch(/^scrypt\$16384\$8\$5\$/);
  expect(isStoredPassword(kept)).toBe(true);
  expect(await isPassword('secret', kept)).toBe(true);
  expect(await isPassword('Secret', kept)).toBe(false);
});

test.each([
  [2, 1, 1],
  [16, 1, 1],
  [2, 1, 999],
  [2, 999, 1],
  [1024, 8, 16],
])('as well when it cost something else: %i, %i, %i', async (N, r, p) => {
  const kept = stored(N, r, p);
  expect(isStoredPassword(kept)).toBe(true);
  expect(await isPassword('secret', kept)).toBe(true);
  expect(await isPassword('other', kept)).toBe(false);
});

test.each([
  ['a number that is no power of two', 'scrypt$1000$8$1$'],
  ['one round', 'scrypt$1$8$1$'],
  ['more rounds than blocks of this size bear', 'scrypt$65536$1$1$'],
  ['no blocks', 'scrypt$16$0$1$'],
  ['no lanes', 'scrypt$16$8$0$'],
  ['more memory than there should be', 'scrypt$16777216$999$1$'],
])('what cannot be checked is no kept password: %s', async (_name, head) => {
  const kept = `${head}${SALT.toString('base64')}$${Buffer.alloc(32).toString('base64')}`;
  expect(isStoredPassword(kept)).toBe(false);
  expect(await isPassword('secret', kept)).toBe(false);
});
