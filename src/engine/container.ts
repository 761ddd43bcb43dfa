/** A command that is there for its subcommands, and the HELP that all of these have. */

import type { ArgumentDoc, CommandRow } from './command.js';
import { help } from './help.js';

/** What follows from being a container may be left out: any number of arguments, no flags, no complexity of its own. */
type ContainerRow = Partial<CommandRow> &
  Pick<CommandRow, 'name' | 'summary' | 'group'> & { subcommands: readonly CommandRow[] };

/** The row of a container; HELP, which says what the rows of the others say, is added. */
export function container(row: ContainerRow): CommandRow {
  return {
    complexity: 'Depends on the subcommand',
    arity: -2,
    flags: [],
    ...row,
    subcommands: [...row.subcommands, helpRow(row)],
  };
}

function helpRow({ name, group, alsoIn = [], notIn = [], subcommands }: ContainerRow): CommandRow {
  return {
    name: 'help',
    summary: 'Explains the subcommands.',
    group,
    complexity: 'O(1)',
    arity: 2,
    flags: ['loading', 'stale'],
    alsoIn,
    notIn,
    run: help(name.toUpperCase(), () => subcommands.map((each) => [usageOf(each), each.summary])),
  };
}

function usageOf({ name, usage, arguments: list = [] }: CommandRow): string {
  return [name.toUpperCase(), ...(usage === undefined ? list.map(syntaxOf) : [usage])].join(' ');
}

/** An argument as one writes it: `[COUNT <count>]`, `<key> [<key> ...]`, `[<key> ...]`, `ASYNC|SYNC`. */
function syntaxOf(argument: ArgumentDoc): string {
  const { type, name, token, arguments: parts = [] } = argument;
  let text = `<${argument.displayText ?? name}>`;
  if (type === 'pure-token') text = token as string;
  else if (type === 'block') text = parts.map(syntaxOf).join(' ');
  else if (type === 'oneof') text = parts.map(syntaxOf).join('|');
  const hasWord = type !== 'pure-token' && token !== undefined;
  const again = hasWord && argument.multipleToken === true ? `${token} ${text}` : text;
  if (hasWord) text = `${token} ${text}`;
  const isOptional = argument.optional === true;
  if (argument.multiple === true) return isOptional ? `[${again} ...]` : `${text} [${again} ...]`;
  return isOptional ? `[${text}]` : text;
}
