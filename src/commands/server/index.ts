/** The commands about the server itself. */

import type { CommandRow } from '../../engine/command.js';
import { latencyCommands } from '../../features/observing/latency.js';
import { monitorCommands } from '../../features/observing/monitor.js';
import { slowlogCommands } from '../../features/observing/slowlog.js';
import { savingCommands } from '../../features/persistence/commands.js';
import { aclCommands } from './acl.js';
import { commandCommands } from './command.js';
import { configCommands } from './config.js';
import { databaseCommands } from './databases.js';
import { debugCommands } from './debug.js';
import { infoCommands } from './info.js';
import { lolwutCommands } from './lolwut.js';
import { memoryCommands } from './memory.js';
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
