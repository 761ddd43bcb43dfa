/** All commands over streams. */

import type { CommandRow } from '../../../engine/command.js';
import { changeCommands } from './changes.js';
import { readingCommands } from './reading.js';

export const streamCommands: readonly CommandRow[] = [...changeCommands, ...readingCommands];
