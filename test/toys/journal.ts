/** A toy feature: a journal that is on disk before anybody hears of what is in it, as an AOF that syncs always. */
import type { Engine } from '../../src/engine/engine.js';

export class Journal {
  /** How many effects there were. */
  written = 0;
  /** How many of them are on disk. */
  safe = 0;

  constructor(engine: Engine) {
    engine.effects.listen(() => this.written++);
    engine.register({ beforeBytesLeave: () => (this.safe = this.written) });
  }
}
