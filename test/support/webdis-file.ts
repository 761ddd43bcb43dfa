/** A webdis.json for a test. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface WebdisFile {
  readonly path: string;
  remove(): void;
}

export function webdisFile(content: unknown): WebdisFile {
  const directory = mkdtempSync(join(tmpdir(), 'redstart-webdis-'));
  const path = join(directory, 'webdis.json');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return { path, remove: () => rmSync(directory, { recursive: true, force: true }) };
}
