/** Directives: lazy freeing. */
import { inert } from '../directive.js';
import { BOOL } from '../value-types.js';
import { FREES_IN_SLICES } from './reasons.js';

export const lazyFreeing = {
  ...inert(FREES_IN_SLICES, {
    'lazyfree-lazy-eviction': [BOOL, 'no', '4.0.0', 'Frees evicted values in the background.'],
    'lazyfree-lazy-expire': [BOOL, 'no', '4.0.0', 'Frees expired values in the background.'],
    'lazyfree-lazy-server-del': [BOOL, 'no', '4.0.0', 'Frees overwritten values in the background.'],
    'lazyfree-lazy-user-del': [BOOL, 'no', '6.0.0', 'Makes DEL free as UNLINK does.'],
    'lazyfree-lazy-user-flush': [
      BOOL,
      'no',
      '6.2.0',
      'Makes FLUSHDB, FLUSHALL and SCRIPT FLUSH free in the background unless they say otherwise.',
    ],
  }),
} as const;
