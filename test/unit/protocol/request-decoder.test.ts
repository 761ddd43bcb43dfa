import fc from 'fast-check';
import { expect, test } from 'vitest';
import { viewOf } from '../../../src/memory/slice.js';
import { Args } from '../../../src/protocol/args.js';
import { ProtocolError } from '../../../src/protocol/errors.js';
import { RequestBatch } from '../../../src/protocol/request-batch.js';
import { RequestDecoder } from '../../../src/protocol/request-decoder.js';
import { cpuMs } from '../../support/cpu-time.js';
import { runs } from '../../support/runs.js';

const limits = { maxBulkLength: 512 * 1024 * 1024 };

/** A decoder fed through one reused read buffer, as the transport does it. */
class Connection {
  readonly decoder = new RequestDecoder(limits);
  readonly args = new Args();
  private bytes = Buffer.alloc(4096, 0xee);
  private view = viewOf(this.bytes);
  private written = 0;

  /** Requests decoded out of one read, at most `budget` of them; the rest of the read is retained. */
  read(chunk: Buffer, budget = Number.POSITIVE_INFINITY): string[][] {
    if (chunk.length > this.bytes.length) {
      this.bytes = Buffer.alloc(chunk.length, 0xee);
      this.view = viewOf(this.bytes);
    }
    this.bytes.fill(0xee, 0, this.written);
    this.written = chunk.copy(this.bytes);
    this.decoder.feed(this.bytes, this.view, chunk.length);
    const requests = this.drain(budget);
    this.decoder.retain();
    return requests;
  }

  drain(budget = Number.POSITIVE_INFINITY): string[][] {
    const requests: string[][] = [];
    while (requests.length < budget && this.decoder.next(this.args)) {
      requests.push(Array.from({ length: this.args.count }, (_, i) => this.args.latin1(i)));
    }
    return requests;
  }
}

/** Takes what lies there at once, and gives back what the budget has no room for. */
class BatchingConnection extends Connection {
  private readonly batch = new RequestBatch();

  override drain(budget = Number.POSITIVE_INFINITY): string[][] {
    const { batch, decoder } = this;
    const taken: string[][] = [];
    while (taken.length < budget && decoder.nextBatch(batch)) {
      batch.done = Math.min(batch.count, budget - taken.length);
      for (const args of batch.requests.slice(0, batch.done)) {
        taken.push(Array.from({ length: args.count }, (_, i) => args.latin1(i)));
      }
      decoder.unread(batch);
    }
    return taken;
  }
}

function encode(requests: string[][]): Buffer {
  return Buffer.concat(
    requests.map((request) =>
      Buffer.concat([
        Buffer.from(`*${request.length}\r\n`),
        ...request.map((arg) => Buffer.from(`$${arg.length}\r\n${arg}\r\n`, 'latin1')),
      ]),
    ),
  );
}

function decodeAll(text: string): string[][] {
  return new Connection().read(Buffer.from(text, 'latin1'));
}

function failure(text: string, unauthenticated = false): string {
  const connection = new Connection();
  connection.decoder.unauthenticated = unauthenticated;
  try {
    connection.read(Buffer.from(text, 'latin1'));
  } catch (error) {
    expect(error).toBeInstanceOf(ProtocolError);
    return (error as ProtocolError).message;
  }
  return '';
}

const anyArg = fc.oneof(
  { weight: 8, arbitrary: fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes).toString('latin1')) },
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 300 }).map((length) => 'x'.repeat(length)) },
  { weight: 1, arbitrary: fc.constantFrom('\r\n', '$3\r\n', '*1\r\n$4\r\nPING\r\n', '') },
);
const anyRequest = fc.array(anyArg, { minLength: 1, maxLength: 24 });
const anyRequests = fc.array(anyRequest, { minLength: 1, maxLength: 6 });

function textOf(requests: readonly (readonly (Buffer | string)[])[]): string {
  return JSON.stringify(requests.map((request) => request.map((each) => each.toString('latin1'))));
}

test('any requests are the same after decoding, whole or cut in two at every byte', () => {
  fc.assert(
    fc.property(anyRequests, (requests) => {
      const bytes = encode(requests);
      expect(new Connection().read(bytes)).toEqual(requests);
      expect(new BatchingConnection().read(bytes)).toEqual(requests);
      const wanted = textOf(requests);
      for (let cut = 0; cut <= bytes.length; cut++) {
        const connection = new Connection();
        const got = connection.read(bytes.subarray(0, cut));
        got.push(...connection.read(bytes.subarray(cut)));
        // As texts: comparing thousands of lists deeply would take most of the time.
        if (textOf(got) !== wanted) expect(got).toEqual(requests);
        if (connection.decoder.heldBytes !== 0) expect(connection.decoder.heldBytes).toBe(0);
      }
    }),
    { numRuns: runs(12) },
  );
});

