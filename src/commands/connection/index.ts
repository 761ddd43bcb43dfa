/** The connection commands. */

import type { CommandRow } from '../../engine/command.js';
import { clientCommand } from './client.js';
import { handshakeCommands } from './handshake.js';
import { plainCommands } from './plain.js';

export const connectionCommands: readonly CommandRow[] = [...plainCommands, ...handshakeCommands, clientCommand];
