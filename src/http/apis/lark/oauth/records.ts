/** What OAuth knows, as it is kept. Secrets and tokens are kept as their hashes, passwords as scrypt's. */

export const GRANTS = ['authorization_code', 'client_credentials', 'password', 'refresh_token'] as const;
export type Grant = (typeof GRANTS)[number];

/** What a user's, or a client's, tokens may do. */
export interface Allowance {
  /** Of these a token gets what it asks for, or all. */
  readonly scopes: readonly string[];
  /** Of all their keys; '' for none. */
  readonly prefix: string;
  readonly database: number | null;
  readonly readOnly: boolean;
}

export interface UserRecord extends Allowance {
  readonly username: string;
  readonly password: string;
}

export interface ClientRecord extends Allowance {
  readonly id: string;
  readonly secretHash: string;
  readonly name: string;
  readonly description: string;
  readonly redirectUris: readonly string[];
  readonly grants: readonly Grant[];
}

export interface TokenRecord {
  readonly id: string;
  readonly hash: string;
  readonly refreshHash: string | null;
  readonly clientId: string;
  /** null: the client asks for itself. */
  readonly username: string | null;
  readonly scopes: readonly string[];
  readonly expiresAtMs: number;
  readonly refreshExpiresAtMs: number | null;
}

export interface Records {
  readonly version: 1;
  readonly users: readonly UserRecord[];
  readonly clients: readonly ClientRecord[];
  readonly tokens: readonly TokenRecord[];
}

const isText = (value: unknown): boolean => typeof value === 'string';
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText);
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;

type Shape = Readonly<Record<string, (value: unknown) => boolean>>;

const ALLOWANCE: Shape = {
  scopes: isTexts,
  prefix: isText,
  database: (value) => value === null || isCount(value),
  readOnly: (value) => typeof value === 'boolean',
};
const USER: Shape = { ...ALLOWANCE, username: isText, password: isText };
const CLIENT: Shape = {
  ...ALLOWANCE,
  id: isText,
  secretHash: isText,
  name: isText,
  description: isText,
  redirectUris: isTexts,
  grants: (value) => isTexts(value) && (value as Grant[]).every((grant) => GRANTS.includes(grant)),
};
const TOKEN: Shape = {
  id: isText,
  hash: isText,
  refreshHash: (value) => value === null || isText(value),
  clientId: isText,
  username: (value) => value === null || isText(value),
  scopes: isTexts,
  expiresAtMs: isCount,
  refreshExpiresAtMs: (value) => value === null || isCount(value),
};

function areOf(shape: Shape, list: unknown): boolean {
  return (
    Array.isArray(list) &&
    list.every((record) => Object.entries(shape).every(([name, isRight]) => isRight(record?.[name])))
  );
}

/** @returns undefined for what is no such file */
export function parseRecords(text: string): Records | undefined {
  try {
    const file = JSON.parse(text) as Records;
    const isWhole =
      file?.version === 1 && areOf(USER, file.users) && areOf(CLIENT, file.clients) && areOf(TOKEN, file.tokens);
    return isWhole ? file : undefined;
  } catch {
    return undefined;
  }
}
