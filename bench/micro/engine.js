/** A whole engine without sockets, for benchmarks: frames go in, replies are dropped. */
import { allCommands } from '../../dist/commands/index.js';
import { Client } from '../../dist/engine/client.js';
import { Engine } from '../../dist/engine/engine.js';
import { SeededRandom } from '../../dist/engine/random.js';
import { viewOf } from '../../dist/memory/slice.js';
import { Args } from '../../dist/protocol/args.js';
import { RequestDecoder } from '../../dist/protocol/request-decoder.js';

export class BenchEngine {
  engine = new Engine({
    commands: allCommands,
    clock: { now: Date.now, schedule: () => ({ cancel() {} }) },
    random: new SeededRandom([1, 2, 3, 4]),
    databases: 1,
    onInternalError: (error) => {
      throw error;
    },
  });
  #client = new Client(1, { send() {}, unblocked() {}, close() {} }, Date.now(), false);
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
