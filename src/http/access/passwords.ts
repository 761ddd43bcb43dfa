/** Passwords, as they are kept: scrypt hashes with what they were made by, so that its cost can change. */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify(scrypt) as (
  password: string,
  salt: Buffer,
  length: number,
  options: { N: number; r: number; p: number; maxmem: number },
) => Promise<Buffer>;

/** What scrypt's hashes cost: its block size is 128 bytes times `r`. */
interface Cost {
  N: number;
  r: number;
  p: number;
}

/**
 * Of new hashes: 16 MiB and about 0.1 s each, what OWASP recommends for this much memory. Tests that hash many make it
 * less.
 */
export const newCost: Cost = { N: 16_384, r: 8, p: 5 };
/** What a hash that others made may take. */
const MAX_MEMORY = 256 * 1024 * 1024;
const HASH_BYTES = 32;
const SALT_BYTES = 16;
const FORM = /^scrypt\$(\d{1,8})\$(\d{1,3})\$(\d{1,3})\$([A-Za-z0-9+/]{8,}={0,2})\$([A-Za-z0-9+/]{20,}={0,2})$/;

/** Hashing takes threads that files are written by as well: some are left to those. */
const MAX_AT_ONCE = 2;
const MAX_WAITING = 256;

/** So many wait already. */
export class TooManyPasswords extends Error {
  override name = 'TooManyPasswords';
}

let running = 0;
const waiting: (() => void)[] = [];

/** @throws TooManyPasswords */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  return storedForm(salt, await derived(password, salt, HASH_BYTES, newCost));
}

/** Of nobody: checking a password against it takes as long as against a new one. */
export function nobodysPassword(): string {
  return storedForm(Buffer.alloc(SALT_BYTES), Buffer.alloc(HASH_BYTES));
}

function storedForm(salt: Buffer, hash: Buffer): string {
  const { N, r, p } = newCost;
  return ['scrypt', N, r, p, salt.toString('base64'), hash.toString('base64')].join('$');
}

/** @throws TooManyPasswords */
export async function isPassword(password: string, stored: string): Promise<boolean> {
  const kept = readStored(stored);
  if (kept === undefined) return false;
  const { cost, salt, hash } = kept;
  return timingSafeEqual(await derived(password, salt, hash.length, cost), hash);
}

/** Whether this is how a password is kept, and can be checked. */
export function isStoredPassword(stored: unknown): stored is string {
  return typeof stored === 'string' && readStored(stored) !== undefined;
}

function readStored(stored: string): { cost: Cost; salt: Buffer; hash: Buffer } | undefined {
  const [, N, r, p, salt, hash] = FORM.exec(stored) ?? [];
  if (hash === undefined) return undefined;
  const cost = { N: Number(N), r: Number(r), p: Number(p) };
  // scrypt's own conditions.
  const isCost = cost.N > 1 && (cost.N & (cost.N - 1)) === 0 && cost.N < 2 ** (16 * cost.r) && cost.p > 0;
  if (!isCost || memoryOf(cost) > MAX_MEMORY) return undefined;
  return { cost, salt: Buffer.from(salt, 'base64'), hash: Buffer.from(hash, 'base64') };
}

function memoryOf({ N, r, p }: Cost): number {
  return 128 * r * (N + p + 2);
}

async function derived(password: string, salt: Buffer, length: number, cost: Cost): Promise<Buffer> {
  if (running >= MAX_AT_ONCE) {
    if (waiting.length >= MAX_WAITING) throw new TooManyPasswords('too many passwords are being checked');
    await new Promise<void>((resolve) => waiting.push(resolve));
  } else {
    running++;
  }
  try {
    return await derive(password, salt, length, { ...cost, maxmem: memoryOf(cost) });
  } finally {
    const next = waiting.shift();
    if (next === undefined) running--;
    else next();
  }
}
