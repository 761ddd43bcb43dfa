/** Directives: scripts. */
import { inert } from '../directive.js';
import { LONG } from '../value-types.js';
import { NOT_YET } from './reasons.js';

export const scripts = {
  ...inert(NOT_YET, {
    'busy-reply-threshold': [
      LONG,
      '5000',
      '2.6.0',
      'Milliseconds after which a running script lets others be told that the server is busy.',
      { aliases: ['lua-time-limit'] },
    ],
  }),
} as const;
