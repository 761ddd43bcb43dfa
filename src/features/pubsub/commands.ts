/** The pub/sub commands. */

import * as arg from '../../engine/arguments.js';
import type { Call } from '../../engine/call.js';
import { ReplyMode } from '../../engine/client.js';
import type { CommandRow } from '../../engine/command.js';
import { container } from '../../engine/container.js';
import { keysFrom, oneKey } from '../../engine/key-specs.js';
import { Slice } from '../../memory/slice.js';
import type { CommandError } from '../../protocol/errors.js';
import * as errors from '../../protocol/errors.js';
import { Glob } from '../../text/glob.js';
import { ReplyModes } from '../clients/reply-modes.js';
import { PubSub, type TopicKind } from './pub-sub.js';

/** Subscriptions to channels and patterns are counted together, those to shard channels by themselves. */
function countOf({ client }: Call, kind: TopicKind): number {
  const { subscriptions } = client;
  if (subscriptions === null) return 0;
  if (kind === 'shardChannels') return subscriptions.shardChannels.size;
  return subscriptions.channels.size + subscriptions.patterns.size;
}

/** One confirmation. It is a message rather than a reply: a client that wants no replies gets it too. */
function confirm(call: Call, kind: TopicKind, name: string | null): void {
  const { client, command, reply } = call;
  const start = reply.mark();
  reply.push(3);
  reply.bulkLatin1(command.name);
  if (name === null) reply.null();
  else reply.bulkLatin1(name);
  reply.integer(countOf(call, kind));
  if (client.replyMode !== ReplyMode.ON) call.feature(ReplyModes).keep(client, start);
}

function subscribeTo(call: Call, kind: TopicKind): void {
  const { args, client } = call;
  const pubSub = call.feature(PubSub);
  let bytes = 0;
  for (let i = 1; i < args.count; i++) bytes += args.length(i);
  pubSub.reserve(args.count - 1, bytes);
  for (let i = 1; i < args.count; i++) {
    const name = args.latin1(i);
    pubSub.subscribe(client, kind, name);
    confirm(call, kind, name);
  }
}

/** For subscriptions that Redis lets a transaction make, for the sake of old programs. */
function subscribe(call: Call, kind: TopicKind, denied: CommandError): void {
  if (!call.client.mayBlock && call.client.transaction === null) throw denied;
  subscribeTo(call, kind);
}

function shardSubscribe(call: Call): void {
  if (!call.client.mayBlock) throw errors.SSUBSCRIBE_DENIED;
  subscribeTo(call, 'shardChannels');
}

function unsubscribe(call: Call, kind: TopicKind): void {
  const { args, client } = call;
  const pubSub = call.feature(PubSub);
  const names = args.count === 1 ? [...(client.subscriptions?.[kind] ?? [])] : [];
  for (let i = 1; i < args.count; i++) names.push(args.latin1(i));
  for (const name of names) {
    pubSub.unsubscribe(client, kind, name);
    confirm(call, kind, name);
  }
  if (names.length === 0) confirm(call, kind, null);
}

function publish(call: Call): void {
  const { args, reply } = call;
  reply.integer(call.feature(PubSub).publish(args.slice(1), args.slice(2)));
}

function publishToShard(call: Call): void {
  const { args, reply } = call;
  reply.integer(call.feature(PubSub).publishToShard(args.slice(1), args.slice(2)));
}

function listNames(call: Call, kind: TopicKind): void {
  const { args, reply } = call;
  if (args.count > 3) throw errors.unknownSubcommandOrArity(args.latin1(1), 'PUBSUB');
  const glob = args.count === 3 ? new Glob(args.buffer(2)) : null;
  const start = reply.startArray();
  let count = 0;
  for (const name of call.feature(PubSub).names(kind)) {
    if (glob !== null && !glob.matches(Slice.of(Buffer.from(name, 'latin1')))) continue;
    reply.bulkLatin1(name);
    count++;
  }
  reply.endArray(start, count);
}

function countSubscribers(call: Call, kind: TopicKind): void {
  const { args, reply } = call;
  const pubSub = call.feature(PubSub);
  reply.array((args.count - 2) * 2);
  for (let i = 2; i < args.count; i++) {
    reply.bulk(args.slice(i));
    reply.integer(pubSub.subscribers(kind, args.latin1(i)));
  }
}

function countPatterns(call: Call): void {
  call.reply.integer(call.feature(PubSub).count('patterns'));
}

const OWN = {
  group: 'pubsub',
  flags: ['pubsub', 'noscript', 'loading', 'stale'],
  traits: ['for-subscribers'],
} as const satisfies Partial<CommandRow>;

const SENDS = {
  group: 'pubsub',
  arity: 3,
  flags: ['pubsub', 'loading', 'stale', 'fast'],
  traits: ['may-replicate'],
} as const satisfies Partial<CommandRow>;

