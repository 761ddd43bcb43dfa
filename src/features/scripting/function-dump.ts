/** Libraries as FUNCTION DUMP gives them: records of the RDB format, its version, and a checksum. */

import { Opcode, RDB_VERSION, RdbError } from '../../format/rdb-encoding.js';
import { RdbInput } from '../../format/rdb-input.js';
import { RdbOutput } from '../../format/rdb-output.js';
import { Slice } from '../../memory/slice.js';
import * as errors from '../../protocol/errors.js';
import { PAYLOAD_FOOTER_SIZE, verifyPayload } from '../persistence/dump.js';
import { writeLibrary } from '../persistence/library-record.js';
import { type Functions, LibrarySet } from './functions.js';

export function dumpFunctions({ libraries }: LibrarySet): Buffer {
  const output = new RdbOutput({ compression: true, checksum: true });
  for (const { source } of libraries.values()) {
    writeLibrary(output, source);
  }
  output.writeByte(RDB_VERSION & 0xff);
  output.writeByte(RDB_VERSION >> 8);
  output.writeChecksum();
  output.flush();
  return Buffer.concat(output.chunks);
}

/** FUNCTION RESTORE. @throws CommandError, and nothing has changed */
export function restoreFunctions(functions: Functions, payload: Slice, policy: 'FLUSH' | 'APPEND' | 'REPLACE'): void {
  verifyPayload(payload);
  const restored = new LibrarySet();
  for (const source of sourcesIn(payload)) functions.load(source, false, restored);
  functions.set = policy === 'FLUSH' ? restored : functions.set.joined(restored, policy === 'REPLACE');
}

function* sourcesIn({ bytes, view, start, end }: Slice): Generator<Slice> {
  const length = end - PAYLOAD_FOOTER_SIZE - start;
  const input = new RdbInput(0, false).open(new Slice(bytes, view, start, start + length));
  const source = new Slice();
  while (input.offset < length) {
    try {
      if (input.byte() !== Opcode.FUNCTION_2) throw errors.commandError('given type is not a function');
      input.string(source);
    } catch (error) {
      throw error instanceof RdbError ? errors.commandError('Failed loading library payload') : error;
    }
    yield source;
  }
}
