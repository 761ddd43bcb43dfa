import { scryptSync } from 'node:crypto';
import { afterEach, beforeEach } from 'vitest';
import { newCost } from '../../src/http/access/passwords.js';

const CHEAP = { N: 16, r: 1, p: 1 };

const USUAL = { ...newCost };

/** In a file of tests whose servers hash passwords: each would take 60 ms. */
export function useCheapPasswords(): void {
  beforeEach(() => void Object.assign(newCost, CHEAP));
  afterEach(hashAsUsual);
}

/** In a test of such a file that looks at what is kept. */
export function hashAsUsual(): void {
  Object.assign(newCost, USUAL);
}

/** A password as servers keep it, which takes them no time to check. */
export function cheapPassword(password: string): string {
  const salt = Buffer.alloc(16);
  const hash = scryptSync(password, salt, 32, CHEAP);
  return `scrypt$${CHEAP.N}$${CHEAP.r}$${CHEAP.p}$${salt.toString('base64')}$${hash.toString('base64')}`;
}
