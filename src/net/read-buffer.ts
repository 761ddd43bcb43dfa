/** The bytes that all connections of a server are read into. */
import { viewOf } from '../memory/slice.js';

export const READ_BUFFER_SIZE = 256 * 1024;

export class ReadBuffer {
  readonly bytes = Buffer.allocUnsafeSlow(READ_BUFFER_SIZE);
  readonly view = viewOf(this.bytes);
}
