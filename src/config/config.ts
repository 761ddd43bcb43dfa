/**
 * The configuration of one server: the values of all directives, where they came from and who wants to hear of changes.
 *
 * Every value is kept as what the code reads (get) and as canonical text (text). Listeners run after all values of one
 * CONFIG SET are in place; one that throws a ConfigError undoes all of it, so several directives change together or not
 * at all.
 */

import { Glob } from '../text/glob.js';
import type { Binding } from './binding.js';
import { CommandRenames } from './command-renames.js';
import { type Directive, type DirectiveName, type DirectiveValue, directiveRows } from './directives.js';
import { ConfigError, type Reading, type ResolveDirectory } from './value-types.js';
import { splitWords } from './words.js';

/** What a program may give for a value: its text, or the obvious JavaScript for it. */
export type ConfigInput = string | number | bigint | boolean | readonly (string | number)[];

/** A listener that throws a ConfigError turns the change down. */
export type ChangeListener = (name: DirectiveName) => void;

/** A CONFIG SET that was refused; nothing has changed. `directive` is as the client wrote it. */
export class ConfigSetError extends Error {
  override name = 'ConfigSetError';

  constructor(
    readonly directive: string,
    /** null for an unknown directive. */
    readonly reason: string | null,
  ) {
    super(reason === null ? `unknown directive '${directive}'` : `${directive}: ${reason}`);
  }
}

export interface ConfigOptions {
  resolveDirectory?: ResolveDirectory;
}

const canonicalNames = new Map<string, DirectiveName>();
for (const [name, { aliases = [] }] of Object.entries(directiveRows) as [DirectiveName, Directive][]) {
  for (const each of [name, ...aliases]) canonicalNames.set(each, name);
}

/** The directive that a name or alias stands for, in any case. */
export function directiveNamed(name: string): DirectiveName | undefined {
  return canonicalNames.get(name.toLowerCase());
}

export class Config {
  /** Absolute path of the file that was loaded, for CONFIG REWRITE and INFO; null without one. */
  file: string | null = null;

  /**
   * What to throw for lines that asked for something refused, unless a later line takes it back; see checkRefusals().
   */
  readonly refusals = new Map<DirectiveName, Error>();

  /** What `rename-command` lines ask for. */
  readonly renames = new CommandRenames();

  /** `user default` lines, looked at when everything is loaded; see default-user.ts. */
  readonly defaultUserLines: { readonly rules: readonly string[]; readonly toError: (reason: string) => Error }[] = [];

  private readonly readings = new Map<DirectiveName, Reading>();
  private readonly listeners = new Map<DirectiveName, Set<ChangeListener>>();
  private readonly resolveDirectory: ResolveDirectory;
  /** Directives that were set while loading: `save` lines add up, and the first replaces the default. */
  private readonly loaded = new Set<DirectiveName>();

  constructor({ resolveDirectory = (path) => path }: ConfigOptions = {}) {
    this.resolveDirectory = resolveDirectory;
    for (const [name, row] of Object.entries(directiveRows) as [DirectiveName, Directive][]) {
      this.readings.set(name, this.read(name, defaultWords(row), undefined));
    }
  }

  get<N extends DirectiveName>(name: N): DirectiveValue<N> {
    return (this.readings.get(name) as Reading).value as DirectiveValue<N>;
  }

  /** As CONFIG GET prints it. */
  text(name: DirectiveName): string {
    return (this.readings.get(name) as Reading).text;
  }

  /**
   * Sets a value before the server runs: from a file or the command line. Also directives that can't change later, and
   * ones that are refused: a later line may take those back, see refusalOf().
   * @throws ConfigError with the reason
   */
  load(name: string, words: readonly string[]): void {
    const directive = directiveNamed(name);
    if (directive === undefined) throw new ConfigError('Bad directive or wrong number of arguments');
    const { type } = directiveRows[directive];
    if (words.length === 0 && type.addsUp !== true) throw new ConfigError('wrong number of arguments');
    const given = type.isSeveral && words.length === 1 ? separateWords(words[0]) : words;
    const isEmpty = given.length === 0 || (given.length === 1 && given[0] === '');
    const adds = type.addsUp === true && this.loaded.has(directive) && !isEmpty;
    const before = adds ? separateWords(this.text(directive)) : [];
    this.readings.set(directive, this.read(directive, [...before, ...given], this.get(directive)));
    this.loaded.add(directive);
  }

  /** Why the value of a directive can't be had here, or null. */
  refusalOf(name: DirectiveName): string | null {
    const row = directiveRows[name];
    return row.effect !== 'refused' || this.isDefault(name) ? null : `not supported by redstart: ${row.why}`;
  }

  /** The same for a program's options. @throws ConfigError that names the directive */
  assign(values: Readonly<Record<string, ConfigInput | undefined>>): void {
    for (const [name, value] of Object.entries(values)) {
      if (value === undefined) continue;
      const directive = directiveNamed(name);
      if (directive === undefined) throw new ConfigError(`unknown directive '${name}'`);
      try {
        this.readings.set(directive, this.readSupported(directive, wordsOf(directive, value)));
        this.loaded.add(directive);
      } catch (error) {
        throw error instanceof ConfigError ? new ConfigError(`${name}: ${error.message}`) : error;
      }
    }
  }

