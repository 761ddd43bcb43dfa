/**
 * A cache with logins of its own: register, get a token, and use a dozen commands by POST. Answers are bare JSON values
 * with status 200, errors too, as texts; on request errors have statuses, and each login has keys of its own.
 */
import { join } from 'node:path';
import type { Access } from '../../access/access.js';
import { basicOf, bearerOf } from '../../access/access-control.js';
import { TooManyPasswords } from '../../access/passwords.js';
import { type HttpReply, type HttpRequest, JSON_TYPE, jsonReply } from '../../message.js';
import { HttpProblem, type Problem } from '../../problem.js';
import type { Api, ApiContext, Parameter, Route, Schema } from '../../route.js';
import { type Field, readBody, type Values } from './bodies.js';
import { CacheCall, Failure } from './cache-call.js';
import { type CacheCommand, cacheCommands } from './commands.js';
import { Tokens } from './tokens.js';
import { Users } from './users.js';

/** Of the server's directory. */
const USERS_FILE = 'cache-users.json';

const LOGIN: Field = { name: 'login', type: 'str', description: 'The name of a user.' };
const PASSWORD: Field = { name: 'password', type: 'str', description: "The user's password." };
const TOKEN: Field = {
  name: 'token',
  type: 'str',
  description: 'What `/auth` gave. It may stand in a header instead: `Authorization: Bearer …`.',
};
const CREDENTIALS = [LOGIN, PASSWORD];

const UNAUTHORIZED = 'Unauthorized';
const LOGIN_EXISTS = 'Login already exists';
const LOGIN_NOT_FOUND = 'Login not found';
const PASSWORD_MISMATCH = 'Password mismatch';

/** Statuses of answers that are errors, where errors are to have some. */
const STRICT_STATUSES: Readonly<Record<string, number>> = {
  [UNAUTHORIZED]: 401,
  [LOGIN_EXISTS]: 409,
  [LOGIN_NOT_FOUND]: 404,
  [PASSWORD_MISMATCH]: 401,
  'ERR no such key': 404,
};
const STRICT_STATUSES_OF_CODES: Readonly<Record<string, number>> = {
  WRONGTYPE: 409,
  OOM: 503,
  LOADING: 503,
  BUSY: 503,
  MISCONF: 503,
};

/** Looked at whenever they matter. */
interface CacheSettings {
  /** Each login has keys of its own. */
  readonly isolates: boolean;
  /** Errors have statuses of their own. */
  readonly isStrict: boolean;
  /** For how long a token is good; 0 for ever. */
  readonly tokenSeconds: number;
}

export function cache(context: ApiContext): Api {
  const service = new CacheService(context);
  return {
    name: 'cache',
    title: 'Cache with logins',
    description:
      'Texts, hashes and lists for whoever has registered: all by POST, with JSON bodies. Every answer is a bare JSON ' +
      'value with status 200, and an error is a text; `http-cache-strict-status yes` gives errors statuses.',
    mount: '/cache',
    hasOwnUsers: true,
    routes: service.routes,
    refuse: (problem: Problem, request): HttpReply => service.redirection(problem, request) ?? detailReply(problem),
  };
}

function detailReply({ kind, status, message }: Problem): HttpReply {
  return jsonReply(status, { detail: DETAILS[kind] ?? message });
}

const DETAILS: { readonly [Kind in Problem['kind']]?: string } = {
  'not-found': 'Not Found',
  'method-not-allowed': 'Method Not Allowed',
};

class CacheService {
  private readonly users: Users;
  private readonly tokens = new Tokens();
  private readonly settings: CacheSettings;
  readonly routes: readonly Route[];

  constructor(private readonly context: ApiContext) {
    const { config } = context;
    this.users = new Users(() => {
      const directory = context.writableDirectory();
      return directory === undefined ? undefined : join(directory, USERS_FILE);
    });
    this.settings = {
      get isolates() {
        return config.get('http-cache-isolation');
      },
      get isStrict() {
        return config.get('http-cache-strict-status');
      },
      get tokenSeconds() {
        return config.get('http-cache-token-ttl');
      },
    };
    this.routes = this.allRoutes();
  }

