import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Slice } from '../../../src/memory/slice.js';
import * as errors from '../../../src/protocol/errors.js';
import { type ReplyNode, ReplyReader } from '../../../src/protocol/reply-reader.js';
import { type Protocol, ReplyWriter } from '../../../src/protocol/reply-writer.js';
import { runs } from '../../support/runs.js';

function written(reply: ReplyWriter): Buffer {
  const bytes = reply.since(0);
  expect(reply.length).toBe(bytes.length);
  return bytes;
}

/** What both protocols make of the same calls. */
function encoded(write: (reply: ReplyWriter) => void): [string, string] {
  const [two, three] = ([2, 3] as const).map((protocol) => {
    const reply = new ReplyWriter();
    reply.protocol = protocol;
    write(reply);
    return written(reply).toString('latin1');
  });
  return [two, three];
}

const both = (text: string) => [text, text];

describe('every primitive is encoded as Redis does', () => {
  const cases: [string, (reply: ReplyWriter) => void, string[]][] = [
    ['ok', (reply) => reply.ok(), both('+OK\r\n')],
    ['pong', (reply) => reply.pong(), both('+PONG\r\n')],
    ['queued', (reply) => reply.queued(), both('+QUEUED\r\n')],
    ['status', (reply) => reply.status('string'), both('+string\r\n')],
    ['error', (reply) => reply.error(errors.SYNTAX), both('-ERR syntax error\r\n')],
    ['error text without a code', (reply) => reply.error('no such thing'), both('-ERR no such thing\r\n')],
    ['error text with a code', (reply) => reply.error('NOAUTH x'), both('-NOAUTH x\r\n')],
    ['error with line breaks', (reply) => reply.error('ERR a\r\nb\nc'), both('-ERR a  b c\r\n')],
    ['error of any byte', (reply) => reply.error('ERR \xff'), both('-ERR \xff\r\n')],
    ['integer 0', (reply) => reply.integer(0), both(':0\r\n')],
    ['negative zero', (reply) => reply.integer(-0), both(':0\r\n')],
    ['integer -1', (reply) => reply.integer(-1), both(':-1\r\n')],
    ['integer 10', (reply) => reply.integer(10), both(':10\r\n')],
    ['largest bigint', (reply) => reply.integer(2n ** 63n - 1n), both(':9223372036854775807\r\n')],
    ['null', (reply) => reply.null(), ['$-1\r\n', '_\r\n']],
    ['nullArray', (reply) => reply.nullArray(), ['*-1\r\n', '_\r\n']],
    ['boolean', (reply) => [true, false].map((it) => reply.boolean(it)), [':1\r\n:0\r\n', '#t\r\n#f\r\n']],
    ['double', (reply) => reply.double(1.5), ['$3\r\n1.5\r\n', ',1.5\r\n']],
    ['infinity', (reply) => reply.double(-Infinity), ['$4\r\n-inf\r\n', ',-inf\r\n']],
    ['bigNumber', (reply) => reply.bigNumber('123'), ['$3\r\n123\r\n', '(123\r\n']],
    ['verbatim', (reply) => reply.verbatim('txt', 'é'), ['$2\r\nÃ©\r\n', '=6\r\ntxt:Ã©\r\n']],
    ['bulk', (reply) => reply.bulk(Slice.of('abc')), both('$3\r\nabc\r\n')],
    ['empty bulk', (reply) => reply.bulk(Slice.of('')), both('$0\r\n\r\n')],
    ['bulkString', (reply) => reply.bulkString('é'), both('$2\r\nÃ©\r\n')],
    ['bulkLatin1', (reply) => reply.bulkLatin1('é'), both('$1\r\né\r\n')],
    ['bulkBytes', (reply) => reply.bulkBytes(Uint8Array.of(255)), both('$1\r\n\xff\r\n')],
    ['bulkInteger', (reply) => reply.bulkInteger(-12), both('$3\r\n-12\r\n')],
    ['array', (reply) => reply.array(12), both('*12\r\n')],
    ['map', (reply) => reply.map(2), ['*4\r\n', '%2\r\n']],
    ['set', (reply) => reply.set(0), ['*0\r\n', '~0\r\n']],
    ['push', (reply) => reply.push(3), ['*3\r\n', '>3\r\n']],
    ['pairs', (reply) => [reply.pairs(1), reply.pair()], ['*2\r\n', '*1\r\n*2\r\n']],
    ['assoc', (reply) => [reply.assoc(1), reply.association()], ['*1\r\n*2\r\n', '%1\r\n']],
    ['attribute', (reply) => reply.attribute(1) && reply.integer(1), ['', '|1\r\n:1\r\n']],
    ['raw', (reply) => reply.raw(Buffer.from('+x\r\n')), both('+x\r\n')],
  ];
  test.each(cases)('%s', (_, write, expected) => {
    expect(encoded(write)).toEqual(expected);
  });

  test('int32 of every size', () => {
    // A new one has blocks of its own, which take longer than all that is written into them here.
    const reply = new ReplyWriter();
    fc.assert(
      fc.property(fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.integer({ min: -1200, max: 1200 })), (value) => {
        reply.clear();
        reply.integer(value);
        expect(written(reply).toString('latin1')).toBe(`:${value}\r\n`);
      }),
      { numRuns: runs(500) },
    );
  });

  test('bulk strings of every size around the borders', () => {
    const reply = new ReplyWriter();
    for (const length of [8, 9, 10, 11, 99, 100, 101, 999, 1000, 32_767, 32_768, 65_535, 65_536, 65_537, 300_000]) {
      const content = Buffer.alloc(length, 'abcdefg');
      reply.bulk(Slice.of(content));
      expect(reply.take(0).equals(Buffer.concat([Buffer.from(`$${length}\r\n`), content, Buffer.from('\r\n')]))).toBe(
        true,
      );
    }
  });
});

