/** The replies of HELP subcommands, in the one shape that all of them have. */

import type { Handler } from './command.js';

/** `entries`: a subcommand with its arguments, then its lines of explanation. */
export function help(command: string, entries: readonly (readonly [usage: string, ...lines: string[]])[]): Handler {
  const lines = [
    `${command} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`,
    ...entries.flatMap(([usage, ...explanation]) => [usage, ...explanation.map((line) => `    ${line}`)]),
    'HELP',
    '    Prints this help.',
  ];
  return ({ reply }) => {
    reply.array(lines.length);
    for (const line of lines) reply.status(line);
  };
}
