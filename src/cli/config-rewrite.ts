/** CONFIG REWRITE: through a new file beside the old one, so that a crash leaves the old one or the new one. */

import { closeSync, fsyncSync, openSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Config } from '../config/config.js';
import { rewriteConfigText } from '../config/rewrite.js';
import * as errors from '../protocol/errors.js';
import { reasonOf } from './reason.js';

export function rewriteConfigFile(config: Config): void {
  const path = config.file as string;
  const temporary = join(dirname(path), `.redstart-${process.pid}-${Date.now()}.conf`);
  try {
    const text = rewriteConfigText(config, readFileSync(path, 'utf8'));
    const descriptor = openSync(temporary, 'wx', statSync(path).mode & 0o777);
    try {
      writeFileSync(descriptor, text);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(temporary, path);
  } catch (error) {
    throw errors.commandError(`Rewriting config file: ${reasonOf(error)}`);
  }
}
