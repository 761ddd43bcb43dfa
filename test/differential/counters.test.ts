/**
 * What each command adds to the counters of INFO: keys found and not found, and changes since the last save. SCAN TYPE
 * is not among them: 7.0 looks each key up for its type, later versions do not.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeWithOracle } from '../support/oracle.js';
import { type Pair, startPair } from '../support/pair.js';
import { type Address, type Command, RawClient } from '../support/raw-client.js';
import { textOf } from '../support/reply-text.js';

const COUNTERS = ['keyspace_hits', 'keyspace_misses', 'rdb_changes_since_last_save'];

/** Strings s, n, w_1 … w_3, and e with a deadline; lists l and one. Nothing is at x, y, z. */
const SETUP = commandsOf(`
  FLUSHALL
  SET s hello
  SET n 5
  SET e v EX 1000
  RPUSH l 3 1 2
  RPUSH one x
  MSET w_1 1 w_2 2 w_3 0`);

/**
 * One command per line, in its words; "" is the empty one. Only the last of several, between semicolons, is counted.
 */
const groups: Record<string, string> = {
  'reading strings': `
    GET s
    GET x
    GET l
    MGET s x l n
    STRLEN s
    STRLEN x
    GETRANGE s 0 1
    GETRANGE x 0 1
    GETRANGE l 0 1
    SUBSTR x 0 1
    LCS s n
    LCS s x LEN
    LCS x y
    GETBIT s 1
    GETBIT x 1
    BITCOUNT s
    BITCOUNT x
    BITCOUNT l
    BITPOS s 1
    BITPOS x 0
    BITFIELD s GET u8 0
    BITFIELD x GET u8 0
    BITFIELD_RO s GET u8 0
    BITFIELD_RO x GET u8 0`,
  'writing strings': `
    GETSET s 1
    GETSET x 1
    GETDEL s
    GETDEL x
    GETEX s
    GETEX x
    GETEX s EX 10
    GETEX s PXAT 1
    GETEX e PERSIST
    GETEX s PERSIST
    SET s 1
    SET x 1 EX 10
    SET x 1 PXAT 99999999999999
    SET s 1 KEEPTTL
    SET s 1 NX
    SET x 1 XX
    SET s 1 GET
    SET x 1 GET
    SETNX s 1
    SETNX x 1
    SETEX s 10 1
    PSETEX x 10000 1
    MSET s 1 x 2
    MSETNX s 1 x 2
    MSETNX y 1 x 2
    APPEND s x
    APPEND x x
    APPEND s ""
    APPEND l x
    SETRANGE s 0 x
    SETRANGE x 0 x
    SETRANGE s 0 ""
    SETRANGE x 5 ""
    INCR n
    INCR x
    INCR s
    DECRBY n 5
    INCRBYFLOAT n 1.5
    INCRBYFLOAT x 1.5
    SETBIT s 1 1
    SETBIT s 1 0
    SETBIT x 1 1
    BITOP AND d s n
    BITOP AND d x y
    BITOP OR s x y
    BITOP NOT d s
    BITOP AND d s l`,
  'BITFIELD, which counts its changes': `
    BITFIELD s SET u8 0 1
    BITFIELD s SET u8 0 104
    BITFIELD s SET u8 0 104 SET u8 8 1 SET u8 16 2
    BITFIELD s INCRBY u8 0 0
    BITFIELD x SET u8 0 0
    BITFIELD s OVERFLOW FAIL INCRBY u8 0 255
    BITFIELD s OVERFLOW FAIL SET u8 0 256
    BITFIELD s OVERFLOW FAIL SET u8 100 256
    BITFIELD s OVERFLOW FAIL SET u8 0 256 GET u8 0
    BITFIELD s OVERFLOW FAIL SET u8 0 256 OVERFLOW WRAP SET u8 0 5
    BITFIELD x OVERFLOW FAIL INCRBY u8 0 256
    BITFIELD x OVERFLOW FAIL SET u8 100 256`,
  keys: `
    TYPE s
    TYPE x
    TTL s
    TTL x
    PTTL e
    EXPIRETIME e
    PEXPIRETIME x
    EXISTS s
    EXISTS s s x
    DUMP s
    DUMP x
    DUMP l
    RENAME s t
    RENAME s n
    RENAME s s
    RENAME x t
    RENAMENX s t
    RENAMENX s n
    RENAMENX s s
    COPY s t
    COPY s n
    COPY s n REPLACE
    COPY l n REPLACE
    COPY x n
    COPY s s
    MOVE s 1
    MOVE x 1
    TOUCH s x n
    RANDOMKEY
    FLUSHALL ; RANDOMKEY
    KEYS *
    SCAN 0
    SCAN 0 MATCH s COUNT 1000
    DBSIZE
    DEL s x s
    UNLINK s x n
    EXPIRE s 100
    EXPIRE x 100
    EXPIRE s -1
    EXPIRE e 100 NX
    EXPIREAT s 1
    PEXPIRE e 100000
    PERSIST e
    PERSIST s
    RESTORE s 0 x
    WATCH s x
    FLUSHDB
    FLUSHALL
    FLUSHALL ; FLUSHALL
    SWAPDB 0 1
    SWAPDB 0 0`,
  'what tells of keys': `
    OBJECT ENCODING s
    OBJECT ENCODING x
    OBJECT IDLETIME s
    OBJECT IDLETIME x
    OBJECT REFCOUNT s
    OBJECT REFCOUNT x
    OBJECT FREQ s
    OBJECT FREQ x
    OBJECT NOPE s
    MEMORY USAGE s
    MEMORY USAGE x
    DEBUG OBJECT s
    DEBUG OBJECT x
    DEBUG DIGEST-VALUE s x`,
  SORT: `
    SORT l
    SORT x
    SORT s
    SORT_RO l
    SORT_RO x
    SORT l BY w_*
    SORT l BY w_* GET w_* GET #
    SORT l BY z_* GET z_*
    SORT l BY nosort
    SORT l BY w_* LIMIT 0 1 GET w_*
    SORT l GET nokey
    SORT l GET w_*->f
    SORT l BY w_*->f GET z_*->f
    SORT l BY nostar->f
    SORT l GET w_*->
    SORT l GET w_->*
    SORT l GET w_*->*
    SORT l STORE d
    SORT l GET # GET w_* STORE d
    SORT l BY w_* STORE w_1
    SORT l LIMIT 0 1 STORE d
    SORT x STORE l
    SORT x STORE y`,
  lists: `
    LPUSH l 1
    RPUSH x a b c
    LPUSHX l 1 2
    LPUSHX x 1
    RPUSH s 1
    LPOP l
    LPOP x
    LPOP l 0
    LPOP l 2
    LPOP one
    RPOP one
    LRANGE l 0 -1
    LRANGE x 0 -1
    LRANGE s 0 1
    LRANGE l 5 9
    LLEN l
    LLEN x
    LINDEX l 0
    LINDEX l 9
    LINDEX x 0
    LSET l 0 9
    LSET x 0 9
    LSET l 9 9
    LINSERT l BEFORE 1 0
    LINSERT l BEFORE 7 0
    LINSERT x BEFORE 7 0
    LREM l 0 1
    LREM l 0 7
    LREM x 0 1
    LTRIM l 0 1
    LTRIM l 0 -1
    LTRIM l 5 9
    LTRIM x 0 1
    LPOS l 1
    LPOS x 1
    LPOS l 1 COUNT 0
    LMPOP 1 l LEFT COUNT 5
    LMPOP 2 x l LEFT
    LMPOP 1 x LEFT
    LMOVE l d LEFT RIGHT
    LMOVE x d LEFT RIGHT
    LMOVE l l LEFT RIGHT
    LMOVE one one LEFT RIGHT
    LMOVE one d LEFT RIGHT
    RPOPLPUSH l d
    BLPOP x l 1
    BRPOP l 1
    BLMOVE l d LEFT RIGHT 1
    BRPOPLPUSH l d 1
    BLMPOP 1 2 x l LEFT
    BLPOP x 0.001
    BLMOVE x d LEFT RIGHT 0.001
    BLMPOP 0.001 1 x LEFT`,
};

