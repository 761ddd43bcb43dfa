/** The directives that configure connections. */
import { bind } from '../../config/binding.js';
import type { Connections } from './connections.js';

export const requestSettings = bind(['proto-max-bulk-len'], (get, { limits }: Connections) => {
  limits.maxBulkLength = get('proto-max-bulk-len');
});
