/** In which database the commands of a request run. */
import type { HttpRequest } from './message.js';
import { HttpProblem } from './problem.js';
import type { Parameter } from './route.js';

const HEADER = 'X-Redis-Database';
const HEADER_KEY = HEADER.toLowerCase();

export const DATABASE_PARAMETER: Parameter = {
  name: HEADER,
  in: 'header',
  schema: { type: 'integer', minimum: 0, default: 0 },
  description: 'The number of the database.',
};

/** What a request says of its database in that header. */
export function databaseHeader(request: HttpRequest): string | undefined {
  return request.header(HEADER_KEY);
}

/**
 * The database that the request names, or else its token's; the first where neither says.
 * @throws HttpProblem if there is none with this number, or if the token is for another
 */
export function databaseOf(request: HttpRequest, given = databaseHeader(request)): number {
  const { access, gateway } = request;
  if (given === undefined) return access.database ?? 0;
  const database = /^\d{1,9}$/.test(given) ? Number(given) : -1;
  if (database < 0 || database >= gateway.engine.keyspace.databases.length) {
    throw new HttpProblem('bad-request', 400, `there is no database ${JSON.stringify(given)}`);
  }
  if (access.database !== undefined && access.database !== database) {
    throw new HttpProblem('forbidden', 403, `Request is for database ${access.database} only`);
  }
  return database;
}