// ---- Random replies against the reader

type Tree =
  | { kind: 'bulk'; value: Buffer }
  | { kind: 'status' | 'error'; value: string }
  | { kind: 'integer'; value: bigint }
  | { kind: 'double'; value: number }
  | { kind: 'boolean'; value: boolean }
  | { kind: 'null' | 'nullArray' }
  | { kind: 'array' | 'set' | 'push' | 'map' | 'late' | 'pieces'; value: Tree[] };

const LONG_BULK = Buffer.alloc(90_000, 'xyz');
/** Mostly of a few hundred bytes, often enough of more than a block. */
const bulkLength = fc.oneof({ weight: 3, arbitrary: fc.nat(1000) }, { weight: 1, arbitrary: fc.nat(LONG_BULK.length) });

const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3, depthSize: 'small', withCrossShrink: true },
    fc.oneof(
      fc.uint8Array({ maxLength: 30 }).map((bytes): Tree => ({ kind: 'bulk', value: Buffer.from(bytes) })),
      bulkLength.map((length): Tree => ({ kind: 'bulk', value: LONG_BULK.subarray(0, length) })),
      fc.stringMatching(/^[a-z ]{0,80}$/).map((value): Tree => ({ kind: 'status', value })),
      fc.stringMatching(/^[A-Z]{3,8} [a-z ]{0,80}$/).map((value): Tree => ({ kind: 'error', value })),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value): Tree => ({ kind: 'integer', value })),
      fc.double().map((value): Tree => ({ kind: 'double', value })),
      fc.boolean().map((value): Tree => ({ kind: 'boolean', value })),
      fc.constantFrom<Tree>({ kind: 'null' }, { kind: 'nullArray' }),
    ),
    fc.record({
      kind: fc.constantFrom('array' as const, 'set' as const, 'push' as const, 'late' as const),
      value: fc.array(tie('tree'), { maxLength: 12, size: 'small' }),
    }),
    fc
      .array(fc.tuple(tie('tree'), tie('tree')), { maxLength: 11, size: 'small' })
      .map((pairs): Tree => ({ kind: 'map', value: pairs.flat() })),
  ) as fc.Arbitrary<Tree>,
}));

