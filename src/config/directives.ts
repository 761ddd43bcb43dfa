/**
 * Every directive of Redis 7.4, in one table: parser, command line, CONFIG, redis.conf.example and
 * docs/configuration.md derive from it. The rows stand in directives/, a file for each group; docs/guides/directive.md
 * says how to add one or give one an effect.
 */
import type { Directive } from './directive.js';
import { appendOnlyFile } from './directives/append-only-file.js';
import { clients } from './directives/clients.js';
import { cluster } from './directives/cluster.js';
import { dataStructures } from './directives/data-structures.js';
import { defragmentation } from './directives/defragmentation.js';
import { eventsAndLatency } from './directives/events-and-latency.js';
import { general } from './directives/general.js';
import { http } from './directives/http.js';
import { lazyFreeing } from './directives/lazy-freeing.js';
import { memory } from './directives/memory.js';
import { network } from './directives/network.js';
import { process } from './directives/process.js';
import { NO_ACL } from './directives/reasons.js';
import { replication } from './directives/replication.js';
import { scripts } from './directives/scripts.js';
import { security } from './directives/security.js';
import { snapshots } from './directives/snapshots.js';
import { tls } from './directives/tls.js';

export type { Directive } from './directive.js';

const directives = {
  ...network,
  ...http,
  ...general,
  ...security,
  ...clients,
  ...snapshots,
  ...appendOnlyFile,
  ...memory,
  ...lazyFreeing,
  ...dataStructures,
  ...eventsAndLatency,
  ...scripts,
  ...replication,
  ...cluster,
  ...tls,
  ...process,
  ...defragmentation,
};

export type DirectiveName = keyof typeof directives;

/** The typed value of a directive: `boolean`, `number`, the words of an enum, … */
export type DirectiveValue<N extends DirectiveName> = (typeof directives)[N] extends Directive<infer T> ? T : never;

/** The table without its exact types, for code that walks it. */
export const directiveRows: Readonly<Record<DirectiveName, Directive>> = directives;

/** The same by group, in the order of the documents. */
export const directiveGroups: Readonly<Record<string, Readonly<Record<string, Directive>>>> = {
  network,
  http,
  general,
  security,
  clients,
  snapshots,
  'append-only file': appendOnlyFile,
  memory,
  'lazy freeing': lazyFreeing,
  'data structures': dataStructures,
  'events and latency': eventsAndLatency,
  scripts,
  replication,
  cluster,
  TLS: tls,
  process,
  defragmentation,
};

/** Names and aliases. */
export function allDirectiveNames(): string[] {
  return Object.entries(directiveRows).flatMap(([name, { aliases = [] }]) => [name, ...aliases]);
}

/**
 * Words that begin a line of a configuration file and are no directives with a value, and why they are refused here.
 */
export const refusedLines: Readonly<Record<string, string>> = {
  user: NO_ACL,
  loadmodule: 'native modules cannot be loaded',
  sentinel: 'there is no Sentinel mode',
};
