/**
 * What programs are tested with is prepared when all tests run, beside the first of them, which wait for something.
 * A test that needs it waits for it, and tries again what has failed, as its own.
 */
import { preparations } from '../../scripts/prepare-tests.js';

export function setup(): void {
  for (const ready of preparations()) ready.catch(() => {});
}
