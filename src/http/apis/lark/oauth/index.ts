/**
 * OAuth 2 for lark: clients and users that an administrator makes, and tokens for them, whose scopes say what they may
 * do. The file is there from the first client or user on; the provider is loaded when somebody asks for a token.
 */
import { join } from 'node:path';
import { hashPassword, TooManyPasswords } from '../../../access/passwords.js';
import { type HttpReply, type HttpRequest, headerLines, JSON_TYPE } from '../../../message.js';
import { HttpProblem } from '../../../problem.js';
import type { ApiContext } from '../../../route.js';
import { okReply } from '../envelope.js';
import { Body, formOf } from './bodies.js';
import { authorizationPage } from './page.js';
import type { OAuthProvider, OAuthReply, OAuthRequest } from './provider.js';
import { type Allowance, type ClientRecord, GRANTS, type Grant, type TokenRecord, type UserRecord } from './records.js';
import { grantedScopes } from './scopes.js';
import { hashOf, newSecret, OAuthStore } from './store.js';

const FILE_NAME = 'lark-oauth.json';
const DEFAULT_REDIRECT_URI = 'http://localhost:8000';
const NOTHING_ALLOWED: Allowance = { scopes: [], prefix: '', database: null, readOnly: false };
/** What a token lives that an administrator makes, unless he says otherwise. */
const MADE_TOKEN_SECONDS = 3600;
/** What the request for a code is made of. */
const CODE_FIELDS = [
  ...['response_type', 'client_id', 'redirect_uri', 'scope', 'state'],
  ...['code_challenge', 'code_challenge_method'],
];

export class OAuth {
  private readonly store: OAuthStore;
  private provider: Promise<OAuthProvider> | undefined;

  constructor({ access, writableDirectory }: ApiContext) {
    this.store = new OAuthStore(() => {
      const directory = writableDirectory();
      return directory === undefined ? undefined : join(directory, FILE_NAME);
    });
    access.addSource((token) => this.store.accessOf(token));
  }

  // ---- The protocol

  async token(request: HttpRequest): Promise<HttpReply> {
    const provider = await this.providerOf();
    return protocolReply(await withPasswords(() => provider.token(protocolRequest(request, {}))));
  }

  /** The page for a user, if the client may ask for a code. */
  authorizationForm(request: HttpRequest): HttpReply {
    return this.page(formOf(request.query));
  }

  async authorize(request: HttpRequest): Promise<HttpReply> {
    const form = { ...formOf(request.query), ...formOf(request.body.toString()) };
    const { username = '', password = '' } = form;
    this.clientOfForm(form);
    const provider = await this.providerOf();
    const user = await withPasswords(() => provider.userOf(username, password));
    if (user === undefined) return this.page(form, 'User and password do not belong together.');
    const reply = await provider.authorize(protocolRequest(request, codeFields(form, ['allowed'])), user);
    return protocolReply(reply);
  }

  private page(form: Readonly<Record<string, string>>, problem?: string): HttpReply {
    const client = this.clientOfForm(form);
    const options = { client, scope: form.scope ?? '', fields: codeFields(form, []) };
    return authorizationPage(problem === undefined ? options : { ...options, problem });
  }

  /** Nobody is sent to where the client has not said that it waits. @throws HttpProblem */
  private clientOfForm({ client_id: id = '', redirect_uri: uri }: Readonly<Record<string, string>>): ClientRecord {
    const client = this.store.clients.get(id);
    if (client === undefined) throw new HttpProblem('bad-request', 400, 'there is no such client');
    if (uri !== undefined && !client.redirectUris.includes(uri)) {
      throw new HttpProblem('bad-request', 400, 'redirect_uri is none of the client');
    }
    return client;
  }

  private providerOf(): Promise<OAuthProvider> {
    this.provider ??= import('./provider.js').then(({ OAuthProvider }) => new OAuthProvider(this.store));
    return this.provider;
  }

