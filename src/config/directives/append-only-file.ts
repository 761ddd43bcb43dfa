/** Directives: append-only file. */
import { inert, refused } from '../directive.js';
import { BOOL, FILE_NAME, INT, oneOf, SIZE } from '../value-types.js';
import { NO_AOF } from './reasons.js';

export const appendOnlyFile = {
  ...inert(NO_AOF, {
    appendfilename: [
      FILE_NAME,
      'appendonly.aof',
      '2.0.0',
      'Name that the append-only files begin with.',
      { mutable: false },
    ],
    appenddirname: [
      FILE_NAME,
      'appendonlydir',
      '7.0.0',
      'Directory of the append-only files, within `dir`.',
      { mutable: false },
    ],
    appendfsync: [
      oneOf('everysec', 'always', 'no'),
      'everysec',
      '1.1.0',
      'When the append-only file is synced to the disk: before every reply, once a second, or when the system likes.',
    ],
    'no-appendfsync-on-rewrite': [BOOL, 'no', '2.0.0', 'Does not sync while a rewrite or a snapshot is being written.'],
    'auto-aof-rewrite-percentage': [
      INT,
      '100',
      '2.4.0',
      'Growth in per cent at which the append-only file is rewritten; 0 never does.',
    ],
    'auto-aof-rewrite-min-size': [SIZE, '64mb', '2.4.0', 'Size below which the append-only file is not rewritten.'],
    'aof-load-truncated': [BOOL, 'yes', '3.0.0', 'Loads a file whose end is missing, up to there.'],
    'aof-use-rdb-preamble': [BOOL, 'yes', '4.0.0', 'Begins rewritten files with a snapshot.'],
    'aof-timestamp-enabled': [
      BOOL,
      'no',
      '7.0.0',
      'Writes times into the file, so that a point in time can be restored.',
    ],
    'aof-rewrite-incremental-fsync': [BOOL, 'yes', '2.8.0', 'Syncs a rewrite to the disk every few megabytes.'],
  }),
  ...refused(NO_AOF, {
    appendonly: [BOOL, 'no', '1.1.0', 'Writes every change to a log that is replayed at start.'],
  }),
} as const;
