/** Files that a configuration names: reading one, and finding those that a pattern names. */

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfigFiles } from '../config/config-file.js';
import { textOf } from '../text/byte-text.js';
import { Glob } from '../text/glob.js';
import { reasonOf } from './reason.js';

export const configFiles: ConfigFiles = {
  read(path) {
    try {
      return textOf(readFileSync(path));
    } catch (error) {
      throw new Error(reasonOf(error));
    }
  },
  matching,
};

/**
 * As a shell does it: each part of the path by itself, sorted, what begins with a dot only when the pattern says so.
 */
function matching(pattern: string): string[] {
  const [root, ...parts] = pattern.split('/');
  let paths = [root === '' ? '/' : root];
  for (const part of parts.filter((each) => each !== '')) {
    const isPattern = /[*?[]/.test(part);
    paths = paths.flatMap((path) => (isPattern ? entriesMatching(path, part) : [join(path, part)]));
  }
  return paths.filter(isFile);
}

function entriesMatching(directory: string, pattern: string): string[] {
  // A shell turns a class around by !, Redis by ^.
  const glob = new Glob(pattern.replaceAll('[!', '[^'));
  let names: string[];
  try {
    names = readdirSync(directory);
  } catch {
    return [];
  }
  return names
    .filter((name) => (!name.startsWith('.') || pattern.startsWith('.')) && glob.matchesText(name))
    .sort()
    .map((name) => join(directory, name));
}

function isFile(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats !== undefined && !stats.isDirectory();
}
