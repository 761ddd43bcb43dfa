/**
 * What a row of the table of directives says, and three ways to write one down: `works`, `inert` and `refused`.
 *
 * Files in directives/ hold the rows by group. A working directive is spelled out; the others are a line each, under
 * the reason.
 */
import type { DirectiveType } from './value-types.js';

/**
 * 'works'     does here what it does in Redis
 * 'accepted'  any valid value is taken, kept and reported, and changes nothing; `why` says why that is all right
 * 'refused'   only the default is taken, because pretending would lose data or security; `why` completes the error
 */
export type Effect = 'works' | 'accepted' | 'refused';

interface Traits {
  /** Other names of the same directive; CONFIG GET lists them too. */
  readonly aliases?: readonly string[];
  /** CONFIG SET refuses it, as in Redis or because a server can't change it while it runs. */
  readonly mutable?: false;
  /** CONFIG SET needs `enable-protected-configs`. */
  readonly protected?: true;
  /** It concerns the program's process: the library refuses it. */
  readonly programOnly?: true;
  /** Its value is a password: SLOWLOG, MONITOR and error messages do not show it. */
  readonly secret?: true;
}

interface WorkingRow<T = unknown> extends Traits {
  readonly type: DirectiveType<T>;
  /** As a file would say it. */
  readonly default: string;
  /** The version of Redis that brought it. */
  readonly since: string;
  readonly doc: string;
}

export interface Directive<T = unknown> extends WorkingRow<T> {
  readonly effect: Effect;
  readonly why?: string;
}

/** Type, default, since, doc. */
type ShortRow<T = unknown> = readonly [
  type: DirectiveType<T>,
  default_: string,
  since: string,
  doc: string,
  traits?: Traits,
];

type Directives<Rows> = {
  readonly [Name in keyof Rows]: Directive<Rows[Name] extends WorkingRow<infer T> | ShortRow<infer T> ? T : never>;
};

export function works<const Rows extends Readonly<Record<string, WorkingRow>>>(rows: Rows): Directives<Rows> {
  return mapped(rows, (row: WorkingRow) => ({ ...row, effect: 'works' }));
}

/** Rows of directives that are taken and change nothing, because of `why`. */
export function inert<const Rows extends Readonly<Record<string, ShortRow>>>(
  why: string,
  rows: Rows,
): Directives<Rows> {
  return mapped(rows, (row: ShortRow) => longRow(row, 'accepted', why));
}

/** Rows of directives of which only the default is taken, because of `why`. */
export function refused<const Rows extends Readonly<Record<string, ShortRow>>>(
  why: string,
  rows: Rows,
): Directives<Rows> {
  return mapped(rows, (row: ShortRow) => longRow(row, 'refused', why));
}

function longRow([type, default_, since, doc, traits]: ShortRow, effect: Effect, why: string): Directive {
  return { type, default: default_, since, doc, effect, why, ...traits };
}

function mapped<Row, Rows extends Readonly<Record<string, Row>>>(
  rows: Rows,
  toDirective: (row: Row) => Directive,
): Directives<Rows> {
  const entries = Object.entries(rows).map(([name, row]) => [name, toDirective(row as Row)]);
  return Object.fromEntries(entries) as Directives<Rows>;
}
