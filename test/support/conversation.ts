/**
 * Scripts over several connections, for blocking commands and messages: each step runs on redis-server and on redstart,
 * and the transcripts are compared. No step sleeps: a `block` step ends when the server reports one more blocked
 * client, so the order in which clients block is the order of the script on both servers. `id of a` in a command stands
 * for the client id of connection a, which is made by its first step.
 */
import { comparatorFor } from './compare.js';
import type { Pair } from './pair.js';
import { PATIENCE_MS } from './patience.js';
import { type Address, type Command, RawClient } from './raw-client.js';
import { showCommand, showReply, textOf } from './reply-text.js';

export type Step =
  /** Sends a command and reads its reply. */
  | { conn: string; send: Command }
  /** Sends several commands in one write and reads all their replies. */
  | { conn: string; pipeline: readonly Command[] }
  /** Sends a command and waits until its client is blocked. */
  | { conn: string; block: Command }
  /** Reads the reply of a command that blocked before. */
  | { conn: string; expect: 'reply' }
  /**
   * Sends a command that is answered with messages, if there is one, and reads so many messages: replies in RESP2,
   * pushes in RESP3. What MONITOR shows counts as replies.
   */
  | { conn: string; tell?: Command; receives: number }
  /** Closes the connection and waits until the server has noticed. */
  | { conn: string; close: true };

interface Entry {
  step: string;
  command: Command;
  reply: Buffer | undefined;
}

export async function compareConversation(
  pair: Pair,
  steps: readonly Step[],
  options: { protocol?: 2 | 3 } = {},
): Promise<void> {
  const [oracle, subject] = await Promise.all([
    converse(pair.oracle, steps, options).catch(named('redis-server')),
    converse(pair.subject, steps, options).catch(named('redstart')),
  ]);
  for (const [index, entry] of oracle.entries()) {
    const ours = subject[index]!;
    const same =
      entry.reply === undefined || ours.reply === undefined
        ? entry.reply === ours.reply
        : entry.reply.equals(ours.reply) || comparatorFor(entry.command)?.(entry.reply, ours.reply);
    if (same) continue;
    const before = oracle.slice(0, index).map(({ step, reply }) => `  ${step} -> ${showReply(reply)}`);
    throw new Error(
      [
        `replies differ: ${entry.step}`,
        `  redis-server: ${showReply(entry.reply)}`,
        `  redstart:     ${showReply(ours.reply)}`,
        'after:',
        ...before,
      ].join('\n'),
    );
  }
}

async function converse(address: Address, steps: readonly Step[], options: { protocol?: 2 | 3 }): Promise<Entry[]> {
  const control = await RawClient.connect(address);
  const connections = new Map<string, RawClient>();
  const ids = new Map<string, string>();
  const blockedIn = new Map<string, Command>();
  const transcript: Entry[] = [];
  try {
    await control.call('FLUSHALL');
    for (const step of steps) {
      let client = connections.get(step.conn);
      if (client === undefined) {
        client = await RawClient.connect(address, options);
        connections.set(step.conn, client);
        ids.set(step.conn, textOf(await client.call('CLIENT', 'ID'))!);
      }
      const log = (command: Command, reply: Buffer | undefined) =>
        transcript.push({ step: `${step.conn}: ${showCommand(command)}`, command, reply });
      try {
        await play(client, control, withIds(step, ids), blockedIn, log);
      } catch (error) {
        const done = transcript.map((entry) => `  ${entry.step} -> ${showReply(entry.reply)}`).join('\n');
        throw new Error(`${(error as Error).message} at ${JSON.stringify(step)} after:\n${done}`);
      }
    }
    // Whatever a connection received beyond its script would otherwise go unnoticed.
    for (const [name, client] of connections) {
      if (client.unread > 0 || client.pushes.length > 0) {
        const reply = client.pushes.shift() ?? (await client.read());
        transcript.push({ step: `${name}: unexpected`, command: [name], reply });
      }
    }
    return transcript;
  } finally {
    await Promise.all([control, ...connections.values()].map((client) => client.close()));
  }
}

