import { expect, test } from 'vitest';
import {
  MalformedReplyError,
  ReplyError,
  type ReplyNode,
  ReplyReader,
  readReplies,
  readReply,
  toJs,
} from '../../../src/protocol/reply-reader.js';

const EXAMPLES: [string, ReplyNode][] = [
  ['+OK\r\n', { type: 'status', value: 'OK' }],
  ['-ERR x\r\n', { type: 'error', value: 'ERR x' }],
  [':-12\r\n', { type: 'integer', value: -12n }],
  [
    '(3492890328409238509324850943850943825024385\r\n',
    { type: 'big-number', value: 3492890328409238509324850943850943825024385n },
  ],
  ['$3\r\na\r\n\r\n', { type: 'bulk', value: Buffer.from('a\r\n') }],
  ['$0\r\n\r\n', { type: 'bulk', value: Buffer.alloc(0) }],
  ['!7\r\nERR a\nb\r\n', { type: 'bulk-error', value: Buffer.from('ERR a\nb') }],
  ['=5\r\nmkd:x\r\n', { type: 'verbatim', format: 'mkd', value: Buffer.from('x') }],
  ['$-1\r\n', { type: 'null', value: 'bulk' }],
  ['*-1\r\n', { type: 'null', value: 'array' }],
  ['_\r\n', { type: 'null', value: 'null' }],
  ['#t\r\n', { type: 'boolean', value: true }],
  [',1.5e3\r\n', { type: 'double', value: 1500 }],
  [',-inf\r\n', { type: 'double', value: -Infinity }],
  [',nan\r\n', { type: 'double', value: Number.NaN }],
  ['*0\r\n', { type: 'array', value: [] }],
  [
    '*2\r\n*1\r\n:1\r\n*0\r\n',
    {
      type: 'array',
      value: [
        { type: 'array', value: [{ type: 'integer', value: 1n }] },
        { type: 'array', value: [] },
      ],
    },
  ],
  ['~1\r\n+a\r\n', { type: 'set', value: [{ type: 'status', value: 'a' }] }],
  ['>1\r\n+a\r\n', { type: 'push', value: [{ type: 'status', value: 'a' }] }],
  [
    '%1\r\n+a\r\n:1\r\n',
    {
      type: 'map',
      value: [
        [
          { type: 'status', value: 'a' },
          { type: 'integer', value: 1n },
        ],
      ],
    },
  ],
  [
    '|1\r\n+ttl\r\n:9\r\n$1\r\nx\r\n',
    {
      type: 'bulk',
      value: Buffer.from('x'),
      attributes: [
        [
          { type: 'status', value: 'ttl' },
          { type: 'integer', value: 9n },
        ],
      ],
    },
  ],
  [
    '*1\r\n|1\r\n+a\r\n:1\r\n*1\r\n:2\r\n',
    {
      type: 'array',
      value: [
        {
          type: 'array',
          value: [{ type: 'integer', value: 2n }],
          attributes: [
            [
              { type: 'status', value: 'a' },
              { type: 'integer', value: 1n },
            ],
          ],
        },
      ],
    },
  ],
];

test('all types are read, with their raw bytes, cut at every byte', () => {
  const all = Buffer.from(EXAMPLES.map(([text]) => text).join(''), 'latin1');
  for (let cut = 0; cut <= all.length; cut++) {
    const reader = new ReplyReader();
    const got: [string, ReplyNode][] = [];
    for (const piece of [all.subarray(0, cut), all.subarray(cut)]) {
      reader.feed(piece);
      for (let node = reader.next(); node !== undefined; node = reader.next()) {
        got.push([reader.raw.toString('latin1'), node]);
      }
    }
    expect(got, `cut at ${cut}`).toEqual(EXAMPLES);
    expect(reader.pendingBytes).toBe(0);
  }
});

test('byte by byte, a reply of a hundred thousand elements takes linear time', () => {
  const bytes = Buffer.from(`*100000\r\n${':1\r\n'.repeat(100_000)}`);
  const reader = new ReplyReader();
  for (const byte of bytes.subarray(0, -1)) {
    reader.feed(Uint8Array.of(byte));
    if (reader.next() !== undefined) throw new Error('too early');
  }
  reader.feed(bytes.subarray(-1));
  expect(reader.next()?.type).toBe('array');
});

test.each([
  'x\r\n',
  ':1x\r\n',
  ':\r\n',
  '$x\r\n',
  '$-2\r\n',
  '$1\r\nabc\r\n',
  '*-2\r\n',
  '#x\r\n',
  '_x\r\n',
  ',x\r\n',
  '=2\r\nab\r\n',
  '%x\r\n',
  '\r\n',
])('%j is no reply', (text) => {
  expect(() => readReplies(Buffer.from(text))).toThrow(MalformedReplyError);
});

test('values for JavaScript: numbers while they are safe, Maps, Sets, text or Buffers', () => {
  const js = (text: string, buffers = false) => toJs(readReplies(Buffer.from(text))[0], { buffers });
  expect(js(':9007199254740991\r\n')).toBe(9007199254740991);
  expect(js(':9007199254740992\r\n')).toBe(9007199254740992n);
  expect(js('(5\r\n')).toBe(5n);
  expect(js('$2\r\né\r\n')).toBe('é');
  expect(js('$2\r\né\r\n', true)).toEqual(Buffer.from('é'));
  expect(js('=6\r\ntxt:é\r\n')).toBe('é');
  expect(js('$-1\r\n')).toBe(null);
  expect(js('*-1\r\n')).toBe(null);
  expect(js('_\r\n')).toBe(null);
  expect(js('%1\r\n$1\r\na\r\n#t\r\n')).toEqual(new Map([['a', true]]));
  expect(js('~2\r\n$1\r\na\r\n,0.5\r\n')).toEqual(new Set(['a', 0.5]));
  expect(js('*2\r\n-ERR no\r\n+OK\r\n')).toEqual([new ReplyError('ERR no'), 'OK']);
});

test('one reply: errors are thrown, out-of-band messages passed over, silence is null', () => {
  expect(readReply(Buffer.from('>1\r\n+x\r\n+OK\r\n'))).toBe('OK');
  expect(readReply(Buffer.alloc(0))).toBe(null);
  expect(() => readReply(Buffer.from('-WRONGTYPE no\r\n'))).toThrow(new ReplyError('WRONGTYPE no'));
  try {
    readReply(Buffer.from('-WRONGTYPE no\r\n'));
  } catch (error) {
    expect((error as ReplyError).code).toBe('WRONGTYPE');
  }
});
