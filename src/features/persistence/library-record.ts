/** A library of functions as files and payloads hold it: its text. */

import { Opcode } from '../../format/rdb-encoding.js';
import { MAX_STRING, type RdbOutput } from '../../format/rdb-output.js';
import type { Slice } from '../../memory/slice.js';

export function writeLibrary(output: RdbOutput, source: Slice): void {
  output.writeByte(Opcode.FUNCTION_2);
  if (source.length <= MAX_STRING) {
    output.writeString(source);
  } else {
    output.writeLength(source.length);
    output.writeBytes(source);
  }
}
