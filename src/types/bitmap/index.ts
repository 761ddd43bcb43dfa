/** Bitmaps are strings; this folder has the commands that see bits in them. */

import { bitmapCommands } from './commands/index.js';

export const bitmap = { commands: bitmapCommands };
