/**
 * What the server and commands see of saving and loading: SAVE, BGSAVE, save points, the load at the start. Saver and
 * Loader do it; here is what concerns both.
 */

import type { PersistenceFacts, ServerPersistence } from '../../engine/server.js';
import { Loader, type LoadProgress } from './loader.js';
import { PersistenceContext, type PersistenceOptions, type PersistenceSettings } from './persistence-context.js';
import { Saver } from './saver.js';

export class Persistence implements ServerPersistence {
  private readonly context: PersistenceContext;
  private readonly saver: Saver;
  private readonly loader: Loader;

  constructor(options: PersistenceOptions) {
    this.context = new PersistenceContext(options);
    this.saver = new Saver(this.context);
    this.loader = new Loader(this.context, () => {
      this.saver.lastSaveAtMs = this.context.engine.clock.now();
    });
  }

  /** While a load runs. */
  get loading(): LoadProgress | null {
    return this.loader.loading;
  }

  /** The running background save's end, whichever; at once when there is none. */
  get finished(): Promise<void> {
    return this.saver.finished;
  }

  save(): void {
    this.saver.save();
  }

  saveInBackground(_schedule: boolean): string {
    return this.saver.saveInBackground();
  }

  /**
   * Calls a background save or load off. A save's temporary file is gone when this returns, even if the process ends
   * right then.
   */
  abort(): void {
    this.loader.abort();
    this.saver.abort();
  }

  /**
   * Before the server ends: saves, or not, and leaves no background save behind. @throws CommandError when saving
   * failed
   */
  shutdown(save: boolean): void {
    // Half a load is nothing to save.
    const isComplete = this.loading === null;
    this.abort();
    if (save && isComplete) this.saver.saveNow();
  }

  /** FLUSHALL: what a running save would write is out of date, and with save points the file becomes empty too. */
  flushed(): void {
    this.abort();
    if (this.context.settings.savePoints.length === 0) return;
    const { keyspace } = this.context.engine;
    const { dirty } = keyspace;
    try {
      this.saver.saveNow();
    } catch {
      // It is logged, and the save points will try again.
    }
    keyspace.dirty = dirty;
  }

  /** Whether tick() may have something to do although no command runs. */
  get hasDuties(): boolean {
    return this.loading !== null || this.saver.hasDuties;
  }

  /** Called by the server's cron: starts the save that a save point asks for. */
  tick(nowMs: number): void {
    this.saver.refreshGate();
    if (this.saver.isSaving || this.loading !== null) return;
    if (this.saver.dueSavePoint(nowMs) === undefined) return;
    this.saver.saveInBackground();
  }

  /** Directives changed. */
  configure(settings: PersistenceSettings): void {
    Object.assign(this.context.settings, settings);
    this.saver.refreshGate();
  }

  /** Keeps clients out, as during a load, until load() has ended: for a server that listens before it loads. */
  expectLoad(): void {
    this.loader.expectLoad();
  }

  /**
   * Loads the file, if there is one, while clients are told that the server is loading. Rejects with an error that
   * names file, place and reason; the keyspace is then what it was.
   */
  load(): Promise<void> {
    return this.loader.load();
  }

  reload(options: { save: boolean; flush: boolean; merge: boolean }): void {
    if (options.save) {
      this.abort();
      this.saver.saveForClient();
    }
    this.loader.reload(options);
  }

  facts(): PersistenceFacts {
    return { ...this.saver.facts(), ...this.loader.facts() };
  }
}