  private allRoutes(): Route[] {
    return [
      this.route(
        '/register',
        'Registers a user.',
        CREDENTIALS,
        '`"OK"`; or that the login is taken.',
        'OK',
        (request) => this.register(request),
      ),
      this.route(
        '/auth',
        'Gives a token for a login and its password.',
        CREDENTIALS,
        'The token; or what is wrong.',
        'k3JbXq0vWm8RzT5cLs1YdNfA',
        (request) => this.authenticate(request),
      ),
      ...cacheCommands.map((command) => {
        // Mistakes are told in this order: what may miss comes last.
        const required = command.fields.filter(({ isOptional }) => isOptional !== true);
        const optional = command.fields.filter(({ isOptional }) => isOptional === true);
        const fields = [...required, TOKEN, ...optional];
        const { description, example } = command.answer;
        return this.route(`/${command.name}`, command.summary, fields, description, example, (request) =>
          this.data(request, command, fields),
        );
      }),
    ];
  }

  private route(
    path: string,
    summary: string,
    fields: readonly Field[],
    answer: string,
    example: unknown,
    handle: Route['handle'],
  ): Route {
    return {
      method: 'POST',
      path,
      summary,
      bodyTitle: TITLES[path] ?? path.slice(1),
      parameters: [...fields.map(parameterOf), ...(fields.includes(TOKEN) ? [ENCODING] : [])],
      replies: {
        200: { description: answer, example },
        422: {
          description: 'The body is not as it should be.',
          schema: VALIDATION_ERRORS,
          example: { detail: [{ loc: ['body', 'key'], msg: 'field required', type: 'value_error.missing' }] },
        },
      },
      handle,
    };
  }

  /** A path that is there but for the slash at its end is elsewhere, as FastAPI has it. */
  redirection({ kind }: Problem, { path, head }: HttpRequest): HttpReply | undefined {
    if (kind !== 'not-found' || !this.routes.some((route) => `${route.path}/` === path)) return undefined;
    const query = head.query === '' ? '' : `?${head.query}`;
    return { status: 307, type: '', body: '', headers: `Location: ${head.path.slice(0, -1)}${query}\r\n` };
  }

  // ---- Users

  private async register(request: HttpRequest): Promise<HttpReply> {
    const values = readBody(request, CREDENTIALS, false);
    if ('reply' in values) return values.reply;
    if (!this.mayRegister(request)) {
      throw new HttpProblem('unauthorized', 401, 'Registering needs the password or a token of the server');
    }
    try {
      const isNew = await this.users.register(loginOf(values), values.str('password'));
      return isNew ? this.answer('"OK"') : this.failure(LOGIN_EXISTS);
    } catch (error) {
      if (error instanceof TooManyPasswords) throw tooMany(error);
      this.context.log.warn(`${USERS_FILE} could not be written: ${(error as Error).message}`);
      throw new HttpProblem('unavailable', 503, 'the users can not be saved');
    }
  }

  /** Anyone may, unless the server asks for a token or a password: it is that, or nobody could keep strangers out. */
  private mayRegister(request: HttpRequest): boolean {
    const { access, gateway } = this.context;
    if (!access.isRequired) return true;
    const header = request.header('authorization');
    const token = bearerOf(header);
    if (token !== undefined) {
      const given = access.ofToken(token);
      return given !== undefined && mayDoEverything(given);
    }
    const basic = basicOf(header);
    return basic !== undefined && gateway.engine.server.authentication.accepts(basic.user, basic.password);
  }

  private async authenticate(request: HttpRequest): Promise<HttpReply> {
    const values = readBody(request, CREDENTIALS, false);
    if ('reply' in values) return values.reply;
    const login = loginOf(values);
    if (!this.users.has(login)) return this.failure(LOGIN_NOT_FOUND);
    try {
      if (!(await this.users.accepts(login, values.str('password')))) return this.failure(PASSWORD_MISMATCH);
    } catch (error) {
      throw error instanceof TooManyPasswords ? tooMany(error) : error;
    }
    const nowMs = this.context.gateway.engine.clock.now();
    return this.answer(JSON.stringify(this.tokens.create(login, this.settings.tokenSeconds, nowMs)));
  }

