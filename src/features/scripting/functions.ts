/** The libraries of functions: loaded and deleted as wholes, kept in files, and called by the functions' names. */

import type { Call } from '../../engine/call.js';
import type { Engine } from '../../engine/engine.js';
import type { ResumableFunction } from '../../lua/runtime/steps.js';
import type { Table } from '../../lua/runtime/table.js';
import { Slice, viewOf } from '../../memory/slice.js';
import type { Args } from '../../protocol/args.js';
import * as errors from '../../protocol/errors.js';
import { FunctionInterpreter } from './function-interpreter.js';
import { FunctionLibrary, readLibraryHead, type ScriptFunction } from './function-library.js';
import type { Beginning } from './script-run.js';
import { readKeyCount, Scripting, tableOf } from './scripting.js';

/** What is kept of a library and of a function beside texts, about. */
const LIBRARY_OVERHEAD = 300;
const FUNCTION_OVERHEAD = 200;

/** Libraries that belong together: no two of them, and no two functions of all, have one name. */
export class LibrarySet {
  readonly libraries = new Map<string, FunctionLibrary>();
  /** By names in lower case. */
  readonly functions = new Map<string, ScriptFunction>();

  /** @throws CommandError if one of the names is taken, but for those of a library that gives way */
  checkNames(library: FunctionLibrary, replaced: FunctionLibrary | undefined): void {
    for (const name of library.functions.keys()) {
      const other = this.functions.get(name.toLowerCase());
      if (other !== undefined && other.library !== replaced) {
        throw errors.commandError(`Function ${name} already exists`);
      }
    }
  }

  add(library: FunctionLibrary): void {
    this.libraries.set(library.name, library);
    for (const each of library.functions.values()) this.functions.set(each.name.toLowerCase(), each);
  }

  remove(library: FunctionLibrary): void {
    this.libraries.delete(library.name);
    for (const name of library.functions.keys()) this.functions.delete(name.toLowerCase());
  }

  /** The same libraries, in a set of its own. */
  copy(): LibrarySet {
    const copy = new LibrarySet();
    for (const library of this.libraries.values()) copy.add(library);
    return copy;
  }

  /**
   * These libraries and others, in a set of its own. Where both have one of a name, the other one stays if it
   * `replaces`.
   * @throws CommandError if that leaves a name taken twice
   */
  joined(others: LibrarySet, replaces: boolean): LibrarySet {
    const joined = this.copy();
    for (const name of others.libraries.keys()) {
      const library = joined.libraries.get(name);
      if (library === undefined) continue;
      if (!replaces) throw errors.joinedLibraryExists(name);
      joined.remove(library);
    }
    for (const library of others.libraries.values()) joined.checkNames(library, undefined);
    for (const library of others.libraries.values()) joined.add(library);
    return joined;
  }
}

export class Functions {
  set = new LibrarySet();
  private readonly scripting: Scripting;
  /** Made by the first library. */
  private interpreter: FunctionInterpreter | null = null;

  constructor(private readonly engine: Engine) {
    this.scripting = engine.feature(Scripting);
    this.scripting.beginFunctionAgain = (call, name) => this.beginAgain(call, name);
  }

  /** The texts of all libraries. */
  get sources(): Slice[] {
    return [...this.set.libraries.values()].map(({ source }) => source);
  }

  /** Bytes that libraries take. */
  get bytes(): number {
    let bytes = this.set.functions.size * FUNCTION_OVERHEAD;
    for (const { source } of this.set.libraries.values()) bytes += LIBRARY_OVERHEAD + source.length;
    return bytes;
  }

  /**
   * FUNCTION LOAD: into the libraries that there are, or into others that are put together.
   * @returns the library's name
   * @throws CommandError, and nothing has changed
   */
  load(code: Slice, replaces: boolean, set = this.set): string {
    const bytes = code.toBuffer();
    const source = new Slice(bytes, viewOf(bytes), 0, bytes.length);
    const { name, text } = readLibraryHead(source);
    const before = set.libraries.get(name);
    if (before !== undefined && !replaces) throw errors.libraryExists(name);
    const library = new FunctionLibrary(name, source);
    this.interpreter ??= new FunctionInterpreter(this.engine, this.scripting.run);
    this.interpreter.load(library, text);
    set.checkNames(library, before);
    if (before !== undefined) set.remove(before);
    set.add(library);
    return name;
  }

  /** @throws CommandError */
  delete(name: string): void {
    const library = this.set.libraries.get(name);
    if (library === undefined) throw errors.NO_LIBRARY;
    this.set.remove(library);
  }

  flush(): void {
    this.set = new LibrarySet();
    this.interpreter = null;
  }

  /** FCALL and FCALL_RO. */
  call(call: Call, isReadOnly: boolean): void {
    const { run } = this.scripting;
    if (run.hasStopped) {
      run.goOn(call);
      run.collect();
      return;
    }
    this.scripting.show(call);
    const { args } = call;
    const found = this.set.functions.get(args.latin1(1).toLowerCase());
    if (found === undefined) throw errors.NO_FUNCTION;
    const { keys, others } = argumentsOf(args);
    run.run(call, found, found.body, isReadOnly, keys, others);
    run.collect();
  }

  /** A function is begun anew, as one that can be suspended. */
  private beginAgain({ args }: Call, name: string): Beginning {
    const { library } = this.set.functions.get(name.toLowerCase()) as ScriptFunction;
    if (library.inSteps === null) {
      library.inSteps = new FunctionLibrary(library.name, library.source);
      (this.interpreter as FunctionInterpreter).load(library.inSteps, readLibraryHead(library.source).text, true);
    }
    const { body } = library.inSteps.functions.get(name) as ScriptFunction;
    return { body: body as ResumableFunction, ...argumentsOf(args) };
  }
}

/** What a function is called with. @throws CommandError */
function argumentsOf(args: Args): { keys: Table; others: Table } {
  const keyCount = readKeyCount(args, errors.BAD_KEY_COUNT);
  return { keys: tableOf(args, 3, 3 + keyCount), others: tableOf(args, 3 + keyCount, args.count) };
}
