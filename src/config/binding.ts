/**
 * Bindings: how directives reach the modules that they configure.
 *
 * A module that reads directives exports one beside itself: which ones, and where their values go. The owner of the
 * module hands it to Config.bind(), which applies it now and after every change. `get` answers only for the names that
 * are listed, so a directive that is read and not listed, and would not follow CONFIG SET, does not compile.
 */
import { type DirectiveName, type DirectiveValue, directiveRows } from './directives.js';

export interface Binding<in Target> {
  readonly names: readonly DirectiveName[];
  /** @throws ConfigError to turn a change down; nothing of it may remain then */
  readonly apply: (get: <N extends DirectiveName>(name: N) => DirectiveValue<N>, target: Target) => void;
}

export function bind<const Name extends DirectiveName, Target>(
  names: readonly Name[],
  apply: (get: <N extends Name>(name: N) => DirectiveValue<N>, target: Target) => void,
): Binding<Target> {
  return { names, apply };
}

/**
 * The value of a directive without any configuration, for modules that also work without one: defaults stand in the
 * rows only.
 */
export function defaultOf<N extends DirectiveName>(name: N): DirectiveValue<N> {
  const row = directiveRows[name];
  const words = row.type.isSeveral ? row.default.split(' ').filter((word) => word !== '') : [row.default];
  const noDirectories = (path: string) => path;
  return row.type.read(words, { name, previous: undefined, resolveDirectory: noDirectories })
    .value as DirectiveValue<N>;
}
