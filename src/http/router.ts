/**
 * Which route a request is for. An API is mounted at a path; of several that a request could be for, the longest mount
 * wins, and at one mount a route of fixed segments before one that takes whatever follows.
 *
 * Two routes that could both be meant by one path are refused when the service starts, with the names of their APIs.
 */
import type { HttpRequest } from './message.js';
import { percentDecoded } from './percent.js';
import type { Api, Route } from './route.js';

export interface Mounted {
  readonly api: Api;
  /** '' at the root, otherwise '/' and segments. */
  readonly prefix: string;
}

/** What a path leads to. */
export interface Found extends Mounted {
  /** undefined: the path is there, but not with this method; `allowed` says with which. */
  readonly route: Route | undefined;
  readonly allowed: readonly string[];
}

/** A path's routes, one a method. */
class Pattern {
  readonly routes = new Map<string, Route>();
  readonly segments: readonly string[];
  readonly rest: string | undefined;

  constructor(
    readonly path: string,
    readonly takes: Route['takes'],
  ) {
    const segments = path.split('/').slice(1);
    const last = segments.at(-1) ?? '';
    this.rest = last.endsWith('...}') ? propertyName(last.slice(1, -4)) : undefined;
    this.segments = this.rest === undefined ? segments : segments.slice(0, -1);
  }

  get allowed(): string[] {
    const methods = [...this.routes.keys()];
    return methods.includes('GET') ? [...methods, 'HEAD', 'OPTIONS'] : [...methods, 'OPTIONS'];
  }

  /** The values of its parameters, or undefined where it is another path. */
  match(
    path: string,
    first: string,
    segments: readonly string[],
    isLenient: boolean,
  ): Record<string, string> | undefined {
    const own = this.segments;
    if (own.length === 0 && this.takes?.(first) === false) return undefined;
    if (this.rest === undefined ? segments.length !== own.length : segments.length < own.length) return undefined;
    const values: Record<string, string> = {};
    let length = 0;
    for (let i = 0; i < own.length; i++) {
      const segment = segments[i];
      length += segment.length + 1;
      const name = parameterOf(own[i]);
      if (name === undefined) {
        if (own[i] !== segment && !(isLenient && own[i].toLowerCase() === segment.toLowerCase())) return undefined;
      } else {
        if (segment === '') return undefined;
        values[name] = decodeSegment(segment);
      }
    }
    if (this.rest !== undefined) values[this.rest] = path.slice(length + 1);
    return values;
  }

  /** Whether some path is meant by both. */
  overlaps(other: Pattern, isLenient: boolean): boolean {
    const [short, long] = this.segments.length <= other.segments.length ? [this, other] : [other, this];
    if (short.rest === undefined && long.segments.length !== short.segments.length) return false;
    for (let i = 0; i < short.segments.length; i++)
      if (!meet(short.segments[i], long.segments[i], isLenient)) return false;
    if (short.rest === undefined) return true;
    if (short.segments.length > 0 || short.takes === undefined) return true;
    const first = long.segments[0];
    return first === undefined ? long.rest !== undefined || this.path === other.path : short.takes(first);
  }
}

/** One API's patterns. */
class Table {
  private readonly patterns = new Map<string, Pattern>();
  private readonly byFirst = new Map<string, Pattern[]>();
  private readonly open: Pattern[] = [];
  /** What is found with each route: made once, and not for each request. */
  private readonly founds = new Map<Route, Found>();

  constructor(readonly mounted: Mounted) {
    for (const route of mounted.api.routes) this.add(route);
  }

  get all(): Iterable<Pattern> {
    return this.patterns.values();
  }

  find(method: string, request: HttpRequest): Found | undefined {
    const { api } = this.mounted;
    const isLenient = api.isLenient === true;
    let { path } = request;
    if (isLenient && path.length > 1 && path.endsWith('/')) path = path.slice(0, -1);
    const first = firstSegment(path);
    const candidates = this.byFirst.get(isLenient ? first.toLowerCase() : first);
    // Nothing but what follows: no segments are needed.
    const segments = candidates === undefined && this.isOpenEnded ? [] : path.slice(1).split('/');
    let allowed: string[] | undefined;
    for (const pattern of candidates ?? this.open) {
      const values = pattern.match(path, first, segments, isLenient);
      if (values === undefined) continue;
      const route = pattern.routes.get(method === 'HEAD' ? 'GET' : method);
      if (route !== undefined) {
        request.pathValues = values;
        return this.founds.get(route);
      }
      allowed = [...(allowed ?? []), ...pattern.allowed];
    }
    if (candidates !== undefined && this.open.length > 0 && allowed === undefined)
      return this.findOpen(method, request);
    return allowed === undefined ? undefined : { ...this.mounted, route: undefined, allowed: [...new Set(allowed)] };
  }