function write(reply: ReplyWriter, node: Tree): void {
  switch (node.kind) {
    case 'bulk':
      if (node.value.length % 3 === 0) {
        reply.bulkHeader(node.value.length);
        for (let at = 0; at < node.value.length; at += 20_000) {
          reply.rawSlice(Slice.of(node.value.subarray(at, at + 20_000)));
        }
        reply.bulkEnd();
      } else reply.bulk(Slice.of(node.value));
      break;
    case 'status':
      reply.status(node.value);
      break;
    case 'error':
      reply.error(node.value);
      break;
    case 'integer':
      reply.integer(Number.isSafeInteger(Number(node.value)) ? Number(node.value) : node.value);
      break;
    case 'double':
      reply.double(node.value);
      break;
    case 'boolean':
      reply.boolean(node.value);
      break;
    case 'null':
      reply.null();
      break;
    case 'nullArray':
      reply.nullArray();
      break;
    case 'map':
      reply.map(node.value.length / 2);
      for (const element of node.value) write(reply, element);
      break;
    case 'late': {
      const start = reply.startArray();
      for (const element of node.value) write(reply, element);
      reply.endArray(start, node.value.length);
      break;
    }
    case 'array':
    case 'set':
    case 'push':
      reply[node.kind](node.value.length);
      for (const element of node.value) write(reply, element);
      break;
  }
}

const SOME_DOUBLE = Buffer.from('(a double)');

/** What the reader must make of it. */
function expected(node: Tree, protocol: Protocol): ReplyNode {
  const bulk = (text: string): ReplyNode => ({ type: 'bulk', value: Buffer.from(text) });
  switch (node.kind) {
    case 'bulk':
    case 'status':
    case 'error':
    case 'integer':
      return { type: node.kind, value: node.value } as ReplyNode;
    case 'double':
      if (protocol === 3) return { type: 'double', value: node.value };
      return bulk(
        Number.isFinite(node.value)
          ? SOME_DOUBLE.toString()
          : Number.isNaN(node.value)
            ? 'nan'
            : node.value > 0
              ? 'inf'
              : '-inf',
      );
    case 'boolean':
      return protocol === 3 ? { type: 'boolean', value: node.value } : { type: 'integer', value: node.value ? 1n : 0n };
    case 'null':
      return { type: 'null', value: protocol === 3 ? 'null' : 'bulk' };
    case 'nullArray':
      return { type: 'null', value: protocol === 3 ? 'null' : 'array' };
    case 'map': {
      const elements = node.value.map((element) => expected(element, protocol));
      if (protocol === 2) return { type: 'array', value: elements };
      const pairs: [ReplyNode, ReplyNode][] = [];
      for (let i = 0; i < elements.length; i += 2) pairs.push([elements[i], elements[i + 1]]);
      return { type: 'map', value: pairs };
    }
    default: {
      const type = protocol === 2 || node.kind === 'late' ? 'array' : node.kind;
      return { type, value: node.value.map((element) => expected(element, protocol)) } as ReplyNode;
    }
  }
}

/** One line for every reply, because comparing Buffers in place takes an expectation very long. */
function show(node: ReplyNode, wanted: ReplyNode): string {
  switch (node.type) {
    case 'bulk': {
      const isLong = node.value.length > 100;
      if (isLong && wanted.type === 'bulk' && wanted.value.equals(node.value)) return `${node.value.length} as wanted`;
      const text = node.value.toString('latin1');
      // The text of a double in RESP2 is number-format's concern.
      return wanted.type === 'bulk' && wanted.value.equals(SOME_DOUBLE) && Number.isFinite(Number(text))
        ? `bulk ${SOME_DOUBLE}`
        : `bulk ${text}`;
    }
    case 'array':
    case 'set':
    case 'push': {
      const others = wanted.type === node.type ? wanted.value : [];
      return `${node.type} [${node.value.map((element, i) => show(element, others[i] ?? element)).join()}]`;
    }
    case 'map': {
      const others = wanted.type === 'map' ? wanted.value.flat() : [];
      return `map [${node.value.flat().map((element, i) => show(element, others[i] ?? element))}]`;
    }
    case 'double':
      return `double ${Object.is(node.value, -0) ? '-0' : node.value}`;
    default:
      return `${node.type} ${String('value' in node ? node.value : '')}`;
  }
}

