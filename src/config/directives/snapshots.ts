/** Directives: snapshots. */
import { inert, works } from '../directive.js';
import { BOOL, FILE_NAME, oneOf, SAVE_POINTS } from '../value-types.js';
import { NO_REPLICATION } from './reasons.js';

export const snapshots = {
  ...works({
    save: {
      type: SAVE_POINTS,
      default: '3600 1 300 100 60 10000',
      since: '1.0.0',
      doc:
        'Pairs of seconds and changes: a snapshot is saved once that much time has passed with that many ' +
        'changes. `save ""` saves none. Lines add up; the first one replaces the default.',
    },
    dbfilename: {
      type: FILE_NAME,
      default: 'dump.rdb',
      protected: true,
      since: '1.0.0',
      doc: 'Name of the snapshot file in `dir`.',
    },
    rdbcompression: {
      type: BOOL,
      default: 'yes',
      since: '1.0.0',
      doc: 'Compresses longer strings in snapshots.',
    },
    rdbchecksum: {
      type: BOOL,
      default: 'yes',
      mutable: false,
      since: '2.6.0',
      doc: 'Ends snapshots with a checksum, and checks it when loading.',
    },
    'stop-writes-on-bgsave-error': {
      type: BOOL,
      default: 'yes',
      since: '2.6.0',
      doc:
        'Refuses writes while the last snapshot could not be saved and there are save points, so that ' +
        'somebody notices.',
    },
  }),
  ...inert('the file is written in small pieces in any case', {
    'rdb-save-incremental-fsync': [
      BOOL,
      'yes',
      '5.0.0',
      'Syncs a snapshot to the disk every few megabytes rather than at the end only.',
    ],
  }),
  ...inert(NO_REPLICATION, {
    'rdb-del-sync-files': [
      BOOL,
      'no',
      '6.0.0',
      'Deletes snapshot files used for replication where nothing is to be kept on disk.',
    ],
  }),
  ...inert('what is loaded is always checked in full', {
    'sanitize-dump-payload': [
      oneOf('no', 'yes', 'clients'),
      'no',
      '6.2.0',
      'Whether serialised values are checked in depth when they are loaded or restored.',
    ],
  }),
} as const;