function withIds(step: Step, ids: ReadonlyMap<string, string>): Step {
  const filled = (command: Command): Command =>
    command.map((word) =>
      typeof word === 'string' ? word.replace(/^id of (\w+)$/, (_, name) => ids.get(name)!) : word,
    );
  if ('send' in step) return { ...step, send: filled(step.send) };
  if ('pipeline' in step) return { ...step, pipeline: step.pipeline.map(filled) };
  return step;
}

async function play(
  client: RawClient,
  control: RawClient,
  step: Step,
  blockedIn: Map<string, Command>,
  log: (command: Command, reply: Buffer | undefined) => void,
): Promise<void> {
  if ('send' in step) {
    log(step.send, await client.call(...step.send));
  } else if ('pipeline' in step) {
    const replies = await client.pipeline(step.pipeline);
    for (const [index, command] of step.pipeline.entries()) log(command, replies[index]);
  } else if ('block' in step) {
    const before = await field(control, 'blocked_clients');
    blockedIn.set(step.conn, step.block);
    const reply = client.call(...step.block).then((bytes) => {
      // Arrived while we waited for the client to block: it did not block.
      if (blockedIn.get(step.conn) === step.block) throw new Error(`did not block, but replied ${showReply(bytes)}`);
      return bytes;
    });
    reply.catch(() => {});
    pending.set(client, reply);
    await Promise.race([reply, untilField(control, 'blocked_clients', (now) => now === before + 1)]);
    blockedIn.delete(step.conn);
    log(step.block, undefined);
  } else if ('receives' in step) {
    if (step.tell !== undefined) client.send(step.tell);
    const what = step.tell ?? ['(messages)'];
    for (let i = 0; i < step.receives; i++) log(what, anonymous(await nextMessage(client)));
  } else if ('expect' in step) {
    const reply = pending.get(client);
    pending.delete(client);
    log(['(blocked command)'], await (reply ?? client.read()));
  } else {
    const before = await field(control, 'connected_clients');
    await client.close();
    await untilField(control, 'connected_clients', (now) => now < before);
    log(['(close)'], undefined);
  }
}

/** A push, or where there are none (RESP2, MONITOR) the next reply. */
async function nextMessage(client: RawClient): Promise<Buffer> {
  const deadline = Date.now() + PATIENCE_MS;
  while (client.pushes.length === 0 && client.unread === 0) {
    if (Date.now() > deadline) throw new Error(`no message within ${PATIENCE_MS} ms`);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return client.pushes.shift() ?? client.read();
}

/** What MONITOR shows, without time and port. */
function anonymous(message: Buffer): Buffer {
  const text = message.toString('latin1');
  if (!/^\+\d+\.\d{6} \[/.test(text)) return message;
  return Buffer.from(text.replace(/^\+\d+\.\d{6} \[(\d+) 127\.0\.0\.1:\d+\]/, '+time [$1 address]'), 'latin1');
}

const pending = new WeakMap<RawClient, Promise<Buffer>>();

async function field(control: RawClient, name: string): Promise<number> {
  const info = (await control.call('INFO', 'clients')).toString('latin1');
  const value = new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1];
  if (value === undefined) throw new Error(`INFO clients has no ${name}`);
  return Number(value);
}

/** Asks until the field has the wanted value; every question is a round trip, so this needs no timer. */
async function untilField(control: RawClient, name: string, wanted: (value: number) => boolean): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!wanted(await field(control, name))) {
    if (Date.now() > deadline) throw new Error(`${name} did not change within ${PATIENCE_MS} ms`);
  }
}

function named(server: string): (error: Error) => never {
  return (error) => {
    throw new Error(`${server}: ${error.message}`);
  };
}