  // ---- Clients

  clients(): HttpReply {
    return dataReply(Array.from(this.store.clients.values(), shownClient));
  }

  client(request: HttpRequest): HttpReply {
    return dataReply(shownClient(this.neededClient(request)));
  }

  /** The only reply that tells the secret. */
  async addClient(request: HttpRequest): Promise<HttpReply> {
    const secret = newSecret();
    const client = clientFrom(Body.of(request), {
      ...NOTHING_ALLOWED,
      id: newSecret(),
      secretHash: hashOf(secret),
      name: '',
      description: '',
      redirectUris: [DEFAULT_REDIRECT_URI],
      grants: GRANTS,
    });
    this.store.clients.set(client.id, client);
    await this.store.save();
    return dataReply({ ...shownClient(client), client_secret: secret });
  }

  /** Its tokens end, as they may allow what they should no longer. */
  async changeClient(request: HttpRequest): Promise<HttpReply> {
    const before = this.neededClient(request);
    const client = clientFrom(Body.of(request), before);
    this.store.removeTokens(({ clientId }) => clientId === client.id);
    this.store.clients.set(client.id, client);
    await this.store.save();
    return dataReply(shownClient(client));
  }

  async removeClient(request: HttpRequest): Promise<HttpReply> {
    this.store.removeClient(this.neededClient(request).id);
    await this.store.save();
    return dataReply(true);
  }

  tokens(request: HttpRequest): HttpReply {
    return dataReply(this.store.tokensOf(this.neededClient(request).id).map(shownToken));
  }

  /** A token that an administrator makes: for the client, or for a user of it. */
  async addToken(request: HttpRequest): Promise<HttpReply> {
    const client = this.neededClient(request);
    const body = Body.of(request);
    const username = body.text('username', '');
    const user = username === '' ? undefined : this.store.users.get(username);
    if (username !== '' && user === undefined) body.wrong('username', 'is nobody');
    const scopes = grantedScopes(client, user, body.texts('scopes', []));
    if (scopes === undefined) body.wrong('scopes', 'holds a scope that client and user do not both have');
    const seconds = body.count('expires_in', MADE_TOKEN_SECONDS);
    body.check();
    const token = newSecret();
    const record: TokenRecord = {
      id: newSecret(),
      hash: hashOf(token),
      refreshHash: null,
      clientId: client.id,
      username: user?.username ?? null,
      scopes: scopes as string[],
      expiresAtMs: Date.now() + seconds * 1000,
      refreshExpiresAtMs: null,
    };
    this.store.addToken(record);
    await this.store.save();
    return dataReply({ ...shownToken(record), access_token: token, token_type: 'Bearer' });
  }

  private neededClient({ pathValues }: HttpRequest): ClientRecord {
    const client = this.store.clients.get(pathValues.id);
    if (client === undefined) throw new HttpProblem('not-found', 404, 'there is no such client');
    return client;
  }

  // ---- Users

  users(): HttpReply {
    return dataReply(Array.from(this.store.users.values(), shownUser));
  }

  user(request: HttpRequest): HttpReply {
    return dataReply(shownUser(this.neededUser(request)));
  }

  async addUser(request: HttpRequest): Promise<HttpReply> {
    const body = Body.of(request);
    const username = body.text('username');
    const password = body.text('password');
    const allowance = body.allowance(NOTHING_ALLOWED);
    if (this.store.users.has(username)) body.wrong('username', 'is taken');
    body.check();
    const user: UserRecord = { username, ...allowance, password: await withPasswords(() => hashPassword(password)) };
    if (this.store.users.has(username)) throw new HttpProblem('bad-request', 400, "{'username': u'is taken'}");
    this.store.users.set(username, user);
    await this.store.save();
    return dataReply(shownUser(user));
  }

