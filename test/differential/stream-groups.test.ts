import { afterAll, beforeAll, test } from 'vitest';
import { compareScript } from '../support/compare.js';
import { idleTimes } from '../support/group-replies.js';
import { describeWithOracle } from '../support/oracle.js';
import { type Pair, startPair } from '../support/pair.js';
import type { Command } from '../support/raw-client.js';

const scripts: Record<string, string> = {
  'entries and streams that a command names twice': `
    XADD s 1-1 a 1
    XADD s 2-1 a 2
    XADD s 3-1 a 3
    XADD t 1-1 a 1
    XGROUP CREATE s g 0
    XGROUP CREATE t g 0
    XREADGROUP GROUP g c COUNT 2 STREAMS s s t > > >
    XREADGROUP GROUP g c STREAMS s s 0 0
    XPENDING s g - + 10
    XREADGROUP GROUP g d STREAMS s t s > 0 0
    XREADGROUP GROUP g e NOACK STREAMS t t > >
    XPENDING t g - + 10
    XADD s 4-1 a 4
    XREADGROUP GROUP g d STREAMS s s 0 >
    XADD s 5-1 a 5
    XREADGROUP GROUP g d STREAMS s s > 0
    XPENDING s g - + 10
    XCLAIM s g e 0 1-1 1-1
    XCLAIM s g e 0 2-1 1-1 2-1 JUSTID
    XPENDING s g - + 10
    XCLAIM s g e 1000 1-1 1-1 IDLE 5000
    XCLAIM s g e 1000 1-1 1-1 IDLE 5
    XCLAIM s g d 1000 3-1 3-1 IDLE 5000
    XCLAIM s g d 0 3-1 3-1 IDLE 5000 JUSTID
    XCLAIM s g d 1000 3-1 3-1 3-1 IDLE 5000
    XPENDING s g - + 10
    XGROUP CREATE s h 0
    XCLAIM s h d 0 1-1 1-1 2-1 FORCE
    XCLAIM s h d 1000 5-1 5-1 FORCE IDLE 5000
    XCLAIM s h d 1000 4-1 4-1 FORCE
    XCLAIM s h d 0 9-9 9-9 FORCE
    XPENDING s h - + 10
    XDEL s 1-1 3-1
    XCLAIM s g d 0 1-1 1-1 3-1 2-1
    XPENDING s g - + 10
    XAUTOCLAIM s h e 0 0
    XPENDING s h - + 10
    XINFO GROUPS s
  `,
  'groups, consumers and what is pending to them': `
    XADD s 1-1 a 1
    XADD s 2-1 a 2
    XADD s 3-1 b 3
    XADD s 4-1 a 4
    XADD s 5-1 a 5
    XGROUP CREATE s g 0
    XGROUP CREATE s g 0
    XGROUP CREATE s h $
    XGROUP CREATE no g 0
    XGROUP CREATE s x abc
    XGROUP CREATE s h1 0 foo
    XGROUP CREATE s h1 0 ENTRIESREAD
    XGROUP CREATE s h1 0 ENTRIESREAD -2
    XGROUP CREATE s h1 0 ENTRIESREAD x
    XGROUP CREATE s h1 - ENTRIESREAD 2
    XGROUP CREATE s h2 +
    XGROUP CREATE s h3 (1
    XGROUP CREATE m g $ MKSTREAM
    XGROUP CREATE m2 g 5 MKSTREAM ENTRIESREAD 3
    XINFO GROUPS m
    XINFO GROUPS m2
    XINFO GROUPS s
    XGROUP SETID s nope 0
    XGROUP SETID s g -
    XINFO GROUPS s
    XGROUP SETID s g +
    XINFO GROUPS s
    XGROUP SETID s g (1
    XGROUP CREATE s nope2 -
    XGROUP SETID s g 0 MKSTREAM
    XGROUP SETID no g 0
    XGROUP DESTROY s no
    XGROUP DESTROY no no
    XGROUP CREATECONSUMER s g c
    XGROUP CREATECONSUMER s g c
    XGROUP CREATECONSUMER s g d
    XGROUP CREATECONSUMER s g e
    XGROUP CREATECONSUMER s h c
    XGROUP CREATECONSUMER s no c
    XGROUP DELCONSUMER s g nope
    XGROUP DELCONSUMER s no nope
    XREADGROUP GROUP g c COUNT 1 STREAMS s >
    XINFO GROUPS s
    XREADGROUP GROUP g c COUNT 1 NOACK STREAMS s >
    XINFO GROUPS s
    XREADGROUP GROUP g d COUNT 2 STREAMS s >
    XPENDING s g
    XPENDING s g - + 10
    XPENDING s g - + 10 d
    XPENDING s g (1-1 3 10
    XPENDING s g - + 1
    XPENDING s g - + 10 nobody
    XREADGROUP GROUP g c STREAMS s 0
    XREADGROUP GROUP g d STREAMS s 3-1
    XREADGROUP GROUP g d COUNT 1 STREAMS s 0
    XPENDING s g - + 10
    XREADGROUP GROUP h c STREAMS s >
    XREADGROUP GROUP g c STREAMS s m > >
    XREADGROUP GROUP g c STREAMS s no > >
    XREADGROUP GROUP g c STREAMS s $
    XREADGROUP GROUP no c STREAMS s >
    XREADGROUP COUNT 1 STREAMS s t u > > >
    XREADGROUP GROUP g c BLOCK -1 STREAMS s >
    XREADGROUP GROUP g c FOO STREAMS s >
    XREADGROUP GROUP g c STREAMS s x
    XDEL s 3-1
    XINFO GROUPS s
    XREADGROUP GROUP g d STREAMS s 0
    XCLAIM s g e 0 1-1 3-1 4-1
    XPENDING s g - + 10
    XAUTOCLAIM s g c 0 0
    XPENDING s g - + 10
    XCLAIM s g d 0 1-1 JUSTID
    XPENDING s g - + 10
    XCLAIM s g d 0 1-1 RETRYCOUNT 9223372036854775807
    XPENDING s g - + 10
    XCLAIM s g d 0 1-1
    XPENDING s g - + 10
    XCLAIM s g d 0 9-9 FORCE
    XCLAIM s g d 0 5-1 FORCE JUSTID
    XCLAIM s g d 0 2-1
    XCLAIM s g d 100000 5-1
    XCLAIM s g d 0 5-1 LASTID 9-9
    XINFO GROUPS s
    XCLAIM s g d 0 5-1 IDLE 200000
    XCLAIM s g c 100000 5-1 JUSTID
    XCLAIM s g d x 1-1
    XCLAIM s g d 0 1-1 foo
    XCLAIM s g d 0 1-1 IDLE x
    XCLAIM s g d 0 1-1 TIME x
    XCLAIM s g d 0 1-1 RETRYCOUNT x
    XCLAIM s g d 0 1-1 LASTID x
    XCLAIM s g d 0 1-1 LASTID
    XCLAIM s no d x 1-1
    XAUTOCLAIM s g d 0 0 COUNT 1
    XAUTOCLAIM s g d 0 (1-1 COUNT 1 JUSTID
    XAUTOCLAIM s g d 100000 0
    XAUTOCLAIM s no c 0 0
    XAUTOCLAIM s g c x 0
    XAUTOCLAIM s g c 0 x
    XAUTOCLAIM s g c 0 0 COUNT 0
    XAUTOCLAIM s g c 0 0 COUNT x
    XAUTOCLAIM s g c 0 0 foo
    XDEL s 1-1 4-1
    XAUTOCLAIM s g c 0 0 COUNT 1
    XAUTOCLAIM s g c 0 0 COUNT 2
    XAUTOCLAIM s g c 0 0
    XPENDING s g
    XACK s g 1-1 5-1 7-7
    XACK s g x
    XACK no g 1-1
    XACK s no x
    XPENDING s g
    XINFO STREAM s
    XINFO STREAM s FULL
    XINFO STREAM s FULL COUNT x
    XINFO STREAM s foo
    XINFO STREAM no
    XINFO GROUPS no
    XINFO CONSUMERS s no
    XGROUP SETID s g 0
    XREADGROUP GROUP g c STREAMS s >
    XREADGROUP GROUP g d STREAMS s >
    XGROUP SETID s g 2-1 ENTRIESREAD 2
    XREADGROUP GROUP g d STREAMS s >
    XPENDING s g - + 10
    XGROUP SETID s h 0 ENTRIESREAD 0
    XREADGROUP GROUP h c COUNT 1 STREAMS s >
    XINFO GROUPS s
    XREADGROUP GROUP h c COUNT 1 STREAMS s >
    XINFO GROUPS s
    XREADGROUP GROUP h c COUNT 1 STREAMS s >
    XINFO GROUPS s
    XGROUP DELCONSUMER s g d
    XGROUP DELCONSUMER s g c
    XPENDING s g
    XTRIM s MAXLEN 0
    XINFO GROUPS s
    XINFO STREAM s
    XGROUP DESTROY s g
    XGROUP DESTROY s h
    XINFO STREAM s FULL
    XADD s 10-1 a b
    XGROUP CREATE s g 0
    XGROUP CREATE s g5 0 ENTRIESREAD 0
    XGROUP CREATECONSUMER s g c
    XREADGROUP GROUP g c STREAMS s >
    XINFO GROUPS s
    COPY s t
    XPENDING t g - + 10
    XACK t g 10-1
    XPENDING s g - + 10
    XPENDING t g - + 10
    SET str x
    XGROUP CREATE str g 0
    XREADGROUP GROUP g c STREAMS str >
    XACK str g 1-1
    XPENDING str g
    XCLAIM str g c 0 1-1
    XAUTOCLAIM str g c 0 0
    XINFO STREAM str
    XINFO GROUPS str`,
  'what breaks a watch, and what is refused': `
    XADD s 1-1 a b
    XADD s 2-1 a b
    WATCH s
    XADD s 9-* a b
    MULTI
    XLEN s
    EXEC
    WATCH s
    XDEL s 1-1
    MULTI
    XLEN s
    EXEC
    WATCH s
    XDEL s 7-7
    MULTI
    XLEN s
    EXEC
    WATCH s
    XTRIM s MAXLEN 100
    MULTI
    XLEN s
    EXEC
    WATCH s
    XTRIM s MAXLEN 1
    MULTI
    XLEN s
    EXEC
    WATCH s
    XSETID s 99-1
    MULTI
    XLEN s
    EXEC
    WATCH s
    XGROUP CREATE s w 0
    MULTI
    XLEN s
    EXEC
    WATCH fresh
    XGROUP CREATE fresh w 0 MKSTREAM
    MULTI
    XLEN s
    EXEC
    WATCH s
    XGROUP SETID s w 0
    MULTI
    XLEN s
    EXEC
    WATCH s
    XGROUP CREATECONSUMER s w ann
    MULTI
    XLEN s
    EXEC
    WATCH s
    XREADGROUP GROUP w ann COUNT 1 STREAMS s >
    MULTI
    XLEN s
    EXEC
    WATCH s
    XREADGROUP GROUP w ann STREAMS s 0
    MULTI
    XLEN s
    EXEC
    WATCH s
    XCLAIM s w bob 0 9-0
    MULTI
    XLEN s
    EXEC
    WATCH s
    XACK s w 9-0
    MULTI
    XLEN s
    EXEC
    WATCH s
    XGROUP DELCONSUMER s w ann
    MULTI
    XLEN s
    EXEC
    WATCH s
    XGROUP DESTROY s w
    MULTI
    XLEN s
    EXEC
    WATCH s
    XGROUP DESTROY s w
    MULTI
    XLEN s
    EXEC
    SORT s
    SORT s BY nosort
    GET s
    APPEND s x
    PFCOUNT s
    OBJECT ENCODING s`,
};

describeWithOracle('consumer groups', () => {
  let pair: Pair;

  beforeAll(async () => {
    pair = await startPair();
  });

  afterAll(() => pair?.stop());

  for (const protocol of [2, 3] as const) {
    test.each(Object.entries(scripts))(`%s (RESP${protocol})`, async (_, script) => {
      const lines = script.split('\n').map((line) => line.trim());
      const commands = lines.filter((line) => line !== '').map((line) => line.split(' ') as unknown as Command);
      await compareScript(pair, commands, { protocol, comparators: idleTimes });
    });
  }
});
