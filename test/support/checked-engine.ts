import type { Client } from '../../src/engine/client.js';
import { Engine } from '../../src/engine/engine.js';
import { CursorPool } from '../../src/keyspace/cursor-pool.js';
import type { Args } from '../../src/protocol/args.js';

// A cursor over a value that is used after its command throws.
CursorPool.isStrict = true;

/** An engine that notices when execute() is called from inside a command, an observer or a hook. */
export class CheckedEngine extends Engine {
  private isExecuting = false;

  override execute(client: Client, args: Args): void {
    if (this.isExecuting) throw new Error('execute() was called from inside a command');
    this.isExecuting = true;
    try {
      super.execute(client, args);
    } finally {
      this.isExecuting = false;
    }
  }
}
