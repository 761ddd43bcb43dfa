/** The routes of the methods: what their rows say, and of commands what the command table says. */
import type { CommandTable } from '../../../engine/command-table.js';
import type { HttpReply, HttpRequest } from '../../message.js';
import type { Parameter, Place, ReplyDescription, Route, Schema } from '../../route.js';
import type { Field } from './fields.js';
import { type Method, parametersOf, scopesOf } from './method.js';
import { methods } from './methods/index.js';
import * as as from './replies.js';

/** `places`: where the path's segments stand that are parameters. */
export type MakeHandler = (
  method: Method,
  places: ReadonlyMap<string, number>,
) => (request: HttpRequest) => HttpReply | Promise<HttpReply>;

/** Before a path, for another database than the first. */
const DATABASE_PREFIX = '/DB/{database}';

export function routesOf(table: CommandTable, handler: MakeHandler): Route[] {
  return methods.flatMap((method) => {
    const facts = { summary: summaryOf(table, method), scopes: scopesOf(method), replies: repliesOf(method) };
    return [...method.paths, ...(method.aliases ?? [])].flatMap((path, pathIndex) =>
      ['', DATABASE_PREFIX].flatMap((prefix) => {
        const handle = handler(method, parametersOf(prefix + path));
        return method.verbs.map((verb, verbIndex): Route => {
          const isAlias = prefix !== '' || pathIndex >= method.paths.length || verbIndex > 0;
          const described = { method: verb, path: prefix + path, ...facts, ...documentsOf(method, verb, path) };
          return isAlias ? { ...described, isAlias, handle } : { ...described, handle };
        });
      }),
    );
  });
}

/** What the command does, by the row of the command table, and what is particular about it here. */
function summaryOf(table: CommandTable, { command, note = '' }: Method): string {
  const [name, subname] = (typeof command === 'string' ? command : command(new Map())).toLowerCase().split(' ');
  const summary = (table.named(`${name}|${subname}`) ?? table.named(name))?.row?.summary ?? '';
  return `${summary} ${note}`.trim().replace(/\.$/, '');
}

function documentsOf(method: Method, verb: string, path: string): Pick<Route, 'parameters' | 'body'> {
  const inPath = parametersOf(path);
  const parameters: Parameter[] = [ENCODING, DATABASE];
  for (const [name, field] of Object.entries(method.fields)) {
    if (name === method.bodyIs) continue;
    // What only another of its paths names may be given here as well.
    parameters.push(parameterOf(name, field, placesOf(verb, inPath.has(name))));
  }
  if (method.bodyIs === undefined) return { parameters };
  const { schema, description } = method.fields[method.bodyIs];
  return { parameters, body: { description, schema } };
}

/** The last one wins. */
function placesOf(verb: string, isInPath: boolean): Place[] {
  if (verb === 'POST') return isInPath ? ['body', 'path'] : ['query', 'body'];
  return isInPath ? ['path'] : ['query'];
}

function parameterOf(name: string, { schema, description, isOptional, fallback }: Field, places: Place[]): Parameter {
  const isRequired = places.includes('path') || !isOptional;
  const described = fallback === undefined ? schema : { ...schema, default: String(fallback) };
  const [only] = places;
  return { name, in: places.length === 1 ? only : places, required: isRequired, schema: described, description };
}

const ENCODING: Parameter = {
  name: 'encoding',
  in: 'query',
  schema: { type: 'string', enum: ['utf-8', 'base64'], default: 'utf-8' },
  description: 'with base64, the texts of `data` are given in base64, so that they may be any bytes',
};
const DATABASE: Parameter = {
  name: 'X-Redis-Database',
  in: 'header',
  schema: { type: 'string', default: 'main' },
  description: `the database: its number, main (0) or admin (1); the path may name it too, as ${DATABASE_PREFIX}/…`,
};

const SCHEMAS = new Map<as.Conversion, Schema>([
  [as.string, { type: ['string', 'null'] }],
  [as.decoded, { type: ['string', 'object', 'null'], description: 'a text that is a JSON object, as that' }],
  [as.base64, { type: ['string', 'null'], description: 'base64' }],
  [as.integer, { type: ['integer', 'null'] }],
  [as.boolean, { type: ['boolean', 'null'] }],
  [as.float, { type: ['number', 'null'] }],
  [as.timeToLive, { type: ['integer', 'null'], description: 'null without a deadline, -2 where there is no key' }],
  [as.localTime, { type: 'string', description: 'the time on this machine, ISO 8601 without a zone' }],
  [as.numberOrString, { type: ['integer', 'string', 'null'] }],
  [as.list, { type: ['array', 'null'], items: { type: ['string', 'null'] } }],
  [as.stringOrList, { type: ['string', 'array', 'null'], description: 'a list where there is a count' }],
  [as.object, { type: 'object' }],
  [as.members, { type: 'array', description: 'members; with scores, pairs of member and score' }],
  [as.scannedList, { type: 'array', description: 'the next cursor, and what was found' }],
  [as.scannedObject, { type: 'array', description: 'the next cursor, and the fields with their values' }],
  [as.scannedPairs, { type: 'array', description: 'the next cursor, and pairs of member and score' }],
  [
    as.sorted,
    { type: ['array', 'integer'], description: 'the elements, in groups if asked for; how many were stored' },
  ],
  [as.info, { type: 'object' }],
  [as.clients, { type: 'array', items: { type: 'object' } }],
  [as.debugObject, { type: 'object' }],
]);

const META: Schema = {
  type: 'object',
  properties: {
    status: { type: 'string', enum: ['ok', 'error'] },
    status_code: { type: 'integer' },
    error_message: { type: 'string' },
  },
};

function repliesOf({ reply }: Method): Record<number, ReplyDescription> {
  const problem: Schema = { type: 'object', properties: { meta: META } };
  const schema: Schema = { type: 'object', properties: { meta: META, data: SCHEMAS.get(reply) ?? {} } };
  return {
    200: { description: 'What the command answered.', schema },
    400: { description: 'A field is missing or wrong, or the command refuses what it says.', schema: problem },
    403: { description: 'None of the scopes that allow it, or outside of what the token may reach.', schema: problem },
    409: { description: 'The key holds a value of another type.', schema: problem },
  };
}
