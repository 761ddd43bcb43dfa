/** The commands about the server itself. */

import type { CommandRow } from '../../engine/command.js';
import { aclCommands } from './acl.js';
import { commandCommands } from './command.js';
import { configCommands } from './config.js';
import { databaseCommands } from './databases.js';
import { debugCommands } from './debug.js';
import { infoCommands } from './info.js';
import { latencyCommands } from './latency.js';
import { lolwutCommands } from './lolwut.js';
import { memoryCommands } from './memory.js';
import { monitorCommands } from './monitor.js';
import { savingCommands } from './saving.js';
import { slowlogCommands } from './slowlog.js';
import { timeCommands } from './time.js';

export const serverCommands: readonly CommandRow[] = [
  ...aclCommands,
  ...commandCommands,
  ...configCommands,
  ...databaseCommands,
  ...debugCommands,
  ...infoCommands,
  ...latencyCommands,
  ...lolwutCommands,
  ...memoryCommands,
  ...monitorCommands,
  ...savingCommands,
  ...slowlogCommands,
  ...timeCommands,
];
