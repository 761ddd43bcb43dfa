import { beforeEach, describe, expect, it } from 'vitest';
import { PubSub } from '../../src/features/pubsub/pub-sub.js';
import { engineOf } from '../support/inside.js';
import { RawClient } from '../support/raw-client.js';
import { SeveralClients } from '../support/several-clients.js';
import { startServer } from '../support/start-server.js';
import { until } from '../support/until.js';

let room: SeveralClients;

beforeEach(() => {
  room = new SeveralClients();
});

const message = (channel: string, text: string, type = '*'): string =>
  `${type}3\r\n$7\r\nmessage\r\n$${channel.length}\r\n${channel}\r\n$${text.length}\r\n${text}\r\n`;

describe('PUBLISH', () => {
  it('gives every subscriber the message in its own protocol, in the order in which they came', () => {
    room.run('a', 'SUBSCRIBE', 'x');
    room.run('b3', 'SUBSCRIBE', 'x');
    room.run('c', 'SUBSCRIBE', 'x');
    expect(room.run('w', 'PUBLISH', 'x', 'hello')).toBe(':3\r\n');
    expect(room.takeSent()).toEqual([
      `a ${message('x', 'hello')}`,
      `b3 ${message('x', 'hello', '>')}`,
      `c ${message('x', 'hello')}`,
    ]);
  });

  it('encodes a message once a protocol, whoever gets it', () => {
    const seen = new Map<Buffer, Set<number>>();
    const send = (bytes: Buffer, start: number) => seen.set(bytes, (seen.get(bytes) ?? new Set()).add(start));
    for (let i = 0; i < 10; i++) {
      const name = i % 2 === 0 ? `a${i}` : `b${i}3`;
      room.run(name, 'SUBSCRIBE', 'x');
      Object.assign(room.client(name).sink, { send });
    }
    room.run('w', 'PUBLISH', 'x', 'hello');
    expect([...seen.values()].map(({ size }) => size)).toEqual([1, 1]);
  });

  it('finds each of many channels by its name, and none that nobody listens to any more', () => {
    const names = Array.from({ length: 600 }, (_, i) => `channel:${i}`);
    room.run('a', 'SUBSCRIBE', ...names);
    const publish = () => names.map((name) => room.run('w', 'PUBLISH', name, 'm'));
    expect(publish()).toEqual(names.map(() => ':1\r\n'));
    room.takeSent();
    room.run('a', 'UNSUBSCRIBE', ...names.slice(0, 300));
    room.run('b', 'SUBSCRIBE', names[0]!);
    expect(publish()).toEqual(names.map((_, i) => (i === 0 || i >= 300 ? ':1\r\n' : ':0\r\n')));
    expect(room.takeSent()).toEqual(
      [names[0]!, ...names.slice(300)].map((name, i) => `${i === 0 ? 'b' : 'a'} ${message(name, 'm')}`),
    );
  });

  it("puts a client's own message after the reply, and after all of EXEC", () => {
    room.run('a3', 'SUBSCRIBE', 'x');
    expect(room.run('a3', 'PUBLISH', 'x', 'hello')).toBe(`:1\r\n${message('x', 'hello', '>')}`);
    room.lines('a3', 'MULTI', 'PUBLISH x 1', 'GET k', 'PUBLISH x 2');
    expect(room.run('a3', 'EXEC')).toBe(`*3\r\n:1\r\n_\r\n:1\r\n${message('x', '1', '>')}${message('x', '2', '>')}`);
  });

  it('reaches a client that wants no replies', () => {
    room.run('a', 'CLIENT', 'REPLY', 'OFF');
    expect(room.run('a', 'SUBSCRIBE', 'x')).toBe('*3\r\n$9\r\nsubscribe\r\n$1\r\nx\r\n:1\r\n');
    room.run('w', 'PUBLISH', 'x', 'hello');
    expect(room.takeSent()).toEqual([`a ${message('x', 'hello')}`]);
  });

  it('bears a subscriber that leaves because of the message', () => {
    room.run('a', 'SUBSCRIBE', 'x');
    room.run('b', 'SUBSCRIBE', 'x');
    const leaving = room.client('a');
    Object.assign(leaving.sink, { send: () => room.engine.disconnect(leaving) });
    room.run('w', 'PUBLISH', 'x', '1');
    expect(room.run('w', 'PUBLISH', 'x', '2')).toBe(':1\r\n');
    expect(room.takeSent()).toHaveLength(2);
  });
});

