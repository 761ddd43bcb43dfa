import { scryptSync } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import { newCost } from '../../src/http/access/passwords.js';

const CHEAP = { N: 16, r: 1, p: 1 };

/** In a file of tests whose servers hash passwords: each would take 60 ms. */
export function useCheapPasswords(): void {
  const usual = { ...newCost };
  beforeAll(() => void Object.assign(newCost, CHEAP));
  afterAll(() => void Object.assign(newCost, usual));
}

/** A password as servers keep it, which takes them no time to check. */
export function cheapPassword(password: string): string {
  const salt = Buffer.alloc(16);
  const hash = scryptSync(password, salt, 32, CHEAP);
  return `scrypt$16$1$1$${salt.toString('base64')}$${hash.toString('base64')}`;
}
