/** Directives: defragmentation. */
import { inert } from '../directive.js';
import { BOOL, int, LONG_MAX, size } from '../value-types.js';
import { COMPACTION } from './reasons.js';

export const defragmentation = {
  ...inert(COMPACTION, {
    activedefrag: [BOOL, 'no', '4.0.0', 'Moves data together to give memory back.'],
    'active-defrag-ignore-bytes': [size({ min: 1 }), '100mb', '4.0.0', 'Waste below which nothing is moved.'],
    'active-defrag-threshold-lower': [int(0, 1000), '10', '4.0.0', 'Per cent of waste from which data is moved.'],
    'active-defrag-threshold-upper': [
      int(0, 1000),
      '100',
      '4.0.0',
      'Per cent of waste from which it is moved with full effort.',
    ],
    'active-defrag-cycle-min': [int(1, 99), '1', '4.0.0', 'Least share of processor time for it, in per cent.'],
    'active-defrag-cycle-max': [int(1, 99), '25', '4.0.0', 'Largest share of processor time for it, in per cent.'],
    'active-defrag-max-scan-fields': [
      int(1, LONG_MAX),
      '1000',
      '5.0.0',
      'Elements of a collection that are handled at once.',
    ],
  }),
} as const;
