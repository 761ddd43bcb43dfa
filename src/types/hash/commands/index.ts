/** The hash commands. */

import type { CommandRow } from '../../../engine/command.js';
import { counterCommands } from './counters.js';
import { deadlineCommands } from './deadlines.js';
import { expiringValueCommands } from './expiring-values.js';
import { fieldCommands } from './fields.js';
import { wholeCommands } from './whole.js';

export const hashCommands: readonly CommandRow[] = [
  ...fieldCommands,
  ...wholeCommands,
  ...counterCommands,
  ...deadlineCommands,
  ...expiringValueCommands,
];
