/** The string commands. */

import type { CommandRow } from '../../../engine/command.js';
import { counterCommands } from './counters.js';
import { getSetCommands } from './get-set.js';
import { lcsCommands } from './lcs.js';
import { multiKeyCommands } from './multi-key.js';
import { rangeCommands } from './ranges.js';

export const stringCommands: readonly CommandRow[] = [
  ...getSetCommands,
  ...counterCommands,
  ...rangeCommands,
  ...multiKeyCommands,
  ...lcsCommands,
];
