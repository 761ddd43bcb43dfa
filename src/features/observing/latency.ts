/** LATENCY: the spikes of each event, and how long the calls of each command took. */

import * as arg from '../../engine/arguments.js';
import type { Call } from '../../engine/call.js';
import type { CommandRow } from '../../engine/command.js';
import { CommandTable, type CompiledCommand, everyCommand } from '../../engine/command-table.js';
import { container } from '../../engine/container.js';
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

export const latencyCommands: readonly CommandRow[] = [
  container({
    name: 'latency',
    summary: 'Commands about what held the server up.',
    group: 'server',
    subcommands: [
      {
        name: 'doctor',
        summary: 'Tells in words what held the server up.',
        group: 'server',
        complexity: 'O(1)',
        arity: 2,
        flags: ['admin', 'noscript', 'loading', 'stale'],
        run: doctor,
      },
      {
        name: 'graph',
        summary: 'Draws the samples of one kind of delay.',
        group: 'server',
        complexity: 'O(1)',
        arity: 3,
        flags: ['admin', 'noscript', 'loading', 'stale'],
        arguments: [arg.string('event')],
        run: graph,
      },
      {
        name: 'history',
        summary: 'Shows the samples of one kind of delay.',
        group: 'server',
        complexity: 'O(1)',
        arity: 3,
        flags: ['admin', 'noscript', 'loading', 'stale'],
        arguments: [arg.string('event')],
        run: history,
      },
      {
        name: 'latest',
        summary: 'Shows the latest sample of each kind of delay.',
        group: 'server',
        complexity: 'O(1)',
        arity: 2,
        flags: ['admin', 'noscript', 'loading', 'stale'],
        run: latest,
      },
      {
        name: 'reset',
        summary: 'Forgets the samples of some kinds of delay, or of all.',
        group: 'server',
        complexity: 'O(1)',
        arity: -2,
        flags: ['admin', 'noscript', 'loading', 'stale'],
        arguments: [arg.optional(arg.multiple(arg.string('event')))],
        run: reset,
      },
      {
        name: 'histogram',
        usage: '[COMMAND ...]',
        summary: 'Shows how long the calls of commands took.',
        group: 'server',
        complexity: 'O(N), N being the commands',
        arity: -2,
        flags: ['admin', 'noscript', 'loading', 'stale'],
        arguments: [arg.optional(arg.multiple(arg.string('command')))],
        run: histogram,
      },
    ],
  }),
];