test('any requests are the same in pieces of any size, however many are taken per read', () => {
  fc.assert(
    fc.property(
      anyRequests,
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
      fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1 }),
      fc.boolean(),
      (requests, sizes, budgets, inBatches) => {
        const bytes = encode(requests);
        const connection = inBatches ? new BatchingConnection() : new Connection();
        const got: string[][] = [];
        let position = 0;
        for (let i = 0; position < bytes.length; i++) {
          const size = sizes[i % sizes.length];
          got.push(...connection.read(bytes.subarray(position, position + size), budgets[i % budgets.length]));
          position += size;
          // Whatever budget there was, what is held is what has not been decoded.
          const held = Math.min(position, bytes.length) - encode(got).length;
          // expect() would take longer than the decoder.
          if (connection.decoder.heldBytes !== held) expect(connection.decoder.heldBytes).toBe(held);
        }
        got.push(...connection.drain());
        expect(got).toEqual(requests);
      },
    ),
    { numRuns: runs(150) },
  );
});

test('inline and multibulk requests mix, cut at every byte', () => {
  const text = 'PING\r\n*1\r\n$4\r\nECHO\r\n\r\n  SET "a b" \'c\' \n*0\r\n*-1\r\n*2\r\n$3\r\nGET\r\n$1\r\nk\r\nQUIT\n';
  const expected = [['PING'], ['ECHO'], ['SET', 'a b', 'c'], ['GET', 'k'], ['QUIT']];
  const bytes = Buffer.from(text);
  for (let first = 0; first <= bytes.length; first++) {
    for (let second = first; second <= bytes.length; second += 7) {
      const connection = new Connection();
      const got = [
        ...connection.read(bytes.subarray(0, first)),
        ...connection.read(bytes.subarray(first, second)),
        ...connection.read(bytes.subarray(second)),
      ];
      expect(got, `cut at ${first} and ${second}`).toEqual(expected);
    }
  }
});

test('an argument of several megabytes arrives whole, and what follows it too', () => {
  const big = Buffer.alloc(5_000_001, 'abcdefghij').toString('latin1');
  const bytes = encode([['SET', 'key', big], ['PING'], ['SET', big.slice(0, 100_000), 'x']]);
  const connection = new Connection();
  const got: string[][] = [];
  for (let position = 0; position < bytes.length; position += 65_536) {
    got.push(...connection.read(bytes.subarray(position, position + 65_536)));
  }
  expect(got.map((request) => request.map((arg) => arg.length))).toEqual([[3, 3, big.length], [4], [3, 100_000, 1]]);
  expect(got[0][2] === big).toBe(true);
  expect(connection.decoder.heldCapacity).toBe(0);
});

test('a request of 300,000 arguments in tiny reads takes linear time', () => {
  const request = Array.from({ length: 300_000 }, (_, i) => String(i));
  const bytes = encode([request]);
  const connection = new Connection();
  const view = viewOf(bytes);
  let requests = 0;
  const start = cpuMs();
  for (let position = 0; position < bytes.length; position += 64) {
    const piece = bytes.subarray(position, position + 64);
    connection.decoder.feed(piece, new DataView(view.buffer, view.byteOffset + position, piece.length), piece.length);
    if (connection.decoder.next(connection.args)) {
      requests++;
      expect(connection.args.count).toBe(300_000);
      expect(connection.args.latin1(299_999)).toBe('299999');
    }
    connection.decoder.retain();
  }
  // 44,000 reads: were each to rescan what is held, this would take minutes.
  expect(cpuMs() - start).toBeLessThan(4000);
  expect(requests).toBe(1);
});

test('a header that promises much costs nothing', () => {
  const connection = new Connection();
  connection.read(Buffer.from('*2147483647\r\n$3\r\nSET\r\n$536870912\r\nabc'));
  expect(connection.decoder.heldBytes).toBe(37);
  expect(connection.decoder.heldCapacity).toBeLessThanOrEqual(128);
});

test('the held buffer is at most eight times what has arrived, and exactly the frame when that is less', () => {
  const bytes = encode([['SET', 'key', 'x'.repeat(1_000_000)]]);
  const connection = new Connection();
  for (let position = 0; position < bytes.length - 20_000; position += 20_000) {
    connection.read(bytes.subarray(position, position + 20_000));
    expect(connection.decoder.heldCapacity).toBeLessThanOrEqual(8 * connection.decoder.heldBytes);
  }
  expect(connection.decoder.heldCapacity).toBe(bytes.length);
});

