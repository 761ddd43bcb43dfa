/** Packs the package and installs what it is tested with: both take a while, and tests wait for what is not there. */
import { fileURLToPath } from 'node:url';
import { packed } from './built.js';
import { installed } from './packages.js';

const FOLDERS = ['test/packages', 'test/applications', 'test/applications/upstash'];

/** Begins all of it. */
export function preparations() {
  return [packed(), ...FOLDERS.map(installed)];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  // One that fails ends no other half way.
  for (const { reason } of await Promise.allSettled(preparations())) if (reason !== undefined) console.error(reason);
}
