import { afterAll, beforeAll, test } from 'vitest';
import { compareConversation, type Step } from '../support/conversation.js';
import { describeWithOracle } from '../support/oracle.js';
import { type Pair, startPair } from '../support/pair.js';
import type { Command } from '../support/raw-client.js';

/** Lines of `connection: COMMAND args`, several commands of one write separated by ` ; `. */
function script(text: string): Step[] {
  return text
    .trim()
    .split(/\s*\n\s*/)
    .map((line) => {
      const [conn, rest] = line.split(/: (.*)/s) as [string, string];
      return { conn, pipeline: rest.split(' ; ').map((command): Command => command.split(' ').map(unquoted)) };
    });
}

function unquoted(word: string): string {
  return word === '""' ? '' : word;
}

const cases: Record<string, string> = {
  'queued commands run in order, and errors among them stop nothing': `
    a: SET k text
    a: MULTI ; INCR k ; INCR x ; LPUSH x 1 ; INCR x ; GET k ; EXEC
    a: MGET k x
    a: MULTI ; EXEC`,
  'EXEC and DISCARD need MULTI, and MULTI does not nest': `
    a: EXEC
    a: DISCARD
    a: MULTI ; MULTI ; SET k v ; EXEC
    a: MULTI ; SET k w ; DISCARD
    a: GET k ; EXEC`,
  'a command that is refused aborts the transaction': `
    a: MULTI ; NOPE a b ; SET k v ; EXEC
    a: MULTI ; GET ; SET k v ; EXEC
    a: MULTI ; CLIENT NOPE ; EXEC
    a: MULTI ; CLIENT ; EXEC
    a: MULTI ; SAVE ; EXEC
    a: MULTI ; SHUTDOWN ; EXEC
    a: MULTI ; MULTI x ; EXEC
    a: MULTI ; WATCH ; EXEC
    a: MULTI ; DISCARD x ; EXEC
    a: GET k`,
  'EXEC with arguments gives the transaction up': `
    a: EXEC x
    a: MULTI ; SET k v ; EXEC x ; SET k w ; EXEC
    a: GET k
    a: WATCH k ; SET k x ; EXEC x ; MULTI ; GET k ; EXEC`,
  'WATCH is refused inside, UNWATCH is queued': `
    a: MULTI ; WATCH k ; SET k v ; EXEC
    a: WATCH k ; MULTI ; UNWATCH ; SET k w ; EXEC
    a: WATCH k ; SET k x ; MULTI ; UNWATCH ; EXEC`,
  'a watched key that is changed, by whomever, makes EXEC null': `
    a: SET k 1 ; WATCH k
    b: SET k 2
    a: MULTI ; SET k 3 ; EXEC ; GET k
    a: WATCH k ; SET k 4 ; MULTI ; GET k ; EXEC
    a: MULTI ; GET k ; EXEC`,
  'a watched key that was changed does not hide a refused command': `
    a: WATCH k
    b: SET k 2
    a: MULTI ; NOPE ; EXEC
    a: MULTI ; GET k ; EXEC`,
  'EXEC, DISCARD, UNWATCH and RESET end all watches': `
    a: WATCH k ; MULTI ; DISCARD
    b: SET k 1
    a: MULTI ; GET k ; EXEC
    a: WATCH k
    b: SET k 2
    a: UNWATCH ; MULTI ; GET k ; EXEC
    a: WATCH k
    b: SET k 3
    a: RESET ; MULTI ; GET k ; EXEC
    a: WATCH k ; MULTI ; EXEC
    b: SET k 4
    a: MULTI ; GET k ; EXEC
    a: WATCH k
    b: SET k 5
    a: DISCARD ; MULTI ; GET k ; EXEC`,
  'watches belong to the database in which they began': `
    a: SELECT 2 ; WATCH k ; SELECT 0
    b: SET k v
    a: MULTI ; GET k ; EXEC
    a: SELECT 2 ; WATCH k ; SELECT 0
    b: SELECT 2 ; SET k v
    a: MULTI ; PING ; EXEC`,
  'flushing touches the keys that are there': `
    a: WATCH k ; WATCH none
    b: FLUSHALL
    a: MULTI ; PING ; EXEC
    a: SET k v ; WATCH k
    b: FLUSHDB
    a: MULTI ; PING ; EXEC
    a: SET k v ; WATCH k
    b: SELECT 1 ; FLUSHDB
    a: MULTI ; PING ; EXEC
    a: WATCH k
    b: FLUSHALL
    a: MULTI ; PING ; EXEC`,
  'SWAPDB touches keys that are in either database': `
    a: SET k v ; WATCH k
    b: SWAPDB 0 1
    a: MULTI ; PING ; EXEC
    a: WATCH k
    b: SWAPDB 0 1
    a: MULTI ; PING ; EXEC
    a: WATCH none
    b: SWAPDB 0 1
    a: MULTI ; PING ; EXEC
    a: WATCH k
    b: SWAPDB 0 0
    a: MULTI ; PING ; EXEC`,
  'DEBUG RELOAD touches keys that are there': `
    a: SET k v ; WATCH k
    b: DEBUG RELOAD
    a: MULTI ; PING ; EXEC
    a: WATCH none
    b: DEBUG RELOAD
    a: MULTI ; PING ; EXEC`,
  'a key that was due when it was watched was not there': `
    a: DEBUG SET-ACTIVE-EXPIRE 0
    a: SET k v PXAT 1 ; WATCH k
    b: GET k
    a: MULTI ; GET k ; EXEC
    a: SET k v PXAT 1 ; WATCH k ; MULTI ; GET k ; EXEC
    a: SET k v PXAT 1 ; WATCH k
    b: FLUSHALL
    a: MULTI ; GET k ; EXEC
    a: SET k v PXAT 1 ; WATCH k
    b: SET k new
    a: MULTI ; GET k ; EXEC
    a: DEBUG SET-ACTIVE-EXPIRE 1`,
  'a key that falls due while it is watched was changed': `
    a: DEBUG SET-ACTIVE-EXPIRE 0
    a: SET k v PX 40 ; WATCH k
    b: BLPOP none 0.06
    a: MULTI ; GET k ; EXEC
    a: SET k v PX 40 ; WATCH k
    b: BLPOP none 0.06 ; GET k
    a: MULTI ; GET k ; EXEC
    a: DEBUG SET-ACTIVE-EXPIRE 1
    a: SET k v PX 40 ; WATCH k
    b: BLPOP none 0.2
    a: MULTI ; GET k ; EXEC`,
  'what changes nothing touches nothing': `
    a: SET k v ; WATCH k
    b: SET k w NX ; RENAME k k ; TOUCH k ; COPY k copy ; LPUSH k x ; SETRANGE k 0 "" ; DEL none ; PERSIST k
    a: MULTI ; PING ; EXEC
    a: WATCH k
    b: EXPIRE k 100
    a: MULTI ; PING ; EXEC
    a: WATCH k
    b: APPEND k ""
    a: MULTI ; PING ; EXEC
    a: WATCH copy
    b: RENAME k copy
    a: MULTI ; PING ; EXEC`,
  'blocking commands answer at once inside, as if their time were over': `
    a: MULTI ; BLPOP none 0 ; BRPOP none 0 ; BLMOVE none to LEFT LEFT 0 ; BLMPOP 0 1 none LEFT ; BRPOPLPUSH none to 0 ; EXEC
    a: MULTI ; RPUSH l 1 2 ; BLPOP l 0 ; BLPOP l 0 ; BLPOP l 0 ; EXEC`,
  'SELECT, HELLO and RESET': `
    a: MULTI ; SELECT 3 ; SET k v ; SELECT 0 ; GET k ; EXEC
    a: MULTI ; SELECT 3 ; EXEC ; GET k
    a: MULTI ; SET k w ; RESET ; GET k ; EXEC`,
  'QUIT leaves at once': `
    a: MULTI ; SET k v ; QUIT
    b: GET k`,
  'memory that is short refuses to queue, and to run what may need more': `
    b: SET taken memory ; CONFIG SET maxmemory 1
    a: MULTI ; GET k ; EXEC
    b: CONFIG SET maxmemory 0
    a: MULTI ; SET k v
    b: CONFIG SET maxmemory 1
    a: EXEC ; EXEC
    b: CONFIG SET maxmemory 0
    a: MULTI ; GET k
    b: CONFIG SET maxmemory 1
    a: EXEC
    a: MULTI ; DISCARD
    b: CONFIG SET maxmemory 0`,
  'a password is asked for first': `
    c: PING
    b: CONFIG SET requirepass secret
    c: RESET ; EXEC ; MULTI ; EXEC x ; WATCH k ; DISCARD
    b: CONFIG SET requirepass ""`,
};

