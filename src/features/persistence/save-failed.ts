import { engineGateBit } from '../../engine/gate.js';

/** The last save failed and stop-writes-on-bgsave-error is on. */
export const SAVE_FAILED = engineGateBit();
