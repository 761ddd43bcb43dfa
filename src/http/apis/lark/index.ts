/** lark: Redis over REST, a path for each command, JSON in and out in one envelope. */
import type { Caller } from '../../../engine/caller.js';
import { Args } from '../../../protocol/args.js';
import { type ReplyNode, readReplies } from '../../../protocol/reply-reader.js';
import { databaseHeader, databaseOf } from '../../database.js';
import type { RunOptions } from '../../gateway.js';
import type { HttpReply, HttpRequest } from '../../message.js';
import { HttpProblem } from '../../problem.js';
import type { Api, ApiContext } from '../../route.js';
import { commandErrorReply, okReply, problemReply } from './envelope.js';
import { type Query, queryOf, valuesOf } from './input.js';
import { type Method, type Values, wordsOf } from './method.js';
import { OAuth } from './oauth/index.js';
import { oauthRoutes } from './oauth/routes.js';
import { routesOf } from './routes.js';

/** What lark calls its databases; others have their numbers. */
const DATABASES: Readonly<Record<string, string>> = { main: '0', admin: '1' };

class Lark implements Api {
  readonly name = 'lark';
  readonly title = 'lark';
  readonly description =
    'Redis over REST: a path for each command, JSON in and out, in an envelope of `meta` and `data`.';
  readonly mount = '/api/0';
  readonly isLenient = true;
  readonly routes: Api['routes'];
  /** Those who gave themselves a name have a client of their own. */
  private readonly named = new Map<string, Caller>();

  constructor(private readonly context: ApiContext) {
    const { table } = context.gateway.engine;
    this.routes = [
      ...oauthRoutes(new OAuth(context)),
      ...routesOf(table, (method, places) => (request) => this.run(method, places, request)),
    ];
  }

  refuse(problem: Parameters<Api['refuse']>[0], request: HttpRequest): HttpReply {
    return problemReply(problem, request.method);
  }

  close(): void {
    for (const caller of this.named.values()) caller.end();
    this.named.clear();
  }

  private run(
    method: Method,
    places: ReadonlyMap<string, number>,
    request: HttpRequest,
  ): HttpReply | Promise<HttpReply> {
    const query = queryOf(request);
    const isBase64 = wantsBase64(query);
    const values = valuesOf(method, request, query, places);
    const words = Args.from(wordsOf(method, values));
    const given = request.pathValues.database ?? databaseHeader(request);
    const database = databaseOf(request, given && (DATABASES[given.toLowerCase()] ?? given));
    const options = { database, protocol: 2, access: request.access } as const;
    const answer = (bytes: Buffer): HttpReply => replyOf(method, bytes, values, isBase64);
    if (method.isPersonal === true) return answer(this.callerOf(request, options).run(words));
    if (method.mayWait !== true) return answer(this.context.gateway.run(words, options));
    const waited = this.context.gateway.wait(words, options, request.exchange);
    return Buffer.isBuffer(waited) ? answer(waited) : waited.then(answer);
  }

  private callerOf({ access: { name } }: HttpRequest, options: RunOptions): Caller {
    let caller = this.named.get(name);
    if (caller === undefined) {
      const forget = (): void => void this.named.delete(name);
      caller = this.context.gateway.caller({ onBytes() {}, onResumed() {}, onClosed: forget }, options);
      this.named.set(name, caller);
    }
    return caller;
  }
}

function wantsBase64(query: Query): boolean {
  const encoding = query.get('encoding')?.at(-1);
  if (encoding === undefined || encoding === 'utf-8') return false;
  if (encoding === 'base64') return true;
  throw new HttpProblem('bad-request', 400, `${JSON.stringify(String(encoding))} is no encoding: utf-8 or base64`);
}

function replyOf(method: Method, bytes: Buffer, values: Values, isBase64: boolean): HttpReply {
  const node = readReplies(bytes)[0] as ReplyNode;
  if (node.type === 'error') return commandErrorReply(Buffer.from(node.value, 'latin1').toString());
  return okReply(method.reply(node, { isBase64, field: (name) => values.get(name) }));
}

export function lark(context: ApiContext): Api {
  return new Lark(context);
}
