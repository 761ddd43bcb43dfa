import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ListpackReader, ListpackWriter } from '../../../src/format/listpack.js';
import { ZiplistReader } from '../../../src/format/ziplist.js';
import { Slice } from '../../../src/memory/slice.js';
import { runs } from '../../support/runs.js';
import { expectSameElements } from '../../support/same-elements.js';

const INTEGERS = [
  0n,
  127n,
  128n,
  -1n,
  4095n,
  4096n,
  -4096n,
  -4097n,
  32767n,
  32768n,
  -32768n,
  -32769n,
  8388607n,
  8388608n,
  -8388608n,
  -8388609n,
  2147483647n,
  2147483648n,
  -2147483648n,
  -2147483649n,
  9007199254740993n,
  9223372036854775807n,
  -9223372036854775808n,
].map(String);
const NOT_INTEGERS = ['', '-', '-0', '01', '+1', ' 1', '1.0', '9223372036854775808', '-9223372036854775809', '1e3'];

type Reader = ListpackReader | ZiplistReader;

/** The elements as latin1 text, or what the reader says is wrong. */
function readAll(reader: Reader, pack: Uint8Array): string[] | { wrong: string } {
  const elements: string[] = [];
  let wrong = reader.open(Slice.of(pack));
  while (wrong === undefined && !reader.atEnd()) {
    wrong = reader.next();
    if (wrong === undefined) elements.push(reader.element.toLatin1());
  }
  return wrong === undefined ? elements : { wrong };
}

function packOf(elements: readonly string[]): Buffer {
  const writer = new ListpackWriter();
  writer.begin();
  for (const element of elements) writer.append(Slice.of(Buffer.from(element, 'latin1')));
  expect(writer.count).toBe(elements.length);
  expect(writer.length).toBe(writer.finish().length);
  return writer.finish().toBuffer();
}

test('a listpack keeps every string and integer to the byte', () => {
  const edges = [...INTEGERS, ...NOT_INTEGERS, ...[1, 63, 64, 4095, 4096, 20_000].map((length) => 'x'.repeat(length))];
  expect(readAll(new ListpackReader(), packOf(edges))).toEqual(edges);
  const element = fc.oneof(
    fc.string({ unit: 'binary-ascii', maxLength: 300 }),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
    fc.integer({ min: -70_000, max: 70_000 }).map(String),
    fc.nat(20_000).map((length) => 'y'.repeat(length)),
  );
  fc.assert(
    fc.property(fc.array(element), (elements) => {
      expect(readAll(new ListpackReader(), packOf(elements))).toEqual(elements);
    }),
  );
});

test('elements of every size around the steps of the backward length are found again', () => {
  for (const edge of [128, 16384, 2097152]) {
    for (let size = edge - 9; size < edge + 3; size++) {
      const elements = ['before', 'z'.repeat(size), 'behind'];
      const found = readAll(new ListpackReader(), packOf(elements));
      if ('wrong' in found) expect(found).toEqual(elements);
      else expectSameElements(found, elements);
    }
  }
});

test('more elements than the header can count are counted by walking', () => {
  const elements = Array.from({ length: 70_000 }, (_, index) => String(index % 100));
  const pack = packOf(elements);
  expect(pack.readUInt16LE(4)).toBe(65535);
  expect(readAll(new ListpackReader(), pack)).toEqual(elements);
});

function damaged(reader: Reader, sound: Buffer): void {
  for (let cut = 0; cut < sound.length; cut++) expect(readAll(reader, sound.subarray(0, cut))).toHaveProperty('wrong');
  fc.assert(
    fc.property(fc.nat(sound.length - 1), fc.nat(255), (at, byte) => {
      const bytes = Buffer.from(sound);
      bytes[at] = byte;
      readAll(reader, bytes);
    }),
    { numRuns: runs(1000) },
  );
}

test('a damaged listpack is refused or read within its bounds', () => {
  damaged(new ListpackReader(), packOf([...INTEGERS, 'some', 'text', 'l'.repeat(100), 'l'.repeat(5000)]));
});

/** A ziplist by hand: the writer of old is not part of the product. */
function ziplistOf(elements: readonly Buffer[]): Buffer {
  let previous = 0;
  let last = 10;
  let at = 10;
  const parts = elements.map((element) => {
    const long = Buffer.from([254, 0, 0, 0, 0]);
    long.writeUInt32LE(previous, 1);
    const part = Buffer.concat([previous < 254 ? Buffer.from([previous]) : long, element]);
    previous = part.length;
    last = at;
    at += part.length;
    return part;
  });
  const header = Buffer.alloc(10);
  header.writeUInt32LE(at + 1, 0);
  header.writeUInt32LE(last, 4);
  header.writeUInt16LE(elements.length, 8);
  return Buffer.concat([header, ...parts, Buffer.from([255])]);
}

const ZIPLIST = ziplistOf([
  Buffer.from([0xf1]),
  Buffer.from([0xfd]),
  Buffer.from([0xfe, 0x80]),
  Buffer.from([0xc0, 0x00, 0x80]),
  Buffer.from([0xf0, 0x00, 0x00, 0x80]),
  Buffer.from([0xd0, 0xff, 0xff, 0xff, 0x7f]),
  Buffer.from([0xe0, 0, 0, 0, 0, 0, 0, 0, 0x80]),
  Buffer.concat([Buffer.from([3]), Buffer.from('abc')]),
  Buffer.concat([Buffer.from([0x41, 0x2c]), Buffer.alloc(300, 'd')]),
  Buffer.concat([Buffer.from([0x80, 0, 0, 0x50, 0]), Buffer.alloc(0x5000, 'e')]),
  Buffer.from([0]),
]);

test('a ziplist of every encoding is read', () => {
  expect(readAll(new ZiplistReader(), ZIPLIST)).toEqual([
    '0',
    '12',
    '-128',
    '-32768',
    '-8388608',
    '2147483647',
    '-9223372036854775808',
    'abc',
    'd'.repeat(300),
    'e'.repeat(0x5000),
    '',
  ]);
});

test('a damaged ziplist is refused or read within its bounds', () => {
  damaged(new ZiplistReader(), ZIPLIST.subarray(0, 60));
  const short = ziplistOf([Buffer.from([0xf3]), Buffer.from([2, 0x61, 0x62]), Buffer.from([0xc0, 1, 2])]);
  damaged(new ZiplistReader(), short);
});
