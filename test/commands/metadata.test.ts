/** The rows of the command table against the facts of Redis 7.4. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { factsOf } from '../../src/commands/facts.js';
import { allCommands } from '../../src/commands/index.js';
import { categoriesOf } from '../../src/engine/categories.js';
import type { ArgumentDoc, CommandRow, KeySpec } from '../../src/engine/command.js';
import { legacyRange } from '../../src/engine/command-keys.js';

interface Facts {
  name: string;
  arity: number;
  flags: string[];
  firstKey: number;
  lastKey: number;
  keyStep: number;
  aclCategories: string[];
  tips: string[];
  keySpecs: { flags: string[]; begin_search: Search; find_keys: Search }[];
  subcommands?: Facts[];
  docs: Docs;
}

interface Search {
  type: string;
  spec: Record<string, string | number>;
}

interface Docs {
  since: string;
  group: string;
  doc_flags?: string[];
  deprecated_since?: string;
  replaced_by?: string;
  arguments?: ArgumentFacts[];
  subcommands?: Record<string, Docs>;
}

interface ArgumentFacts {
  name: string;
  type: string;
  display_text?: string;
  key_spec_index?: number;
  token?: string;
  since?: string;
  deprecated_since?: string;
  flags?: string[];
  arguments?: ArgumentFacts[];
}

const redis = JSON.parse(
  readFileSync(new URL('../fixtures/command-table-7.4.json', import.meta.url), 'utf8'),
) as Record<string, Facts>;

/** What a row says, in the shape of the facts; undefined is what the facts leave out. */
function said(row: CommandRow, prefix = ''): Omit<Facts, 'docs' | 'subcommands'> & { docs: Docs } {
  const range = legacyRange(row);
  const facts = factsOf(prefix + row.name);
  return {
    name: prefix + row.name,
    arity: row.arity,
    flags: [...row.flags],
    firstKey: range.first,
    lastKey: range.last,
    keyStep: range.step,
    aclCategories: [...categoriesOf(row)],
    tips: [...(facts.tips ?? [])],
    keySpecs: (row.keys ?? []).map(keySpecSaid),
    docs: withoutUndefined({
      since: facts.since,
      group: row.group,
      doc_flags: facts.docFlags,
      deprecated_since: facts.deprecatedSince,
      replaced_by: facts.replacedBy,
      arguments: row.arguments?.filter(({ since }) => !since?.startsWith('8.')).map(argumentSaid),
    }),
  };
}

function keySpecSaid({ flags, begin, find }: KeySpec): Facts['keySpecs'][0] {
  return {
    flags: [...flags],
    begin_search:
      'index' in begin
        ? { type: 'index', spec: { index: begin.index } }
        : 'keyword' in begin
          ? { type: 'keyword', spec: { keyword: begin.keyword, startfrom: begin.from } }
          : { type: 'unknown', spec: {} },
    find_keys:
      'lastKey' in find
        ? { type: 'range', spec: { lastkey: find.lastKey, keystep: find.step, limit: find.limit } }
        : 'keyCountAt' in find
          ? { type: 'keynum', spec: { keynumidx: find.keyCountAt, firstkey: find.firstKey, keystep: find.step } }
          : { type: 'unknown', spec: {} },
  };
}

function argumentSaid(argument: ArgumentDoc): ArgumentFacts {
  const isText = argument.type !== 'oneof' && argument.type !== 'block';
  const flags = [
    ...(argument.optional ? ['optional'] : []),
    ...(argument.multiple ? ['multiple'] : []),
    ...(argument.multipleToken ? ['multiple_token'] : []),
  ];
  return withoutUndefined({
    name: argument.name,
    type: argument.type,
    display_text: isText ? (argument.displayText ?? argument.name) : undefined,
    key_spec_index: argument.keySpec,
    token: argument.token,
    since: argument.since,
    deprecated_since: argument.deprecatedSince,
    flags: flags.length === 0 ? undefined : flags,
    arguments: argument.arguments?.map(argumentSaid),
  });
}

function withoutUndefined<T>(object: Record<string, unknown>): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;
}

/** What came with Redis 8: facts of 7.4 know nothing of it. */
const NEWER = ['hgetdel', 'hgetex', 'hsetex', 'xackdel', 'xdelex'];

const rows = allCommands
  .filter((row) => !NEWER.includes(row.name))
  .flatMap((row) => [
    { name: row.name, row, prefix: '' },
    ...(row.subcommands ?? []).map((each) => ({ name: `${row.name}|${each.name}`, row: each, prefix: `${row.name}|` })),
  ]);

describe('the row of', () => {
  test.each(rows)('$name equals what Redis 7.4 says', ({ name, row, prefix }) => {
    const container = redis[name.split('|')[0]];
    const facts = prefix === '' ? container : container?.subcommands?.find((each) => each.name === name);
    const docs = prefix === '' ? container?.docs : container?.docs.subcommands?.[name];
    expect(facts, `${name} is a command of Redis 7.4`).toBeDefined();
    const { subcommands: _, ...rest } = facts as Facts;
    const { subcommands: __, ...ownDocs } = docs as Docs;
    expect(said(row, prefix)).toEqual({ ...rest, docs: ownDocs });
  });

  test.each(rows)('$name has a summary, a complexity and something to run', ({ row }) => {
    expect(row.summary).toMatch(/^\S.*[.]$/s);
    expect(row.summary).toMatch(/^[A-Z].*\.$/);
    // One dialect: O(N), N being the keys given.
    expect(row.complexity).toMatch(/^(O\(|Depends on )/);
    expect(row.complexity).not.toMatch(/where [A-Z] |with [A-Z] |number of \w+s\b.* being|\.$/);
    expect(row.run !== undefined || (row.subcommands?.length ?? 0) > 0).toBe(true);
  });
});

test('first key, last key and step follow from key specifications for every command of Redis 7.4', () => {
  const all = Object.values(redis).flatMap((facts) => [facts, ...(facts.subcommands ?? [])]);
  const differing = all.filter(({ keySpecs, firstKey, lastKey, keyStep }) => {
    const keys = keySpecs.map(({ flags, begin_search, find_keys }): KeySpec => {
      const begin = begin_search.spec;
      const find = find_keys.spec;
      return {
        flags,
        begin: begin_search.type === 'index' ? { index: Number(begin['index']) } : { unknown: true },
        find:
          find_keys.type === 'range'
            ? { lastKey: Number(find['lastkey']), step: Number(find['keystep']), limit: Number(find['limit']) }
            : { unknown: true },
      };
    });
    const { first, last, step } = legacyRange({ keys } as unknown as CommandRow);
    return first !== firstKey || last !== lastKey || step !== keyStep;
  });
  expect(differing.map(({ name }) => name)).toEqual([]);
});