describe('subscriptions', () => {
  it('leave nothing behind', () => {
    const pubSub = room.engine.feature(PubSub);
    const counts = (): number[] => [
      pubSub.count('channels'),
      pubSub.count('patterns'),
      pubSub.count('shardChannels'),
      pubSub.subscribedClients,
    ];
    for (const end of [() => room.engine.forget(room.client('a')), () => room.leave('a')]) {
      room.lines('a', 'SUBSCRIBE x y', 'PSUBSCRIBE x* z', 'SSUBSCRIBE s');
      expect(counts()).toEqual([2, 2, 1, 1]);
      end();
      expect(counts()).toEqual([0, 0, 0, 0]);
      expect(room.run('w', 'PUBLISH', 'x', 'nobody')).toBe(':0\r\n');
    }
  });

  it('are refused to who can not be sent anything', async () => {
    const server = await startServer();
    await expect(server.execute('SUBSCRIBE', 'x')).rejects.toThrow(
      "SUBSCRIBE isn't allowed for a DENY BLOCKING client",
    );
    await expect(server.execute('MONITOR')).rejects.toThrow("MONITOR isn't allowed for DENY BLOCKING client");
  });

  it('make a client one of the type pubsub', async () => {
    const server = await startServer();
    const client = await RawClient.connect({ port: server.port });
    await client.call('SUBSCRIBE', 'x');
    await client.call('PSUBSCRIBE', 'x*');
    await client.call('SSUBSCRIBE', 's');
    const line = String(await server.execute('CLIENT', 'LIST', 'TYPE', 'pubsub'));
    expect(line).toMatch(/flags=P .* sub=1 psub=1 ssub=1 /);
    expect(String(await server.execute('INFO', 'clients'))).toContain('pubsub_clients:1\r\n');
    expect(String(await server.execute('INFO', 'stats'))).toMatch(
      /pubsub_channels:1\r\npubsub_patterns:1\r\npubsubshard_channels:1/,
    );
    await client.close();
  });

  it('survive idle time-outs, which other clients do not', async () => {
    const server = await startServer({ timeout: 1 });
    const [subscriber, idle] = await Promise.all(
      [1, 2].map(() => RawClient.connect({ port: server.port })) as [Promise<RawClient>, Promise<RawClient>],
    );
    await subscriber.call('SUBSCRIBE', 'x');
    await idle.call('PING');
    server.clock.advance(5000);
    await idle.closed;
    expect((await subscriber.call('PING')).toString()).toBe('*2\r\n$4\r\npong\r\n$0\r\n\r\n');
    await subscriber.close();
  });
});

describe('many messages of one turn', () => {
  it('arrive whole and in order, whatever their sizes, channels and protocols', async () => {
    const server = await startServer();
    const [two, three, writer] = (await Promise.all(
      [2, 3, 2].map((protocol) => RawClient.connect({ port: server.port }, { protocol: protocol as 2 | 3 })),
    )) as [RawClient, RawClient, RawClient];
    await two.call('SUBSCRIBE', 'x');
    await two.call('PSUBSCRIBE', 'y*');
    three.send(['SUBSCRIBE', 'x']);
    await three.call('PING');
    three.pushes.length = 0;
    const texts = Array.from({ length: 400 }, (_, i) => `${i}:${'z'.repeat((i * 37) % 6000)}`);
    await writer.pipeline(
      texts.flatMap((text) => [
        ['PUBLISH', 'x', text],
        ['PUBLISH', 'yes', text],
      ]),
    );
    await three.call('PING');
    expect(three.pushes.map((push) => push.toString())).toEqual(texts.map((text) => message('x', text, '>')));
    for (const text of texts) {
      expect((await two.read()).toString()).toBe(message('x', text));
      const pattern = `*4\r\n$8\r\npmessage\r\n$2\r\ny*\r\n$3\r\nyes\r\n$${text.length}\r\n${text}\r\n`;
      expect((await two.read()).toString()).toBe(pattern);
    }
    await Promise.all([two, three, writer].map((client) => client.close()));
  });
});

