/** Strings in snapshots and payloads: RDB type 0. */

import type { RdbValueInput } from '../../format/rdb-value-input.js';
import type { RdbValueOutput } from '../../format/rdb-value-output.js';
import type { LoadTarget, RdbForms } from '../../keyspace/data-type.js';
import type { Database } from '../../keyspace/database.js';
import type { Ref } from '../../memory/arena.js';
import { MAX_ROPE_LENGTH, Rope } from '../../memory/rope.js';
import { Slice } from '../../memory/slice.js';
import { ropeOf, StringKind, setString, setToRope } from './value.js';

const RDB_STRING = 0;

const value = new Slice();

export const stringForms: RdbForms = {
  reads: [RDB_STRING],
  typeOf: () => RDB_STRING,
  write,
  read,
};

function write(db: Database, ref: Ref, output: RdbValueOutput): Generator<void, void> | null {
  if (db.kindOf(ref) === StringKind.ROPE) return output.longString(ropeOf(db, ref));
  output.bulk(db.valueOf(ref, value));
  return null;
}

function read(_type: number, input: RdbValueInput, target: LoadTarget): Generator<void, void> | null {
  const content = input.shortString();
  if (content === null) return readLong(input, target);
  if (!target.isExpired) setString(target.database, target.key, 0, content, target.deadline);
  return null;
}

function* readLong(input: RdbValueInput, target: LoadTarget): Generator<void, void> {
  const { stringLength } = input;
  if (stringLength > MAX_ROPE_LENGTH) input.fail(`a string of ${stringLength} bytes is too long`);
  const { arena } = target.database;
  const rope = new Rope(arena);
  try {
    yield* input.pieces((piece) => {
      if (target.isExpired) return;
      arena.reserve(piece.length);
      rope.appendSparse(piece);
    });
  } catch (error) {
    rope.free();
    throw error;
  }
  if (!target.isExpired) setToRope(target.database, target.key, 0, rope, target.deadline);
}
