import { scryptSync } from 'node:crypto';

/** A password as servers keep it, which takes them no time to check: one that they hash takes 60 ms each time. */
export function cheapPassword(password: string): string {
  const salt = Buffer.alloc(16);
  const hash = scryptSync(password, salt, 32, { N: 16, r: 1, p: 1 });
  return `scrypt$16$1$1$${salt.toString('base64')}$${hash.toString('base64')}`;
}
