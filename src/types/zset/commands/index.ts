/** The sorted set commands. */

import type { CommandRow } from '../../../engine/command.js';
import { addingCommands } from './adding.js';
import { algebraCommands } from './algebra.js';
import { blockingCommands } from './blocking.js';
import { rangeCommands } from './ranges.js';
import { readingCommands } from './reading.js';
import { removingCommands } from './removing.js';

export const zsetCommands: readonly CommandRow[] = [
  ...addingCommands,
  ...readingCommands,
  ...rangeCommands,
  ...removingCommands,
  ...algebraCommands,
  ...blockingCommands,
];
