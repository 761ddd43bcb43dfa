/** Directives: cluster. */
import { inert, refused } from '../directive.js';
import { BOOL, INT, LONG, oneOf, PORT, STRING, size, ULONG_MAX } from '../value-types.js';
import { NO_CLUSTER } from './reasons.js';

export const cluster = {
  ...inert(NO_CLUSTER, {
    'cluster-config-file': [
      STRING,
      'nodes.conf',
      '3.0.0',
      'File in which a node keeps what it knows of the cluster.',
      { mutable: false },
    ],
    'cluster-node-timeout': [LONG, '15000', '3.0.0', 'Milliseconds after which a silent node counts as failing.'],
    'cluster-port': [
      PORT,
      '0',
      '7.0.0',
      'Port of the bus between nodes; 0 is the port of clients plus 10000.',
      { mutable: false },
    ],
    'cluster-announce-ip': [STRING, '', '4.0.0', 'Address that a node gives as its own.'],
    'cluster-announce-port': [PORT, '0', '4.0.0', 'Port for clients that a node gives as its own.'],
    'cluster-announce-tls-port': [PORT, '0', '6.2.0', 'TLS port that a node gives as its own.'],
    'cluster-announce-bus-port': [PORT, '0', '4.0.0', 'Port of the bus that a node gives as its own.'],
    'cluster-announce-hostname': [STRING, '', '7.0.0', 'Host name that a node gives as its own.'],
    'cluster-announce-human-nodename': [STRING, '', '7.2.0', 'Readable name of the node, for logs.'],
    'cluster-preferred-endpoint-type': [
      oneOf('ip', 'hostname', 'unknown-endpoint'),
      'ip',
      '7.0.0',
      'How nodes are named to clients.',
    ],
    'cluster-require-full-coverage': [BOOL, 'yes', '3.0.0', 'Stops all answers while a part of the slots has no node.'],
    'cluster-allow-reads-when-down': [BOOL, 'no', '6.0.0', 'Answers reads while the cluster is down.'],
    'cluster-allow-pubsubshard-when-down': [
      BOOL,
      'yes',
      '7.0.0',
      'Lets shard channels work while the cluster is down.',
    ],
    'cluster-allow-replica-migration': [BOOL, 'yes', '6.2.0', 'Lets replicas move to a primary that has lost its own.'],
    'cluster-migration-barrier': [INT, '1', '3.0.0', 'Replicas that a primary keeps before one may move.'],
    'cluster-replica-no-failover': [
      BOOL,
      'no',
      '4.0.0',
      'Never promotes this replica by itself.',
      { aliases: ['cluster-slave-no-failover'] },
    ],
    'cluster-replica-validity-factor': [
      INT,
      '10',
      '3.0.0',
      'How stale a replica may be and still be promoted, in node timeouts.',
      { aliases: ['cluster-slave-validity-factor'] },
    ],
    'cluster-link-sendbuf-limit': [
      size({ max: ULONG_MAX }),
      '0',
      '7.0.0',
      'Bytes waiting for another node at which its link is closed; 0 sets no limit.',
    ],
  }),
  ...refused(NO_CLUSTER, {
    'cluster-enabled': [BOOL, 'no', '3.0.0', 'Makes the server a node of a cluster.', { mutable: false }],
  }),
} as const;
