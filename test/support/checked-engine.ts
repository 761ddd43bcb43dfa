import type { Client } from '../../src/engine/client.js';
import { Engine } from '../../src/engine/engine.js';
import type { Args } from '../../src/protocol/args.js';

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
