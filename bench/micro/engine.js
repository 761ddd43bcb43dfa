/** A whole engine without sockets, for benchmarks: frames go in, replies are dropped. */
import { allCommands } from '../../.tmp/modules/commands/index.js';
import { Client } from '../../.tmp/modules/engine/client.js';
import { Engine } from '../../.tmp/modules/engine/engine.js';
import { SeededRandom } from '../../.tmp/modules/engine/random.js';
import { viewOf } from '../../.tmp/modules/memory/slice.js';
import { Args } from '../../.tmp/modules/protocol/args.js';
import { RequestDecoder } from '../../.tmp/modules/protocol/request-decoder.js';
import { dataTypes } from '../../.tmp/modules/types/index.js';

export class BenchEngine {
  engine = new Engine({
    commands: allCommands,
    types: dataTypes,
    clock: { now: Date.now, schedule: () => ({ cancel() {} }) },
    random: new SeededRandom([1, 2, 3, 4]),
    databases: 1,
    onInternalError: (error) => {
      throw error;
    },
  });
  #client = new Client(1, { send() {}, unblocked() {}, close() {}, facts: () => null }, Date.now(), false);
  #decoder = new RequestDecoder({ maxBulkLength: 512 * 1024 * 1024 });
  #args = new Args();

  /** Runs all requests of a buffer. */
  run(bytes, view = viewOf(bytes)) {
    const { engine } = this;
    const args = this.#args;
    this.#decoder.feed(bytes, view, bytes.length);
    let count = 0;
    while (this.#decoder.next(args)) {
      engine.execute(this.#client, args);
      // About what one read of a deep pipeline brings.
      if ((++count & 63) === 63) engine.reply.clear();
    }
    this.#decoder.retain();
    engine.reply.clear();
  }
}
