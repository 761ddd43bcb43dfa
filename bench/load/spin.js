/** Does nothing but look at the clock and touch new memory, and reports the gaps in which it was stopped. */

import { options, report } from '../support/child.js';

/** Shorter gaps are the system's ordinary business. */
const NOTICED_MS = 1;
const PIECE = 64 * 1024;
const PIECE_EVERY_MS = 0.5;
const BLOCK = 32 * 1024 * 1024;

const gaps = [];
let block = Buffer.alloc(0);
let at = 0;
const began = performance.now();
const end = began + options.seconds * 1000;
let nextPiece = began;
for (let last = began; last < end; ) {
  if (last >= nextPiece) {
    nextPiece = last + PIECE_EVERY_MS;
    if (at === block.length) {
      block = Buffer.allocUnsafeSlow(BLOCK);
      at = 0;
    }
    block.fill(1, at, at + PIECE);
    at += PIECE;
  }
  const now = performance.now();
  if (now - last > NOTICED_MS) gaps.push(now - last);
  last = now;
}
report({ gaps });
