/** Directives: TLS. */
import { inert, refused } from '../directive.js';
import { BOOL, INT, oneOf, PORT, STRING } from '../value-types.js';
import { NO_TLS } from './reasons.js';

export const tls = {
  ...inert(NO_TLS, {
    'tls-cert-file': [STRING, '', '6.0.0', 'Certificate of the server.'],
    'tls-key-file': [STRING, '', '6.0.0', 'Its private key.'],
    'tls-key-file-pass': [STRING, '', '6.2.0', 'Password of the private key.', { secret: true }],
    'tls-client-cert-file': [STRING, '', '6.2.0', 'Certificate for connections that the server opens itself.'],
    'tls-client-key-file': [STRING, '', '6.2.0', 'Private key for those.'],
    'tls-client-key-file-pass': [STRING, '', '6.2.0', 'Password of that key.', { secret: true }],
    'tls-dh-params-file': [STRING, '', '6.0.0', 'Parameters of the key exchange, for old protocols.'],
    'tls-ca-cert-file': [STRING, '', '6.0.0', 'Certificates of the authorities that peers are checked against.'],
    'tls-ca-cert-dir': [STRING, '', '6.0.0', 'Directory of such certificates.'],
    'tls-auth-clients': [oneOf('no', 'yes', 'optional'), 'yes', '6.0.0', 'Whether clients have to show a certificate.'],
    'tls-replication': [BOOL, 'no', '6.0.0', 'Uses TLS towards the primary.'],
    'tls-cluster': [BOOL, 'no', '6.0.0', 'Uses TLS between nodes of a cluster.'],
    'tls-protocols': [STRING, '', '6.0.0', 'Versions of TLS to allow.'],
    'tls-ciphers': [STRING, '', '6.0.0', 'Ciphers to allow up to TLS 1.2.'],
    'tls-ciphersuites': [STRING, '', '6.0.0', 'Cipher suites to allow in TLS 1.3.'],
    'tls-prefer-server-ciphers': [BOOL, 'no', '6.0.0', "Goes by the server's order of ciphers."],
    'tls-session-caching': [BOOL, 'yes', '6.0.0', 'Lets clients resume sessions.'],
    'tls-session-cache-size': [INT, '20480', '6.0.0', 'Sessions to remember; 0 sets no limit.'],
    'tls-session-cache-timeout': [INT, '300', '6.0.0', 'Seconds for which sessions are remembered.'],
  }),
  ...refused(NO_TLS, {
    'tls-port': [PORT, '0', '6.0.0', 'Port for TLS; 0 for none.', { mutable: false }],
  }),
} as const;
