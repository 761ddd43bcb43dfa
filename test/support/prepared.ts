/**
 * What programs are tested with takes a while to be packed and installed: when all tests run that begins with the
 * first of them, beside tests that wait for something. Whoever comes to need it waits for it, and tries again what has
 * failed, as its own.
 */
import { TEST_FOLDERS } from '../../scripts/packages.js';
import { packed } from './packed.js';
import { installed } from './workshop.js';

export function setup(): void {
  for (const ready of [packed(), ...TEST_FOLDERS.map(installed)]) ready.catch(() => {});
}
