import { afterAll, beforeAll, test } from 'vitest';
import { compareScript } from '../support/compare.js';
import { describeWithOracle } from '../support/oracle.js';
import { type Pair, startPair } from '../support/pair.js';
import type { Command } from '../support/raw-client.js';

/** One command per line, words split at blanks; _ stands for a blank within a word, "" for the empty string. */
const scripts: Record<string, string> = {
  'CONFIG GET by name, alias, case and pattern': `
    CONFIG GET maxmemory
    CONFIG GET slave-priority
    CONFIG GET SLAVE-priority
    CONFIG GET [s-t]lave-p*
    CONFIG GET maxmemory maxmemory
    CONFIG GET nothing
    CONFIG GET nothing*
    CONFIG GET include
    CONFIG GET
    CONFIG
    CONFIG FOO`,
  'CONFIG SET of every type, and what it refuses': `
    CONFIG SET foo bar
    CONFIG SET include x
    CONFIG SET a
    CONFIG SET a b c
    CONFIG SET appendfsync foo
    CONFIG SET loglevel VERBOSE
    CONFIG GET loglevel
    CONFIG SET loglevel warning
    CONFIG SET rdbcompression maybe
    CONFIG SET rdbcompression NO
    CONFIG GET rdbcompression
    CONFIG SET timeout abc
    CONFIG SET timeout _5
    CONFIG SET timeout 0x10
    CONFIG SET timeout +5
    CONFIG SET timeout ""
    CONFIG SET timeout -1
    CONFIG SET tcp-keepalive 5000000000
    CONFIG SET maxmemory-samples 0
    CONFIG SET proto-max-bulk-len 1
    CONFIG SET proto-max-bulk-len 2mb
    CONFIG SET client-query-buffer-limit 1
    CONFIG SET slowlog-log-slower-than -2
    CONFIG SET list-max-listpack-size -6
    CONFIG SET list-max-ziplist-size -2
    CONFIG SET maxmemory 1kb
    CONFIG GET maxmemory
    CONFIG SET maxmemory 1k
    CONFIG GET maxmemory
    CONFIG SET maxmemory 1_mb
    CONFIG SET maxmemory 1.5mb
    CONFIG SET maxmemory 1t
    CONFIG SET maxmemory -1
    CONFIG SET maxmemory 10%
    CONFIG SET maxmemory 007
    CONFIG SET maxmemory ""
    CONFIG GET maxmemory
    CONFIG SET maxmemory-clients 5%
    CONFIG GET maxmemory-clients
    CONFIG SET maxmemory-clients 500%
    CONFIG SET maxmemory-clients -5
    CONFIG SET maxmemory-clients 0
    CONFIG SET maxmemory-policy foo
    CONFIG SET hz 0
    CONFIG GET hz
    CONFIG SET hz 1000
    CONFIG GET hz
    CONFIG SET oom-score-adj-values 1_2_3
    CONFIG SET oom-score-adj-values 1_2_5000
    CONFIG SET oom-score-adj-values 1_2
    CONFIG SET latency-tracking-info-percentiles 50.0_1e1_0.1234567
    CONFIG GET latency-tracking-info-percentiles
    CONFIG SET latency-tracking-info-percentiles abc
    CONFIG SET latency-tracking-info-percentiles 50_101
    CONFIG SET notify-keyspace-events mnKEtdexzhsl$
    CONFIG GET notify-keyspace-events
    CONFIG SET notify-keyspace-events foo?
    CONFIG SET notify-keyspace-events ""`,
  'CONFIG SET of several directives': `
    CONFIG SET maxclients 1 foo bar
    CONFIG SET maxclients 100 timeout abc
    CONFIG GET maxclients
    CONFIG SET timeout 1 timeout 2
    CONFIG SET slave-priority 5 replica-priority 6
    CONFIG GET replica-priority
    CONFIG SET timeout 0 maxclients 10000`,
  'directives that do not change at run time': `
    CONFIG SET databases 5
    CONFIG SET daemonize yes
    CONFIG SET io-threads 4
    CONFIG SET unixsocket /tmp/x
    CONFIG SET enable-debug-command no
    CONFIG SET replicaof a_b
    CONFIG REWRITE
    CONFIG RESETSTAT
    CONFIG RESETSTAT x`,
  'save points and limits of output buffers': `
    CONFIG SET save 60
    CONFIG SET save 60_100_
    CONFIG SET save a_b
    CONFIG SET save 0_1
    CONFIG SET save 60_-1
    CONFIG SET save 60_100_300_10
    CONFIG GET save
    CONFIG SET save ""
    CONFIG GET save
    CONFIG SET client-output-buffer-limit foo_1_2_3
    CONFIG SET client-output-buffer-limit master_1_2_3
    CONFIG SET client-output-buffer-limit normal_1_2
    CONFIG SET client-output-buffer-limit normal_1_2_-3
    CONFIG SET client-output-buffer-limit normal_-1_2_3
    CONFIG SET client-output-buffer-limit normal_1_2_3.5
    CONFIG SET client-output-buffer-limit Replica_1mb_2kb_3_pubsub_0_0_0
    CONFIG GET client-output-buffer-limit
    CONFIG SET client-output-buffer-limit ""
    CONFIG SET shutdown-on-sigint force_nosave_now
    CONFIG GET shutdown-on-sigint
    CONFIG SET shutdown-on-sigint bad
    CONFIG SET shutdown-on-sigint ""
    CONFIG SET shutdown-on-sigint default`,
  'protected directives': `
    CONFIG SET dir /nonexistent
    CONFIG SET dir ""
    CONFIG SET dbfilename a/b
    CONFIG SET dbfilename other.rdb
    CONFIG GET dbfilename
    CONFIG SET dbfilename dump.rdb`,
  'databases as a whole': `
    SET k v
    DBSIZE
    DBSIZE x
    SWAPDB 0
    SWAPDB 0 16
    SWAPDB -1 1
    SWAPDB a 1
    SWAPDB 0 b
    SWAPDB 0 0
    SWAPDB 0 1
    DBSIZE
    SELECT 1
    GET k
    FLUSHDB foo
    FLUSHDB SYNC ASYNC
    FLUSHDB ASYNC
    DBSIZE
    SET k v
    FLUSHDB sync
    FLUSHALL foo
    FLUSHALL async
    DBSIZE`,
  'saving and shutting down, as far as they are refused': `
    SAVE x
    BGSAVE foo
    BGSAVE SCHEDULE x
    LASTSAVE 1
    SHUTDOWN FOO
    SHUTDOWN SAVE NOSAVE
    SHUTDOWN ABORT
    SHUTDOWN ABORT NOW
    SHUTDOWN ABORT SAVE
    TIME x`,
  DEBUG: `
    DEBUG
    DEBUG FOO
    DEBUG SLEEP
    DEBUG SLEEP 0 1
    debug sleep abc
    DEBUG SLEEP 0.001
    DEBUG OBJECT missing
    DEBUG OBJECT
    DEBUG OBJECT a b
    DEBUG SET-ACTIVE-EXPIRE
    DEBUG SET-ACTIVE-EXPIRE 1
    DEBUG RELOAD foo
    DEBUG RELOAD nosave noflush merge x`,
  COMMAND: `
    COMMAND COUNT x
    COMMAND FOO
    COMMAND INFO nope
    COMMAND INFO get lmove copy mset rename config|get config|nope
    COMMAND DOCS nope
    COMMAND LIST FOO
    COMMAND LIST FILTERBY
    COMMAND LIST FILTERBY FOO bar
    COMMAND LIST FILTERBY MODULE foo
    COMMAND LIST FILTERBY ACLCAT nope
    COMMAND LIST FILTERBY PATTERN setra*
    COMMAND LIST FILTERBY PATTERN config|res*
    COMMAND GETKEYS
    COMMAND GETKEYS get a
    COMMAND GETKEYS get a b
    COMMAND GETKEYS nope a
    COMMAND GETKEYS mset a 1 b 2
    COMMAND GETKEYS mset a 1 b
    COMMAND GETKEYS config get a
    COMMAND GETKEYS object encoding a
    COMMAND GETKEYS object foo a
    COMMAND GETKEYS blpop a b 0
    COMMAND GETKEYS del a b c
    COMMAND GETKEYSANDFLAGS lmove a b left right
    COMMAND GETKEYSANDFLAGS set a b
    COMMAND GETKEYSANDFLAGS set a b get
    COMMAND GETKEYSANDFLAGS object encoding a
    COMMAND GETKEYSANDFLAGS config get a
    COMMAND GETKEYS spublish a b
    COMMAND GETKEYS ssubscribe a b
    COMMAND GETKEYS publish a b
    COMMAND GETKEYSANDFLAGS spublish a b
    COMMAND GETKEYSANDFLAGS nope a
    COMMAND GETKEYSANDFLAGS get a b
    COMMAND GETKEYSANDFLAGS ping a
    COMMAND GETKEYSANDFLAGS mset a b c
    COMMAND GETKEYSANDFLAGS mset a b c d
    COMMAND GETKEYSANDFLAGS lmpop 2 a b left
    COMMAND GETKEYSANDFLAGS lmpop x a b left
    COMMAND GETKEYSANDFLAGS lmpop 5 a b left
    COMMAND GETKEYSANDFLAGS lmpop 0 a b left
    COMMAND GETKEYSANDFLAGS blmpop 0 2 a b left
    COMMAND GETKEYSANDFLAGS sort a
    COMMAND GETKEYSANDFLAGS sort a by x get y store b store c
    COMMAND GETKEYSANDFLAGS sort_ro a
    COMMAND GETKEYSANDFLAGS bitfield a get u8 0
    COMMAND GETKEYSANDFLAGS bitfield a set u8 0 1
    COMMAND GETKEYSANDFLAGS bitop and a b c
    COMMAND GETKEYSANDFLAGS copy a b
    COMMAND GETKEYSANDFLAGS rename a b
    COMMAND GETKEYSANDFLAGS memory usage a
    COMMAND GETKEYSANDFLAGS memory stats
    COMMAND GETKEYSANDFLAGS restore a 0 x
    COMMAND GETKEYSANDFLAGS brpoplpush a b 0`,
  'INFO of sections that are empty or the same everywhere': `
    INFO foo
    INFO keyspace
    INFO KEYSPACE cluster foo
    INFO modules`,
};

function commandsOf(script: string): Command[] {
  return script
    .trim()
    .split('\n')
    .map((line) =>
      line
        .trim()
        .split(' ')
        .map((word) => (word === '""' ? '' : word.replaceAll('_', ' '))),
    );
}

describeWithOracle('server commands answer as redis-server does', () => {
  let pair: Pair;

  beforeAll(async () => {
    pair = await startPair({ 'enable-protected-configs': 'yes' });
  });

  afterAll(async () => {
    await pair?.stop();
  });

  // INFO is compared to the byte here.
  const comparators = { info: (oracle: Buffer, subject: Buffer) => oracle.equals(subject) };

  for (const [name, script] of Object.entries(scripts)) {
    test.each([2, 3] as const)(`${name} (RESP%i)`, async (protocol) => {
      await compareScript(pair, commandsOf(script), { protocol, comparators });
    });
  }
});
