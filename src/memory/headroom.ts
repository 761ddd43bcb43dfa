/**
 * Looks whether the system could give more memory than is asked for, since V8 ends the process when it is refused a few
 * MiB for its own heap. A look keeps nothing, but memory is mapped for it and given back, which takes a third of a
 * millisecond. So there is none where nothing can be refused, which is nearly everywhere.
 */
import { giveToSystem } from './give-to-system.js';

class Headroom {
  /** Whether the system refuses memory at all. Asked at each look; who knows the system puts a better answer here. */
  canBeRefused: () => boolean = () => true;

  /** @throws RangeError where the system refuses so many bytes */
  look(bytes: number): void {
    if (this.canBeRefused()) giveToSystem({ buffer: lend(bytes) });
  }
}

interface Resizable extends ArrayBuffer {
  resize(length: number): void;
}

/**
 * A buffer that has grown: V8 does not count it. Any other it would take for pressure, and collect garbage, which may
 * need more memory than there is beside the buffer.
 */
function lend(bytes: number): ArrayBuffer {
  const Constructor = ArrayBuffer as unknown as new (length: number, options: { maxByteLength: number }) => Resizable;
  const buffer = new Constructor(0, { maxByteLength: bytes });
  buffer.resize(bytes);
  return buffer;
}

/** The process has one memory. */
export const headroom = new Headroom();
