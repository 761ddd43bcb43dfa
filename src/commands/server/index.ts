/** The commands about the server itself. */

import type { CommandRow } from '../../engine/command.js';
import { commandCommands } from './command.js';
import { configCommands } from './config.js';
import { databaseCommands } from './databases.js';
import { debugCommands } from './debug.js';
import { infoCommands } from './info.js';
import { monitorCommands } from './monitor.js';
import { savingCommands } from './saving.js';
import { timeCommands } from './time.js';

export const serverCommands: readonly CommandRow[] = [
  ...commandCommands,
  ...configCommands,
  ...databaseCommands,
  ...debugCommands,
  ...infoCommands,
  ...monitorCommands,
  ...savingCommands,
  ...timeCommands,
];
