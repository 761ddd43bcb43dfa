/**
 * Memory for buffers outside of the arena (requests, replies), as the process can have it from the system.
 *
 * V8 ends the process when it is refused a few MiB for its own heap, and so does the C library under Node. So the last
 * of the memory is not for buffers: every so many bytes the system is asked whether it could give HEADROOM more, which
 * is what V8 may want while it moves its young generation (three times 16 MiB) and what is given out between two looks.
 * Once it could not, only small buffers are given out, and few of them, until askAgain(), because a refusal is dear: V8
 * collects all garbage, twice, before it believes one.
 *
 * The arena keeps twice as much free, so that requests and replies still find memory when the data has taken its last
 * segment.
 */
import { headroom } from './headroom.js';
import { OutOfMemoryError } from './physical-memory.js';

const MIB = 1024 * 1024;
const HEADROOM = 64 * MIB;
const BYTES_PER_LOOK = 4 * MIB;
/** What is given out without another look after a refusal, in buffers of at most SMALL bytes. */
const ALLOWANCE_AFTER_REFUSAL = 4 * MIB;
const SMALL = 16 * 1024;

class SystemMemory {
  /** Tests put another in its place, which refuses. It throws a RangeError then, as Buffer does. */
  allocate: (bytes: number) => Buffer = (bytes) => Buffer.allocUnsafeSlow(bytes);
  private bytesSinceLook = 0;
  private allowance = 0;
  private isRefused = false;

  /** Uninitialised bytes in an ArrayBuffer of their own. @throws OutOfMemoryError */
  take(bytes: number): Buffer {
    if (this.isRefused) this.takeAllowance(bytes);
    this.bytesSinceLook += bytes;
    try {
      if (this.bytesSinceLook >= BYTES_PER_LOOK) this.look(bytes);
      return this.allocate(bytes);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.isRefused = true;
      this.allowance = ALLOWANCE_AFTER_REFUSAL;
      throw new OutOfMemoryError(`the system refused ${bytes} bytes for a buffer`);
    }
  }

  /**
   * Bytes that are about to be taken from JavaScript's heap rather than as a buffer: looks at the headroom. @throws
   * OutOfMemoryError
   */
  expect(bytes: number): void {
    if (this.isRefused) this.takeAllowance(bytes);
    this.bytesSinceLook += bytes;
    if (this.bytesSinceLook >= BYTES_PER_LOOK) this.take(0);
  }

  /** Some time has passed since a refusal: the next buffer looks again. */
  askAgain(): void {
    if (!this.isRefused) return;
    this.isRefused = false;
    this.bytesSinceLook = BYTES_PER_LOOK;
  }

  private takeAllowance(bytes: number): void {
    if (bytes > SMALL || bytes > this.allowance)
      throw new OutOfMemoryError('the system refused memory a short time ago');
    this.allowance -= bytes;
    this.bytesSinceLook = 0;
  }

  /** Takes nothing yet: the garbage collection that a refusal brings needs memory itself. */
  private look(bytes: number): void {
    headroom.look(bytes + HEADROOM);
    this.bytesSinceLook = 0;
  }
}

/**
 * Whether something was thrown because there is no memory: by us, or by V8 for a buffer that was not asked for here, or
 * for a string that is longer than it can have.
 */
export function isRefusedMemory(error: unknown): boolean {
  if (error instanceof OutOfMemoryError) return true;
  if (!(error instanceof Error)) return false;
  return (
    (error as NodeJS.ErrnoException).code === 'ERR_STRING_TOO_LONG' ||
    (error instanceof RangeError && /allocation failed|Invalid (typed array|string) length/i.test(error.message))
  );
}

/** The process has one memory, whatever number of servers share it. */
export const systemMemory = new SystemMemory();
