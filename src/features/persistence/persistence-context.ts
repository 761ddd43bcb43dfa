/** Where files stand, what they hold, and what saving and loading need of the server around them. */

import { join } from 'node:path';
import { defaultOf } from '../../config/binding.js';
import type { SavePoint } from '../../config/value-types.js';
import type { Stopwatch } from '../../engine/clock.js';
import type { Engine } from '../../engine/engine.js';
import { disk, type Storage } from './storage.js';

/** Looked at whenever they matter, so that what CONFIG SET changes takes effect. */
export interface PersistenceSettings {
  directory: string;
  fileName: string;
  compression: boolean;
  checksum: boolean;
  savePoints: readonly SavePoint[];
  stopWritesOnError: boolean;
}

export interface PersistenceOptions {
  readonly engine: Engine;
  /** The server's come by configure(). */
  readonly settings?: PersistenceSettings;
  readonly log: { info(message: string): void; warn(message: string): void };
  /** Lets everything else have its turn. */
  readonly yield: () => Promise<void>;
  /** Level of compatibility, for the file's aux field. */
  readonly redisVersion: string;
  readonly storage?: Storage;
  /** Says when a turn of a background save is over. */
  readonly stopwatch: Stopwatch;
  /** Units of work between two looks at the stopwatch; a unit is about a microsecond. */
  readonly unitsPerStep?: number;
}

/** What saving and loading have in common. */
export class PersistenceContext {
  readonly engine: Engine;
  readonly storage: Storage;
  readonly settings: PersistenceSettings;
  readonly log: PersistenceOptions['log'];

  constructor(readonly options: PersistenceOptions) {
    this.engine = options.engine;
    this.log = options.log;
    this.storage = options.storage ?? disk;
    this.settings = options.settings ?? {
      directory: '.',
      fileName: defaultOf('dbfilename'),
      compression: defaultOf('rdbcompression'),
      checksum: defaultOf('rdbchecksum'),
      savePoints: [],
      stopWritesOnError: defaultOf('stop-writes-on-bgsave-error'),
    };
  }

  get path(): string {
    const { directory, fileName } = this.settings;
    return join(directory, fileName);
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
