/**
 * Who may ask for which commands: webdis's list of entries. Of those that are for a request, each changes in its turn
 * what the ones before it said; within one, `enabled` counts before `disabled`. What none of them names is allowed.
 */
import { timingSafeEqual } from 'node:crypto';
import { BlockList, isIP, isIPv6 } from 'node:net';
import type { HttpRequest } from '../../message.js';

/** Names of commands in capitals. */
export type CommandNames = ReadonlySet<string>;

export interface AclEntry {
  /** `user:password` of Basic authentication. */
  readonly credentials: string | undefined;
  readonly addresses: BlockList | undefined;
  readonly enabled: CommandNames;
  readonly disabled: CommandNames;
}

/** Stands for every command. */
const EVERY_COMMAND = '*';

/** No entry allows these: each of them is about a connection, which requests share. */
export const NEVER_ALLOWED: CommandNames = new Set(['MULTI', 'EXEC', 'WATCH', 'DISCARD', 'SELECT']);

/** Of commands that may be allowed at all. */
export function isAllowed(acl: readonly AclEntry[], command: string, request: HttpRequest): boolean {
  let allowed = true;
  for (const entry of acl) {
    if (!isFor(entry, request)) continue;
    if (names(entry.enabled, command)) allowed = true;
    if (names(entry.disabled, command)) allowed = false;
  }
  return allowed;
}

function names(commands: CommandNames, command: string): boolean {
  return commands.has(command) || commands.has(EVERY_COMMAND);
}

function isFor({ credentials, addresses }: AclEntry, request: HttpRequest): boolean {
  if (addresses !== undefined && !holds(addresses, request.remoteAddress)) return false;
  return credentials === undefined || bringsCredentials(request, credentials);
}

/** `address` has the port behind it. */
function holds(addresses: BlockList, address: string): boolean {
  const host = address.slice(0, address.lastIndexOf(':')).replace(/^\[|\]$/g, '');
  const plain = host.replace(/^::ffff:(?=\d+\.)/i, '');
  if (isIP(plain) === 0) return false;
  return addresses.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4');
}

function bringsCredentials(request: HttpRequest, credentials: string): boolean {
  const given = /^basic +([a-z0-9+/]+=*)$/i.exec(request.header('authorization') ?? '')?.[1];
  if (given === undefined) return false;
  const bytes = Buffer.from(given, 'base64');
  const expected = Buffer.from(credentials);
  return bytes.length === expected.length && timingSafeEqual(bytes, expected);
}

/** `10.0.0.0/8`, or one address. @returns undefined for what is neither */
export function parseAddresses(text: string): BlockList | undefined {
  const [address, bits, ...more] = text.split('/');
  const version = isIP(address);
  if (version === 0 || more.length > 0 || (bits !== undefined && !/^\d{1,3}$/.test(bits))) return undefined;
  const widest = version === 4 ? 32 : 128;
  const prefix = bits === undefined ? widest : Number(bits);
  if (prefix > widest) return undefined;
  const list = new BlockList();
  list.addSubnet(address, prefix, version === 4 ? 'ipv4' : 'ipv6');
  return list;
}
