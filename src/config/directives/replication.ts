/** Directives: replication. */
import { inert, refused } from '../directive.js';
import { BOOL, INT, INT_MAX, int, LONG, oneOf, PORT, PRIMARY, STRING, size } from '../value-types.js';
import { NO_REPLICATION } from './reasons.js';

export const replication = {
  ...inert(NO_REPLICATION, {
    masterauth: [STRING, '', '1.0.0', 'Password for the primary.', { secret: true }],
    masteruser: [STRING, '', '6.0.0', 'User name for the primary.', { secret: true }],
    'replica-serve-stale-data': [
      BOOL,
      'yes',
      '2.0.0',
      'Whether a replica answers while it has lost its primary.',
      { aliases: ['slave-serve-stale-data'] },
    ],
    'replica-read-only': [
      BOOL,
      'yes',
      '2.6.0',
      'Whether a replica refuses writes of its clients.',
      { aliases: ['slave-read-only'] },
    ],
    'replica-priority': [
      INT,
      '100',
      '2.6.0',
      'Rank among replicas when one is promoted: the lowest first, 0 never.',
      { aliases: ['slave-priority'] },
    ],
    'replica-announced': [BOOL, 'yes', '6.2.0', 'Whether Sentinel shows this replica to clients.'],
    'replica-announce-ip': [
      STRING,
      '',
      '3.2.0',
      'Address that a replica gives to its primary as its own.',
      { aliases: ['slave-announce-ip'] },
    ],
    'replica-announce-port': [
      PORT,
      '0',
      '3.2.0',
      'Port that a replica gives to its primary as its own.',
      { aliases: ['slave-announce-port'] },
    ],
    'replica-ignore-maxmemory': [
      BOOL,
      'yes',
      '5.0.0',
      'Leaves eviction to the primary.',
      { aliases: ['slave-ignore-maxmemory'] },
    ],
    'replica-ignore-disk-write-errors': [BOOL, 'no', '7.0.0', 'Lets a replica go on when it cannot write to its disk.'],
    'replica-lazy-flush': [
      BOOL,
      'no',
      '4.0.0',
      'Frees the old data in the background when a replica loads anew.',
      { aliases: ['slave-lazy-flush'] },
    ],
    'repl-diskless-sync': [BOOL, 'yes', '2.8.18', 'Sends full copies to replicas without a file in between.'],
    'repl-diskless-sync-delay': [INT, '5', '2.8.18', 'Seconds to wait for further replicas before such a copy starts.'],
    'repl-diskless-sync-max-replicas': [INT, '0', '7.0.0', 'Replicas at which it starts at once; 0 always waits.'],
    'repl-diskless-load': [
      oneOf('disabled', 'on-empty-db', 'swapdb'),
      'disabled',
      '6.0.0',
      'Whether a replica loads a copy straight from the connection.',
    ],
    'repl-ping-replica-period': [
      int(1, INT_MAX),
      '10',
      '2.4.0',
      'Seconds between signs of life to replicas.',
      { aliases: ['repl-ping-slave-period'] },
    ],
    'repl-timeout': [int(1, INT_MAX), '60', '2.4.0', 'Seconds of silence after which the other side counts as lost.'],
    'repl-disable-tcp-nodelay': [BOOL, 'no', '2.8.0', 'Fewer, larger packets to replicas, at the price of delay.'],
    'repl-backlog-size': [
      size({ min: 1 }),
      '1mb',
      '2.8.0',
      'Bytes of recent changes kept for replicas that come back.',
    ],
    'repl-backlog-ttl': [LONG, '3600', '2.8.0', 'Seconds without replicas after which those are dropped; 0 never.'],
    'min-replicas-max-lag': [
      INT,
      '10',
      '2.8.0',
      'Seconds of lag up to which a replica counts as in step.',
      { aliases: ['min-slaves-max-lag'] },
    ],
    'propagation-error-behavior': [
      oneOf('ignore', 'panic', 'panic-on-replicas'),
      'ignore',
      '7.0.0',
      'What to do when a command fails on a replica or while the append-only file is replayed.',
    ],
  }),
  ...refused(NO_REPLICATION, {
    replicaof: [
      PRIMARY,
      '',
      '1.0.0',
      'Host and port of a primary to follow.',
      { aliases: ['slaveof'], mutable: false },
    ],
    'min-replicas-to-write': [
      INT,
      '0',
      '2.8.0',
      'Replicas that have to be in step for writes to be taken; 0 asks for none.',
      { aliases: ['min-slaves-to-write'] },
    ],
  }),
} as const;
