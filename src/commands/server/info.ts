/** INFO: the sections that a call asks for, in their order, as text. */

import * as arg from '../../engine/arguments.js';
import type { Call } from '../../engine/call.js';
import type { CommandRow } from '../../engine/command.js';
import { InfoSource, infoSections } from './info-sections.js';

function info(call: Call): void {
  const { args } = call;
  const wanted = new Set<string>();
  for (let i = 1; i < args.count; i++) wanted.add(args.latin1(i).toLowerCase());
  if (wanted.size === 0) wanted.add('default');
  const source = new InfoSource(call);
  const text = infoSections
    .filter(({ name, isDefault }) => isWanted(wanted, name, isDefault))
    .map(({ title, fields }) => {
      const lines = [`# ${title}\r\n`];
      for (const [name, value] of fields(source)) lines.push(`${name}:${value}\r\n`);
      return lines.join('');
    })
    .join('\r\n');
  call.reply.verbatim('txt', text);
}

/** Unknown names ask for nothing. `everything` is all and what modules add, and there are none. */
function isWanted(wanted: ReadonlySet<string>, name: string, isDefault: boolean): boolean {
  return wanted.has(name) || wanted.has('everything') || wanted.has('all') || (wanted.has('default') && isDefault);
}

export const infoCommands: readonly CommandRow[] = [
  {
    name: 'info',
    summary: 'Tells the state and the counters of the server, by section.',
    group: 'server',
    complexity: 'O(N), N being what the sections list',
    arity: -1,
    flags: ['loading', 'stale'],
    alsoIn: ['@dangerous'],
    arguments: [arg.optional(arg.multiple(arg.string('section')))],
    run: info,
  },
];
