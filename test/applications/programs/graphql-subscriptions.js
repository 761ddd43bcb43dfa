/** graphql-redis-subscriptions under the subscriptions of a schema of graphql. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { buildSchema, parse, subscribe } from 'graphql';
import { RedisPubSub } from 'graphql-redis-subscriptions';
import { connect, disconnectAll, until } from './server.js';

const schema = buildSchema(`
  type Message { room: String!, text: String!, sent: Float }
  type Query { none: Int }
  type Subscription { message(room: String!): Message, anything: Message }
`);

function openPubSub() {
  return new RedisPubSub({ publisher: connect(), subscriber: connect() });
}

/** Subscribes by a document of graphql. @returns what comes, as an asynchronous iterator */
async function subscribed(pubsub, document) {
  const { message, anything } = schema.getSubscriptionType().getFields();
  message.subscribe = (_root, { room }, context) => context.asyncIterator(`room.${room}`);
  anything.subscribe = (_root, _args, context) => context.asyncIterator('room.*', { pattern: true });
  return subscribe({ schema, document: parse(document), contextValue: pubsub });
}

const next = async (iterator) => JSON.parse(JSON.stringify((await iterator.next()).value.data));

describe('graphql-redis-subscriptions', { concurrency: true }, () => {
  const redis = connect();
  after(disconnectAll);

  test('messages reach the subscribers of their room, in order, from another process', async () => {
    const [here, there] = [openPubSub(), openPubSub()];
    const green = await subscribed(here, 'subscription { message(room: "green") { text } }');
    const blue = await subscribed(here, 'subscription { message(room: "blue") { room text } }');
    const all = await subscribed(here, 'subscription { anything { room text } }');
    const coming = [next(green), next(blue), next(all)];
    await until(async () => {
      const counts = await redis.pubsub('NUMSUB', 'room.green', 'room.blue');
      return counts[1] === 1 && counts[3] === 1 && (await redis.pubsub('NUMPAT')) === 1;
    });
    const publish = (room, text) =>
      there.publish(`room.${room}`, { message: { room, text }, anything: { room, text } });
    await publish('green', 'grün\n');
    await publish('blue', 'one');
    assert.deepEqual(await Promise.all(coming), [
      { message: { text: 'grün\n' } },
      { message: { room: 'blue', text: 'one' } },
      { anything: { room: 'green', text: 'grün\n' } },
    ]);
    for (let n = 0; n < 50; n++) await publish('blue', `${n}`);
    for (let n = 0; n < 50; n++) assert.equal((await next(blue)).message.text, `${n}`);
    await green.return();
    await until(async () => (await redis.pubsub('NUMSUB', 'room.green'))[1] === 0);
    await blue.return();
    await all.return();
  });

  test('many subscriptions of one channel share one', async () => {
    const pubsub = openPubSub();
    const seen = [];
    const ids = await Promise.all(
      Array.from({ length: 20 }, (_, n) => pubsub.subscribe('shared', (m) => seen.push([n, m]))),
    );
    assert.deepEqual(await redis.pubsub('NUMSUB', 'shared'), ['shared', 1]);
    await pubsub.publish('shared', { at: 1 });
    await until(() => seen.length === 20);
    assert.deepEqual(new Set(seen.map(([n]) => n)).size, 20);
    assert.deepEqual(seen[0][1], { at: 1 });
    for (const id of ids) pubsub.unsubscribe(id);
    await until(async () => (await redis.pubsub('NUMSUB', 'shared'))[1] === 0);
  });
});
