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

const NOT_IN_FUZZ: Record<string, string> = {
  PFSELFTEST: 'has no arguments, and takes a second in redis-server; a script covers it',
  ...all(OF_THE_CONNECTION, 'QUIT HELLO AUTH'),
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
const TEXTS = { differential: wordsIn('differential', RECORDED), fuzz: wordsIn('fuzz') };

function wordsIn(folder: string, ...others: string[]): Set<string> {
  const directory = fileURLToPath(new URL(folder, import.meta.url));
  const texts = readdirSync(directory)
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(`${directory}/${name}`, 'utf8'));
  return new Set([...texts, ...others].join('\n').match(/\b[A-Z][A-Z_]+\b/g));
}

const names = allCommands.map(({ name }) => name.toUpperCase());

test.each([
  ['a differential script', TEXTS.differential, NOT_IN_SCRIPTS],
  ['a fuzz plan', TEXTS.fuzz, NOT_IN_FUZZ],
])('every command occurs in %s, or is named here with the reason', (where, words, exceptions) => {
  const missing = names.filter((name) => !words.has(name) && exceptions[name] === undefined);
  expect(missing, `do not occur in ${where}`).toEqual([]);
  expect(
    Object.keys(exceptions).filter((name) => words.has(name) || !names.includes(name)),
    'needs no exception',
  ).toEqual([]);
});
