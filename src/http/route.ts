/**
 * What an API is made of: routes as data. Routing, the documents (openapi/, docs/http.md) and the lists of allowed
 * methods derive from them, and so does the reading of parameters where an API has no rules of its own for that.
 */
import type { Config } from '../config/config.js';
import type { Logger } from '../engine/logger.js';
import type { AccessControl } from './access/access-control.js';
import type { Gateway } from './gateway.js';
import type { HttpReply, HttpRequest } from './message.js';
import type { Problem } from './problem.js';

/** A schema of OpenAPI 3.1, as far as it is used here. */
export interface Schema {
  /** Its name among the components of the document, where it stands then. */
  readonly title?: string;
  readonly type?: 'string' | 'integer' | 'number' | 'boolean' | 'array' | 'object' | 'null' | readonly string[];
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
}

export type Place = 'path' | 'query' | 'body' | 'header';

export interface Parameter {
  readonly name: string;
  /** Where it may stand; where it stands in several places, the last one named here wins. */
  readonly in: Place | readonly Place[];
  readonly required?: boolean;
  readonly schema: Schema;
  readonly description: string;
}

export interface ReplyDescription {
  readonly description: string;
  /** Content-Type; JSON where it is not said. */
  readonly type?: string;
  readonly schema?: Schema;
  readonly example?: unknown;
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'PATCH';
  /**
   * Segments, `{name}` for one that is a parameter, and at the end `{name...}` for all that follows, undecoded. GET
   * serves HEAD as well.
   */
  readonly path: string;
  /** Of a path that is nothing but what follows: which first segments it is meant for; all where it is not said. */
  readonly takes?: (segment: string) => boolean;
  readonly summary: string;
  readonly parameters?: readonly Parameter[];
  /** The body as a whole, where it is not made of parameters. */
  readonly body?: { readonly description: string; readonly type?: string; readonly schema?: Schema };
  /** The title of the schema of a body that is made of parameters. */
  readonly bodyTitle?: string;
  readonly replies: Readonly<Record<number, ReplyDescription>>;
  /** One of these must be the request's, if its token has any: `admin` if it is not said, and '' means every token. */
  readonly scopes?: readonly string[];
  /** Anyone may ask, without a token: it sees to that itself, or there is nothing to see to. */
  readonly isPublic?: boolean;
  /** Not in the documents: another spelling of a route that is there. */
  readonly isAlias?: boolean;
  handle(request: HttpRequest): HttpReply | Promise<HttpReply> | Streaming;
}

/** The handler has taken the exchange over, and answers by a stream or an upgrade. */
export const STREAMING = Symbol('streaming');
export type Streaming = typeof STREAMING;

export interface Api {
  /** As `http-mount` names it. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** Where it is served if nothing else is said. */
  readonly mount: string;
  readonly routes: readonly Route[];
  /** Fixed segments of paths are taken in any case, and with a slash at the end. */
  readonly isLenient?: boolean;
  /** Where anyone may ask, without a token, from anywhere that may connect. */
  readonly isPublic?: boolean;
  /** Where the API's requests carry a token, beside `Authorization`. */
  tokenOf?(request: HttpRequest): string | undefined;
  /** The API has users of its own and looks at tokens itself. */
  readonly hasOwnUsers?: boolean;
  /** How this API says that something is wrong. */
  refuse(problem: Problem, request: HttpRequest): HttpReply;
  /** Headers of every reply, beside those of the reply. */
  readonly headers?: string;
  /** What OPTIONS answers; CORS's answer where the API says nothing of its own. */
  options?(request: HttpRequest): HttpReply;
  /** The server ends. */
  close?(): void;
}

/** What an API is made with. */
export interface ApiContext {
  readonly config: Config;
  readonly gateway: Gateway;
  readonly access: AccessControl;
  readonly log: Logger;
  /** Where files of the server are. */
  readonly directory: string;
  /** The same while files may be written; a library's server that nobody gave files to has none. */
  writableDirectory(): string | undefined;
  /** All APIs and where they are; complete when the first request comes. */
  readonly mounts: readonly { readonly api: Api; readonly prefix: string }[];
  /** Connections that there are now. */
  connections(): number;
}

export type ApiMaker = (context: ApiContext) => Api | Promise<Api>;
