/** The directives that configure connections. */
import { bind } from '../../config/binding.js';
import type { Turns } from './turns.js';

export const requestSettings = bind(['proto-max-bulk-len'], (get, { limits }: Turns) => {
  limits.maxBulkLength = get('proto-max-bulk-len');
});
