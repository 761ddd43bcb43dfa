/** Every command there is: one list of rows, from which all else derives. */

import type { CommandRow } from '../engine/command.js';
import { pubSubCommands } from '../features/pubsub/commands.js';
import { scriptingCommands } from '../features/scripting/commands.js';
import { functionCommands } from '../features/scripting/function-commands.js';
import { transactionCommands } from '../features/transactions/commands.js';
import { typeCommands } from '../types/index.js';
import { connectionCommands } from './connection/index.js';
import { genericCommands } from './keys/index.js';
import { serverCommands } from './server/index.js';

export const allCommands: readonly CommandRow[] = [
  ...connectionCommands,
  ...genericCommands,
  ...typeCommands,
  ...serverCommands,
  ...transactionCommands,
  ...pubSubCommands,
  ...scriptingCommands,
  ...functionCommands,
];
