/** CONFIG REWRITE: through a new file beside the old one, so that a crash leaves the old one or the new one. */

import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { Config } from '../config/config.js';
import { rewriteConfigText } from '../config/rewrite.js';
import { disk } from '../features/persistence/storage.js';
import { TemporaryFiles } from '../features/persistence/temporary-files.js';
import * as errors from '../protocol/errors.js';
import { bytesOf, textOf } from '../text/byte-text.js';
import { reasonOf } from './reason.js';

const temporaryFiles = new TemporaryFiles('.redstart-', '.conf');

export function rewriteConfigFile(config: Config): void {
  const path = config.file as string;
  temporaryFiles.removeLeftovers(disk, path);
  const temporary = temporaryFiles.pathFor(path);
  try {
    const { text, mode } = readExisting(path);
    const descriptor = openSync(temporary, 'wx', mode);
    try {
      writeFileSync(descriptor, bytesOf(rewriteConfigText(config, text)));
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw errors.commandError(`Rewriting config file: ${reasonOf(error)}`);
  }
}

/** As in Redis, one that somebody has removed meanwhile is written anew. */
function readExisting(path: string): { text: string; mode: number } {
  try {
    return { text: textOf(readFileSync(path)), mode: statSync(path).mode & 0o777 };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return { text: '', mode: 0o644 };
  }
}
