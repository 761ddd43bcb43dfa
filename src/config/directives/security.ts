/** Directives: security. */
import { inert, refused, works } from '../directive.js';
import { LONG, oneOf, STRING } from '../value-types.js';
import { NO_ACL } from './reasons.js';

const LOCALITY = oneOf('no', 'yes', 'local');

export const security = {
  ...works({
    requirepass: {
      type: STRING,
      default: '',
      secret: true,
      since: '1.0.0',
      doc: 'Password that clients give with AUTH or HELLO before anything else; empty asks for none.',
    },
    'enable-debug-command': {
      type: LOCALITY,
      default: 'no',
      mutable: false,
      since: '7.0.0',
      doc: 'Who may call DEBUG: nobody, everybody, or clients on this machine (`local`).',
    },
    'enable-protected-configs': {
      type: LOCALITY,
      default: 'no',
      mutable: false,
      since: '7.0.0',
      doc:
        'Who may CONFIG SET the directives that decide where files are written (`dir`, `dbfilename`), in ' +
        'the same words.',
    },
  }),
  ...inert('native modules cannot be loaded', {
    'enable-module-command': [LOCALITY, 'no', '7.0.0', 'Who may call MODULE, in the same words.', { mutable: false }],
  }),
  ...inert(NO_ACL, {
    'acllog-max-len': [LONG, '128', '6.0.0', 'Entries kept by ACL LOG.'],
    'acl-pubsub-default': [
      oneOf('allchannels', 'resetchannels'),
      'resetchannels',
      '6.2.0',
      'Whether a new user may use every channel or none.',
    ],
  }),
  ...refused(NO_ACL, {
    aclfile: [STRING, '', '6.0.0', 'File with the users and their rights.', { mutable: false }],
  }),
} as const;