test.each([2, 3] as const)('any reply of RESP%i reads back as what was written', (protocol) => {
  fc.assert(
    fc.property(fc.array(tree, { maxLength: 5 }), fc.integer({ min: 1, max: 70_000 }), (trees, size) => {
      const reply = new ReplyWriter();
      reply.protocol = protocol;
      for (const node of trees) write(reply, node);
      const bytes = written(reply);
      const reader = new ReplyReader();
      const nodes: ReplyNode[] = [];
      for (let at = 0; at < bytes.length; at += size) {
        reader.feed(bytes.subarray(at, at + size));
        for (let node = reader.next(); node !== undefined; node = reader.next()) nodes.push(node);
      }
      expect(nodes.length).toBe(trees.length);
      trees.forEach((node, i) => {
        const wanted = expected(node, protocol);
        expect(show(nodes[i], wanted)).toBe(show(wanted, wanted));
      });
    }),
    { numRuns: runs(20) },
  );
});

// ---- Marks

test('rewind takes back exactly what followed the mark, however much that was', () => {
  fc.assert(
    fc.property(fc.array(tree, { maxLength: 4 }), fc.array(tree, { maxLength: 6 }), (kept, dropped) => {
      const reply = new ReplyWriter();
      for (const node of kept) write(reply, node);
      const before = written(reply);
      const mark = reply.mark();
      for (const node of dropped) write(reply, node);
      const after = written(reply).subarray(mark);
      expect(reply.since(mark).equals(after)).toBe(true);
      expect(reply.take(mark).equals(after)).toBe(true);
      expect(written(reply).equals(before)).toBe(true);
      reply.ok();
      expect(written(reply).subarray(mark).toString()).toBe('+OK\r\n');
    }),
    { numRuns: runs(20) },
  );
});

test('a mark deep inside earlier chunks can be gone back to', () => {
  const reply = new ReplyWriter();
  reply.bulk(Slice.of('x'.repeat(50_000)));
  const mark = reply.mark();
  reply.bulk(Slice.of('y'.repeat(10_000)));
  for (let i = 0; i < 20; i++) reply.bulk(Slice.of('z'.repeat(40_000)));
  expect(reply.pool.blocksUsed).toBeGreaterThan(3);
  reply.rewind(mark);
  expect(written(reply).toString()).toBe(`$50000\r\n${'x'.repeat(50_000)}\r\n`);
  reply.rewind(0);
  expect(reply.length).toBe(0);
  expect(reply.pool.blocksUsed).toBe(1);
});

test('late lengths nest, and reach back into chunks', () => {
  const [two, three] = encoded((reply) => {
    reply.ok();
    const outer = reply.startArray();
    reply.bulk(Slice.of('a'.repeat(70_000)));
    const inner = reply.startArray();
    for (let i = 0; i < 5; i++) reply.bulk(Slice.of('b'.repeat(33_000)));
    reply.endSet(inner, 5);
    const map = reply.startArray();
    for (let i = 0; i < 24; i++) reply.integer(i);
    reply.endMap(map, 12);
    reply.endArray(outer, 3);
  });
  const a = `$70000\r\n${'a'.repeat(70_000)}\r\n`;
  const b = `$33000\r\n${'b'.repeat(33_000)}\r\n`.repeat(5);
  const numbers = Array.from({ length: 24 }, (_, i) => `:${i}\r\n`).join('');
  expect(two === `+OK\r\n*3\r\n${a}*5\r\n${b}*24\r\n${numbers}`).toBe(true);
  expect(three === `+OK\r\n*3\r\n${a}~5\r\n${b}%12\r\n${numbers}`).toBe(true);
});