  /** A path whose first segment is fixed elsewhere, but not as a whole. */
  private findOpen(method: string, request: HttpRequest): Found | undefined {
    const segments = request.path.slice(1).split('/');
    for (const pattern of this.open) {
      const values = pattern.match(request.path, segments[0], segments, false);
      const route = values === undefined ? undefined : pattern.routes.get(method === 'HEAD' ? 'GET' : method);
      if (values === undefined || route === undefined) continue;
      request.pathValues = values;
      return this.founds.get(route);
    }
    return undefined;
  }

  private get isOpenEnded(): boolean {
    return this.open.length === 1 && this.open[0].segments.length === 0;
  }

  private add(route: Route): void {
    const { path } = route;
    const pattern = this.patterns.get(path) ?? new Pattern(path, route.takes);
    this.patterns.set(path, pattern);
    if (pattern.routes.has(route.method)) throw new Error(`${this.mounted.api.name} has ${route.method} ${path} twice`);
    pattern.routes.set(route.method, route);
    this.founds.set(route, { ...this.mounted, route, allowed: [] });
    if (pattern.routes.size > 1) return;
    const first = pattern.segments[0];
    if (first === undefined || parameterOf(first) !== undefined) {
      this.open.push(pattern);
      return;
    }
    const key = this.mounted.api.isLenient === true ? first.toLowerCase() : first;
    const same = this.byFirst.get(key);
    if (same === undefined) this.byFirst.set(key, [pattern]);
    else same.push(pattern);
  }
}

class MountCollision extends Error {
  override name = 'MountCollision';
}

export class Router {
  /** The longest mounts first. */
  private readonly tables: Table[];

  /** @throws MountCollision */
  constructor(mounts: readonly Mounted[]) {
    this.tables = mounts.map((mounted) => new Table(mounted)).sort((a, b) => prefixLength(b) - prefixLength(a));
    this.tables.forEach((table, index) => {
      for (const other of this.tables.slice(index + 1)) checkApart(table, other);
    });
  }

  get mounts(): readonly Mounted[] {
    return this.tables.map(({ mounted }) => mounted);
  }

  /** Sets the request's path below the mount, and its parameters. */
  find(request: HttpRequest): Found | undefined {
    const { path, method } = request.head;
    let nearest: Found | undefined;
    for (const table of this.tables) {
      const { prefix, api } = table.mounted;
      if (prefix !== '' && !isBelow(path, prefix)) continue;
      request.path = pathBelow(prefix, path);
      const found = table.find(method, request);
      if (found?.route !== undefined) return found;
      // What is there but not with this method, or the API below whose mount nothing is.
      nearest = nearest?.allowed.length
        ? nearest
        : (found ?? nearest ?? { api, prefix, route: undefined, allowed: [] });
    }
    if (nearest !== undefined) request.path = pathBelow(nearest.prefix, path);
    return nearest;
  }
}

function pathBelow(prefix: string, path: string): string {
  return prefix === '' ? path : path.slice(prefix.length) || '/';
}

function isBelow(path: string, prefix: string): boolean {
  return path.startsWith(prefix) && (path.length === prefix.length || path[prefix.length] === '/');
}

function prefixLength({ mounted }: Table): number {
  return mounted.prefix.length;
}

function checkApart(one: Table, other: Table): void {
  const isLenient = one.mounted.api.isLenient === true || other.mounted.api.isLenient === true;
  for (const a of one.all) {
    const left = below(one.mounted.prefix, a);
    for (const b of other.all) {
      const right = below(other.mounted.prefix, b);
      if (!left.overlaps(right, isLenient)) continue;
      throw new MountCollision(
        `'${one.mounted.api.name}' and '${other.mounted.api.name}' can't both serve ${left.path}: mount one of them elsewhere`,
      );
    }
  }
}

function below(prefix: string, pattern: Pattern): Pattern {
  return prefix === '' ? pattern : new Pattern(pattern.path === '/' ? prefix : prefix + pattern.path, pattern.takes);
}

function firstSegment(path: string): string {
  const secondSlash = path.indexOf('/', 1);
  return secondSlash < 0 ? path.slice(1) : path.slice(1, secondSlash);
}

/**
 * The same text as V8 keeps names of properties. A name that was cut out of a longer text is looked for among those
 * each time it is used, which took 5 of the 22 us of a request.
 */
function propertyName(name: string): string {
  return Object.keys({ [name]: name })[0];
}

function parameterOf(segment: string): string | undefined {
  return segment.startsWith('{') ? segment.slice(1, -1) : undefined;
}

function meet(a: string, b: string, isLenient: boolean): boolean {
  if (parameterOf(a) !== undefined || parameterOf(b) !== undefined) return true;
  return a === b || (isLenient && a.toLowerCase() === b.toLowerCase());
}

/** A segment's text: the bytes that stand there or behind a '%', as UTF-8. What is no '%XX' stands for itself. */
function decodeSegment(segment: string): string {
  return isPlain(segment) ? segment : percentDecoded(segment, false).toString();
}

function isPlain(segment: string): boolean {
  return /^[\x00-\x24\x26-\x7f]*$/.test(segment);
}
