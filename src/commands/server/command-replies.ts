/** Rows of the command table as COMMAND INFO and COMMAND DOCS print them. */

import { categoriesOf } from '../../engine/categories.js';
import type { ArgumentDoc, KeySpec } from '../../engine/command.js';
import { legacyRange } from '../../engine/command-keys.js';
import type { CompiledCommand } from '../../engine/command-table.js';
import type { ReplyWriter } from '../../protocol/reply-writer.js';
import { type CommandFacts, factsOf } from '../facts.js';

export function replyInfo(reply: ReplyWriter, command: CompiledCommand | undefined): void {
  if (command === undefined) {
    reply.null();
    return;
  }
  const { row, fullName } = command;
  const { first, last, step } = legacyRange(row);
  reply.array(10);
  reply.bulkString(fullName);
  reply.integer(row.arity);
  replyStatuses(reply, row.flags);
  reply.integer(first);
  reply.integer(last);
  reply.integer(step);
  replyStatuses(reply, categoriesOf(row));
  const { tips = [] } = factsOf(fullName);
  reply.set(tips.length);
  for (const tip of tips) reply.bulkString(tip);
  const keys = row.keys ?? [];
  reply.set(keys.length);
  for (const spec of keys) replyKeySpec(reply, spec);
  const subcommands = command.subcommands?.commands ?? [];
  // Redis calls no subcommands a set, and any an array.
  if (subcommands.length === 0) reply.set(0);
  else reply.array(subcommands.length);
  for (const subcommand of subcommands) replyInfo(reply, subcommand);
}

function replyStatuses(reply: ReplyWriter, statuses: readonly string[]): void {
  reply.set(statuses.length);
  for (const status of statuses) reply.status(status);
}

function replyKeySpec(reply: ReplyWriter, { notes, flags, begin, find }: KeySpec): void {
  reply.map(notes === undefined ? 3 : 4);
  if (notes !== undefined) replyText(reply, 'notes', notes);
  reply.bulkString('flags');
  replyStatuses(reply, flags);
  reply.bulkString('begin_search');
  if ('index' in begin) replySearch(reply, 'index', { index: begin.index });
  else if ('keyword' in begin) replySearch(reply, 'keyword', { keyword: begin.keyword, startfrom: begin.from });
  else replySearch(reply, 'unknown', {});
  reply.bulkString('find_keys');
  if ('lastKey' in find) {
    replySearch(reply, 'range', { lastkey: find.lastKey, keystep: find.step, limit: find.limit });
  } else if ('keyCountAt' in find) {
    replySearch(reply, 'keynum', { keynumidx: find.keyCountAt, firstkey: find.firstKey, keystep: find.step });
  } else {
    replySearch(reply, 'unknown', {});
  }
}

function replySearch(reply: ReplyWriter, type: string, spec: Readonly<Record<string, string | number>>): void {
  const fields = Object.entries(spec);
  reply.map(2);
  replyText(reply, 'type', type);
  reply.bulkString('spec');
  reply.map(fields.length);
  for (const [name, value] of fields) {
    reply.bulkString(name);
    if (typeof value === 'number') reply.integer(value);
    else reply.bulkString(value);
  }
}

/** The documentation of a command, behind its name. */
export function replyDocs(reply: ReplyWriter, command: CompiledCommand): void {
  const { row } = command;
  const facts = factsOf(command.fullName);
  const start = reply.startArray();
  let pairs = 0;
  const text = (name: string, value: string | undefined) => {
    if (value === undefined) return;
    replyText(reply, name, value);
    pairs++;
  };
  text('summary', row.summary);
  text('since', facts.since);
  text('group', row.group);
  text('complexity', row.complexity);
  if (facts.docFlags !== undefined) {
    reply.bulkString('doc_flags');
    replyStatuses(reply, facts.docFlags);
    pairs++;
  }
  text('deprecated_since', facts.deprecatedSince);
  text('replaced_by', facts.replacedBy);
  if (facts.history !== undefined) {
    replyHistory(reply, facts.history);
    pairs++;
  }
  if (row.arguments !== undefined) {
    replyArguments(reply, row.arguments);
    pairs++;
  }
  if (command.subcommands !== null) {
    reply.bulkString('subcommands');
    const { commands } = command.subcommands;
    reply.map(commands.length);
    for (const subcommand of commands) {
      reply.bulkString(subcommand.fullName);
      replyDocs(reply, subcommand);
    }
    pairs++;
  }
  reply.endMap(start, pairs);
}

function replyText(reply: ReplyWriter, name: string, value: string): void {
  reply.bulkString(name);
  reply.bulkString(value);
}

function replyHistory(reply: ReplyWriter, history: NonNullable<CommandFacts['history']>): void {
  reply.bulkString('history');
  reply.set(history.length);
  for (const [version, change] of history) {
    reply.array(2);
    reply.bulkString(version);
    reply.bulkString(change);
  }
}

function replyArguments(reply: ReplyWriter, list: readonly ArgumentDoc[]): void {
  reply.bulkString('arguments');
  reply.array(list.length);
  for (const argument of list) replyArgument(reply, argument);
}

function replyArgument(reply: ReplyWriter, argument: ArgumentDoc): void {
  const flags: string[] = [];
  if (argument.optional) flags.push('optional');
  if (argument.multiple) flags.push('multiple');
  if (argument.multipleToken) flags.push('multiple_token');
  const start = reply.startArray();
  let pairs = 2;
  replyText(reply, 'name', argument.name);
  replyText(reply, 'type', argument.type);
  const text = (name: string, value: string | undefined) => {
    if (value === undefined) return;
    replyText(reply, name, value);
    pairs++;
  };
  // Only what stands for text that the user writes has a text to show.
  if (argument.type !== 'oneof' && argument.type !== 'block')
    text('display_text', argument.displayText ?? argument.name);
  if (argument.keySpec !== undefined) {
    reply.bulkString('key_spec_index');
    reply.integer(argument.keySpec);
    pairs++;
  }
  text('token', argument.token);
  text('summary', argument.summary);
  text('since', argument.since);
  text('deprecated_since', argument.deprecatedSince);
  if (flags.length > 0) {
    reply.bulkString('flags');
    replyStatuses(reply, flags);
    pairs++;
  }
  if (argument.arguments !== undefined) {
    replyArguments(reply, argument.arguments);
    pairs++;
  }
  reply.endMap(start, pairs);
}