test('a late length at every fill of the buffer', () => {
  const filler = Buffer.alloc(65_560, 'x');
  for (let fill = 65_400; fill <= 65_560; fill++) {
    const reply = new ReplyWriter();
    const start = reply.startArray();
    reply.bulk(Slice.of(filler.subarray(0, 30_000)));
    reply.bulk(Slice.of(filler.subarray(30_000, fill)));
    for (let i = 0; i < 10; i++) reply.endArray(start, 12);
    reply.null();
    const bytes = written(reply).toString('latin1');
    expect(bytes.startsWith('*12\r\n'.repeat(10)), `${fill}`).toBe(true);
    expect(bytes.length).toBe(50 + 10 + 10 + fill + 5);
    expect(bytes.endsWith('x\r\n$-1\r\n')).toBe(true);
  }
});

/** Keeps what it is sent, as a channel whose reader is slow. */
class SlowDestination {
  readonly copies: Buffer[] = [];
  chunks: readonly Buffer[] = [];

  send(bytes: Buffer, start: number, end: number): void {
    this.copies.push(Buffer.from(bytes.subarray(start, end)));
  }

  sendChunks(chunks: readonly Buffer[]): void {
    this.chunks = chunks;
  }
}

test('stretches go to their destinations, the last one with the chunks that it needed', () => {
  const reply = new ReplyWriter();
  const [first, second] = [new SlowDestination(), new SlowDestination()];
  reply.ok();
  const between = reply.length;
  for (let i = 0; i < 20; i++) reply.bulk(Slice.of(String.fromCharCode(97 + i).repeat(50_000)));
  const all = reply.since(0);
  expect(reply.hasSpilled).toBe(true);
  reply.writeTo(first, 0, between);
  reply.writeTo(second, between, reply.length);
  reply.clear();
  expect(Buffer.concat(first.copies).toString()).toBe('+OK\r\n');
  expect(reply.length).toBe(0);
  // The chunks are the destination's now: nothing that is written meanwhile goes into them.
  for (let i = 0; i < 200_000; i++) reply.integer(2);
  expect(Buffer.concat([...second.chunks, ...second.copies]).equals(all.subarray(between))).toBe(true);
  reply.clear();
  expect(reply.pool.blocksUsed).toBe(1 + second.chunks.length);
  for (const chunk of second.chunks) reply.pool.give(chunk);
  expect(reply.pool.blocksUsed).toBe(1);
});

test('a stretch in the first chunk of a longer one is handed over before it', () => {
  const reply = new ReplyWriter();
  const destinations = Array.from({ length: 3 }, () => new SlowDestination());
  const ends: number[] = [];
  for (const [index] of destinations.entries()) {
    reply.bulk(Slice.of('x'.repeat(index === 2 ? 900_000 : 1000)));
    ends.push(reply.length);
  }
  const all = reply.since(0);
  for (const [index, destination] of destinations.entries()) {
    const from = index === 0 ? 0 : ends[index - 1]!;
    reply.writeTo(destination, from, ends[index]!);
    const got = Buffer.concat([...destination.chunks, ...destination.copies]);
    expect(got.equals(all.subarray(from, ends[index]))).toBe(true);
  }
});

test('a late length in an earlier chunk keeps count of the blocks', () => {
  const reply = new ReplyWriter();
  const start = reply.startArray();
  for (let i = 0; i < 20; i++) reply.bulk(Slice.of('x'.repeat(50_000)));
  reply.endArray(start, 20);
  const all = reply.since(0);
  expect(all.toString('latin1', 0, 5)).toBe('*20\r\n');
  const destination = new SlowDestination();
  reply.writeTo(destination, 0, reply.length);
  expect(Buffer.concat([...destination.chunks, ...destination.copies]).equals(all)).toBe(true);
  for (const chunk of destination.chunks) reply.pool.give(chunk);
  reply.clear();
  expect(reply.pool.blocksUsed).toBe(1);
});
