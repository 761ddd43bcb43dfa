/** Every command is compared with a real server's: in a script, and among random commands. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { allCommands } from '../src/commands/index.js';

const NOT_IN_SCRIPTS: Record<string, string> = {
  ...all(
    'came with 8.0 and 8.2, of which no answers are recorded; the fuzz compares them with a model',
    'HGETEX HSETEX HGETDEL XACKDEL XDELEX',
  ),
};

const OF_THE_CONNECTION = 'changes the connection that both servers are compared over; scripts cover it';
const OF_THE_PROCESS = 'its answer differs by nature: time, process or memory';
const SENDS_MESSAGES = 'messages come beside replies; the conversations of test/differential/pubsub.test.ts cover it';

const RUNS_A_LANGUAGE = 'what it runs is fuzzed as a language, in test/differential/lua-*.test.ts';

/** Beside HELP, whose words are our own. */
const SUBCOMMANDS_NOT_IN_SCRIPTS: Record<string, string> = {
  'ACL LIST': 'newer servers name sanitize-payload; test/commands/server.test.ts looks at it',
  'CLIENT INFO': 'tells of the connection; test/commands/client.test.ts looks at it',
  'LATENCY DOCTOR': 'advises in words of its own',
  'SCRIPT DEBUG': 'there is no debugger to switch on; it refuses to be in a pipeline, as all of a script are sent',
};

const NOT_IN_FUZZ: Record<string, string> = {
  PFSELFTEST: 'has no arguments, and takes a second in redis-server; a script covers it',
  ...all(OF_THE_CONNECTION, 'QUIT HELLO AUTH CLIENT'),
  ...all(OF_THE_PROCESS, 'ACL COMMAND LATENCY LOLWUT MEMORY MONITOR SLOWLOG TIME'),
  ...all(OF_THE_PROCESS, 'SAVE BGSAVE LASTSAVE SHUTDOWN WAITAOF'),
  ...all(RUNS_A_LANGUAGE, 'EVAL_RO EVALSHA EVALSHA_RO SCRIPT FCALL FCALL_RO FUNCTION'),
  ...all(SENDS_MESSAGES, 'SUBSCRIBE UNSUBSCRIBE PUNSUBSCRIBE SSUBSCRIBE SUNSUBSCRIBE SPUBLISH PUBSUB'),
};

function all(reason: string, names: string): Record<string, string> {
  return Object.fromEntries(names.split(' ').map((name) => [name, reason]));
}

/** What a newer server answered is compared with as scripts are. */
const RECORDED = readFileSync(new URL('fixtures/redis-7.4-replies.json', import.meta.url), 'utf8');
const TEXTS = {
  differential: [textOf('differential', /\.ts$/), RECORDED].join('\n'),
  /** Without the harness, which sends commands of its own. */
  fuzz: textOf('fuzz', /\.test\.ts$/),
};

/** What the files of a folder say beside their comments. */
function textOf(folder: string, files: RegExp): string {
  const directory = fileURLToPath(new URL(folder, import.meta.url));
  const texts = readdirSync(directory)
    .filter((name) => files.test(name))
    .map((name) => readFileSync(`${directory}/${name}`, 'utf8'));
  return texts.map((text) => text.replace(/\/\*.*?\*\//gs, '').replace(/^\s*\/\/.*$/gm, '')).join('\n');
}

const names = allCommands.map(({ name }) => name.toUpperCase());

test.each([
  ['a differential script', TEXTS.differential, NOT_IN_SCRIPTS],
  ['a fuzz plan', TEXTS.fuzz, NOT_IN_FUZZ],
])('every command occurs in %s, or is named here with the reason', (where, text, exceptions) => {
  const words = new Set(text.match(/\b[A-Z][A-Z_]+\b/g));
  const missing = names.filter((name) => !words.has(name) && exceptions[name] === undefined);
  expect(missing, `do not occur in ${where}`).toEqual([]);
  const needless = Object.keys(exceptions).filter((name) => words.has(name) || !names.includes(name));
  expect(needless, 'needs no exception').toEqual([]);
});

test('every subcommand occurs in a differential script, or is named here with the reason', () => {
  const subcommands = allCommands.flatMap(({ name, subcommands = [] }) =>
    subcommands.map((row) => `${name} ${row.name}`.toUpperCase()),
  );
  const occurs = (name: string): boolean => {
    const [command, subcommand] = name.split(' ');
    return new RegExp(`\\b${command}["', \\[\\]]+${subcommand}\\b`, 'i').test(TEXTS.differential);
  };
  const isExcused = (name: string): boolean => name.endsWith(' HELP') || SUBCOMMANDS_NOT_IN_SCRIPTS[name] !== undefined;
  expect(subcommands.length).toBeGreaterThan(80);
  expect(subcommands.filter((name) => !occurs(name) && !isExcused(name))).toEqual([]);
  expect(Object.keys(SUBCOMMANDS_NOT_IN_SCRIPTS).filter((name) => occurs(name) || !subcommands.includes(name))).toEqual(
    [],
  );
});
