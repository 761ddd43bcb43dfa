/** The bitmap commands. */

import type { CommandRow } from '../../../engine/command.js';
import { bitCommands } from './bits.js';
import { bitFieldCommands } from './fields.js';
import { bitOperationCommands } from './operations.js';
import { bitSearchCommands } from './search.js';

export const bitmapCommands: readonly CommandRow[] = [
  ...bitCommands,
  ...bitSearchCommands,
  ...bitOperationCommands,
  ...bitFieldCommands,
];