test('many arguments tell how long their frame will be: its buffer is taken three times, not once for each doubling', () => {
  const bytes = encode([Array.from({ length: 200_000 }, (_, i) => `element:${i}`)]);
  const connection = new Connection();
  const capacities = new Set<number>();
  for (let position = 0; position < bytes.length - 20_000; position += 20_000) {
    connection.read(bytes.subarray(position, position + 20_000));
    expect(connection.decoder.heldCapacity).toBeLessThanOrEqual(8 * connection.decoder.heldBytes);
    capacities.add(connection.decoder.heldCapacity);
  }
  expect(capacities.size).toBeLessThanOrEqual(4);
  expect(connection.decoder.heldCapacity).toBeLessThan(1.2 * bytes.length);
});

test('nothing is held when everything has been decoded', () => {
  const connection = new Connection();
  connection.read(Buffer.from('*1\r\n$4\r\nPI'));
  expect(connection.decoder.heldBytes).toBe(10);
  connection.read(Buffer.from('NG\r\n'));
  expect(connection.decoder.heldBytes).toBe(0);
  expect(connection.decoder.heldCapacity).toBe(0);
});

test('a long request leaves no large offset tables behind', () => {
  const connection = new Connection();
  const request = Array.from({ length: 30_000 }, () => 'x');
  expect(connection.read(encode([request]))[0].length).toBe(30_000);
  connection.read(encode([['PING']]));
  expect(connection.args.starts.length).toBeLessThan(100);
});

test('inline arguments are split and unquoted as redis-cli and telnet write them', () => {
  expect(decodeAll('PING\n')).toEqual([['PING']]);
  expect(decodeAll('  PING  \r\n')).toEqual([['PING']]);
  expect(decodeAll('\r\n\n   \r\nPING\r\r\n')).toEqual([['PING']]);
  expect(decodeAll('\rPING\r\n')).toEqual([['PING']]);
  expect(decodeAll('PING "a\\x41\\n\\t\\q"\r\n')).toEqual([['PING', 'aA\n\tq']]);
  expect(decodeAll('PING "\\"\\\\\\a\\b\\r"\r\n')).toEqual([['PING', '"\\\x07\b\r']]);
  expect(decodeAll('PING "\\xff\\x00\\xzz"\r\n')).toEqual([['PING', '\xff\x00xzz']]);
  expect(decodeAll("PING 'a\\'b\\n'\r\n")).toEqual([['PING', "a'b\\n"]]);
  expect(decodeAll('PING ""\r\n')).toEqual([['PING', '']]);
  expect(decodeAll('"" x\r\n')).toEqual([['', 'x']]);
  expect(decodeAll('PING a"b"\r\n')).toEqual([['PING', 'ab']]);
  expect(decodeAll('PING \\x41\r\n')).toEqual([['PING', '\\x41']]);
  expect(decodeAll('PING\ta\x0bb\r\n')).toEqual([['PING', 'a\x0bb']]);
  expect(decodeAll('PING "a\tb"\x0b\r\n')).toEqual([['PING', 'a\tb']]);
  expect(decodeAll('PING a\rb\r\n')).toEqual([['PING', 'a', 'b']]);
  expect(decodeAll(`SET ${'k '.repeat(50)}\n`)[0].length).toBe(51);
});

test('what follows a CR and a bulk string is skipped unseen, as Redis does', () => {
  expect(decodeAll('*1\rX$4\rXPINGxx*1\r\n$4\r\nPING\r\n')).toEqual([['PING'], ['PING']]);
});

test('malformed requests are answered with the text of Redis', () => {
  expect(failure('*x\r\n')).toBe('ERR Protocol error: invalid multibulk length');
  expect(failure('*\r\n')).toBe('ERR Protocol error: invalid multibulk length');
  expect(failure('*01\r\n')).toBe('ERR Protocol error: invalid multibulk length');
  expect(failure('*2147483648\r\n')).toBe('ERR Protocol error: invalid multibulk length');
  expect(failure('*1\r\nPING\r\n')).toBe("ERR Protocol error: expected '$', got 'P'");
  expect(failure('*1\r\n$\r\n')).toBe('ERR Protocol error: invalid bulk length');
  expect(failure('*1\r\n$-1\r\n')).toBe('ERR Protocol error: invalid bulk length');
  expect(failure('*1\r\n$00\r\n')).toBe('ERR Protocol error: invalid bulk length');
  expect(failure('*1\r\n$536870912\r\n')).toBe('');
  expect(failure('*1\r\n$536870913\r\n')).toBe('ERR Protocol error: invalid bulk length');
  expect(failure('PING "a"b\r\n')).toBe('ERR Protocol error: unbalanced quotes in request');
  expect(failure('PING "a\r\n')).toBe('ERR Protocol error: unbalanced quotes in request');
  expect(failure("PING a'b'c\r\n")).toBe('ERR Protocol error: unbalanced quotes in request');
  expect(failure(`*${'1'.repeat(70_000)}`)).toBe('ERR Protocol error: too big mbulk count string');
  expect(failure(`*1\r\n$${'1'.repeat(70_000)}`)).toBe('ERR Protocol error: too big bulk count string');
  expect(failure('P'.repeat(65_536))).toBe('');
  expect(failure('P'.repeat(65_537))).toBe('ERR Protocol error: too big inline request');
});