describe('slow subscribers', () => {
  it('are closed when what waits for them exceeds the limit of their class', async () => {
    const server = await startServer({ 'client-output-buffer-limit': 'pubsub 1mb 0 0' });
    const slow = await RawClient.connect({ port: server.port });
    await slow.call('SUBSCRIBE', 'x');
    slow.pause();
    const text = 'x'.repeat(100_000);
    let sent = 0;
    while ((await server.execute('PUBLISH', 'x', text)) === 1 && sent < 1000) {
      sent++;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(sent).toBeLessThan(1000);
    expect(String(await server.execute('INFO', 'stats'))).toContain('client_output_buffer_limit_disconnections:1\r\n');
    slow.resume();
    await slow.closed;
  });
});

describe('MONITOR', () => {
  it('tells the time in microseconds, and leaves with its client', async () => {
    const server = await startServer();
    server.clock.freeze(1_700_000_000_123);
    const [monitor, client] = await Promise.all([1, 2].map(() => RawClient.connect({ port: server.port })));
    await monitor!.call('MONITOR');
    await client!.call('GET', 'k');
    expect((await monitor!.read()).toString()).toMatch(/^\+1700000000\.123000 \[0 127\.0\.0\.1:\d+\] "GET" "k"\r\n$/);
    await server.execute('SET', 'k', 'v');
    expect((await monitor!.read()).toString()).toMatch(/\[0 in-process\] "SET" "k" "v"/);
    const engine = engineOf(server);
    expect(engine.gate).not.toBe(0);
    await monitor!.close();
    await until(() => engine.gate === 0);
    await client!.close();
  });
});

describe('keyspace notifications', () => {
  it('of keys that expire come at their deadline', async () => {
    const server = await startServer({ 'notify-keyspace-events': 'Ex' });
    const client = await RawClient.connect({ port: server.port });
    await client.call('SUBSCRIBE', '__keyevent@0__:expired');
    server.clock.freeze();
    await server.execute('SET', 'k', 'v', 'PX', 50);
    server.clock.advance(50);
    expect((await client.read()).toString()).toBe(message('__keyevent@0__:expired', 'k'));
    await client.close();
  });

  it('come after the reply of the command that caused them', async () => {
    const server = await startServer({ 'notify-keyspace-events': 'KEA' });
    const client = await RawClient.connect({ port: server.port });
    await client.call('HELLO', 3);
    client.send(['PSUBSCRIBE', '__keyspace@*']);
    const bytes = await client.call('SET', 'k', 'v');
    expect(bytes.toString()).toBe('+OK\r\n');
    await client.call('PING');
    const [, event] = client.pushes;
    expect(event?.toString()).toContain('$16\r\n__keyspace@0__:k\r\n$3\r\nset\r\n');
    await client.close();
  });

  it('cost nothing while nobody asked for them', async () => {
    const server = await startServer();
    const { keyspace } = engineOf(server);
    expect([keyspace['observed'], keyspace.onKeyAdded]).toEqual([false, null]);
    await server.execute('CONFIG', 'SET', 'notify-keyspace-events', 'KEAn');
    expect(keyspace['observed']).toBe(true);
    await server.execute('CONFIG', 'SET', 'notify-keyspace-events', '');
    expect([keyspace['observed'], keyspace.onKeyAdded]).toEqual([false, null]);
  });
});
