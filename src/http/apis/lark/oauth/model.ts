/** What @node-oauth/oauth2-server asks of a model, which keeps clients, users, codes and tokens: here the store. */
import { timingSafeEqual } from 'node:crypto';
import type OAuth2Server from '@node-oauth/oauth2-server';
import { isPassword, nobodysPassword } from '../../../access/passwords.js';
import type { ClientRecord, TokenRecord, UserRecord } from './records.js';
import { grantedScopes } from './scopes.js';
import { hashOf, newSecret, type OAuthStore } from './store.js';

type Token = OAuth2Server.Token;
type Code = OAuth2Server.AuthorizationCode;
type NewCode = Pick<
  Code,
  'authorizationCode' | 'expiresAt' | 'redirectUri' | 'scope' | 'codeChallenge' | 'codeChallengeMethod'
>;

/** Who asks: a user, or a client for itself. */
export interface Asker {
  readonly user: UserRecord | undefined;
}

/** A client as the protocol knows it. */
interface KnownClient extends OAuth2Server.Client {
  readonly record: ClientRecord;
}

export async function knownUser(
  store: OAuthStore,
  username: string,
  password: string,
): Promise<UserRecord | undefined> {
  const user = store.users.get(username);
  const isRight = await isPassword(password, user?.password ?? nobodysPassword());
  return isRight ? user : undefined;
}

export class OAuthModel
  implements
    OAuth2Server.AuthorizationCodeModel,
    OAuth2Server.ClientCredentialsModel,
    OAuth2Server.PasswordModel,
    OAuth2Server.RefreshTokenModel
{
  constructor(private readonly store: OAuthStore) {}

  async generateAccessToken(): Promise<string> {
    return newSecret();
  }

  async generateRefreshToken(): Promise<string> {
    return newSecret();
  }

  async generateAuthorizationCode(): Promise<string> {
    return newSecret();
  }

  async getClient(id: string, secret: string | null): Promise<KnownClient | undefined> {
    const record = this.store.clients.get(id);
    // A browser that asks for a code, or brings the verifier of one (PKCE), has none.
    const isRight = record !== undefined && (!secret || isSameHash(record.secretHash, hashOf(secret)));
    return isRight ? this.clientOf(record) : undefined;
  }

  async getUser(username: string, password: string): Promise<Asker | undefined> {
    const user = await knownUser(this.store, username, password);
    return user === undefined ? undefined : { user };
  }

  async getUserFromClient(): Promise<Asker> {
    return { user: undefined };
  }

  async validateScope(
    user: OAuth2Server.User,
    client: OAuth2Server.Client,
    scope?: string[],
  ): Promise<string[] | undefined> {
    return grantedScopes((client as KnownClient).record, (user as Asker).user, scope);
  }

  async saveToken(token: Token, client: OAuth2Server.Client, user: OAuth2Server.User): Promise<Token> {
    const { accessToken, refreshToken, accessTokenExpiresAt, refreshTokenExpiresAt, scope = [] } = token;
    this.store.addToken({
      id: newSecret(),
      hash: hashOf(accessToken),
      refreshHash: refreshToken === undefined ? null : hashOf(refreshToken),
      clientId: client.id,
      username: (user as Asker).user?.username ?? null,
      scopes: scope,
      expiresAtMs: Number(accessTokenExpiresAt),
      refreshExpiresAtMs: refreshTokenExpiresAt === undefined ? null : Number(refreshTokenExpiresAt),
    });
    await this.store.save();
    return { ...token, client, user };
  }

  async getAccessToken(accessToken: string): Promise<Token | undefined> {
    const record = this.store.tokenOf(accessToken);
    const known = record === undefined ? undefined : this.knownTo(record);
    if (record === undefined || known === undefined) return undefined;
    return { accessToken, accessTokenExpiresAt: new Date(record.expiresAtMs), scope: [...record.scopes], ...known };
  }

  async getRefreshToken(refreshToken: string): Promise<OAuth2Server.RefreshToken | undefined> {
    const record = this.store.refreshedBy(refreshToken);
    const known = record === undefined ? undefined : this.knownTo(record);
    if (record === undefined || known === undefined) return undefined;
    const refreshTokenExpiresAt = new Date(record.refreshExpiresAtMs ?? 0);
    return { refreshToken, refreshTokenExpiresAt, scope: [...record.scopes], ...known };
  }

  async revokeToken({ refreshToken }: OAuth2Server.RefreshToken): Promise<boolean> {
    const record = this.store.refreshedBy(refreshToken);
    if (record === undefined) return false;
    this.store.removeTokens((other) => other === record);
    return true;
  }

  async saveAuthorizationCode(
    code: NewCode,
    client: OAuth2Server.Client,
    user: OAuth2Server.User,
  ): Promise<Code | undefined> {
    const { user: owner } = user as Asker;
    if (owner === undefined) return undefined;
    this.store.addCode({
      code: code.authorizationCode,
      clientId: client.id,
      username: owner.username,
      scopes: code.scope ?? [],
      redirectUri: code.redirectUri,
      expiresAtMs: code.expiresAt.getTime(),
      challenge: code.codeChallenge,
      challengeMethod: code.codeChallengeMethod,
    });
    return { ...code, client, user };
  }

  async getAuthorizationCode(authorizationCode: string): Promise<Code | undefined> {
    const found = this.store.codeOf(authorizationCode);
    const client = this.clientOf(this.store.clients.get(found?.clientId ?? ''));
    const user = this.askerOf(found?.username ?? null);
    if (found === undefined || client === undefined || user?.user === undefined) return undefined;
    return {
      authorizationCode,
      expiresAt: new Date(found.expiresAtMs),
      redirectUri: found.redirectUri,
      scope: [...found.scopes],
      client,
      user,
      ...(found.challenge === undefined ? {} : { codeChallenge: found.challenge }),
      ...(found.challengeMethod === undefined ? {} : { codeChallengeMethod: found.challengeMethod }),
    };
  }

  async revokeAuthorizationCode({ authorizationCode }: Code): Promise<boolean> {
    return this.store.removeCode(authorizationCode);
  }

  private clientOf(record: ClientRecord | undefined): KnownClient | undefined {
    if (record === undefined) return undefined;
    return { id: record.id, redirectUris: [...record.redirectUris], grants: [...record.grants], record };
  }

  private askerOf(username: string | null): Asker | undefined {
    const user = username === null ? undefined : this.store.users.get(username);
    return username !== null && user === undefined ? undefined : { user };
  }

  private knownTo(token: TokenRecord): { client: KnownClient; user: Asker } | undefined {
    const client = this.clientOf(this.store.clients.get(token.clientId));
    const user = this.askerOf(token.username);
    return client === undefined || user === undefined ? undefined : { client, user };
  }
}

function isSameHash(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
}
