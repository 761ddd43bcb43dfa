/**
 * The OAuth 2 provider: the protocol of @node-oauth/oauth2-server over the store. It is loaded when somebody asks for a
 * token first.
 */
import OAuth2Server from '@node-oauth/oauth2-server';
import { type Asker, knownUser, OAuthModel } from './model.js';
import type { UserRecord } from './records.js';
import type { OAuthStore } from './store.js';

const CODE_SECONDS = 100;
const TOKEN_SECONDS = 3600;
const REFRESH_SECONDS = 14 * 24 * 3600;

/** A form or a query as the protocol takes it. */
export interface OAuthRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, string>>;
}

export interface OAuthReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON; undefined where there is none. */
  readonly body: unknown;
}

export class OAuthProvider {
  private readonly server: OAuth2Server;

  constructor(private readonly store: OAuthStore) {
    this.server = new OAuth2Server({
      model: new OAuthModel(store),
      accessTokenLifetime: TOKEN_SECONDS,
      refreshTokenLifetime: REFRESH_SECONDS,
      authorizationCodeLifetime: CODE_SECONDS,
      allowEmptyState: true,
    });
  }

  /** A token for what the form brings. */
  async token(request: OAuthRequest): Promise<OAuthReply> {
    const response = new OAuth2Server.Response({});
    try {
      await this.server.token(new OAuth2Server.Request({ ...request }), response);
    } catch (error) {
      return refusal(error, response);
    }
    return { status: 200, headers: response.headers ?? {}, body: response.body };
  }

  /** The way back to the client, with a code for the user or with what is wrong. */
  async authorize(request: OAuthRequest, user: UserRecord): Promise<OAuthReply> {
    const response = new OAuth2Server.Response({});
    const asker: Asker = { user };
    try {
      await this.server.authorize(new OAuth2Server.Request({ ...request }), response, {
        authenticateHandler: { handle: () => asker },
        allowEmptyState: true,
      });
    } catch (error) {
      // What the client is to know of, it is told in the way back.
      if (response.status === 302) return { status: 302, headers: response.headers ?? {}, body: undefined };
      return refusal(error, response);
    }
    return { status: 302, headers: response.headers ?? {}, body: undefined };
  }

  /** @returns undefined where the password is another's */
  userOf(username: string, password: string): Promise<UserRecord | undefined> {
    return knownUser(this.store, username, password);
  }
}

/** @throws what is no answer of the protocol: a bug, or too much to do */
function refusal(error: unknown, response: OAuth2Server.Response): OAuthReply {
  if (!(error instanceof OAuth2Server.OAuthError)) throw error;
  // What it makes of an error that it does not know.
  const { inner } = error as { inner?: unknown };
  if (inner instanceof Error && !(inner instanceof OAuth2Server.OAuthError)) throw inner;
  return {
    status: error.code,
    headers: response.headers ?? {},
    body: { error: error.name, error_description: error.message },
  };
}
