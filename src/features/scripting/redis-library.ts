/**
 * `redis`, the library through which a script reaches the server. In what order names are added decides in which
 * pairs() finds them.
 */

import type { Engine } from '../../engine/engine.js';
import { protectedCall, protectedCallInSteps } from '../../lua/library/base.js';
import { cString } from '../../lua/runtime/c-string.js';
import { numberToString, toNumber } from '../../lua/runtime/numbers.js';
import { index } from '../../lua/runtime/operations.js';
import { onlyOne } from '../../lua/runtime/single-values.js';
import { addSteps } from '../../lua/runtime/steps.js';
import { Table } from '../../lua/runtime/table.js';
import { NO_RESULTS, type Results, type Value } from '../../lua/runtime/value.js';
import { REDIS_VERSION } from '../../version.js';
import { single } from './reply-values.js';
import { sha1 } from './script.js';
import { placedError } from './script-errors.js';
import { Replication, type ScriptRun } from './script-run.js';

const LOG_LEVELS = ['debug', 'verbose', 'notice', 'warning'] as const;

/** Adds what every script has, also while a library of functions is loaded. */
export function addLog(redis: Table, engine: Engine, logged = () => {}): void {
  redis.setString('log', (...values: Value[]) => {
    log(engine, values);
    logged();
    return NO_RESULTS;
  });
  LOG_LEVELS.forEach((name, level) => {
    redis.setString(`LOG_${name.toUpperCase()}`, level);
  });
  const [major, minor, patch] = REDIS_VERSION.split('.').map(Number);
  redis.setString('REDIS_VERSION_NUM', major * 0x10000 + minor * 0x100 + patch);
  redis.setString('REDIS_VERSION', REDIS_VERSION);
}

/** What a script has while it runs. */
export function redisLibrary(engine: Engine, run: ScriptRun): Table {
  const redis = new Table();
  const { commands } = run;
  redis.setString(
    'call',
    onlyOne((...values: Value[]) => commands.run(values, false)),
  );
  redis.setString(
    'pcall',
    onlyOne((...values: Value[]) => commands.run(values, true)),
  );
  addLog(redis, engine, () => commands.logged());
  redis.setString('setresp', (...values: Value[]) => setProtocol(run, values));
  redis.setString('sha1hex', (...values: Value[]) => sha1Of(values));
  redis.setString('error_reply', (...values: Value[]) => errorReply(values));
  redis.setString('status_reply', (...values: Value[]) => statusReply(values));
  redis.setString('set_repl', (...values: Value[]) => setReplication(run, values));
  redis.setString('REPL_NONE', Replication.NONE);
  redis.setString('REPL_AOF', Replication.AOF);
  redis.setString('REPL_SLAVE', Replication.REPLICA);
  redis.setString('REPL_REPLICA', Replication.REPLICA);
  redis.setString('REPL_ALL', Replication.ALL);
  redis.setString('acl_check_cmd', (...values: Value[]) => commands.check(values));
  return redis;
}

/** What only scripts of EVAL have: the debugger's, which is not there, and what is of no use any more. */
export function addEvalFunctions(redis: Table): void {
  redis.setString('breakpoint', () => false);
  redis.setString('debug', () => NO_RESULTS);
  redis.setString('replicate_commands', () => true);
}

/** An error that a function of the library raises. */
export function raise(text: string): never {
  throw placedError(single('err', text));
}

function log(engine: Engine, values: readonly Value[]): void {
  if (values.length < 2) raise('ERR redis.log() requires two arguments or more.');
  const level = toNumber(values[0]);
  if (level === undefined) raise('ERR First argument must be a number (log level).');
  const name = LOG_LEVELS[Math.trunc(level)];
  if (name === undefined) raise('ERR Invalid debug level.');
  engine.server.log(Buffer.from(values.slice(1).map(wordOf).join(' '), 'latin1').toString('utf8'), name);
}

/** What is neither a string nor a number is left out. */
function wordOf(value: Value): string {
  return textOf(value) ?? '';
}

function textOf(value: Value): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? numberToString(value) : undefined;
}

function errorReply(values: readonly Value[]): Results {
  const [text] = values;
  if (values.length !== 1 || typeof text !== 'string') return wrongReply();
  const shown = cString(text).replace(/^-/, '');
  const space = shown.indexOf(' ');
  // Line ends stay within the code, which is all before a first space, and within what follows.
  const code = space === -1 ? 'ERR' : shown.slice(0, space);
  return single('err', `${code} ${trimLineEnds(shown.slice(space + 1))}`);
}

function trimLineEnds(text: string): string {
  return text.replace(/^[\r\n]+/, '').replace(/[\r\n]+$/, '');
}

function statusReply(values: readonly Value[]): Results {
  return values.length === 1 && typeof values[0] === 'string' ? single('ok', values[0]) : wrongReply();
}

function wrongReply(): Table {
  return single('err', 'ERR wrong number or type of arguments');
}

function sha1Of(values: readonly Value[]): Results {
  if (values.length !== 1) raise('ERR wrong number of arguments');
  return sha1(Buffer.from(wordOf(values[0]), 'latin1'));
}

function setProtocol(run: ScriptRun, values: readonly Value[]): Results {
  if (values.length !== 1) raise('ERR redis.setresp() requires one argument.');
  const protocol = Math.trunc(toNumber(values[0]) ?? 0);
  if (protocol !== 2 && protocol !== 3) raise('ERR RESP version must be 2 or 3.');
  run.setProtocol(protocol);
  return NO_RESULTS;
}

function setReplication(run: ScriptRun, values: readonly Value[]): Results {
  if (values.length !== 1) raise('ERR redis.set_repl() requires two arguments.');
  const flags = Math.trunc(toNumber(values[0]) ?? 0);
  if (!(flags >= Replication.NONE && flags <= Replication.ALL)) {
    raise('ERR Invalid replication flags. Use REPL_AOF, REPL_REPLICA, REPL_ALL or REPL_NONE.');
  }
  run.setReplication(flags);
  return NO_RESULTS;
}

/**
 * Redis's pcall(): the table that stands for an error of a command becomes its text, as scripts expect it that were
 * written before there were such tables.
 */
export function pcallForTexts(...values: Value[]): Results {
  return values.length === 0 ? NOTHING_CALLED : withTexts(protectedCall(values));
}
addSteps(pcallForTexts, function* (...values) {
  return values.length === 0 ? NOTHING_CALLED : withTexts(yield* protectedCallInSteps(values));
});

/** Redis's own function calls what it finds where its first argument should be. */
const NOTHING_CALLED = [false, 'attempt to call a boolean value'];

function withTexts(results: readonly Value[]): readonly Value[] {
  if (results[0] !== false || !(results[1] instanceof Table)) return results;
  const text = index(0, results[1], 'err');
  // What it looked up is a third result if it is no text.
  return typeof text === 'string' || typeof text === 'number' ? [false, text] : [...results, text];
}