test('lines without an end are refused also when they come in pieces', () => {
  const lines = [
    ['P', 'too big inline request'],
    ['*1', 'too big mbulk count string'],
    ['*1\r\n$1', 'too big bulk count string'],
  ];
  for (const [begin, text] of lines) {
    const connection = new Connection();
    connection.read(Buffer.from(begin));
    const piece = Buffer.alloc(1000, '1');
    const flood = () => {
      for (let i = 0; i < 70; i++) connection.read(piece);
    };
    expect(flood, begin).toThrow(`ERR Protocol error: ${text}`);
    expect(connection.decoder.heldBytes).toBeGreaterThan(64_000);
  }
});

test('a line with a NUL byte never ends, as in Redis, and is refused when it is too long', () => {
  for (const begin of ['ECHO a\0b', '*1\0', '*1\r\n$4\0']) {
    expect(decodeAll(`${begin}\r\nPING\r\n`)).toEqual([]);
    const connection = new Connection();
    for (const byte of Buffer.from(`${begin}\r\nPING\r\n`)) expect(connection.read(Buffer.of(byte))).toEqual([]);
    expect(() => connection.read(Buffer.alloc(70_000, '\r\n'))).toThrow('too big');
  }
});

test('before authentication the limits are tighter', () => {
  expect(failure('*10\r\n', true)).toBe('');
  expect(failure('*11\r\n', true)).toBe('ERR Protocol error: unauthenticated multibulk length');
  expect(failure('*1\r\n$16384\r\n', true)).toBe('');
  expect(failure('*1\r\n$16385\r\n', true)).toBe('ERR Protocol error: unauthenticated bulk length');
  expect(failure('*1\r\n$9999999999\r\n', true)).toBe('ERR Protocol error: invalid bulk length');
});

test('proto-max-bulk-len may change while connections live', () => {
  const changing = { maxBulkLength: 100 };
  const decoder = new RequestDecoder(changing);
  const bytes = Buffer.from('*1\r\n$101\r\n');
  changing.maxBulkLength = 101;
  decoder.feed(bytes, viewOf(bytes), bytes.length);
  expect(decoder.next(new Args())).toBe(false);
  changing.maxBulkLength = 100;
  decoder.feed(bytes, viewOf(bytes), bytes.length);
  expect(decoder.heldBytes).toBe(10);
  const other = new RequestDecoder(changing);
  other.feed(bytes, viewOf(bytes), bytes.length);
  expect(() => other.next(new Args())).toThrow('invalid bulk length');
});

test('requests before a malformed one are decoded first', () => {
  const connection = new Connection();
  const bytes = Buffer.from('*1\r\n$4\r\nPING\r\n*x\r\n');
  connection.decoder.feed(bytes, viewOf(bytes), bytes.length);
  expect(connection.drain(1)).toEqual([['PING']]);
  expect(() => connection.drain()).toThrow(ProtocolError);
});

test('a batch holds what lies whole in a read, up to what is unusual', () => {
  const connection = new BatchingConnection();
  const sizes: number[] = [];
  const { decoder } = connection;
  const { nextBatch } = decoder;
  decoder.nextBatch = (batch) => {
    const isThere = nextBatch.call(decoder, batch);
    if (isThere) sizes.push(batch.count);
    return isThere;
  };
  const get = ['GET', 'key'];
  const inline = Buffer.from('PING\r\n');
  const many = encode([...Array(20).fill(get)]);
  connection.read(Buffer.concat([many, inline, encode([get, Array(10).fill('MGET'), get, get, ['SET', 'a']])]));
  expect(sizes).toEqual([16, 4, 1, 1, 1, 3]);
});

test('what is wrong with a request is said when those before it have been run', () => {
  const connection = new BatchingConnection();
  const batch = new RequestBatch();
  const bytes = Buffer.from('*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nPING\r\n*1\r\n:4\r\n');
  connection.decoder.feed(bytes, viewOf(bytes), bytes.length);
  expect(connection.decoder.nextBatch(batch)).toBe(true);
  expect(batch.count).toBe(2);
  expect(() => connection.decoder.nextBatch(batch)).toThrow("expected '$', got ':'");
});

test('a client that still has to authenticate is given one request at a time, under its limits', () => {
  const connection = new BatchingConnection();
  connection.decoder.unauthenticated = true;
  const batch = new RequestBatch();
  const bytes = encode([['AUTH', 'secret'], ['PING']]);
  connection.decoder.feed(bytes, viewOf(bytes), bytes.length);
  expect(connection.decoder.nextBatch(batch)).toBe(true);
  expect(batch.count).toBe(1);
});
