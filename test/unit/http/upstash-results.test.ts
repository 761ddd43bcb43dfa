import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Results } from '../../../src/http/apis/upstash/results.js';
import { viewOf } from '../../../src/memory/slice.js';
import { ReplyWriter } from '../../../src/protocol/reply-writer.js';

function resultOf(write: ((reply: ReplyWriter) => void) | string, isBase64 = false): string {
  let bytes: Buffer;
  if (typeof write === 'string') {
    bytes = Buffer.from(write);
  } else {
    const reply = new ReplyWriter();
    write(reply);
    bytes = reply.take(0);
  }
  const results = new Results();
  results.isBase64 = isBase64;
  results.add(bytes, viewOf(bytes), 0, bytes.length);
  const json = results.json.take().toString();
  return json;
}

describe('results', () => {
  test.each([
    ['+OK\r\n', '{"result":"OK"}', '{"result":"OK"}'],
    ['+OKAY\r\n', '{"result":"OKAY"}', '{"result":"T0tBWQ=="}'],
    ['+PONG\r\n', '{"result":"PONG"}', '{"result":"UE9ORw=="}'],
    ['$2\r\nOK\r\n', '{"result":"OK"}', '{"result":"T0s="}'],
    ['*1\r\n+OK\r\n', '{"result":["OK"]}', '{"result":["T0s="]}'],
    ['-ERR "no"\r\n', '{"error":"ERR \\"no\\""}', '{"error":"ERR \\"no\\""}'],
    [':-9223372036854775808\r\n', '{"result":-9223372036854775808}', '{"result":-9223372036854775808}'],
    ['$-1\r\n', '{"result":null}', '{"result":null}'],
    ['*-1\r\n', '{"result":null}', '{"result":null}'],
    ['*0\r\n', '{"result":[]}', '{"result":[]}'],
    ['*3\r\n*0\r\n*-1\r\n*1\r\n*1\r\n:1\r\n', '{"result":[[],null,[[1]]]}', '{"result":[[],null,[[1]]]}'],
    [
      '*3\r\n$1\r\na\r\n:1\r\n*2\r\n$-1\r\n$0\r\n\r\n',
      '{"result":["a",1,[null,""]]}',
      '{"result":["YQ==",1,[null,""]]}',
    ],
    ['*2\r\n-ERR no\r\n:1\r\n', '{"result":["ERR no",1]}', '{"result":["RVJSIG5v",1]}'],
  ])('%j', (reply, text, base64) => {
    expect(resultOf(reply)).toBe(text);
    expect(resultOf(reply, true)).toBe(base64);
  });

  test('of EXEC each its own', () => {
    const bytes = Buffer.from('*4\r\n+OK\r\n-ERR no\r\n*2\r\n:1\r\n$1\r\na\r\n$-1\r\n');
    const results = new Results();
    results.addElements(bytes, viewOf(bytes), 0, bytes.length);
    expect(results.json.take().toString()).toBe(
      '{"result":"OK"},{"error":"ERR no"},{"result":[1,"a"]},{"result":null}',
    );
  });

  test('arrays as deep as they may be', () => {
    const depth = 100_000;
    expect(resultOf(`${'*1\r\n'.repeat(depth)}:1\r\n`)).toBe(`{"result":${'['.repeat(depth)}1${']'.repeat(depth)}}`);
  });

  test('whatever a reply holds', () => {
    type Value = string | number | null | Value[];
    const { value } = fc.letrec<{ value: Value }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.string({ unit: 'grapheme', maxLength: 30 }),
        fc.integer(),
        fc.constant(null),
        fc.array(tie('value'), { maxLength: 4 }),
      ),
    }));
    const write = (reply: ReplyWriter, each: Value): void => {
      if (each === null) reply.null();
      else if (typeof each === 'string') reply.bulkString(each);
      else if (typeof each === 'number') reply.integer(each);
      else {
        reply.array(each.length);
        for (const element of each) write(reply, element);
      }
    };
    const encoded = (each: Value): Value =>
      typeof each === 'string' ? Buffer.from(each).toString('base64') : Array.isArray(each) ? each.map(encoded) : each;
    fc.assert(
      fc.property(value, (each) => {
        expect(resultOf((reply) => write(reply, each))).toBe(JSON.stringify({ result: each }));
        expect(resultOf((reply) => write(reply, each), true)).toBe(JSON.stringify({ result: encoded(each) }));
      }),
    );
  });
});
