/**
 * Pub/sub of one engine: who is subscribed to which channels, patterns and shard channels, and delivery.
 *
 * - Names are bytes; here they are text of one character a byte.
 * - A topic exists while it has subscribers, and a client's `subscriptions` name exactly the topics that have it.
 * - A message is encoded once and given to all its subscribers' sinks by reference, in the order in which they
 *   subscribed: first those of the channel, then those of each pattern. A sink may drop its client while that goes on.
 */

import { type Client, clientGateBit, Subscriptions } from '../../engine/client.js';
import { type ClientMemory, HeapCost } from '../../engine/client-memory.js';
import { CommandFlag, type CompiledCommand } from '../../engine/command-table.js';
import type { Engine } from '../../engine/engine.js';
import { GateStage } from '../../engine/hooks.js';
import { equalBytes, hashBytes, Slice } from '../../memory/slice.js';
import * as errors from '../../protocol/errors.js';
import { Glob } from '../../text/glob.js';
import { MessageWriter, prefixOf } from './message.js';

/** Has subscriptions; with RESP2 it may do little else. */
export const IS_SUBSCRIBER = clientGateBit();

export type TopicKind = 'channels' | 'patterns' | 'shardChannels';

const MESSAGE_KINDS = { channels: 'message', patterns: 'pmessage', shardChannels: 'smessage' } as const;

/** Channels that are found by their bytes: making text of a name takes a quarter of a PUBLISH to one subscriber. */
const RECENT_CHANNELS = 256;

/** Most topics have one subscriber and never a message: what the others need is made when they need it. */
class Topic {
  private first: Client | null = null;
  /** All subscribers, in the order in which they came, once there are several. */
  private all: Set<Client> | null = null;
  /** Where it stands among the recent channels; -1 while it does not. */
  place = -1;
  private nameBytes: Slice | null = null;
  private prefixBytes: Slice | null = null;

  constructor(
    private readonly kind: TopicKind,
    private readonly text: string,
  ) {}

  get name(): Slice {
    this.nameBytes ??= Slice.of(Buffer.from(this.text, 'latin1'));
    return this.nameBytes;
  }

  get prefix(): Slice {
    this.prefixBytes ??= prefixOf(MESSAGE_KINDS[this.kind], this.text);
    return this.prefixBytes;
  }

  get subscribers(): number {
    return this.all?.size ?? (this.first === null ? 0 : 1);
  }

  add(client: Client): void {
    if (this.all !== null) this.all.add(client);
    else if (this.first === null) this.first = client;
    else this.all = new Set([this.first, client]);
  }

  remove(client: Client): void {
    if (this.all !== null) this.all.delete(client);
    else if (this.first === client) this.first = null;
  }

  /** Sends what the writer wrote last. */
  send(writer: MessageWriter): number {
    const { all } = this;
    const receivers = this.subscribers;
    let hasPush = false;
    if (all === null) {
      if (this.first !== null) writer.sendTo(this.first, false);
    } else {
      for (const client of all) hasPush = writer.sendTo(client, hasPush);
    }
    return receivers;
  }
}

class Pattern extends Topic {
  readonly glob: Glob;

  constructor(name: string) {
    super('patterns', name);
    this.glob = new Glob(Buffer.from(name, 'latin1'));
  }
}

export class PubSub {
  /** Clients that are subscribed to anything. */
  subscribedClients = 0;
  private readonly memory: ClientMemory;
  private readonly writer = new MessageWriter();
  private readonly channels = new Map<string, Topic>();
  /** Of the channels some that had messages, each in the place that its hash says. */
  private readonly recent: (Topic | undefined)[] = new Array(RECENT_CHANNELS).fill(undefined);
  private readonly patterns = new Map<string, Pattern>();
  private readonly shardChannels = new Map<string, Topic>();

  constructor(engine: Engine) {
    this.memory = engine.clientMemory;
    engine.register({
      gate: [{ stage: GateStage.SUBSCRIPTION, client: IS_SUBSCRIBER, check: refuseToSubscriber }],
      onForget: (client) => this.unsubscribeAll(client),
    });
  }

  /** Whether a message could reach anybody. */
  get isHeard(): boolean {
    return this.channels.size + this.patterns.size > 0;
  }

  /** How many names of a kind have subscribers. */
  count(kind: TopicKind): number {
    return this[kind].size;
  }

