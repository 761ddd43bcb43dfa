/**
 * Lists in snapshots and payloads: written as quicklists of listpacks (RDB type 18), read in all forms that there were.
 */

import { ListpackReader, ListpackWriter } from '../../format/listpack.js';
import type { PackReader } from '../../format/pack-reader.js';
import { quoted, type RdbValueInput } from '../../format/rdb-value-input.js';
import type { RdbValueOutput } from '../../format/rdb-value-output.js';
import { ZiplistReader } from '../../format/ziplist.js';
import type { LoadTarget, RdbForms } from '../../keyspace/data-type.js';
import type { Database } from '../../keyspace/database.js';
import type { Ref } from '../../memory/arena.js';
import { Deque } from '../../memory/deque.js';
import { PackedCursor, runStart } from '../../memory/packed.js';
import { Slice } from '../../memory/slice.js';
import { appendToList, expectInList, ListKind } from './value.js';

const RDB_LIST = 1;
const RDB_LIST_ZIPLIST = 10;
const RDB_LIST_QUICKLIST = 14;
const RDB_LIST_QUICKLIST_2 = 18;

/** How a node of a quicklist holds its elements: one element as it is, or a listpack of several. */
const NodeContainer = { PLAIN: 1, PACKED: 2 } as const;

/** What elements of a node can take at worst, as a multiple of what the node takes. */
const NODE_GROWTH = 4;

export const listForms: RdbForms = {
  reads: [RDB_LIST, RDB_LIST_ZIPLIST, RDB_LIST_QUICKLIST, RDB_LIST_QUICKLIST_2],
  typeOf: () => RDB_LIST_QUICKLIST_2,
  write,
  read: (rdbType, input, target) => readList(rdbType, input, target),
};

// --- writing; what is used meanwhile belongs to one value at a time for small lists, and to each large one by itself

const value = new Slice();
const cursor = new PackedCursor();
const smallPack = new ListpackWriter();

function write(db: Database, ref: Ref, output: RdbValueOutput): Generator<void, void> | null {
  if (db.kindOf(ref) === ListKind.DEQUE) return writeDeque(new Deque(db.arena).open(ref, db.valueOffset(ref)), output);
  db.valueOf(ref, value);
  cursor.open(value.view, value.bytes, value.start, runStart(value.view, value.start));
  smallPack.begin();
  while (cursor.next()) smallPack.append(cursor.value);
  output.writeLength(1);
  writePack(smallPack, output);
  return null;
}

/** Writes the listpack that was gathered as a node. */
function writePack(pack: ListpackWriter, output: RdbValueOutput): void {
  output.writeLength(NodeContainer.PACKED);
  output.bulk(pack.finish());
}

/**
 * A list of many nodes. Each of its nodes is a listpack, except that elements which are ropes stand alone and divide
 * what is around them; the number of nodes comes first in the file, so these lists are walked twice.
 */
function* writeDeque(deque: Deque, output: RdbValueOutput): Generator<void, void> {
  output.writeLength(deque.ropeCount === 0 ? deque.nodeCount : yield* countNodes(deque, output));
  const pack = new ListpackWriter();
  pack.begin();
  let node: Ref = 0;
  deque.seek(0);
  do {
    const { cursor: element } = deque;
    if (pack.count > 0 && (element.reference || deque.nodeHere !== node)) {
      writePack(pack, output);
      pack.begin();
      if (output.isSpent()) yield;
    }
    node = deque.nodeHere;
    if (element.reference) {
      output.writeLength(NodeContainer.PLAIN);
      yield* output.longString(deque.ropeHere());
    } else pack.append(element.value);
  } while (deque.next());
  if (pack.count > 0) writePack(pack, output);
}

function* countNodes(deque: Deque, output: RdbValueOutput): Generator<void, number> {
  let nodes = 0;
  let node: Ref = 0;
  deque.seek(0);
  do {
    if (deque.cursor.reference) {
      nodes++;
      // What follows begins a listpack of its own.
      node = 0;
    } else if (deque.nodeHere !== node) {
      nodes++;
      node = deque.nodeHere;
      output.units--;
      if (output.isSpent()) yield;
    }
  } while (deque.next());
  return nodes;
}

// --- reading

function* readList(rdbType: number, input: RdbValueInput, target: LoadTarget): Generator<void, void> {
  const list = new ListBuilder(target);
  if (rdbType === RDB_LIST_ZIPLIST) {
    yield* readPack(new ZiplistReader(), input, list);
    return;
  }
  const count = yield* input.whole(() => input.length());
  if (rdbType === RDB_LIST) {
    for (let i = 0; i < count; i++) yield* readElement(input, list);
  } else if (rdbType === RDB_LIST_QUICKLIST) {
    const reader = new ZiplistReader();
    for (let i = 0; i < count; i++) yield* readPack(reader, input, list);
  } else {
    const reader = new ListpackReader();
    for (let i = 0; i < count; i++) yield* readNode(reader, input, list);
  }
}

function* readNode(reader: ListpackReader, input: RdbValueInput, list: ListBuilder): Generator<void, void> {
  const container = yield* input.whole(() => input.length());
  if (container === NodeContainer.PACKED) yield* readPack(reader, input, list);
  else if (container === NodeContainer.PLAIN) yield* readElement(input, list);
  else input.fail(`a list node of unknown kind ${container}`);
}

function readElement(input: RdbValueInput, list: ListBuilder): Generator<void, void> {
  return input.whole(() => {
    const element = input.string();
    list.begin(element.length);
    list.append(element);
  });
}

function readPack(reader: PackReader, input: RdbValueInput, list: ListBuilder): Generator<void, void> {
  return input.whole(() => {
    const { offset } = input;
    const node = input.string();
    list.begin(NODE_GROWTH * node.length);
    let wrong = reader.open(node);
    let count = 0;
    if (wrong === undefined && reader.count > 0) list.expect(node.length, reader.count);
    while (wrong === undefined && !reader.atEnd()) {
      wrong = reader.next();
      if (wrong !== undefined) break;
      list.append(reader.element);
      count++;
    }
    if (wrong === undefined && reader.count >= 0 && reader.count !== count) {
      wrong = `a list node states ${reader.count} elements and holds ${count}`;
    }
    if (wrong !== undefined) input.fail(`${wrong}, in list key ${quoted(list.target.key)}`, offset);
  });
}

class ListBuilder {
  private ref: Ref = 0;

  constructor(readonly target: LoadTarget) {}

  /** Before elements that take so many bytes at most. */
  begin(bytes: number): void {
    const { target } = this;
    target.database.arena.reserve(bytes);
    if (this.ref === 0 || target.isExpired) return;
    // Between two pieces of the file the list's entry may have been moved by compaction, or have fallen due.
    this.ref = target.database.dict.find(target.key);
    if (this.ref === 0) target.isExpired = true;
  }

  /** Makes room at once for so many elements, of so many bytes in all. */
  expect(bytes: number, count: number): void {
    const { target } = this;
    if (target.isExpired) return;
    this.ref = expectInList(target.database, target.key, this.ref, bytes, count, target.deadline);
  }

  append(element: Slice): void {
    const { target } = this;
    if (!target.isExpired) this.ref = appendToList(target.database, target.key, this.ref, element, target.deadline);
  }
}
