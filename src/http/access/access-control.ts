/**
 * Who may ask for what. With no token and no password configured, requests from this machine need none, and whatever
 * token they carry is taken; those from elsewhere are refused, as protected mode refuses RESP's. With one configured,
 * that one is needed.
 *
 * A Bearer token is one of the file of tokens, the server's password, or one that an API gave out (TokenSource); Basic
 * credentials are those of AUTH. All are compared in constant time.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { ServerAuthentication } from '../../engine/server.js';
import { bytesOf } from '../../text/byte-text.js';
import type { HttpRequest } from '../message.js';
import { HttpProblem } from '../problem.js';
import { type Access, FULL_ACCESS } from './access.js';
import { Origins } from './origin.js';
import type { TokenEntry } from './tokens-file.js';

/** Tokens that an API gave out. @returns undefined for what is none of its own */
export type TokenSource = (token: string) => Access | undefined;

/** What an API says about who may use it; route.ts says what it means. */
export interface AccessedApi {
  readonly isPublic?: boolean;
  readonly hasOwnUsers?: boolean;
  tokenOf?(request: HttpRequest): string | undefined;
}

export interface AccessRules {
  readonly tokens: readonly TokenEntry[];
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
  readonly password: () => string;
  readonly isProtected: () => boolean;
  readonly authentication: ServerAuthentication;
}

interface HashedToken {
  readonly hash: Buffer;
  readonly access: Access;
}

export class AccessControl {
  readonly origins: Origins;
  private readonly tokens: readonly HashedToken[];
  private readonly sources: TokenSource[] = [];

  constructor(private readonly rules: AccessRules) {
    this.origins = new Origins(rules.allowedHosts, rules.allowedOrigins);
    this.tokens = rules.tokens.map(({ token, access }) => ({ hash: hashOf(Buffer.from(token)), access }));
  }

  /** An API gives tokens out. */
  addSource(source: TokenSource): void {
    this.sources.push(source);
  }

  /** Something is configured that a request has to bring. */
  get isRequired(): boolean {
    return this.tokens.length > 0 || this.rules.authentication.isRequired;
  }

  /** @throws HttpProblem */
  accessOf(request: HttpRequest, api: AccessedApi): Access {
    const foreign = this.origins.refusal(request.head);
    if (foreign !== undefined) throw new HttpProblem('forbidden', 403, foreign);
    if (api.isPublic === true) return FULL_ACCESS;
    const header = request.header('authorization');
    if (!this.isRequired && header === undefined && this.sources.length === 0) return this.withoutCredentials(request);
    const given = this.credentials(request, api, header);
    if (given !== undefined) return given;
    if (api.hasOwnUsers === true || !this.isRequired) return this.withoutCredentials(request);
    throw new HttpProblem('unauthorized', 401, 'Unauthorized');
  }

  /** @returns undefined where there are none. @throws HttpProblem where they are wrong */
  private credentials(request: HttpRequest, api: AccessedApi, header: string | undefined): Access | undefined {
    const token = api.tokenOf?.(request) ?? bearerOf(header);
    if (token !== undefined) {
      const access = this.ofToken(token);
      if (access !== undefined) return access;
      if (this.isRequired && api.hasOwnUsers !== true) throw new HttpProblem('unauthorized', 401, 'Unauthorized');
      return undefined;
    }
    const basic = basicOf(header);
    if (basic === undefined || api.hasOwnUsers === true || !this.isRequired) return undefined;
    if (!this.rules.authentication.accepts(basic.user, basic.password)) {
      throw new HttpProblem('unauthorized', 401, 'Unauthorized');
    }
    return FULL_ACCESS;
  }

  /** `token` as it was sent, one character a byte. */
  ofToken(token: string): Access | undefined {
    const password = this.rules.password();
    if (this.tokens.length > 0 || password !== '') {
      const hash = hashOf(Buffer.from(token, 'latin1'));
      let found: Access | undefined;
      for (const known of this.tokens) if (timingSafeEqual(known.hash, hash)) found = known.access;
      if (found !== undefined) return found;
      if (password !== '' && timingSafeEqual(hashOf(bytesOf(password)), hash)) return FULL_ACCESS;
    }
    for (const source of this.sources) {
      const access = source(token);
      if (access !== undefined) return access;
    }
    return undefined;
  }

  private withoutCredentials(request: HttpRequest): Access {
    if (request.isLocal || !this.rules.isProtected()) return FULL_ACCESS;
    throw new HttpProblem(
      'forbidden',
      403,
      'requests from other machines need a token: set requirepass or http-tokens-file, or protected-mode no',
    );
  }
}

/** Of the same length for all, so that they can be compared in constant time. */
function hashOf(token: Buffer): Buffer {
  return createHash('sha256').update(token).digest();
}

export function bearerOf(header: string | undefined): string | undefined {
  return header === undefined ? undefined : /^bearer +(.+)$/i.exec(header)?.[1];
}

export function basicOf(header: string | undefined): { user: string; password: Buffer } | undefined {
  const encoded = header === undefined ? undefined : /^basic +([A-Za-z0-9+/=_-]+)$/i.exec(header)?.[1];
  if (encoded === undefined) return undefined;
  const bytes = Buffer.from(encoded, 'base64');
  const colon = bytes.indexOf(':');
  if (colon < 0) return undefined;
  const user = bytes.toString('utf8', 0, colon);
  return { user: user === '' ? 'default' : user, password: bytes.subarray(colon + 1) };
}
