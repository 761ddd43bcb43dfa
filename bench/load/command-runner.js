/**
 * An engine of the compiled modules of a folder, and how it runs a pipeline, which tells how many errors it has replied
 * so far. Its importer gives it a query string.
 */

const READ_AHEAD = 64 * 1024;

export async function createRunner(modules) {
  const load = (path) => import(`${modules}/${path}`);
  const { allCommands } = await load('commands/index.js');
  const { Client } = await load('engine/client.js');
  const { Engine } = await load('engine/engine.js');
  const { SeededRandom } = await load('engine/random.js');
  // Revisions before data types were registered have none to give.
  const { dataTypes } = await load('types/index.js').catch(() => ({}));
  const { viewOf } = await load('memory/slice.js');
  const { Args } = await load('protocol/args.js');
  const { RequestDecoder } = await load('protocol/request-decoder.js');

  const engine = new Engine({
    commands: allCommands,
    types: dataTypes,
    clock: { now: Date.now, schedule: () => ({ cancel() {} }) },
    stopwatch: { microseconds: () => performance.now() * 1000 },
    random: new SeededRandom([1, 2, 3, 4]),
    databases: 16,
    onInternalError: (error) => {
      throw error;
    },
  });
  // It is called server since host means an address.
  engine.server = engine.host = { clients: { connectionOf: () => undefined } };
  const timing = engine.timing ?? engine.feature((await load('features/observing/timing.js')).Timing);
  const client = new Client(1, { send() {}, unblocked() {}, close() {}, facts: () => null }, Date.now(), false);
  const decoder = new RequestDecoder({ maxBulkLength: 512 * 1024 * 1024 });
  // Earlier revisions decode one request at a time.
  const { RequestBatch } = await load('protocol/request-batch.js').catch(() => ({}));
  const batch = RequestBatch === undefined ? null : new RequestBatch();
  const args = new Args();
  engine.execute(
    new Client(2, { send() {}, unblocked() {}, close() {}, facts: () => null }, Date.now()),
    Args.from(['SUBSCRIBE', 'channel']),
  );

  function runBatches() {
    while (decoder.nextBatch(batch)) {
      engine.lookAhead.begin(batch.requests, batch.count, client.databaseIndex);
      for (let i = 0; i < batch.count; i++) engine.execute(client, batch.requests[i]);
    }
  }

  // As with a socket, whose reads all go to one buffer.
  let read = Buffer.alloc(0);
  let readView = viewOf(read);

  return (bytes) => {
    if (bytes.length > read.length) {
      read = Buffer.alloc(bytes.length + READ_AHEAD);
      readView = viewOf(read);
    }
    read.set(bytes);
    decoder.feed(read, readView, bytes.length);
    timing.beginTurn(false);
    if (batch === null) while (decoder.next(args)) engine.execute(client, args);
    else runBatches();
    timing.endTurn();
    decoder.retain();
    engine.reply.clear();
    return engine.errorReplies;
  };
}
