/**
 * The file that `http-tokens-file` names: tokens, and what each of them may do.
 *
 *     [
 *       { "token": "…", "name": "shop", "scopes": ["read:*", "key:*"], "prefix": "shop", "database": 0 },
 *       { "token": "…", "name": "dashboard", "readOnly": true }
 *     ]
 */
import { type Access, FULL_ACCESS } from './access.js';

export interface TokenEntry {
  readonly token: string;
  readonly access: Access;
}

/** @throws Error that says which entry is wrong, and how */
export function parseTokensFile(text: string): TokenEntry[] {
  let entries: unknown;
  try {
    entries = JSON.parse(text);
  } catch (error) {
    throw new Error(`no JSON: ${(error as Error).message}`);
  }
  if (!Array.isArray(entries)) throw new Error('an array of tokens is expected');
  const tokens = entries.map(parseEntry);
  const seen = new Set<string>();
  for (const { token, access } of tokens) {
    if (seen.has(token)) throw new Error(`the token of '${access.name}' is there twice`);
    seen.add(token);
  }
  return tokens;
}

const FIELDS = ['token', 'name', 'readOnly', 'scopes', 'prefix', 'database'];

function parseEntry(entry: unknown, index: number): TokenEntry {
  const wrong = (what: string): Error => new Error(`entry ${index + 1}: ${what}`);
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) throw wrong('an object is expected');
  const { token, name, readOnly, scopes, prefix, database } = entry as Record<string, unknown>;
  for (const field of Object.keys(entry)) if (!FIELDS.includes(field)) throw wrong(`'${field}' is not known`);
  if (typeof token !== 'string' || token === '') throw wrong("'token' must be a text that is not empty");
  if (name !== undefined && typeof name !== 'string') throw wrong("'name' must be a text");
  if (readOnly !== undefined && typeof readOnly !== 'boolean') throw wrong("'readOnly' must be true or false");
  if (prefix !== undefined && typeof prefix !== 'string') throw wrong("'prefix' must be a text");
  if (scopes !== undefined && !(Array.isArray(scopes) && scopes.every((scope) => typeof scope === 'string'))) {
    throw wrong("'scopes' must be an array of texts");
  }
  if (database !== undefined && !(Number.isSafeInteger(database) && (database as number) >= 0)) {
    throw wrong("'database' must be a number from 0");
  }
  return {
    token,
    access: {
      ...FULL_ACCESS,
      name: name ?? `token ${index + 1}`,
      isReadOnly: readOnly ?? false,
      scopes: scopes === undefined ? undefined : new Set(scopes as string[]),
      keyPrefix: prefix === undefined || prefix === '' ? '' : `${prefix}:`,
      database: database as number | undefined,
    },
  };
}