function commandsOf(text: string): Command[] {
  return text
    .trim()
    .split('\n')
    .map((line) => wordsOf(line));
}

function wordsOf(line: string): string[] {
  return line
    .trim()
    .split(' ')
    .map((word) => (word === '""' ? '' : word));
}

const INFO: Command[] = [['INFO', 'stats', 'persistence']];

function countersIn(reply: Buffer): number[] {
  const text = textOf(reply)!;
  return COUNTERS.map((name) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(text)?.[1]));
}

/** What the last command of each line adds, line by line. */
async function deltas(address: Address, lines: readonly string[]): Promise<Record<string, string>> {
  const client = await RawClient.connect(address);
  const found: Record<string, string> = {};
  for (const line of lines) {
    const commands = line.split(' ; ').map(wordsOf);
    const replies = await client.pipeline([
      ...SETUP,
      ...commands.slice(0, -1),
      ...INFO,
      ...commands.slice(-1),
      ...INFO,
    ]);
    const [before, after] = [countersIn(replies.at(-3)!), countersIn(replies.at(-1)!)];
    found[line] = COUNTERS.map((name, i) => `${name}: ${after[i]! - before[i]!}`).join(', ');
  }
  await client.close();
  return found;
}

describeWithOracle('counters grow as in redis-server', () => {
  let pair: Pair;

  beforeAll(async () => {
    pair = await startPair();
  });

  afterAll(async () => {
    await pair?.stop();
  });

  describe('by each command of', () => {
    test.each(Object.keys(groups))('%s', async (group) => {
      const lines = groups[group]!.trim()
        .split('\n')
        .map((line) => line.trim());
      const [oracle, subject] = await Promise.all([deltas(pair.oracle, lines), deltas(pair.subject, lines)]);
      expect(subject).toEqual(oracle);
    });
  });
});
