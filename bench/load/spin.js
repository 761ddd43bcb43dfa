/** Does nothing but look at the clock, and reports the gaps in which it was stopped. */

import { options, report } from '../support/child.js';

/** Shorter gaps are the system's ordinary business. */
const NOTICED_MS = 1;

const gaps = [];
const end = performance.now() + options.seconds * 1000;
for (let last = performance.now(); last < end; ) {
  const now = performance.now();
  if (now - last > NOTICED_MS) gaps.push(now - last);
  last = now;
}
report({ gaps });