  /** CONFIG GET: names and texts of what matches one of the patterns, each once, aliases included. */
  match(patterns: readonly string[]): Map<string, string> {
    const found = new Map<string, string>();
    for (const pattern of patterns) {
      const exact = directiveNamed(pattern);
      if (exact !== undefined) {
        found.set(pattern, this.text(exact));
      } else if (/[*?[]/.test(pattern)) {
        const glob = new Glob(pattern.toLowerCase());
        for (const [name, directive] of canonicalNames) {
          if (glob.matchesText(name)) found.set(name, this.text(directive));
        }
      }
    }
    return found;
  }

  /**
   * CONFIG SET: all of it or nothing.
   * @param mayProtected whether directives under `enable-protected-configs` may change
   * @throws ConfigSetError
   */
  setAtRunTime(pairs: readonly (readonly [name: string, value: string])[], mayProtected: boolean): void {
    const changes = this.readChanges(pairs, mayProtected);
    const before = new Map<DirectiveName, Reading>();
    for (const { directive, reading } of changes) {
      const current = this.readings.get(directive) as Reading;
      if (current.text === reading.text && !before.has(directive)) continue;
      if (!before.has(directive)) before.set(directive, current);
      this.readings.set(directive, reading);
    }
    this.tellOrUndo(before, (name) => changes.findLast((change) => change.directive === name)?.given ?? name);
  }

  /** Applies a module's directives now, and again after any of them changed at run time. */
  bind<Target>(binding: Binding<Target>, target: Target): void {
    const get = <N extends DirectiveName>(name: N) => this.get(name);
    const apply = () => binding.apply(get, target);
    apply();
    this.onChange(binding.names, apply);
  }

  /** Calls back after a directive changed at run time. @returns what ends that */
  onChange(names: DirectiveName | readonly DirectiveName[], listener: ChangeListener): () => void {
    const list = typeof names === 'string' ? [names] : names;
    for (const name of list) {
      const listeners = this.listeners.get(name) ?? new Set();
      this.listeners.set(name, listeners.add(listener));
    }
    return () => {
      for (const name of list) this.listeners.get(name)?.delete(listener);
    };
  }

  /** A configuration of defaults that resolves directories like this one. */
  blank(): Config {
    return new Config({ resolveDirectory: this.resolveDirectory });
  }

  /** Whether a value is what it would be without any configuration. */
  isDefault(name: DirectiveName): boolean {
    return this.text(name) === this.defaultText(name);
  }

  /**
   * Tells each listener once what changed, with the first of its directives. @throws ConfigSetError when one turns it
   * down
   */
  private tellOrUndo(before: ReadonlyMap<DirectiveName, Reading>, givenName: (name: DirectiveName) => string): void {
    const toTell = new Map<ChangeListener, DirectiveName>();
    for (const name of before.keys()) {
      for (const listener of this.listeners.get(name) ?? []) if (!toTell.has(listener)) toTell.set(listener, name);
    }
    const told: [ChangeListener, DirectiveName][] = [];
    for (const [listener, name] of toTell) {
      try {
        listener(name);
        told.push([listener, name]);
      } catch (error) {
        for (const [each, reading] of before) this.readings.set(each, reading);
        for (const [each, itsName] of told) each(itsName);
        if (!(error instanceof ConfigError)) throw error;
        throw new ConfigSetError(givenName(name), error.message);
      }
    }
  }

  private readChanges(pairs: readonly (readonly [string, string])[], mayProtected: boolean) {
    const seen = new Set<string>();
    // An unknown name is reported before anything else is looked at.
    for (const [given] of pairs) {
      if (directiveNamed(given) === undefined) throw new ConfigSetError(given, null);
    }
    return pairs.map(([given, value]) => {
      const directive = directiveNamed(given) as DirectiveName;
      const row = directiveRows[directive];
      if (row.mutable === false) throw new ConfigSetError(given, "can't set immutable config");
      if (row.protected === true && !mayProtected) throw new ConfigSetError(given, "can't set protected config");
      if (seen.has(given.toLowerCase())) throw new ConfigSetError(given, 'duplicate parameter');
      seen.add(given.toLowerCase());
      const words = row.type.isSeveral ? value.split(' ') : [value];
      try {
        return { given, directive, reading: this.readSupported(directive, words) };
      } catch (error) {
        throw error instanceof ConfigError ? new ConfigSetError(given, error.message) : error;
      }
    });
  }

  private read(name: DirectiveName, words: readonly string[], previous: unknown): Reading {
    return directiveRows[name].type.read(words, { name, previous, resolveDirectory: this.resolveDirectory });
  }

  private readSupported(name: DirectiveName, words: readonly string[]): Reading {
    const row = directiveRows[name];
    const reading = this.read(name, words, this.get(name));
    if (row.effect === 'refused' && reading.text !== this.defaultText(name)) {
      throw new ConfigError(`not supported by redstart: ${row.why}`);
    }
    return reading;
  }

  private defaultText(name: DirectiveName): string {
    return this.read(name, defaultWords(directiveRows[name]), undefined).text;
  }
}

/** The words of a value that stands in one: in quotes, or in CONFIG SET's argument. */
function separateWords(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

function defaultWords(row: Directive): string[] {
  return row.type.isSeveral ? splitWords(row.default) : [row.default];
}

function wordsOf(name: DirectiveName, value: ConfigInput): string[] {
  if (typeof value === 'boolean') return [value ? 'yes' : 'no'];
  if (typeof value === 'object') return value.map(String);
  const text = String(value);
  return directiveRows[name].type.isSeveral && text !== '' ? splitWords(text) : [text];
}
