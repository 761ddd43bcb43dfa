/**
 * The scripts that are known by name. Those of SCRIPT LOAD stay until SCRIPT FLUSH; of those that only EVAL brought the
 * last 500 used are kept. Of all of them those are compiled that ran several times, and of late.
 */

import { equalBytes, hashBytes, Slice, viewOf } from '../../memory/slice.js';
import { Script } from './script.js';

/** Scripts of EVAL that stay, as in Redis. */
const EVALUATED = 500;
/** Compiled scripts take 5 KB of heap each. */
const COMPILED = 1000;
/** What is kept of a script beside its text, about. */
const SCRIPT_OVERHEAD = 200;

export class ScriptCache {
  /** Scripts of EVAL that made room for others. */
  evicted = 0;
  /** Bytes of all texts. */
  private textBytes = 0;
  private readonly byName = new Map<string, Script>();
  /** Scripts whose texts have the same hash. */
  private readonly byHash = new Map<number, Script[]>();
  /** The one that has not been used for longest is the first. */
  private readonly evaluated = new Set<Script>();
  /** In the order of use. */
  private readonly compiled = new Set<Script>();
  /** The one that ran last: pipelines repeat themselves. */
  recent: Script | null = null;

  get size(): number {
    return this.byName.size;
  }

  /** Bytes that texts and what is kept with them take. */
  get bytes(): number {
    return this.textBytes + this.size * SCRIPT_OVERHEAD;
  }

  /** The script with this name, in lower case. */
  named(name: string): Script | undefined {
    return this.byName.get(name);
  }

  withText(text: Slice): Script | undefined {
    const { recent } = this;
    if (recent !== null && equalBytes(recent.source, text)) return recent;
    return this.byHash.get(hashBytes(text, 0))?.find((script) => equalBytes(script.source, text));
  }

  /** A script of this text, which is not in the cache yet. */
  make(text: Slice): Script {
    const bytes = text.toBuffer();
    return new Script(new Slice(bytes, viewOf(bytes)), hashBytes(text, 0));
  }

  /** Keeps a script: for good if it is asked for by SCRIPT LOAD. */
  add(script: Script, isKept: boolean): void {
    if (!this.byName.has(script.name)) {
      this.byName.set(script.name, script);
      const others = this.byHash.get(script.hash);
      if (others === undefined) this.byHash.set(script.hash, [script]);
      else others.push(script);
      this.textBytes += script.source.length;
    }
    if (isKept) {
      script.isKept = true;
      this.evaluated.delete(script);
    } else if (!script.isKept) {
      this.evaluated.add(script);
      if (this.evaluated.size > EVALUATED) this.evictOldest();
    }
  }

  /** It is about to run: it is the last of all that would have to go. */
  use(script: Script): void {
    if (script === this.recent) return;
    this.recent = script;
    if (!script.isKept && this.evaluated.delete(script)) this.evaluated.add(script);
    if (this.compiled.delete(script)) this.compiled.add(script);
  }

  /** It has been compiled. */
  addCompiled(script: Script): void {
    this.compiled.add(script);
    if (this.compiled.size <= COMPILED) return;
    const [oldest] = this.compiled;
    this.compiled.delete(oldest!);
    oldest!.run = null;
    oldest!.runInSteps = null;
  }

  clear(): void {
    this.byName.clear();
    this.byHash.clear();
    this.evaluated.clear();
    this.compiled.clear();
    this.recent = null;
    this.textBytes = 0;
  }

  private evictOldest(): void {
    const [oldest] = this.evaluated;
    this.evicted++;
    this.evaluated.delete(oldest);
    this.compiled.delete(oldest);
    this.byName.delete(oldest.name);
    this.textBytes -= oldest.source.length;
    const others = this.byHash.get(oldest.hash)!.filter((script) => script !== oldest);
    if (others.length === 0) this.byHash.delete(oldest.hash);
    else this.byHash.set(oldest.hash, others);
  }
}
