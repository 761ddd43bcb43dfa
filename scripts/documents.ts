/**
 * The generated documents, as text: docs/commands.md, docs/configuration.md and redis.conf.example. `npm run gen`
 * writes them.
 */

import { factsOf } from '../src/commands/facts.js';
import { type Directive, type DirectiveName, directiveGroups, refusedLines } from '../src/config/directives.js';
import { valueInFile } from '../src/config/rewrite.js';
import type { CommandRow } from '../src/engine/command.js';

const GENERATED = 'Generated from the tables in src by `npm run gen`; do not edit.';

// ---- docs/commands.md

export function commandsPage(rows: readonly CommandRow[]): string {
  const named = rows.flatMap((row) => withSubcommands(row));
  const groups = [...new Set(named.map(({ row }) => row.group))].sort();
  const sections = groups.map((group) => {
    const entries = named.filter(({ row }) => row.group === group).sort((a, b) => (a.name < b.name ? -1 : 1));
    return [`## ${capitalized(group)}`, '', commandTable(entries)].join('\n');
  });
  return `${[
    '# Commands',
    '',
    `<!-- ${GENERATED} -->`,
    '',
    `redstart has ${rows.length} commands. They take the arguments and give the replies of Redis 7.4; what Redis documents about them holds.`,
    '*Since* is the version of Redis that brought the command. *Arity* counts the arguments with the name; a negative one is the least number.',
    '',
    sections.join('\n\n'),
  ].join('\n')}\n`;
}

interface NamedRow {
  name: string;
  row: CommandRow;
}

function withSubcommands(row: CommandRow, prefix = ''): NamedRow[] {
  const name = `${prefix}${row.name.toUpperCase()}`;
  const own = row.run === undefined ? [] : [{ name, row }];
  return [...own, ...(row.subcommands ?? []).flatMap((each) => withSubcommands(each, `${name} `))];
}

function commandTable(entries: readonly NamedRow[]): string {
  return table(
    ['Command', 'Since', 'Arity', 'Summary', 'Complexity'],
    entries.map(({ name, row }) => [
      `\`${name}\``,
      factsOf(name.toLowerCase().replace(' ', '|')).since,
      `${row.arity}`,
      row.summary,
      row.complexity,
    ]),
  );
}

// ---- docs/configuration.md

export function configurationPage(): string {
  const sections = Object.keys(directiveGroups).map((group) => {
    const rows = directivesOf(group).map(([name, row]) => [
      [name, ...(row.aliases ?? [])].map((each) => `\`${each}\``).join('<br>'),
      row.default === '' ? '' : `\`${row.default}\``,
      row.type.description,
      change(row),
      description(row),
    ]);
    return [
      `## ${capitalized(group)}`,
      '',
      table(['Directive', 'Default', 'Values', 'CONFIG SET', 'Meaning'], rows),
    ].join('\n');
  });
  const refused = Object.entries(refusedLines).map(([name, why]) => `- \`${name}\`: ${why}`);
  return `${[
    '# Configuration',
    '',
    `<!-- ${GENERATED} -->`,
    '',
    INTRODUCTION,
    '',
    sections.join('\n\n'),
    '',
    '## Lines that are refused',
    '',
    ...refused,
  ].join('\n')}\n`;
}

const INTRODUCTION = `redstart is configured like redis-server: by a file, by the standard input, by options, or while it runs by CONFIG SET.

    redstart /etc/redis.conf --port 7777 --save 60 100 --save 300 10
    echo 'maxmemory 128mb' | redstart -

Options come after the file and win. In a file each line is a directive with its values; \`#\` begins a comment line, values with
spaces are quoted, and \`include\` reads another file in place. A line that is wrong ends the program with the file, the line and the
reason. [redis.conf.example](../redis.conf.example) has every directive with its default.

Every directive of Redis 7.4 is known, so that existing files load. *No effect* marks those that are taken and kept without changing
anything, and says why. *Refused* marks those where pretending would lose data or security: only the default is taken.

Sizes may have a unit, in any case: \`k\` is 1000 and \`kb\` 1024 bytes, and so on for \`m\`, \`mb\`, \`g\` and \`gb\`.`;

function directivesOf(group: string): [DirectiveName, Directive][] {
  return Object.entries(directiveGroups[group]) as [DirectiveName, Directive][];
}

function change(row: Directive): string {
  if (row.mutable === false) return 'no';
  return row.protected === true ? 'protected' : 'yes';
}

function description(row: Directive): string {
  return row.effect === 'works' ? row.doc : `${row.doc} *${restriction(row)}*`;
}

function restriction(row: Directive): string {
  return `${row.effect === 'refused' ? 'Refused' : 'No effect'}: ${row.why}.`;
}

// ---- redis.conf.example

export function exampleFile(): string {
  const sections = Object.keys(directiveGroups).map((group) => {
    const entries = directivesOf(group).map(([name, row]) => {
      const text = row.effect === 'works' ? row.doc : `${row.doc} (${restriction(row)})`;
      const comment = wrapped(text.replaceAll('`', ''));
      return [...comment.map((line) => `# ${line}`), exampleLine(name, row)].join('\n');
    });
    return [`${'#'.repeat(20)} ${group} ${'#'.repeat(20)}`, ...entries].join('\n\n');
  });
  return `${[
    [
      '# Every directive of redstart with its default. To change one, take away the # before it and write the value.',
      '# Start with `redstart /path/to/this/file`. docs/configuration.md says the same in tables.',
      `# ${GENERATED.replaceAll('`', '')}`,
    ].join('\n'),
    ...sections,
  ].join('\n\n')}\n`;
}

/** Behind `#` and no space, so that a directive can be told from a comment. */
function exampleLine(name: DirectiveName, row: Directive): string {
  return `#${name} ${valueInFile(name, row.default)}`;
}

// ---- Text

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const WIDTH = 100;

function wrapped(text: string): string[] {
  const lines: string[] = [''];
  for (const word of text.split(' ')) {
    const last = lines.length - 1;
    if (lines[last].length + word.length + 1 > WIDTH) lines.push(word);
    else lines[last] += lines[last] === '' ? word : ` ${word}`;
  }
  return lines;
}

// ---- docs/http/routes.md

interface Operation {
  readonly tags: readonly string[];
  readonly summary: string;
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: BodySchema }>> };
  readonly responses: Readonly<Record<string, unknown>>;
}

interface BodySchema {
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly required?: readonly string[];
}

export interface OpenApi {
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** What a running server says about its HTTP APIs. */
export function routesPage({ tags, paths }: OpenApi): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), ...operation })),
  );
  const sections = tags.map(({ name, description }) => {
    const rows = operations
      .filter((each) => each.tags.includes(name))
      .map((each) => [
        `\`${each.method} ${each.path}\``,
        each.summary,
        [...each.parameters.filter((parameter) => parameter.in !== 'path').map((each) => each.name), ...inBody(each)]
          .map((parameter) => `\`${parameter}\``)
          .join(', '),
        Object.keys(each.responses).join(', '),
      ]);
    return [`## ${name}`, '', description, '', table(['Route', 'Summary', 'Query and body', 'Statuses'], rows)].join(
      '\n',
    );
  });
  return `# Routes of the HTTP APIs\n\n<!-- ${GENERATED} -->\n\nAs they are mounted when nothing else is said.\n\n${sections.join('\n\n')}\n`;
}

function inBody({ requestBody }: Operation): string[] {
  const [content] = Object.values(requestBody?.content ?? {});
  return Object.keys(content?.schema.properties ?? {});
}
