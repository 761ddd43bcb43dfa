/** Directives: network. */
import { inert, works } from '../directive.js';
import { ADDRESSES, BOOL, INT, int, octal, PORT, STRING, size, UINT_MAX } from '../value-types.js';
import { JAVASCRIPT, NO_REPLICATION, NO_TLS } from './reasons.js';

export const network = {
  ...works({
    bind: {
      type: ADDRESSES,
      default: '* -::*',
      since: '1.0.0',
      doc:
        'Addresses to listen on, IPv4 and IPv6; `*` and `::*` stand for all. A leading `-` allows an ' +
        'address to be missing on this machine.',
    },
    port: {
      type: PORT,
      default: '6379',
      since: '1.0.0',
      doc:
        'TCP port. With 0 there is no TCP if a `unixsocket` is set; without one, the system picks a free ' +
        'port, which the log tells.',
    },
    'protected-mode': {
      type: BOOL,
      default: 'yes',
      since: '3.2.0',
      doc: 'Refuses clients from other machines as long as no password is set.',
    },
    'tcp-backlog': {
      type: INT,
      default: '511',
      mutable: false,
      since: '2.8.0',
      doc: 'How many connections the system keeps waiting to be accepted; it may cut this down to its own limit.',
    },
    'tcp-keepalive': {
      type: INT,
      default: '300',
      since: '2.6.0',
      doc: 'Seconds of silence after which the system probes whether the peer is still there; 0 never probes.',
    },
    timeout: {
      type: INT,
      default: '0',
      since: '1.0.0',
      doc:
        'Closes clients that have sent nothing for this many seconds; 0 never does. Blocked and ' +
        'subscribed clients stay.',
    },
    unixsocket: {
      type: STRING,
      default: '',
      mutable: false,
      since: '2.2.0',
      doc: 'Path of a Unix socket to listen on, beside TCP.',
    },
    unixsocketperm: {
      type: octal(0o777),
      default: '0',
      mutable: false,
      since: '2.4.0',
      doc: 'Permissions of the Unix socket in octal, such as 700; 0 leaves them as the system makes them.',
    },
    'proto-max-bulk-len': {
      type: size({ min: 1048576 }),
      default: '512mb',
      since: '5.0.0',
      doc: 'Longest argument that a request may hold, and longest string that a command may build.',
    },
  }),
  ...inert(NO_REPLICATION, {
    'bind-source-addr': [STRING, '', '7.0.0', 'Local address for connections that the server opens itself.'],
  }),
  ...inert(JAVASCRIPT, {
    'socket-mark-id': [
      int(0, UINT_MAX),
      '0',
      '7.0.0',
      'Mark put on every socket for packet filters and routing.',
      { mutable: false },
    ],
  }),
  ...inert('Node accepts connections', {
    'max-new-connections-per-cycle': [
      int(1, 1000),
      '10',
      '7.4.0',
      'How many connections are accepted in one round of the event loop.',
    ],
  }),
  ...inert(NO_TLS, {
    'max-new-tls-connections-per-cycle': [
      int(1, 1000),
      '1',
      '7.4.0',
      'The same for TLS, where each handshake costs more.',
    ],
  }),
} as const;
