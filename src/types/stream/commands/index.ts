/** All commands over streams. */

import type { CommandRow } from '../../../engine/command.js';
import { changeCommands } from './changes.js';
import { claimCommands } from './claiming.js';
import { consumingCommands } from './consuming.js';
import { groupCommands } from './groups.js';
import { informationCommands } from './information.js';
import { pendingCommands } from './pending.js';
import { readingCommands } from './reading.js';
import { referenceCommands } from './references.js';

export const streamCommands: readonly CommandRow[] = [
  ...changeCommands,
  ...readingCommands,
  ...groupCommands,
  ...consumingCommands,
  ...pendingCommands,
  ...claimCommands,
  ...informationCommands,
  ...referenceCommands,
];
