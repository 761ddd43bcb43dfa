/** The list commands. */

import type { CommandRow } from '../../../engine/command.js';
import { blockingCommands } from './blocking.js';
import { editCommands } from './edit.js';
import { endCommands } from './ends.js';
import { lookupCommands } from './lookup.js';
import { moveCommands } from './move.js';

export const listCommands: readonly CommandRow[] = [
  ...endCommands,
  ...lookupCommands,
  ...editCommands,
  ...moveCommands,
  ...blockingCommands,
];
