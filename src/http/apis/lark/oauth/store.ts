/**
 * Users, clients and their tokens. What is changed is answered when it is on the disk, in one file that is whole at any
 * time and that only its owner may read. Codes of authorization live 100 s, and only in memory.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { Access } from '../../../access/access.js';
import { PrivateFile } from '../../../private-file.js';
import { type ClientRecord, parseRecords, type Records, type TokenRecord, type UserRecord } from './records.js';

/** What a code is given for. */
export interface CodeRecord {
  readonly code: string;
  readonly clientId: string;
  readonly username: string;
  readonly scopes: readonly string[];
  readonly redirectUri: string;
  readonly expiresAtMs: number;
  readonly challenge: string | undefined;
  readonly challengeMethod: string | undefined;
}

/** A token as it is known here. */
interface KnownToken {
  readonly record: TokenRecord;
  readonly access: Access;
}

/** Codes that wait to be used. */
const MOST_CODES = 10_000;

export class OAuthStore {
  readonly users = new Map<string, UserRecord>();
  readonly clients = new Map<string, ClientRecord>();
  private readonly tokens = new Map<string, KnownToken>();
  private readonly byRefresh = new Map<string, KnownToken>();
  private readonly codes = new Map<string, CodeRecord>();
  private readonly file: PrivateFile;

  /** `path` tells where the file is, and undefined where there is to be none. @throws Error for a file that is none */
  constructor(
    path: () => string | undefined,
    private readonly now: () => number = Date.now,
  ) {
    this.file = new PrivateFile(path, () => `${JSON.stringify(this.records, null, 1)}\n`);
    this.read();
  }

  /** What is known is on the disk. */
  save(): Promise<void> {
    return this.file.save();
  }

  // ---- Tokens

  /** What a token allows, until its time is up. */
  accessOf(token: string): Access | undefined {
    if (this.tokens.size === 0) return undefined;
    const found = this.tokens.get(hashOf(token));
    return found !== undefined && found.record.expiresAtMs > this.now() ? found.access : undefined;
  }

  tokenOf(token: string): TokenRecord | undefined {
    return this.tokens.get(hashOf(token))?.record;
  }

  refreshedBy(refreshToken: string): TokenRecord | undefined {
    const found = this.byRefresh.get(hashOf(refreshToken));
    return found !== undefined && (found.record.refreshExpiresAtMs ?? 0) > this.now() ? found.record : undefined;
  }

  tokensOf(clientId: string): TokenRecord[] {
    return this.living.filter((record) => record.clientId === clientId);
  }

  /** A client has one token for each user, and one for itself: the one before is no longer taken. */
  addToken(record: TokenRecord): void {
    const { clientId, username } = record;
    this.removeTokens((other) => other.clientId === clientId && other.username === username);
    this.know(record);
  }

  removeTokens(isMeant: (record: TokenRecord) => boolean): void {
    for (const { record } of this.tokens.values()) {
      if (!isMeant(record)) continue;
      this.tokens.delete(record.hash);
      if (record.refreshHash !== null) this.byRefresh.delete(record.refreshHash);
    }
  }

  removeUser(username: string): boolean {
    this.removeTokens((record) => record.username === username);
    return this.users.delete(username);
  }

  removeClient(id: string): boolean {
    this.removeTokens((record) => record.clientId === id);
    return this.clients.delete(id);
  }

  // ---- Codes

  addCode(code: CodeRecord): void {
    const now = this.now();
    for (const [key, { expiresAtMs }] of this.codes) if (expiresAtMs <= now) this.codes.delete(key);
    // The oldest goes.
    if (this.codes.size >= MOST_CODES) this.codes.delete(this.codes.keys().next().value as string);
    this.codes.set(code.code, code);
  }

  codeOf(code: string): CodeRecord | undefined {
    return this.codes.get(code);
  }

  /** @returns whether it was there: nobody uses a code twice */
  removeCode(code: string): boolean {
    return this.codes.delete(code);
  }

  // ---- Inside

  private know(record: TokenRecord): void {
    const client = this.clients.get(record.clientId);
    const user = record.username === null ? undefined : this.users.get(record.username);
    if (client === undefined || (record.username !== null && user === undefined)) return;
    const allowance = user ?? client;
    const prefix = allowance.prefix === '' ? client.prefix : allowance.prefix;
    const known = {
      record,
      access: {
        name: record.username === null ? `client ${client.name}` : `user ${record.username}`,
        isReadOnly: allowance.readOnly || client.readOnly,
        scopes: new Set(record.scopes),
        keyPrefix: prefix === '' ? '' : `${prefix}:`,
        database: allowance.database ?? client.database ?? undefined,
      },
    };
    this.tokens.set(record.hash, known);
    if (record.refreshHash !== null) this.byRefresh.set(record.refreshHash, known);
  }

  /** Tokens that are still good for something. */
  private get living(): TokenRecord[] {
    const now = this.now();
    return Array.from(this.tokens.values(), ({ record }) => record).filter(
      ({ expiresAtMs, refreshExpiresAtMs }) => Math.max(expiresAtMs, refreshExpiresAtMs ?? 0) > now,
    );
  }

  private get records(): Records {
    const living = new Set(this.living);
    this.removeTokens((record) => !living.has(record));
    return {
      version: 1,
      users: [...this.users.values()],
      clients: [...this.clients.values()],
      tokens: [...living],
    };
  }

  private read(): void {
    const file = this.file.read();
    if (file === undefined) return;
    const records = parseRecords(file.text);
    if (records === undefined) throw new Error(`${file.path} is no file of OAuth: move it away, or repair it`);
    for (const user of records.users) this.users.set(user.username, user);
    for (const client of records.clients) this.clients.set(client.id, client);
    for (const token of records.tokens) this.know(token);
  }
}

/** Of secrets with as much chance in them as a hash has bits: no salt adds to that. */
export function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}

/** 32 signs that nobody guesses. */
export function newSecret(): string {
  return randomBytes(24).toString('base64url');
}