const conversations: Record<string, Step[]> = {
  'who waits is served after the whole of EXEC': [
    { conn: 'a', block: ['BLPOP', 'k', 0] },
    ...script('w: MULTI ; RPUSH k 1 ; DEL k ; RPUSH k 2 3 ; LLEN k ; EXEC'),
    { conn: 'a', expect: 'reply' },
    ...script('w: LRANGE k 0 -1'),
  ],
  'a list that is gone again at the end of EXEC serves nobody': [
    { conn: 'a', block: ['BLPOP', 'k', 0] },
    ...script('w: MULTI ; RPUSH k 1 ; DEL k ; EXEC'),
    ...script('w: RPUSH k 2'),
    { conn: 'a', expect: 'reply' },
  ],
  'a waiter that is served changes a watched key': [
    { conn: 'a', block: ['BLMOVE', 'from', 'to', 'LEFT', 'LEFT', 0] },
    ...script('b: WATCH to'),
    ...script('w: RPUSH from x'),
    { conn: 'a', expect: 'reply' },
    ...script('b: MULTI ; LRANGE to 0 -1 ; EXEC'),
  ],
  'a client that leaves takes its transaction along': [
    ...script('a: WATCH k ; MULTI ; SET k v'),
    { conn: 'a', close: true },
    ...script('b: SET k w ; GET k'),
  ],
};

describeWithOracle('transactions answer as redis-server', () => {
  let pair: Pair;

  beforeAll(async () => {
    pair = await startPair();
  });

  afterAll(() => pair?.stop());

  const all: [string, Step[]][] = [
    ...Object.entries(cases).map(([name, text]): [string, Step[]] => [name, script(text)]),
    ...Object.entries(conversations),
  ];
  for (const protocol of [2, 3] as const) {
    test.each(all)(`%s (RESP${protocol})`, async (_, steps) => {
      await compareConversation(pair, steps, { protocol });
    });
  }
});