const LOOKS = {
  group: 'pubsub',
  flags: ['pubsub', 'loading', 'stale'],
} as const satisfies Partial<CommandRow>;

export const pubSubCommands: readonly CommandRow[] = [
  {
    ...OWN,
    name: 'subscribe',
    summary: 'Listens to channels.',
    complexity: 'O(N), N being the channels given',
    arity: -2,
    arguments: [arg.multiple(arg.string('channel'))],
    run: (call) => subscribe(call, 'channels', errors.SUBSCRIBE_DENIED),
  },
  {
    ...OWN,
    name: 'unsubscribe',
    summary: 'Listens no more to channels; without arguments to none.',
    complexity: 'O(N), N being the channels given, or subscribed to',
    arity: -1,
    arguments: [arg.optional(arg.multiple(arg.string('channel')))],
    run: (call) => unsubscribe(call, 'channels'),
  },
  {
    ...OWN,
    name: 'psubscribe',
    summary: 'Listens to all channels whose names match one of the patterns.',
    complexity: 'O(N), N being the patterns given',
    arity: -2,
    arguments: [arg.multiple(arg.pattern('pattern'))],
    run: (call) => subscribe(call, 'patterns', errors.PSUBSCRIBE_DENIED),
  },
  {
    ...OWN,
    name: 'punsubscribe',
    summary: 'Listens no more to what matches the patterns; without arguments to no pattern.',
    complexity: 'O(N), N being the patterns given, or subscribed to',
    arity: -1,
    arguments: [arg.optional(arg.multiple(arg.pattern('pattern')))],
    run: (call) => unsubscribe(call, 'patterns'),
  },
  {
    ...OWN,
    name: 'ssubscribe',
    summary: 'Listens to shard channels.',
    complexity: 'O(N), N being the channels given',
    arity: -2,
    keys: [keysFrom(1, { last: -1, step: 1 }, 'not_key')],
    arguments: [arg.multiple(arg.string('shardchannel'))],
    run: shardSubscribe,
  },
  {
    ...OWN,
    name: 'sunsubscribe',
    summary: 'Listens no more to shard channels; without arguments to none.',
    complexity: 'O(N), N being the channels given, or subscribed to',
    arity: -1,
    keys: [keysFrom(1, { last: -1, step: 1 }, 'not_key')],
    arguments: [arg.optional(arg.multiple(arg.string('shardchannel')))],
    run: (call) => unsubscribe(call, 'shardChannels'),
  },
  {
    ...SENDS,
    name: 'publish',
    summary: 'Sends a message to a channel; answers how many got it.',
    complexity: 'O(N+M), N being the subscribers of the channel, M all patterns that anyone listens to',
    arguments: [arg.string('channel'), arg.string('message')],
    run: publish,
  },
  {
    ...SENDS,
    name: 'spublish',
    summary: 'Sends a message to a shard channel; answers how many got it.',
    complexity: 'O(N), N being the subscribers',
    keys: [oneKey(1, 'not_key')],
    arguments: [arg.string('shardchannel'), arg.string('message')],
    run: publishToShard,
  },
  container({
    name: 'pubsub',
    summary: 'Holds the commands that tell of subscriptions.',
    group: 'pubsub',
    notIn: ['@pubsub'],
    subcommands: [
      {
        ...LOOKS,
        name: 'channels',
        summary: 'Lists channels with subscribers.',
        complexity: 'O(N), N being the channels with subscribers',
        arity: -2,
        arguments: [arg.optional(arg.pattern('pattern'))],
        run: (call) => listNames(call, 'channels'),
      },
      {
        ...LOOKS,
        name: 'numpat',
        summary: 'Counts the patterns with subscribers.',
        complexity: 'O(1)',
        arity: 2,
        run: countPatterns,
      },
      {
        ...LOOKS,
        name: 'numsub',
        summary: 'Counts the subscribers of channels.',
        complexity: 'O(N), N being the channels given',
        arity: -2,
        arguments: [arg.optional(arg.multiple(arg.string('channel')))],
        run: (call) => countSubscribers(call, 'channels'),
      },
      {
        ...LOOKS,
        name: 'shardchannels',
        summary: 'Lists shard channels with subscribers.',
        complexity: 'O(N), N being the shard channels with subscribers',
        arity: -2,
        arguments: [arg.optional(arg.pattern('pattern'))],
        run: (call) => listNames(call, 'shardChannels'),
      },
      {
        ...LOOKS,
        name: 'shardnumsub',
        summary: 'Counts the subscribers of shard channels.',
        complexity: 'O(N), N being the shard channels given',
        arity: -2,
        arguments: [arg.optional(arg.multiple(arg.string('shardchannel')))],
        run: (call) => countSubscribers(call, 'shardChannels'),
      },
    ],
  }),
];
