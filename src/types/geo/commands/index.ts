/** The geo commands. */

import type { CommandRow } from '../../../engine/command.js';
import { placeCommands } from './places.js';
import { searchCommands } from './rows.js';

export const geoCommands: readonly CommandRow[] = [...placeCommands, ...searchCommands];
