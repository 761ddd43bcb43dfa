import { afterAll, beforeAll, test } from 'vitest';
import { compareScript } from '../support/compare.js';
import { describeWithOracle } from '../support/oracle.js';
import { type Pair, startPair } from '../support/pair.js';
import type { Command } from '../support/raw-client.js';

/** One command per line, words split at blanks; "" is the empty string. */
const scripts: Record<string, string> = {
  'adding with ids of all forms': `
    XADD s 1-1 a 1
    XADD s 1-1 a 1
    XADD s 1-0 a 1
    XADD s 1-* a 2
    XADD s 1 a 2
    XADD s 2 a 2
    XADD s 2-* b 2 c 3
    XADD s 3-* "" ""
    XADD s 2-* a 1
    XADD s 0-0 a 1
    XADD s 0 a 1
    XADD t 0-* a 1
    XADD t 0-* a 1
    XADD s abc a 1
    XADD s 5-abc a 1
    XADD s 5- a 1
    XADD s -5 a 1
    XADD s - a 1
    XADD s + a 1
    XADD s "" a 1
    XADD s *-1 a 1
    XADD s *-* a 1
    XADD s 5-5-5 a 1
    XADD s 05-007 a 1
    XADD s +6-1 a 1
    XADD s 18446744073709551616-1 a 1
    XADD s 7-18446744073709551616 a 1
    XADD s 7-18446744073709551615 a 1
    XADD s 7-* a 1
    XADD s 8-* a 1
    XADD s 9007199254740993-9007199254740993 a 1
    XADD s 9007199254740993-* a 1
    XADD s 18446744073709551615-18446744073709551614 a 1
    XADD s 18446744073709551615-* a 1
    XADD s 18446744073709551615-18446744073709551615 a 1
    XADD s * a 1
    XADD s 5-1 a 1
    XADD s 18446744073709551615-* a 1
    XADD s -05-1 a 1
    XRANGE s - +
    XREVRANGE s + -
    XLEN s
    XADD s
    XADD s 1-1
    XADD s 1-1 a
    XADD s * a 1 b
    XADD s 0-0 a
    XADD s abc a
    XADD none NOMKSTREAM 1-1 a 1
    XADD none nomkstream * a 1
    EXISTS none
    XADD s NOMKSTREAM a 1
    SET str x
    XADD str 1-1 a 1
    XADD str 0-0 a 1
    XADD str abc a 1
    XLEN str
    XLEN none
    XLEN
    OBJECT ENCODING s
    TYPE s`,
  'trimming while adding': `
    XADD s 1-1 a 1
    XADD s 2-1 a 1
    XADD s MAXLEN 2 3-1 a 1
    XADD s MAXLEN = 2 4-1 a 1
    XADD s MAXLEN ~ 1 5-1 a 1
    XADD s MINID 5 6-1 a 1
    XADD s MINID = 6-2 7-1 a 1
    XRANGE s - +
    XADD s MAXLEN 0 8-1 a 1
    XLEN s
    XADD s 9-1 a 1
    XADD s MAXLEN -1 10-1 a 1
    XADD s MAXLEN abc 10-1 a 1
    XADD s MAXLEN ~ abc 10-1 a 1
    XADD s MAXLEN = -5 10-1 a 1
    XADD s MINID abc 10-1 a 1
    XADD s MINID - 10-1 a 1
    XADD s MAXLEN 5 MINID 5 10-1 a 1
    XADD s MAXLEN 5 MAXLEN 6 10-1 a 1
    XADD s LIMIT 5 10-1 a 1
    XADD s MAXLEN 5 LIMIT 5 10-1 a 1
    XADD s MAXLEN = 5 LIMIT 5 10-1 a 1
    XADD s MAXLEN ~ 5 LIMIT -1 10-1 a 1
    XADD s MAXLEN ~ 5 LIMIT x 10-1 a 1
    XADD s MAXLEN ~ 5 LIMIT 0 10-1 a 1
    XADD s LIMIT 0 MAXLEN ~ 5 11-1 a 1
    XADD s LIMIT 3 NOMKSTREAM MAXLEN ~ 5 12-1 a 1
    XADD s MAXLEN
    XADD s MAXLEN ~
    XADD s MAXLEN ~ 5
    XADD s MAXLEN 5 5
    XADD s MAXLEN 5 abc a 1
    XADD s MAXLEN 5 0-0 a 1
    XADD s MAXLEN 5 LIMIT 5 abc a 1
    XADD s LIMIT 5 abc a 1
    XADD s LIMIT 5 13-1 a
    XADD s MAXLEN 10 LIMIT 13-1 a 1
    XADD s NOMKSTREAM NOMKSTREAM 13-1 a 1
    XRANGE s - +`,
  ranges: `
    XADD s 1-1 a 1
    XADD s 1-2 a 2 b 3
    XADD s 2-0 c 3
    XADD s 3-5 a 4
    XRANGE s 1 1
    XRANGE s 1 2
    XRANGE s 1-2 3
    XRANGE s (1-1 (3-5
    XRANGE s (1 +
    XRANGE s - (2
    XRANGE s - 3-4
    XRANGE s 3 1
    XRANGE s + -
    XREVRANGE s + -
    XREVRANGE s - +
    XREVRANGE s 2 1
    XREVRANGE s (3-5 (1-1
    XREVRANGE s (2 -
    XREVRANGE s 0-5 -
    XREVRANGE s 2-5 1-2 COUNT 1
    XRANGE s - + COUNT 2
    XRANGE s - + COUNT 0
    XRANGE s - + COUNT -1
    XRANGE s - + COUNT -100
    XRANGE s - + COUNT 100
    XREVRANGE s + - COUNT 0
    XRANGE s - + COUNT 1 COUNT 2
    XRANGE s - + COUNT x
    XRANGE s - + COUNT
    XRANGE s - + LIMIT 2
    XRANGE s (- +
    XRANGE s - (+
    XRANGE s ( +
    XRANGE s abc +
    XRANGE s - abc
    XRANGE s - 1-x
    XRANGE s (18446744073709551615-18446744073709551615 +
    XRANGE s - (0-0
    XRANGE s - (0
    XRANGE s (18446744073709551615 +
    XRANGE s 18446744073709551615 +
    XRANGE none - +
    XRANGE none - + COUNT 0
    XRANGE none abc +
    XREVRANGE none + -
    SET str x
    XRANGE str - +
    XRANGE str x +
    XREVRANGE str + - COUNT x
    XRANGE s -
    XRANGE s`,
  'deleting, trimming and setting the last id': `
    XADD s 1-1 a 1
    XADD s 2-1 a 2
    XADD s 3-1 b 3
    XADD s 4-1 b 4
    XDEL s 2-1
    XDEL s 2-1
    XDEL s 2-1 3-1 9-9
    XDEL s 1-1 abc
    XDEL s - +
    XDEL s 1
    XRANGE s - +
    XREVRANGE s + -
    XDEL none 1-1
    XDEL none abc
    XDEL s
    XDEL s 1-1 4-1
    XLEN s
    EXISTS s
    XRANGE s - +
    XADD s 4-1 a 1
    XADD s 5-1 a 1
    XADD s 6-1 a 1
    XADD s 7-1 a 1
    XTRIM s MAXLEN 2
    XTRIM s MAXLEN = 2
    XTRIM s MAXLEN ~ 1
    XTRIM s MINID 7
    XTRIM s MINID ~ 9
    XTRIM s MAXLEN 0
    XTRIM s MAXLEN ~ 0 LIMIT 1
    XTRIM none MAXLEN 0
    XTRIM s MAXLEN -1
    XTRIM s MAXLEN
    XTRIM s MAXLEN x
    XTRIM s MAXLEN 1 2
    XTRIM s FOO 1
    XTRIM s LIMIT 1
    XTRIM s LIMIT 1 2
    XTRIM s MAXLEN 1 LIMIT 1
    XTRIM s MAXLEN ~ 1 LIMIT -1
    XTRIM s MAXLEN 1 MINID 1
    XTRIM s NOMKSTREAM MAXLEN 1
    XTRIM s
    XSETID s 6-1
    XSETID s 7-1
    XSETID s 10-1
    XADD s 9-1 a 1
    XADD s 11-1 a 1
    XADD s 12-1 a 1
    XSETID s 11-5
    XSETID s 12
    XSETID s 12-0
    XSETID s 12-1
    XSETID s 15-1 ENTRIESADDED 1
    XSETID s 15-1 ENTRIESADDED -1
    XSETID s 15-1 ENTRIESADDED x
    XSETID s 15-1 ENTRIESADDED 9223372036854775807
    XSETID s 15-1 ENTRIESADDED 9223372036854775808
    XSETID s 15-1 MAXDELETEDID 16-1
    XSETID s 15-1 MAXDELETEDID 14-1
    XSETID s 13-1
    XSETID s 15-1 ENTRIESADDED 100 MAXDELETEDID 0-0
    XSETID s 13-1 ENTRIESADDED 100 MAXDELETEDID 0-0
    XSETID s 15-1 MAXDELETEDID x
    XSETID s 15-1 FOO 1
    XSETID s 15-1 ENTRIESADDED
    XSETID s x
    XSETID s -
    XSETID s 18446744073709551615-18446744073709551615
    XADD s * a 1
    XSETID none 1-1
    XSETID none x
    SET str x
    XSETID str 1-1
    XDEL str 1-1
    XDEL str x
    XTRIM str MAXLEN 1
    XTRIM str MAXLEN x
    XSETID s`,
  reading: `
    XADD s 1-1 a 1
    XADD s 2-1 a 2
    XADD t 1-5 b 3
    XREAD STREAMS s 0
    XREAD STREAMS s t 0 0
    XREAD COUNT 1 STREAMS s t 0 0
    XREAD COUNT 0 STREAMS s 0
    XREAD COUNT -5 STREAMS s 0
    XREAD STREAMS s 1-1
    XREAD STREAMS s 1
    XREAD STREAMS s 2-1
    XREAD STREAMS s t $ 0
    XREAD STREAMS s none t 5 0 1-4
    XREAD STREAMS none $
    XREAD STREAMS s 18446744073709551615-18446744073709551615
    XREAD COUNT x STREAMS s 0
    XREAD COUNT 1 BLOCK x STREAMS s 0
    XREAD BLOCK -1 STREAMS s 0
    XREAD BLOCK 1.5 STREAMS s 0
    XREAD BLOCK 10 STREAMS s 0
    XREAD block 1 streams s 0
    XREAD BLOCK 1 STREAMS s $
    XREAD BLOCK 1 STREAMS s none $ 0
    XREAD STREAMS s abc
    XREAD STREAMS s -
    XREAD STREAMS s >
    XREAD FOO STREAMS s 0
    XREAD NOACK STREAMS s 0
    XREAD GROUP g c STREAMS s 0
    XREAD GROUP g
    XREAD GROUP g STREAMS s
    XREAD COUNT STREAMS s 0
    XREAD COUNT 1 s 0
    XREAD s 0 1
    SET str x
    XREAD STREAMS str 0
    XREAD STREAMS s str 0 0
    XREAD STREAMS s str x 0
    XREAD STREAMS str s x x
    DEL s
    XREAD BLOCK 1 STREAMS s 0
    MULTI
    XREAD BLOCK 0 STREAMS s 0
    XADD s 1-1 a 1
    XREAD BLOCK 0 STREAMS s $
    EXEC
    XDEL s 1-1
    XREAD STREAMS s 0`,
  'copies and payloads': `
    XADD s 1-1 a 1
    XADD s 2-1 a 2
    XADD s 2-7 b 2
    XDEL s 2-1
    COPY s t
    XADD t 3-1 x y
    XRANGE s - +
    XRANGE t - +
    RENAME t u
    XRANGE u - +
    XADD u 2-9 a 1
    SORT s
    XADD s 18446744073709551615-18446744073709551615 a 9223372036854775807
    XRANGE s - +
    EXPIRE s 100
    PERSIST s
    DEL s u
    EXISTS s u`,
};

