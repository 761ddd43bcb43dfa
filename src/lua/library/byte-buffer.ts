/** Buffer with its direct ways from and to strings of bytes, which Node has and its types do not tell of. */

export interface ByteBuffer extends Buffer {
  latin1Slice(start: number, end: number): string;
  latin1Write(text: string, offset: number, length: number): number;
}

export function allocateBytes(size: number): ByteBuffer {
  return Buffer.allocUnsafeSlow(size) as ByteBuffer;
}
