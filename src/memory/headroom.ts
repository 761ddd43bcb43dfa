/**
 * Looks whether the system could give more memory than is asked for, since V8 ends the process when it is refused a few
 * MiB for its own heap. A look keeps nothing, but V8 counts what it is lent as pressure and collects garbage for it,
 * some milliseconds each time. So there is none where nothing can be refused, which is nearly everywhere.
 */
import { giveToSystem } from './give-to-system.js';

class Headroom {
  /** Whether the system refuses memory at all. Asked at each look; who knows the system puts a better answer here. */
  canBeRefused: () => boolean = () => true;

  /** @throws RangeError where the system refuses so many bytes */
  look(bytes: number, allocate: (bytes: number) => Buffer): void {
    if (this.canBeRefused()) giveToSystem(allocate(bytes));
  }
}

/** The process has one memory. */
export const headroom = new Headroom();
