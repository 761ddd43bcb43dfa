/** Every command there is: one list of rows, from which all else derives. */

import type { CommandRow } from '../engine/command.js';
import { bitmapCommands } from './bitmap/index.js';
import { connectionCommands } from './connection/index.js';
import { genericCommands } from './generic/index.js';
import { listCommands } from './list/index.js';
import { pubSubCommands } from './pubsub/index.js';
import { serverCommands } from './server/index.js';
import { stringCommands } from './string/index.js';
import { transactionCommands } from './transactions/index.js';

export const allCommands: readonly CommandRow[] = [
  ...connectionCommands,
  ...genericCommands,
  ...stringCommands,
  ...bitmapCommands,
  ...listCommands,
  ...serverCommands,
  ...transactionCommands,
  ...pubSubCommands,
];
