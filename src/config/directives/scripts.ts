/** Directives: scripts. */
import { works } from '../directive.js';
import { LONG } from '../value-types.js';

export const scripts = works({
  'busy-reply-threshold': {
    type: LONG,
    default: '5000',
    since: '2.6.0',
    doc: 'Milliseconds after which a running script lets others be told that the server is busy.',
    aliases: ['lua-time-limit'],
  },
});
