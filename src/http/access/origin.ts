/**
 * Whose pages may ask. A browser runs any page's scripts, and a page can make a name of its own point at this machine
 * (DNS rebinding): so a request names as its Host an address, this machine, or a name that is allowed, and if a page
 * asks, its Origin is this machine, the same host, or one that is allowed.
 */
import { isIP } from 'node:net';
import type { RequestHead } from '../wire/request-parser.js';

export class Origins {
  private readonly hosts: ReadonlySet<string>;
  private readonly origins: ReadonlySet<string>;
  /** The Host that was taken last: nearly all requests name the same one. */
  private lastHost = '';

  constructor(hosts: readonly string[], origins: readonly string[]) {
    this.hosts = new Set(hosts.map((host) => host.toLowerCase()));
    this.origins = new Set(origins.map((origin) => origin.toLowerCase().replace(/\/$/, '')));
  }

  /** Why the request is refused, or undefined. */
  refusal({ headers }: RequestHead): string | undefined {
    const host = headers.get('host');
    if (host !== undefined && host !== this.lastHost) {
      if (!this.isOurs(host)) return `requests for the host '${hostname(host)}' are not taken: see http-allow-host`;
      this.lastHost = host;
    }
    const origin = headers.get('origin');
    if (origin === undefined || this.allows(origin, host)) return undefined;
    return `requests from pages of '${origin}' are not taken: see http-allow-origin`;
  }

  private isOurs(host: string): boolean {
    if (this.hosts.has('*')) return true;
    const name = hostname(host);
    return isIP(name) !== 0 || isLoopbackName(name) || this.hosts.has(name) || this.hosts.has(host.toLowerCase());
  }

  private allows(origin: string, host: string | undefined): boolean {
    const lower = origin.toLowerCase();
    if (this.origins.has('*') || this.origins.has(lower)) return true;
    const authority = /^https?:\/\/([^/]+)$/.exec(lower)?.[1];
    if (authority === undefined) return false;
    const name = hostname(authority);
    return authority === host?.toLowerCase() || isLoopbackName(name) || isLoopbackAddress(name);
  }
}

/** Without the port, in lower case. */
function hostname(host: string): string {
  const bracketed = /^\[([^\]]*)\]/.exec(host)?.[1];
  return (bracketed ?? host.replace(/:\d*$/, '')).toLowerCase();
}

function isLoopbackName(name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost');
}

function isLoopbackAddress(name: string): boolean {
  return name === '::1' || (isIP(name) === 4 && name.startsWith('127.'));
}