  async changeUser(request: HttpRequest): Promise<HttpReply> {
    const { username } = this.neededUser(request);
    const body = Body.of(request);
    const password = body.text('password', '');
    const before = this.neededUser(request);
    const allowance = body.allowance(before);
    body.check();
    const hashed = password === '' ? undefined : await withPasswords(() => hashPassword(password));
    const user = { ...this.neededUser(request), ...allowance, ...(hashed === undefined ? {} : { password: hashed }) };
    this.store.removeTokens((token) => token.username === username);
    this.store.users.set(username, user);
    await this.store.save();
    return dataReply(shownUser(user));
  }

  async removeUser(request: HttpRequest): Promise<HttpReply> {
    this.store.removeUser(this.neededUser(request).username);
    await this.store.save();
    return dataReply(true);
  }

  private neededUser({ pathValues }: HttpRequest): UserRecord {
    const user = this.store.users.get(pathValues.username);
    if (user === undefined) throw new HttpProblem('not-found', 404, 'there is no such user');
    return user;
  }
}

/** @throws HttpProblem when too many passwords are being checked */
async function withPasswords<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof TooManyPasswords) throw new HttpProblem('too-many', 503, error.message);
    throw error;
  }
}

function clientFrom(body: Body, before: ClientRecord): ClientRecord {
  const grants = body.texts('grants', before.grants);
  if (!grants.every((grant) => GRANTS.includes(grant as Grant))) {
    body.wrong('grants', `holds one that is none of ${GRANTS.join(', ')}`);
  }
  const redirectUris = body.texts('redirect_uris', before.redirectUris);
  if (!redirectUris.every(isRedirectUri)) body.wrong('redirect_uris', 'holds what is no address for a way back');
  const client: ClientRecord = {
    ...before,
    name: before.name === '' ? body.text('name') : body.text('name', before.name),
    description: body.text('description', before.description),
    redirectUris,
    grants: grants as Grant[],
    ...body.allowance(before),
  };
  body.check();
  return client;
}

/** Absolute, without a fragment, and nothing that a browser would run. */
function isRedirectUri(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hash } = new URL(text);
  return hash === '' && !['javascript:', 'data:', 'vbscript:'].includes(protocol);
}

// ---- Requests and replies

function codeFields(form: Readonly<Record<string, string>>, more: readonly string[]): Record<string, string> {
  return Object.fromEntries([...CODE_FIELDS, ...more].flatMap((name) => (name in form ? [[name, form[name]]] : [])));
}

function protocolRequest(request: HttpRequest, fields: Readonly<Record<string, string>>): OAuthRequest {
  const body = Object.keys(fields).length > 0 ? fields : formOf(request.body.toString());
  const headers = Object.fromEntries(request.head.headers);
  // Chunked bodies have been put together.
  return {
    method: request.method,
    headers: { ...headers, 'content-length': String(request.body.length) },
    query: {},
    body,
  };
}

function protocolReply({ status, headers, body }: OAuthReply): HttpReply {
  const lines = headerLines({ ...headers, 'cache-control': 'no-store', pragma: 'no-cache' });
  return {
    status,
    type: body === undefined ? '' : JSON_TYPE,
    body: body === undefined ? '' : JSON.stringify(body),
    headers: lines,
  };
}

function dataReply(data: unknown): HttpReply {
  return okReply(JSON.stringify(data));
}

function shownClient(client: ClientRecord): Record<string, unknown> {
  const { id, name, description, redirectUris, grants, scopes, prefix, database, readOnly } = client;
  return { client_id: id, name, description, redirect_uris: redirectUris, grants, scopes, prefix, database, readOnly };
}

function shownUser({ username, scopes, prefix, database, readOnly }: UserRecord): Record<string, unknown> {
  return { username, scopes, prefix, database, readOnly };
}

function shownToken({ id, clientId, username, scopes, expiresAtMs }: TokenRecord): Record<string, unknown> {
  return { id, client_id: clientId, username, scopes, expires_at: new Date(expiresAtMs).toISOString() };
}
