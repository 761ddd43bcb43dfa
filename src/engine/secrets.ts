/** Which arguments are passwords and must not be seen in SLOWLOG or by MONITOR. */

import type { Args } from '../protocol/args.js';
import type { CompiledCommand } from './command-table.js';

export const REDACTED = Buffer.from('(redacted)');

const SECRET_DIRECTIVES = ['REQUIREPASS', 'MASTERAUTH', 'MASTERUSER', 'TLS-KEY-FILE-PASS', 'TLS-CLIENT-KEY-FILE-PASS'];

const NOTHING = () => false;

/** Tells for each argument whether it is to be kept secret. */
export function secretFrom(command: CompiledCommand, args: Args): (index: number) => boolean {
  switch (command.fullName) {
    case 'auth':
      return (index) => index > 0;
    case 'hello':
      return (index) => (index > 1 && args.is(index - 1, 'AUTH')) || (index > 2 && args.is(index - 2, 'AUTH'));
    case 'config|set':
      return (index) => index >= 3 && index % 2 === 1 && SECRET_DIRECTIVES.some((name) => args.is(index - 1, name));
    case 'acl|setuser':
      return (index) => index >= 2;
    default:
      return NOTHING;
  }
}
