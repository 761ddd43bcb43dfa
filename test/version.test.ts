import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { REDSTART_VERSION } from '../src/version.js';

test('REDSTART_VERSION equals the version in package.json', () => {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
  expect(REDSTART_VERSION).toBe(manifest.version);
});
