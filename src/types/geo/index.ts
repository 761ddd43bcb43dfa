/**
 * Places are the members of sorted sets, whose scores are geohashes; this folder has the commands that see places in
 * them. They know sorted sets by what zset/value.ts and its commands offer, as bitmaps know strings, so they stand
 * beside them.
 */

import { geoCommands } from './commands/index.js';

export const geo = { commands: geoCommands };
