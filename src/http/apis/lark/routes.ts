/** The routes of the methods: what their rows say, and of commands what the command table says. */
import type { CommandTable } from '../../../engine/command-table.js';
import { WRONGTYPE } from '../../../protocol/errors.js';
import { DATABASE_PARAMETER } from '../../database.js';
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
  ...DATABASE_PARAMETER,
  schema: { type: 'string', default: 'main' },
  description: `the database: its number, main (0) or admin (1); the path may name it too, as ${DATABASE_PREFIX}/…`,
};

const SCHEMAS = new Map<as.Conversion, Schema>([
  [as.string, { type: ['string', 'null'], examples: ['value'] }],
  [
    as.decoded,
    {
      type: ['string', 'object', 'null'],
      description: 'a text that is a JSON object, as that',
      examples: [{ name: 'Ann' }],
    },
  ],
  [as.base64, { type: ['string', 'null'], description: 'base64', examples: ['AAF2CwCKhgqDkNVgfg==\n'] }],
  [as.integer, { type: ['integer', 'null'], examples: [1] }],
  [as.boolean, { type: ['boolean', 'null'], examples: [true] }],
  [as.float, { type: ['number', 'null'], examples: [1.5] }],
  [
    as.timeToLive,
    { type: ['integer', 'null'], description: 'null without a deadline, -2 where there is no key', examples: [60] },
  ],
  [
    as.localTime,
    {
      type: 'string',
      description: 'the time on this machine, ISO 8601 without a zone',
      examples: ['2026-11-26T17:00:00'],
    },
  ],
  [as.numberOrString, { type: ['integer', 'string', 'null'], examples: ['embstr'] }],
  [as.list, { type: ['array', 'null'], items: { type: ['string', 'null'] }, examples: [['a', 'b']] }],
  [
    as.stringOrList,
    { type: ['string', 'array', 'null'], description: 'a list where there is a count', examples: ['a'] },
  ],
  [as.object, { type: 'object', examples: [{ field: 'value' }] }],
  [
    as.members,
    { type: 'array', description: 'members; with scores, pairs of member and score', examples: [['ann', 'bob']] },
  ],
  [
    as.scannedList,
    { type: 'array', description: 'the next cursor, and what was found', examples: [['0', ['a', 'b']]] },
  ],
  [
    as.scannedObject,
    {
      type: 'array',
      description: 'the next cursor, and the fields with their values',
      examples: [['0', { field: 'value' }]],
    },
  ],
  [
    as.scannedPairs,
    { type: 'array', description: 'the next cursor, and pairs of member and score', examples: [['0', [['ann', 1.5]]]] },
  ],
  [
    as.sorted,
    {
      type: ['array', 'integer'],
      description: 'the elements, in groups if asked for; how many were stored',
      examples: [['1', '2']],
    },
  ],
  [as.info, { type: 'object', examples: [{ redis_version: '7.4.0', connected_clients: 1 }] }],
  [as.clients, { type: 'array', items: { type: 'object' }, examples: [[{ id: '3', addr: '127.0.0.1:50000' }]] }],
  [as.debugObject, { type: 'object', examples: [{ type: 'Value', encoding: 'embstr', refcount: 1 }] }],
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
  const data = SCHEMAS.get(reply) ?? {};
  const schema: Schema = { type: 'object', properties: { meta: META, data } };
  const example = { meta: { status: 'ok', status_code: 200 }, data: data.examples?.[0] };
  const refused = (status: number, description: string, message: string): ReplyDescription => ({
    description,
    schema: problem,
    example: { meta: { status: 'error', status_code: status, error_message: message } },
  });
  return {
    200: { description: 'What the command answered.', schema, example },
    400: refused(400, 'A field is missing or wrong, or the command refuses what it says.', "{'value': u'Required'}"),
    403: refused(403, 'None of the scopes that allow it, or outside of what the token may reach.', SCOPES_EXAMPLE),
    409: refused(409, 'The key holds a value of another type.', WRONGTYPE.message),
  };
}

const SCOPES_EXAMPLE =
  "Request has {'read:*'} scopes and is required to have at least one of {'admin', 'key:*'} scopes";
