/** The directives that configure saving. */
import { bind } from '../../config/binding.js';
import type { Persistence } from './persistence.js';

export const persistenceSettings = bind(
  ['dir', 'dbfilename', 'rdbcompression', 'rdbchecksum', 'save', 'stop-writes-on-bgsave-error'],
  (get, persistence: Persistence) => {
    persistence.configure({
      directory: get('dir'),
      fileName: get('dbfilename'),
      compression: get('rdbcompression'),
      checksum: get('rdbchecksum'),
      savePoints: get('save'),
      stopWritesOnError: get('stop-writes-on-bgsave-error'),
    });
  },
);
