/** What running code notes as it goes, where errors and limits look. */

import type { Activation } from './activation.js';

export const counters = {
  /** How deep calls from native code lie in one another. */
  levels: 0,
  /** How many tail calls are under way. */
  tails: 0,
  /**
   * What called the function that was entered last: a place in Lua code (see chunk.ts); less than 0 if the operation at
   * that place did, by a metatable; 0 if native code did. So it tells a library's function what called it, for which
   * the host's stack would have to be taken apart, 20 times as long. Whatever calls sets it last of all, when arguments
   * are there, and native code sets it again after its calls.
   */
  place: 0,
  /** The innermost of the functions under way that are walked. */
  activation: null as Activation | null,
  /** What is handed out next is to be protected (see steps.ts). */
  isProtecting: false,
  /** The text that runs is to pause where it comes round, or as soon as it can (see steps.ts). */
  isPausing: false,
  isPauseWanted: false,
};
