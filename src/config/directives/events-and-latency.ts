/** Directives: events and latency. */
import { works } from '../directive.js';
import { BOOL, EVENT_CLASSES, int, LONG, LONG_MAX, PERCENTILES } from '../value-types.js';

export const eventsAndLatency = {
  ...works({
    'notify-keyspace-events': {
      type: EVENT_CLASSES,
      default: '',
      since: '2.8.0',
      doc:
        'Events to publish: `K` and `E` choose the channels, the other letters the classes (`A` for ' +
        'most); empty publishes none.',
    },
    'slowlog-log-slower-than': {
      type: int(-1, LONG_MAX),
      default: '10000',
      since: '2.2.0',
      doc: 'Microseconds from which a command is kept by SLOWLOG; 0 keeps all, -1 none.',
    },
    'slowlog-max-len': {
      type: LONG,
      default: '128',
      since: '2.2.0',
      doc: 'Commands that SLOWLOG keeps.',
    },
    'latency-monitor-threshold': {
      type: LONG,
      default: '0',
      since: '2.8.13',
      doc: 'Milliseconds from which a delay is kept by LATENCY; 0 keeps none.',
    },
    'latency-tracking': {
      type: BOOL,
      default: 'yes',
      since: '7.0.0',
      doc: 'Collects the times of each command for INFO latencystats.',
    },
    'latency-tracking-info-percentiles': {
      type: PERCENTILES,
      default: '50 99 99.9',
      since: '7.0.0',
      doc: 'Percentiles that INFO latencystats shows.',
    },
  }),
} as const;