  // ---- Data

  private data(request: HttpRequest, command: CacheCommand, fields: readonly Field[]): HttpReply | Promise<HttpReply> {
    const bearer = bearerOf(request.header('authorization'));
    const values = readBody(request, fields, bearer !== undefined);
    if ('reply' in values) return values.reply;
    const login = this.userOf(values, bearer);
    if (login === undefined) return this.failure(UNAUTHORIZED);
    const prefix = this.settings.isolates ? `${encodeURIComponent(login)}:` : '';
    const call = new CacheCall(this.context.gateway, values, prefix, isBase64(request));
    try {
      const answer = command.run(call);
      if (typeof answer === 'string') return this.answer(answer);
      return answer.then(
        (json) => this.answer(json),
        (error) => this.failed(error),
      );
    } catch (error) {
      return this.failed(error);
    }
  }

  private userOf(values: Values, bearer: string | undefined): string | undefined {
    const nowMs = this.context.gateway.engine.clock.now();
    const token = values.str('token');
    return this.tokens.loginOf(token === '' && bearer !== undefined ? bearer : token, nowMs);
  }

  // ---- Answers

  private answer(json: string): HttpReply {
    return { status: 200, type: JSON_TYPE, body: json };
  }

  private failed(error: unknown): HttpReply {
    if (error instanceof Failure) return this.failure(error.message);
    throw error;
  }

  private failure(text: string): HttpReply {
    return jsonReply(this.settings.isStrict ? strictStatus(text) : 200, text);
  }
}

/** A user who registers reaches all keys: a token that does not must not give that away. */
function mayDoEverything({ isReadOnly, scopes, keyPrefix, database }: Access): boolean {
  return !isReadOnly && scopes === undefined && keyPrefix === '' && database === undefined;
}

/** In characters that there are: a half of one becomes U+FFFD. */
function loginOf(values: Values): string {
  return Buffer.from(values.str('login')).toString();
}

function strictStatus(text: string): number {
  const space = text.indexOf(' ');
  return STRICT_STATUSES[text] ?? STRICT_STATUSES_OF_CODES[space < 0 ? text : text.slice(0, space)] ?? 400;
}

function tooMany(error: Error): HttpProblem {
  return new HttpProblem('too-many', 503, error.message);
}

function isBase64({ query }: HttpRequest): boolean {
  return query !== '' && /(?:^|&)encoding=base64(?:&|$)/.test(query);
}

const ENCODING: Parameter = {
  name: 'encoding',
  in: 'query',
  schema: { type: 'string', enum: ['base64'] },
  description: 'With `base64`, keys, values, fields and elements are base64, in the body and in the answer.',
};

const TEXT: Schema = { type: 'string' };

/** What the original calls its bodies, where it is not what their paths are called. */
const TITLES: Readonly<Record<string, string>> = {
  '/register': 'Register',
  '/auth': 'Auth',
  '/RPUSH': 'RLPUSH',
  '/LPUSH': 'RLPUSH',
};

const VALIDATION_ERRORS: Schema = {
  title: 'HTTPValidationError',
  type: 'object',
  properties: {
    detail: {
      type: 'array',
      items: {
        title: 'ValidationError',
        type: 'object',
        properties: { loc: { type: 'array', items: { type: ['string', 'integer'] } }, msg: TEXT, type: TEXT },
        required: ['loc', 'msg', 'type'],
      },
    },
  },
};

const SCHEMAS: Readonly<Record<Field['type'], Schema>> = {
  str: TEXT,
  int: { type: 'integer' },
  strs: { type: 'array', items: TEXT },
  pairs: {
    type: 'array',
    items: {
      title: 'HSETList',
      type: 'object',
      properties: { key: TEXT, value: TEXT },
      required: ['key', 'value'],
    },
  },
};

function parameterOf({ name, type, isOptional, description }: Field): Parameter {
  return { name, in: 'body', required: isOptional !== true, schema: SCHEMAS[type], description };
}
