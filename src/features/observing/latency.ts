/** LATENCY. */

import type { Call } from '../../engine/call.js';
import type { CommandRow } from '../../engine/command.js';
import { CommandTable, type CompiledCommand, everyCommand } from '../../engine/command-table.js';
import { help } from '../../engine/help.js';
import * as errors from '../../protocol/errors.js';
import type { LatencyEvent } from './latency-monitor.js';
import { drawLatencies, explainLatencies } from './latency-report.js';
import { Timing } from './timing.js';

function latest(call: Call): void {
  const { reply } = call;
  const { events } = call.feature(Timing).latency;
  reply.array(events.size);
  for (const [name, { samples, worst }] of events) {
    const last = samples.at(-1) as LatencyEvent['samples'][0];
    reply.array(4);
    reply.bulkString(name);
    reply.integer(last.at);
    reply.integer(last.milliseconds);
    reply.integer(worst);
  }
}

function history(call: Call): void {
  const { args, reply } = call;
  const samples = call.feature(Timing).latency.events.get(args.text(2))?.samples ?? [];
  reply.array(samples.length);
  for (const { at, milliseconds } of samples) {
    reply.array(2);
    reply.integer(at);
    reply.integer(milliseconds);
  }
}

function reset(call: Call): void {
  const { args } = call;
  const { latency } = call.feature(Timing);
  let count = args.count === 2 ? latency.resetAll() : 0;
  for (let i = 2; i < args.count; i++) if (latency.reset(args.text(i))) count++;
  call.reply.integer(count);
}

function graph(call: Call): void {
  const name = call.args.text(2);
  const event = call.feature(Timing).latency.events.get(name);
  if (event === undefined) throw errors.noLatencySamples(call.args.latin1(2));
  call.reply.verbatim('txt', drawLatencies(name, event, Math.floor(call.now / 1000)));
}

function doctor(call: Call): void {
  const { latency } = call.feature(Timing);
  call.reply.verbatim('txt', explainLatencies(latency));
}

/** A container stands for its subcommands; unknown names and commands that were never called are left out. */
function histogram(call: Call): void {
  const { args, reply } = call;
  const table = call.feature(CommandTable);
  const found: CompiledCommand[] = [];
  for (let i = 2; i < args.count; i++) {
    const command = table.named(args.latin1(i).toLowerCase());
    if (command !== undefined) found.push(command, ...(command.subcommands?.commands ?? []));
  }
  const commands = (args.count === 2 ? [...everyCommand(table)] : found).filter(
    ({ histogram }) => histogram !== null && histogram.total > 0,
  );
  reply.map(commands.length);
  for (const command of commands) replyHistogram(call, command);
}

function replyHistogram({ reply }: Call, { fullName, histogram, callsPerTimed }: CompiledCommand): void {
  const lines = histogram?.cumulative() ?? [];
  reply.bulkString(fullName);
  reply.map(2);
  reply.bulkString('calls');
  reply.integer(Math.round((histogram?.total ?? 0) * callsPerTimed));
  reply.bulkString('histogram_usec');
  reply.map(lines.length);
  for (const [microseconds, calls] of lines) {
    reply.integer(microseconds);
    reply.integer(Math.round(calls * callsPerTimed));
  }
}

const HELP = help('LATENCY', [
  ['DOCTOR', 'What held the server up, and what may be done about it, in words.'],
  ['GRAPH <event>', 'The samples of one kind of delay as a picture.'],
  ['HISTORY <event>', 'The samples of one kind of delay: time (Unix seconds) and milliseconds.'],
  ['LATEST', 'For each kind of delay the latest sample and the worst so far.'],
  ['RESET [<event> ...]', 'Forget the samples of some kinds of delay, or of all.'],
  ['HISTOGRAM [COMMAND ...]', 'How many calls of commands took at most how many microseconds.'],
]);

const latencyCommand: CommandRow = {
  name: 'latency',
  summary: 'Commands about what held the server up.',
  since: '2.8.13',
  group: 'server',
  complexity: 'Depends on the subcommand.',
  arity: -2,
  flags: [],
  categories: ['@slow'],
  subcommands: [
    {
      name: 'help',
      summary: 'Explains the subcommands.',
      since: '2.8.13',
      group: 'server',
      complexity: 'O(1)',
      arity: 2,
      flags: ['loading', 'stale'],
      categories: ['@slow'],
      run: HELP,
    },
    {
      name: 'doctor',
      summary: 'Tells in words what held the server up.',
      since: '2.8.13',
      group: 'server',
      complexity: 'O(1)',
      arity: 2,
      flags: ['admin', 'noscript', 'loading', 'stale'],
      categories: ['@admin', '@slow', '@dangerous'],
      tips: ['nondeterministic_output', 'request_policy:all_nodes', 'response_policy:special'],
      run: doctor,
    },
    {
      name: 'reset',
      summary: 'Forgets the samples of some kinds of delay, or of all.',
      since: '2.8.13',
      group: 'server',
      complexity: 'O(1)',
      arity: -2,
      flags: ['admin', 'noscript', 'loading', 'stale'],
      categories: ['@admin', '@slow', '@dangerous'],
      tips: ['request_policy:all_nodes', 'response_policy:agg_sum'],
      arguments: [{ name: 'event', type: 'string', optional: true, multiple: true }],
      run: reset,
    },
    {
      name: 'histogram',
      summary: 'Shows how long the calls of commands took.',
      since: '7.0.0',
      group: 'server',
      complexity: 'O(N) where N is the number of commands',
      arity: -2,
      flags: ['admin', 'noscript', 'loading', 'stale'],
      categories: ['@admin', '@slow', '@dangerous'],
      tips: ['nondeterministic_output', 'request_policy:all_nodes', 'response_policy:special'],
      arguments: [{ name: 'command', type: 'string', optional: true, multiple: true }],
      run: histogram,
    },
    {
      name: 'latest',
      summary: 'Shows the latest sample of each kind of delay.',
      since: '2.8.13',
      group: 'server',
      complexity: 'O(1)',
      arity: 2,
      flags: ['admin', 'noscript', 'loading', 'stale'],
      categories: ['@admin', '@slow', '@dangerous'],
      tips: ['nondeterministic_output', 'request_policy:all_nodes', 'response_policy:special'],
      run: latest,
    },
    {
      name: 'history',
      summary: 'Shows the samples of one kind of delay.',
      since: '2.8.13',
      group: 'server',
      complexity: 'O(1)',
      arity: 3,
      flags: ['admin', 'noscript', 'loading', 'stale'],
      categories: ['@admin', '@slow', '@dangerous'],
      tips: ['nondeterministic_output', 'request_policy:all_nodes', 'response_policy:special'],
      arguments: [{ name: 'event', type: 'string' }],
      run: history,
    },
    {
      name: 'graph',
      summary: 'Draws the samples of one kind of delay.',
      since: '2.8.13',
      group: 'server',
      complexity: 'O(1)',
      arity: 3,
      flags: ['admin', 'noscript', 'loading', 'stale'],
      categories: ['@admin', '@slow', '@dangerous'],
      tips: ['nondeterministic_output', 'request_policy:all_nodes', 'response_policy:special'],
      arguments: [{ name: 'event', type: 'string' }],
      run: graph,
    },
  ],
};

export const latencyCommands: readonly CommandRow[] = [latencyCommand];
