/** Commands that serve keys of every type. */

import type { CommandRow } from '../../engine/command.js';
import { dumpCommands } from './dump.js';
import { expiryCommands } from './expiry.js';
import { keyCommands } from './keys.js';
import { movingCommands } from './moving.js';
import { objectCommand } from './object.js';
import { sortCommands } from './sort.js';
import { waitCommands } from './wait.js';

export const genericCommands: readonly CommandRow[] = [
  ...keyCommands,
  ...movingCommands,
  ...expiryCommands,
  ...dumpCommands,
  ...sortCommands,
  ...waitCommands,
  objectCommand,
];
