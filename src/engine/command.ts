/**
 * A command is one row of data with its handler. Dispatch, arity errors, COMMAND *, ACL categories, key extraction and
 * docs/commands.md all derive from the row, so a new command touches one file. What is special about one stands in its
 * traits: nothing else knows it by name.
 */

import type { Args } from '../protocol/args.js';
import type { Call } from './call.js';

export type Handler = (call: Call) => void;

export type Flag =
  | 'admin'
  | 'allow_busy'
  | 'asking'
  | 'blocking'
  | 'denyoom'
  | 'fast'
  | 'loading'
  | 'may_replicate'
  | 'module'
  | 'movablekeys'
  | 'no_async_loading'
  | 'no_auth'
  | 'no_mandatory_keys'
  | 'no_multi'
  | 'noscript'
  | 'pubsub'
  | 'readonly'
  | 'skip_monitor'
  | 'skip_slowlog'
  | 'stale'
  | 'write';

export type Category = `@${string}`;

/** What is special about a command and is none of Redis's flags. */
export type Trait =
  /** Runs at once between MULTI and EXEC, where others are queued. */
  | 'runs-in-multi'
  /** Ends a transaction: it is not refused because the transaction might grow. */
  | 'ends-multi'
  /** Runs what MULTI queued: it must be allowed what all of that must, and once refused it ends the transaction. */
  | 'runs-queue'
  /** Changes nothing here, but something elsewhere. */
  | 'may-replicate'
  /** Is allowed to RESP2 clients with subscriptions. */
  | 'for-subscribers';

export type Group =
  | 'bitmap'
  | 'cluster'
  | 'connection'
  | 'generic'
  | 'geo'
  | 'hash'
  | 'hyperloglog'
  | 'list'
  | 'pubsub'
  | 'scripting'
  | 'sentinel'
  | 'server'
  | 'set'
  | 'sorted-set'
  | 'stream'
  | 'string'
  | 'transactions';

/** Where a command's keys are: as COMMAND INFO prints key specifications. */
export interface KeySpec {
  notes?: string;
  flags: readonly string[];
  begin: { index: number } | { keyword: string; from: number } | { unknown: true };
  find:
    | { lastKey: number; step: number; limit: number }
    | { keyCountAt: number; firstKey: number; step: number }
    | { unknown: true };
}

/** An argument as COMMAND DOCS prints it. */
export interface ArgumentDoc {
  name: string;
  type: 'block' | 'double' | 'integer' | 'key' | 'oneof' | 'pattern' | 'pure-token' | 'string' | 'unix-time';
  displayText?: string;
  keySpec?: number;
  token?: string;
  summary?: string;
  since?: string;
  deprecatedSince?: string;
  optional?: boolean;
  multiple?: boolean;
  multipleToken?: boolean;
  arguments?: readonly ArgumentDoc[];
}

export interface CommandRow {
  /** Lower case; of a subcommand only its own part. */
  name: string;
  summary: string;
  group: Group;
  complexity: string;
  /** Arguments with the command's name; negative: at least so many. */
  arity: number;
  flags: readonly Flag[];
  /**
   * ACL categories beside those that follow from flags and group (categories.ts), and those of them that it is not in.
   */
  alsoIn?: readonly Category[];
  notIn?: readonly Category[];
  keys?: readonly KeySpec[];
  /** What really happens to the key, where the key specification has `variable_flags`. The name stands at `offset`. */
  keyFlags?: (args: Args, offset: number) => readonly string[];
  /** Keys in places that no key specification can tell. `offset` as for keyFlags. */
  moreKeys?: (args: Args, offset: number) => readonly { at: number; flags: readonly string[] }[];
  arguments?: readonly ArgumentDoc[];
  /** How HELP writes the arguments, where Redis's HELP departs from its documentation of them. */
  usage?: string;
  /** Its calls are brief, whatever the complexity, but for those that say takesLong(). */
  isMostlyBrief?: boolean;
  /** Arguments that name elements of the value at argument 1, which are looked up (see look-ahead.ts). */
  elementsAt?: readonly number[];
  traits?: readonly Trait[];
  /** Whether an argument is a password, which neither SLOWLOG nor MONITOR shows. */
  secrets?: (args: Args, index: number) => boolean;
  run?: Handler;
  subcommands?: readonly CommandRow[];
}