/** Trimming of many nodes, some of them with deleted entries. */
function manyNodes(): string {
  const lines: string[] = [];
  for (let i = 1; i <= 1500; i++) lines.push(`XADD s ${i}-1 a ${i}`);
  for (let i = 1; i <= 1500; i += i % 7 === 0 ? 1 : 5) lines.push(`XDEL s ${i}-1`);
  const trims = [
    'MAXLEN ~ 1000',
    'MAXLEN ~ 900 LIMIT 30',
    'MAXLEN ~ 700 LIMIT 0',
    'MAXLEN 650',
    'MINID ~ 800',
    'MINID 850',
  ];
  trims.push('MINID ~ 1200 LIMIT 45', 'MINID ~ 1200 LIMIT 0', 'MAXLEN ~ 10', 'MAXLEN 3', 'MINID ~ 2000', 'MINID 2000');
  for (const trim of trims) {
    lines.push(`XTRIM s ${trim}`, 'XLEN s', 'XRANGE s - + COUNT 2', 'XADD s * b 1', 'XREVRANGE s + - COUNT 1');
    lines.push('XDEL s 1000-1', `XADD s ${trim} 2000-* c 2`, 'XLEN s');
  }
  return lines.filter((line) => !line.includes('*')).join('\n');
}

function parse(script: string): Command[] {
  return script
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => line.split(' ').map((word) => (word === '""' ? '' : word)));
}

const settings: Record<string, Record<string, string>> = {
  'as configured by default': {},
  'with nodes of two entries': { 'stream-node-max-entries': '2' },
  'with nodes of no more than 40 bytes': { 'stream-node-max-bytes': '40', 'stream-node-max-entries': '0' },
};

for (const [name, directives] of Object.entries(settings)) {
  describeWithOracle(`stream commands ${name}`, () => {
    let pair: Pair;

    beforeAll(async () => {
      pair = await startPair(directives);
    });

    afterAll(() => pair?.stop());

    for (const protocol of [2, 3] as const) {
      test.each(Object.entries(scripts))(`%s, RESP${protocol}`, (_, script) =>
        compareScript(pair, [['HELLO', protocol], ...parse(script)]),
      );
    }

    test('trimming of many nodes', () => compareScript(pair, parse(manyNodes())));
  });
}
