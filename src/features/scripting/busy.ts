/** The state in which a script takes so long that others are told so. */
import { engineGateBit } from '../../engine/gate.js';

/** Of the engine's gate. */
export const BUSY = engineGateBit();
