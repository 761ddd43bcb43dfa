/**
 * webdis.json: what of it matters here. What is about the way to Redis, or about the process, has directives of
 * redstart's own or no meaning; it is taken and said to be left out.
 */
import { type AclEntry, parseAddresses } from './acl.js';

export interface WebdisSettings {
  readonly acl: readonly AclEntry[];
  /** Of requests that name none. */
  readonly database: number;
  readonly hasWebSockets: boolean;
  /** A path that '/' stands for. */
  readonly defaultRoot: string | undefined;
  readonly maxRequestBytes: number;
}

export const DEFAULT_SETTINGS: WebdisSettings = {
  acl: [],
  database: 0,
  hasWebSockets: false,
  defaultRoot: undefined,
  maxRequestBytes: Number.POSITIVE_INFINITY,
};

/** What is said of a key that has no effect. */
const WITHOUT_EFFECT: Readonly<Record<string, string>> = {
  redis_host: 'commands run in this process',
  redis_port: 'commands run in this process',
  redis_socket: 'commands run in this process',
  redis_auth: "'requirepass' is the server's password",
  hiredis: 'commands run in this process',
  ssl: 'commands run in this process',
  pool_size: 'commands run in this process',
  threads: 'all requests are served by one thread',
  http_host: "'http-bind' says where HTTP is served",
  http_port: "'http-port' says where HTTP is served",
  daemonize: "'daemonize' says that",
  pidfile: "'pidfile' says that",
  user: 'the process keeps its user',
  group: 'the process keeps its group',
  logfile: "'logfile' says that",
  log_fsync: "the log is the server's",
  verbosity: "'loglevel' says that",
};

const KNOWN = ['acl', 'database', 'websockets', 'default_root', 'http_max_request_size'];

interface ParsedSettings {
  readonly settings: WebdisSettings;
  /** Lines for the log. */
  readonly remarks: readonly string[];
}

/** @throws Error that says which key is wrong, and how */
export function parseSettings(text: string, environment: Readonly<Record<string, string | undefined>>): ParsedSettings {
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch (error) {
    throw new Error(`no JSON: ${(error as Error).message}`);
  }
  const given = fieldsOf(file, 'the file');
  const remarks: string[] = [];
  const fields: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(given)) {
    if (KNOWN.includes(key)) fields[key] = fromEnvironment(value, key, environment);
    else remarks.push(`'${key}' has no effect: ${WITHOUT_EFFECT[key] ?? 'it is not known'}`);
  }
  const { acl, database, websockets, default_root: root, http_max_request_size: size } = fields;
  return {
    settings: {
      acl: acl === undefined ? [] : parseAcl(acl, environment),
      database: database === undefined ? 0 : natural(database, 'database'),
      hasWebSockets: websockets === undefined ? false : flag(websockets, 'websockets'),
      defaultRoot: root === undefined ? undefined : pathOf(root),
      maxRequestBytes: size === undefined ? DEFAULT_SETTINGS.maxRequestBytes : natural(size, 'http_max_request_size'),
    },
    remarks,
  };
}

/** `"$NAME"` is what the environment's NAME says. */
function fromEnvironment(
  value: unknown,
  key: string,
  environment: Readonly<Record<string, string | undefined>>,
): unknown {
  if (typeof value !== 'string' || !/^\$\w+$/.test(value)) return value;
  const found = environment[value.slice(1)];
  if (found === undefined) throw new Error(`'${key}': the environment has no ${value.slice(1)}`);
  return found;
}

function parseAcl(acl: unknown, environment: Readonly<Record<string, string | undefined>>): AclEntry[] {
  if (!Array.isArray(acl)) throw new Error("'acl' must be an array");
  return acl.map((entry: unknown, index) => {
    const where = `entry ${index + 1} of 'acl'`;
    const { http_basic_auth: basic, ip, enabled, disabled, ...others } = fieldsOf(entry, where);
    const [other] = Object.keys(others);
    // A misspelt condition would make an entry that is for everyone.
    if (other !== undefined) throw new Error(`${where}: '${other}' is not known`);
    return {
      credentials: credentialsOf(fromEnvironment(basic, where, environment), where),
      addresses: addressesOf(fromEnvironment(ip, where, environment), where),
      enabled: commandsOf(enabled, where),
      disabled: commandsOf(disabled, where),
    };
  });
}

function credentialsOf(value: unknown, where: string): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || !value.includes(':'))
    throw new Error(`${where}: 'http_basic_auth' is no user:password`);
  return value;
}

function addressesOf(value: unknown, where: string): AclEntry['addresses'] {
  if (value === undefined) return undefined;
  const addresses = typeof value === 'string' ? parseAddresses(value) : undefined;
  if (addresses === undefined) throw new Error(`${where}: 'ip' is no address and no range of addresses`);
  return addresses;
}

function commandsOf(value: unknown, where: string): ReadonlySet<string> {
  if (value === undefined) return new Set();
  if (!Array.isArray(value) || !value.every((name) => typeof name === 'string')) {
    throw new Error(`${where}: commands are an array of names`);
  }
  return new Set(value.map((name: string) => name.toUpperCase()));
}

function fieldsOf(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`${what} must be an object`);
  return value as Record<string, unknown>;
}

/** Environments have only text. */
function natural(value: unknown, key: string): number {
  const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  if (!Number.isSafeInteger(number) || (number as number) < 0) throw new Error(`'${key}' must be a number from 0`);
  return number as number;
}

function flag(value: unknown, key: string): boolean {
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  throw new Error(`'${key}' must be true or false`);
}

function pathOf(value: unknown): string {
  if (typeof value !== 'string' || !value.startsWith('/')) throw new Error("'default_root' must be a path");
  return value;
}