  /** The names of a kind that have subscribers. */
  names(kind: TopicKind): Iterable<string> {
    return this[kind].keys();
  }

  subscribers(kind: TopicKind, name: string): number {
    return this[kind].get(name)?.subscribers ?? 0;
  }

  /**
   * Before so many subscriptions, to names of so many bytes in all. @throws CommandError when there is no memory for
   * them
   */
  reserve(names: number, bytes: number): void {
    this.memory.reserve(costOf(0) * names + NAME_COPIES * bytes);
  }

  subscribe(client: Client, kind: TopicKind, name: string): void {
    client.subscriptions ??= new Subscriptions();
    const names = client.subscriptions[kind];
    const before = names.size;
    names.add(name);
    if (names.size === before) return;
    this.memory.take(client, costOf(name.length));
    this.topic(kind, name).add(client);
    if ((client.gate & IS_SUBSCRIBER) !== 0) return;
    client.gate |= IS_SUBSCRIBER;
    client.type = 'pubsub';
    this.subscribedClients++;
  }

  unsubscribe(client: Client, kind: TopicKind, name: string): void {
    const { subscriptions } = client;
    if (!subscriptions?.[kind].delete(name)) return;
    const topics: Map<string, Topic> = this[kind];
    const topic = topics.get(name);
    this.memory.give(client, costOf(name.length));
    topic?.remove(client);
    if (topic?.subscribers === 0) {
      topics.delete(name);
      if (kind === 'channels') this.dropRecent(topic);
    }
    const { channels, patterns, shardChannels } = subscriptions;
    if (channels.size + patterns.size + shardChannels.size > 0) return;
    client.gate &= ~IS_SUBSCRIBER;
    client.type = 'normal';
    this.subscribedClients--;
  }

  unsubscribeAll(client: Client): void {
    for (const kind of ['channels', 'patterns', 'shardChannels'] as const) {
      for (const name of client.subscriptions?.[kind] ?? []) this.unsubscribe(client, kind, name);
    }
  }

  /** Returns how many received the message; a client counts once for its channel and once for each pattern. */
  publish(channel: Slice, message: Slice): number {
    let receivers = 0;
    const topic = this.channels.size === 0 ? undefined : this.channel(channel);
    const { writer } = this;
    if (topic !== undefined) {
      writer.write(topic.prefix, message);
      receivers += topic.send(writer);
    }
    if (this.patterns.size === 0) return receivers;
    for (const pattern of this.patterns.values()) {
      if (!pattern.glob.matches(channel)) continue;
      writer.write(pattern.prefix, channel, message);
      receivers += pattern.send(writer);
    }
    return receivers;
  }

  publishToShard(channel: Slice, message: Slice): number {
    const topic = this.shardChannels.get(channel.toLatin1());
    if (topic === undefined) return 0;
    this.writer.write(topic.prefix, message);
    return topic.send(this.writer);
  }

  private channel(name: Slice): Topic | undefined {
    const place = placeOf(name);
    const recent = this.recent[place];
    if (recent !== undefined && equalBytes(recent.name, name)) return recent;
    const topic = this.channels.get(name.toLatin1());
    if (topic !== undefined) {
      this.recent[place] = topic;
      topic.place = place;
    }
    return topic;
  }

  private dropRecent(channel: Topic): void {
    const { place } = channel;
    if (place >= 0 && this.recent[place] === channel) this.recent[place] = undefined;
  }

  private topic(kind: TopicKind, name: string): Topic {
    const topics: Map<string, Topic> = this[kind];
    let topic = topics.get(name);
    if (topic === undefined) {
      topic = kind === 'patterns' ? new Pattern(name) : new Topic(kind, name);
      topics.set(name, topic);
    }
    return topic;
  }
}

/** With RESP2 replies could not be told from messages. */
function refuseToSubscriber(client: Client, { flags, fullName }: CompiledCommand): boolean {
  if (client.protocol === 2 && (flags & CommandFlag.FOR_SUBSCRIBERS) === 0) throw errors.notForSubscribers(fullName);
  return false;
}

function placeOf(name: Slice): number {
  return hashBytes(name, 0) & (RECENT_CHANNELS - 1);
}

/** A name is text, and bytes and the beginning of a message once it has one. */
const NAME_COPIES = 3;

/** What a subscription takes of the heap. */
function costOf(nameLength: number): number {
  return HeapCost.SUBSCRIPTION + NAME_COPIES * nameLength;
}
