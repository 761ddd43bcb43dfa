/** All set commands. */

import type { CommandRow } from '../../../engine/command.js';
import { algebraCommands } from './algebra.js';
import { memberCommands } from './members.js';
import { randomCommands } from './random.js';

export const setCommands: readonly CommandRow[] = [...memberCommands, ...randomCommands, ...algebraCommands];
