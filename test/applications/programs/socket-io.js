/** socket.io on two servers that hear of each other through Redis, by channels and by streams. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, describe, test } from 'node:test';
import { createAdapter as createChannelAdapter } from '@socket.io/redis-adapter';
import { createAdapter as createStreamsAdapter } from '@socket.io/redis-streams-adapter';
import { Server } from 'socket.io';
import { io } from 'socket.io-client';
import { connect, connectNodeRedis, disconnectAll, until } from './server.js';

const closers = [];

const redis = connect();
const blockedClients = async () => Number(/blocked_clients:(\d+)/.exec(await redis.info('clients'))[1]);

/** A server of socket.io, and a client of it. */
async function serverWithClient(adapter) {
  const http = createServer();
  const server = new Server(http, { adapter, connectionStateRecovery: {} });
  await new Promise((resolve) => http.listen(0, '127.0.0.1', resolve));
  const connected = new Promise((resolve) => server.once('connection', resolve));
  const client = io(`http://127.0.0.1:${http.address().port}`, { transports: ['websocket'], reconnection: false });
  closers.push(() => {
    client.close();
    return new Promise((resolve) => server.close(resolve));
  });
  return { server, client, socket: await connected };
}

const heard = (client, event) => new Promise((resolve) => client.once(event, (...args) => resolve(args)));

const kinds = [
  ['channels, ioredis', async () => createChannelAdapter(connect(), connect(), { key: 'a' })],
  [
    'channels, node-redis',
    async () => createChannelAdapter(await connectNodeRedis(), await connectNodeRedis(), { key: 'b' }),
  ],
  ['streams, ioredis', async () => createStreamsAdapter(connect(), { streamName: 'c', channelPrefix: 'c' })],
  [
    'streams, node-redis',
    async () => createStreamsAdapter(await connectNodeRedis(), { streamName: 'd', channelPrefix: 'd' }),
  ],
];

describe('socket.io', { concurrency: true }, () => {
  after(async () => {
    await Promise.all(closers.map((close) => close()));
    // The adapters' readers end when there is something to read.
    await Promise.all(['c', 'd'].map((stream) => redis.xadd(stream, '*', 'last', '')));
    await until(async () => (await blockedClients()) === 0);
    disconnectAll();
  });

  for (const [name, adapterOf] of kinds) {
    test(name, async () => {
      const [one, two] = await Promise.all([serverWithClient(await adapterOf()), serverWithClient(await adapterOf())]);
      await until(async () => (await one.server.of('/').adapter.serverCount()) === 2);
      await until(async () => (await two.server.of('/').adapter.serverCount()) === 2);

      // A reader of streams hears only of what comes after its first XREAD.
      if (name.startsWith('streams')) await until(async () => (await blockedClients()) === 4);

      const both = Promise.all([heard(one.client, 'news'), heard(two.client, 'news')]);
      one.server.emit('news', { n: 1 }, Buffer.from([0, 255, 128]));
      for (const [news, bytes] of await both) {
        assert.deepEqual(news, { n: 1 });
        assert.deepEqual([...bytes], [0, 255, 128]);
      }

      two.socket.join('room');
      const inRoom = heard(two.client, 'room');
      one.client.once('room', () => assert.fail('it is not in the room'));
      one.server.to('room').emit('room', 'for you');
      assert.equal((await inRoom)[0], 'for you');

      const sockets = await one.server.fetchSockets();
      assert.deepEqual(sockets.map(({ id }) => id).sort(), [one.socket.id, two.socket.id].sort());
      assert.deepEqual(
        [...(await one.server.in('room').fetchSockets())].map(({ id }) => id),
        [two.socket.id],
      );
      one.server.in(two.socket.id).socketsJoin('other');
      await until(() => two.socket.rooms.has('other'));

      for (const { client } of [one, two]) client.on('question', (answer) => answer(client.id));
      const answers = await one.server.timeout(5000).emitWithAck('question');
      assert.deepEqual(answers.sort(), [one.client.id, two.client.id].sort());

      two.server.on('between servers', (text, answer) => answer(`${text}!`));
      assert.deepEqual(await one.server.serverSideEmitWithAck('between servers', 'hello'), ['hello!']);

      if (name.startsWith('streams')) {
        const lost = new Promise((resolve) => two.socket.once('disconnect', resolve));
        two.client.io.engine.close();
        await lost;
        const missed = heard(two.client, 'missed');
        one.server.to('room').emit('missed', 'while you were away');
        two.client.connect();
        assert.equal((await missed)[0], 'while you were away');
        assert.equal(two.client.recovered, true);
      }

      const gone = heard(two.client, 'disconnect');
      one.server.in('room').disconnectSockets();
      await gone;
      await until(async () => (await one.server.fetchSockets()).length === 1);
    });
  }
});
