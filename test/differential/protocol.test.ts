import { afterAll, beforeAll, expect, test } from 'vitest';
import { streamDifference } from '../support/byte-stream.js';
import { describeWithOracle } from '../support/oracle.js';
import { type Pair, startPair } from '../support/pair.js';
import { encodeCommand } from '../support/raw-client.js';

/** Byte streams, well formed and not; a server that refuses one answers with an error and closes. */
const streams: Record<string, string> = {
  'a multibulk command': '*1\r\n$4\r\nPING\r\n',
  'an inline command': 'PING\r\n',
  'an inline command with a bare LF': 'PING\n',
  'blank lines': '\r\n\r\nPING\r\n\n\r\nPING\r\n',
  'inline quotes and escapes': 'SET k "a\\x41\\n\\t\\"b"\r\nGET k\r\nSET k \'it\\\'s "raw" \\n\'\r\nGET k\r\n',
  'inline words with blanks around': '   SET   k\tv   \r\nGET k\r\n',
  'an inline empty argument': 'SET k ""\r\nGET k\r\nECHO \'\'\r\n',
  'unbalanced inline quotes': 'SET k "abc\r\nPING\r\n',
  'an inline quote that ends inside a word': 'SET k "a"b\r\nPING\r\n',
  'an unknown inline command': 'FOO bar\r\nPING\r\n',
  'inline and multibulk mixed': 'PING\r\n*2\r\n$4\r\nECHO\r\n$2\r\nhi\r\nPING\r\n',
  'empty multibulks': '*0\r\n*-1\r\n*0\r\nPING\r\n',
  'an empty argument': '*2\r\n$4\r\nECHO\r\n$0\r\n\r\n',
  'an empty command name': '*1\r\n$0\r\n\r\nPING\r\n',
  'a multibulk count that is no number': '*abc\r\nPING\r\n',
  'a multibulk count that is too large': '*2147483648\r\nPING\r\n',
  'a multibulk count with a sign': '*+1\r\n$4\r\nPING\r\n',
  'a multibulk count with blanks': '* 1\r\n$4\r\nPING\r\n',
  'a multibulk count with a leading zero': '*01\r\n$4\r\nPING\r\n',
  'an empty multibulk count': '*\r\n$4\r\nPING\r\n',
  'a bulk without a dollar': '*1\r\n:4\r\nPING\r\n',
  'a bulk that is empty of type': '*1\r\n\r\nPING\r\n',
  'a bulk length that is no number': '*1\r\n$abc\r\nPING\r\n',
  'a negative bulk length': '*1\r\n$-1\r\nPING\r\n',
  'a bulk length beyond the limit': '*1\r\n$536870913\r\nPING\r\n',
  'a bulk length beyond 64 bits': '*1\r\n$99999999999999999999\r\nPING\r\n',
  'a bulk length with a leading zero': '*1\r\n$04\r\nPING\r\n',
  'an empty bulk length': '*1\r\n$\r\nPING\r\n',
  'a bulk without CR LF at its end': '*1\r\n$4\r\nPINGxx*1\r\n$4\r\nPING\r\n',
  'a command cut short': '*2\r\n$4\r\nECHO\r\n$5\r\nhel',
  'good commands before a bad one': 'PING\r\n*1\r\n$4\r\nPING\r\n*x\r\nPING\r\n',
  'bytes that are no text': '\x00\x01\x02\xff\xfe\r\nPING\r\n',
  'an HTTP request that names a host': 'POST / HTTP/1.1\r\nHost: localhost\r\n\r\nPING\r\n',
  'an HTTP request': 'GET / HTTP/1.1\r\nAccept: */*\r\n\r\n',
  'a huge inline request': `${'x'.repeat(70_000)}\r\nPING\r\n`,
  'a huge multibulk count line': `*${'1'.repeat(70_000)}`,
  'a huge bulk length line': `*1\r\n$${'1'.repeat(70_000)}`,
  'CR and LF in an unknown command': '*1\r\n$6\r\na\r\nb\r\n\r\n',
  'CR and LF in an echoed argument': '*3\r\n$3\r\nFOO\r\n$4\r\n1\r\n2\r\n$1\r\nx\r\n',
  'a long unknown command': `*3\r\n$200\r\n${'c'.repeat(200)}\r\n$200\r\n${'a'.repeat(200)}\r\n$3\r\nabc\r\n`,
  'QUIT and a command after it': 'QUIT\r\nPING\r\n',
  'inline null bytes': 'ECHO a\x00b\r\nPING\r\n',
};

describeWithOracle('byte streams are answered as redis-server answers them', () => {
  let pair: Pair;

  beforeAll(async () => {
    pair = await startPair();
  });

  afterAll(() => pair?.stop());

  async function compare(pieces: Buffer[]): Promise<void> {
    expect(await streamDifference(pair, pieces)).toBeUndefined();
  }

  test.each(Object.entries(streams))('%s', async (_, text) => {
    await compare([Buffer.from(text, 'latin1')]);
  });

  test.each(Object.entries(streams).filter(([, text]) => text.length < 200))('%s, byte by byte', async (_, text) => {
    await compare([...Buffer.from(text, 'latin1')].map((byte) => Buffer.of(byte)));
  });

  test('a pipeline cut at every byte', async () => {
    const bytes = Buffer.concat([
      encodeCommand(['SET', 'k', 'va\r\nlue']),
      encodeCommand(['GET', 'k']),
      Buffer.from('ECHO "in\\x20line"\r\n'),
      encodeCommand(['RPUSH', 'l', '1', '', '2']),
      encodeCommand(['LRANGE', 'l', '0', '-1']),
      encodeCommand(['DEL', 'k', 'l']),
    ]);
    for (let cut = 1; cut < bytes.length; cut++) await compare([bytes.subarray(0, cut), bytes.subarray(cut)]);
  });
});
