/** OpenAPI 3.1 of all that is served, from the routes as they are. */
import { REDSTART_VERSION } from '../../version.js';
import type { Api, Parameter, Place, ReplyDescription, Route, Schema } from '../route.js';

interface Mounted {
  readonly api: Api;
  readonly prefix: string;
}

const JSON_TYPE = 'application/json';
/** What stands below these is no part of the document's own. */
const EXAMPLES = new Set(['example', 'examples', 'default', 'enum']);

export function openApiDocument(mounts: readonly Mounted[]): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  const schemas: Record<string, unknown> = {};
  for (const { api, prefix } of mounts) {
    for (const route of api.routes) {
      if (route.isAlias === true) continue;
      const path = fullPath(prefix, route);
      paths[path] ??= {};
      paths[path][route.method.toLowerCase()] = hoisted(operation(api, route, path), schemas);
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'redstart',
      version: REDSTART_VERSION,
      description: 'HTTP APIs of a Redis-compatible server. docs/http.md says more, with examples.',
    },
    tags: mounts.map(({ api }) => ({ name: api.title, description: api.description })),
    paths,
    components: {
      schemas,
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' }, basic: { type: 'http', scheme: 'basic' } },
    },
  };
}

/** A part of the document whose schemas that have titles are among the components, and referred to. */
function hoisted(part: unknown, schemas: Record<string, unknown>): unknown {
  if (typeof part !== 'object' || part === null) return part;
  if (Array.isArray(part)) return part.map((each) => hoisted(each, schemas));
  const copy = Object.fromEntries(
    Object.entries(part).map(([name, each]) => [name, EXAMPLES.has(name) ? each : hoisted(each, schemas)]),
  );
  if (typeof copy.title !== 'string') return copy;
  schemas[copy.title] = copy;
  return { $ref: `#/components/schemas/${copy.title}` };
}

/** As OpenAPI writes it, which knows no parameter that stands for several segments: `/{command}`. */
function fullPath(prefix: string, { path }: Route): string {
  return (prefix + (path === '/' && prefix !== '' ? '' : path)).replace(/\.\.\.\}/g, '}');
}

function operation(api: Api, route: Route, path: string): Record<string, unknown> {
  const body = requestBody(route);
  return {
    operationId: `${route.method.toLowerCase()}${path.replace(/[^A-Za-z0-9]+/g, '_')}`,
    tags: [api.title],
    summary: route.summary,
    ...(route.scopes === undefined
      ? {}
      : { description: `Scopes: ${route.scopes.map((each) => `\`${each}\``).join(', ')}.` }),
    parameters: [...pathParameters(route), ...(route.parameters ?? []).filter(isOutside).map(outside)],
    ...(body === undefined ? {} : { requestBody: body }),
    responses: Object.fromEntries(Object.entries(route.replies).map(([status, reply]) => [status, response(reply)])),
    security: api.isPublic === true || route.isPublic === true ? [] : [{}, { bearer: [] }, { basic: [] }],
  };
}

/** Of the places where a parameter may stand, the last one. */
function placeOf({ in: places }: Parameter): Place {
  return typeof places === 'string' ? places : (places.at(-1) as Place);
}

function isOutside(parameter: Parameter): boolean {
  const place = placeOf(parameter);
  return place === 'query' || place === 'header';
}

function outside(parameter: Parameter): Record<string, unknown> {
  const { name, required = false, schema, description } = parameter;
  return { name, in: placeOf(parameter), required, description, schema };
}

/** Every parameter of the path has to be there, described or not. */
function pathParameters({ path, parameters = [] }: Route): Record<string, unknown>[] {
  return [...path.matchAll(/\{(\w+)(?:\.\.\.)?\}/g)].map(([, name]) => {
    const described = parameters.find((parameter) => parameter.name === name);
    const schema: Schema = described?.schema ?? { type: 'string' };
    return { name, in: 'path', required: true, description: described?.description ?? '', schema };
  });
}

function requestBody({ parameters = [], body, bodyTitle: title, path }: Route): Record<string, unknown> | undefined {
  if (body !== undefined) {
    const content = { [body.type ?? JSON_TYPE]: { schema: body.schema ?? {} } };
    return { description: body.description, content };
  }
  const inBody = parameters.filter((each) => placeOf(each) === 'body' && !path.includes(`{${each.name}}`));
  if (inBody.length === 0) return undefined;
  const required = inBody.filter((each) => each.required === true).map(({ name }) => name);
  const properties = Object.fromEntries(
    inBody.map(({ name, schema, description }) => [name, { ...schema, description }]),
  );
  const name = title === undefined ? {} : { title };
  const schema = { ...name, type: 'object', properties, ...(required.length === 0 ? {} : { required }) };
  return { required: required.length > 0, content: { [JSON_TYPE]: { schema } } };
}

function response({ description, type = JSON_TYPE, schema, example }: ReplyDescription): Record<string, unknown> {
  const content = { schema: schema ?? {}, ...(example === undefined ? {} : { example }) };
  return { description, ...(type === '' ? {} : { content: { [type]: content } }) };
}
