/** The directives that configure an engine: how much memory data may take, and which commands and delays are remembered. */
import { bind } from '../config/binding.js';
import type { Engine } from './engine.js';

export const memoryLimitSettings = bind(['maxmemory'], (get, engine: Engine) => {
  engine.limitMemory(get('maxmemory'));
});

export const timingSettings = bind(
  ['slowlog-log-slower-than', 'slowlog-max-len', 'latency-monitor-threshold', 'latency-tracking'],
  (get, { timing }: Engine) => {
    timing.configure({
      slowerThan: get('slowlog-log-slower-than'),
      maxLength: get('slowlog-max-len'),
      latencyThreshold: get('latency-monitor-threshold'),
      tracks: get('latency-tracking'),
    });
  },
);
