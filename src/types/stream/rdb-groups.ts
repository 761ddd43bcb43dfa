/**
 * Consumer groups in snapshots and payloads.
 *
 *     group      name, last id, entries read (from type 19 on), pending entries {16 bytes id, 8 bytes time, deliveries}
 *                and consumers {name, 8 bytes seen, 8 bytes active (type 21), pending ids of 16 bytes}
 *
 * What a file of type 19 does not say is that a consumer was active when it was seen.
 */

import type { RdbValueInput } from '../../format/rdb-value-input.js';
import type { RdbValueOutput } from '../../format/rdb-value-output.js';
import { Id } from '../../memory/id-tree.js';
import { Slice } from '../../memory/slice.js';
import type { Groups } from './groups.js';
import { UNKNOWN } from './groups.js';
import { toBigInt } from './id.js';
import { Places } from './lag.js';
import type { Stream } from './stream.js';

const ID_BYTES = 16;
/** Pending entries that are read in one go. */
const BATCH = 256;
const UNSIGNED = 64;

const id = new Id();
const name = new Slice();

// --- writing

export function* writeGroups(stream: Stream, output: RdbValueOutput): Generator<void, void> {
  const { groups } = stream;
  output.writeLength(groups.size);
  for (let i = 0; groups.at(i); i++) {
    output.bulk(groups.groupName(name));
    groups.lastId(id);
    output.writeLength64(toBigInt(id.msHigh, id.msLow));
    output.writeLength64(toBigInt(id.seqHigh, id.seqLow));
    output.writeLength64(BigInt.asUintN(UNSIGNED, groups.entriesRead));
    output.writeLength(groups.pending.size);
    for (let there = groups.pending.atRank(0); there; there = groups.pending.next()) {
      writeRawId(output, groups.pending.idInto(id));
      output.writeMilliseconds(groups.pendingTime);
      output.writeLength64(BigInt.asUintN(UNSIGNED, BigInt(groups.deliveries)));
      if (output.isSpent()) yield;
    }
    output.writeLength(groups.consumerCount);
    for (let j = 0; groups.atConsumer(j); j++) {
      output.bulk(groups.consumerName(name));
      output.writeMilliseconds(groups.seen);
      output.writeLength(groups.own.size);
      for (let there = groups.own.atRank(0); there; there = groups.own.next()) {
        writeRawId(output, groups.own.idInto(id));
        if (output.isSpent()) yield;
      }
    }
  }
}

const raw = Slice.of(Buffer.alloc(ID_BYTES));

function writeRawId(output: RdbValueOutput, { msHigh, msLow, seqHigh, seqLow }: Id): void {
  raw.view.setUint32(raw.start, msHigh);
  raw.view.setUint32(raw.start + 4, msLow);
  raw.view.setUint32(raw.start + 8, seqHigh);
  raw.view.setUint32(raw.start + 12, seqLow);
  output.rawSlice(raw);
}

// --- reading

interface Form {
  readonly hasCounters: boolean;
  readonly hasActiveTimes: boolean;
}

type Fail = (reason: string, offset: number) => never;

/** Reads a group into a stream, which `open` tells anew for each piece: null if it is to be thrown away. */
export function* readGroup(
  input: RdbValueInput,
  form: Form,
  open: () => Stream | null,
  fail: Fail,
): Generator<void, void> {
  const groupName = new Slice();
  const enter = (): Groups | null => {
    const groups = open()?.groups ?? null;
    return groups?.find(groupName) === true ? groups : null;
  };
  const pendingCount = yield* input.whole(() => readGroupHead(input, form, open, groupName, fail));
  for (let left = pendingCount; left > 0; left -= BATCH) {
    yield* input.whole(() => readPending(input, Math.min(left, BATCH), enter(), fail));
  }
  const consumers = yield* input.whole(() => input.length());
  let owned = 0;
  for (let i = 0; i < consumers; i++) {
    const consumerName = new Slice();
    const count = yield* input.whole(() => readConsumerHead(input, form, enter(), consumerName, fail));
    owned += count;
    for (let left = count; left > 0; left -= BATCH) {
      yield* input.whole(() => readOwn(input, Math.min(left, BATCH), enter(), consumerName, fail));
    }
  }
  if (owned !== pendingCount) fail('pending entries have no consumer', input.offset);
}

function copyInto(target: Slice, source: Slice): void {
  target.setFrom(Slice.of(source.toBuffer()));
}

function readGroupHead(
  input: RdbValueInput,
  form: Form,
  open: () => Stream | null,
  groupName: Slice,
  fail: Fail,
): number {
  const { offset } = input;
  copyInto(groupName, input.string());
  const lastId = readId(input, new Id());
  const written = form.hasCounters ? BigInt.asIntN(UNSIGNED, input.length64()) : null;
  const pendingCount = input.length();
  const stream = open();
  if (stream === null) return pendingCount;
  if (stream.groups.find(groupName)) fail('two groups have one name', offset);
  stream.groups.reserveRecord(groupName.length);
  // What versions before 7.0 did not count is told as far as the entries do.
  const read = written ?? new Places().open(stream).distanceFromStart(lastId);
  stream.extensibleGroups.create(groupName, lastId, read < UNKNOWN ? UNKNOWN : read);
  return pendingCount;
}

function readId(input: RdbValueInput, into: Id): Id {
  const ms = input.length64();
  const seq = input.length64();
  const word = 0xffff_ffffn;
  return into.set(Number(ms >> 32n), Number(ms & word), Number(seq >> 32n), Number(seq & word));
}

function rawId(input: RdbValueInput): Id {
  const { view, start } = input.bytes(ID_BYTES);
  return new Id().set(
    view.getUint32(start),
    view.getUint32(start + 4),
    view.getUint32(start + 8),
    view.getUint32(start + 12),
  );
}

function readPending(input: RdbValueInput, count: number, groups: Groups | null, fail: Fail): void {
  const { offset } = input;
  // All of the batch is read before anything changes: what is not whole is read again.
  const ids: Id[] = [];
  const times: number[] = [];
  const deliveries: bigint[] = [];
  for (let i = 0; i < count; i++) {
    ids.push(rawId(input));
    times.push(input.int64());
    deliveries.push(input.length64());
  }
  if (groups === null) return;
  groups.reserve(count);
  for (let i = 0; i < count; i++) {
    if (groups.pending.find(ids[i])) fail('an entry is pending twice', offset);
    groups.addUnowned(ids[i], times[i], deliveries[i]);
  }
}

function readConsumerHead(
  input: RdbValueInput,
  form: Form,
  groups: Groups | null,
  consumerName: Slice,
  fail: Fail,
): number {
  const { offset } = input;
  copyInto(consumerName, input.string());
  const seen = input.int64();
  const active = form.hasActiveTimes ? input.int64() : seen;
  const count = input.length();
  if (groups === null) return count;
  if (groups.findConsumer(consumerName)) fail('two consumers of a group have one name', offset);
  groups.reserveRecord(consumerName.length);
  groups.createConsumer(consumerName, seen, active);
  return count;
}

function readOwn(input: RdbValueInput, count: number, groups: Groups | null, consumerName: Slice, fail: Fail): void {
  const { offset } = input;
  const ids: Id[] = [];
  for (let i = 0; i < count; i++) ids.push(rawId(input));
  if (groups === null || !groups.findConsumer(consumerName)) return;
  groups.reserve(count);
  for (const each of ids) {
    if (!groups.pending.find(each) || !groups.isUnowned) fail('a consumer has an entry that is not pending', offset);
    groups.takeOver(each);
  }
}
