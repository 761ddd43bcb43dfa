/** The directives that configure what is remembered of commands and delays. */
import { bind } from '../../config/binding.js';
import type { Timing } from './timing.js';

export const timingSettings = bind(
  ['slowlog-log-slower-than', 'slowlog-max-len', 'latency-monitor-threshold', 'latency-tracking'],
  (get, timing: Timing) => {
    timing.configure({
      slowerThan: get('slowlog-log-slower-than'),
      maxLength: get('slowlog-max-len'),
      latencyThreshold: get('latency-monitor-threshold'),
      tracks: get('latency-tracking'),
    });
  },
);
