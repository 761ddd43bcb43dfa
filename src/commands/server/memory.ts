/** MEMORY: the bytes that one key takes, and that the server takes as a whole. */

import * as arg from '../../engine/arguments.js';
import type { Call } from '../../engine/call.js';
import type { CommandRow } from '../../engine/command.js';
import { container } from '../../engine/container.js';
import { oneKey } from '../../engine/key-specs.js';
import { Functions } from '../../features/scripting/functions.js';
import { Scripting } from '../../features/scripting/scripting.js';
import type { Database } from '../../keyspace/database.js';
import type { Ref } from '../../memory/arena.js';
import * as errors from '../../protocol/errors.js';

const MEGABYTE = 1024 * 1024;
const COMPACTION_UNITS = 64 * 1024;
const RECLAIMED_AT_ONCE = 64 * 1024;

/**
 * SAMPLES below this are as many. In a value of 10^6 they take 0.4 ms while the code is cold (250 took 1.5), and exact
 * is what has up to four times as many elements.
 */
const FEWEST_SAMPLES = 100;

/** Of values with many more elements than samples, the samples stand for all; SAMPLES 0 looks at all. */
function usage(call: Call): void {
  const { args, db, reply } = call;
  let samples = FEWEST_SAMPLES;
  for (let i = 3; i < args.count; i += 2) {
    if (!args.is(i, 'SAMPLES') || i + 1 === args.count) throw errors.SYNTAX;
    const count = args.integer(i + 1);
    if (count < 0) throw errors.SYNTAX;
    samples = count === 0 ? Number.POSITIVE_INFINITY : Math.max(count, FEWEST_SAMPLES);
  }
  const ref = db.peek(args.slice(2));
  if (ref === 0) reply.null();
  else reply.integer(db.blockBytesOf(ref, samples));
}

/** A handler may do this because it holds no reference into the arena: everybody else compacts between commands. */
function purge(call: Call): void {
  const { arena, compactor, reclaimer } = call.keyspace;
  while (reclaimer.isBusy) reclaimer.step(RECLAIMED_AT_ONCE);
  while (compactor.step(COMPACTION_UNITS));
  while (arena.compactSegments(0));
  call.reply.ok();
}

/**
 * What MEMORY and INFO call used: the data, JavaScript's own heap, and what connections hold. The peak is the
 * process's, for nothing smaller is watched all the time.
 */
export function memoryFigures(call: Call, { connectionBytes } = call.server.serverFacts()) {
  const process = call.server.processMemory();
  const { usedBytes, pageBytes, heldBytes } = call.keyspace.arena.stats;
  const overhead = process.heapUsedBytes + connectionBytes;
  const used = usedBytes + overhead;
  return {
    process,
    connectionBytes,
    usedBytes,
    pageBytes,
    heldBytes,
    overhead,
    used,
    beyondStart: Math.max(used - process.startupBytes, 1),
    peak: Math.max(process.peakResidentBytes, used),
  };
}

/** Of the databases that have keys. */
function indexSizes({ keyspace }: Call) {
  const databases = keyspace.databases.filter((db) => db.size > 0);
  return databases.map((db) => ({
    name: `db.${db.index}`,
    main: sizeOf(db, db.dict.blocks()),
    expires: sizeOf(db, db.heap.blocks()),
  }));
}

function stats(call: Call): void {
  const { process, connectionBytes, usedBytes, pageBytes, heldBytes, overhead, used, beyondStart, peak } =
    memoryFigures(call);
  const keys = call.keyspace.databases.reduce((sum, db) => sum + db.size, 0);
  const resident = process.residentBytes;
  const indexes = indexSizes(call);
  const indexBytes = indexes.reduce((sum, { main, expires }) => sum + main + expires, 0);
  const { reply } = call;
  const integers = (fields: Record<string, number>) => {
    for (const [name, value] of Object.entries(fields)) {
      reply.bulkString(name);
      reply.integer(Math.round(value));
    }
  };
  const doubles = (fields: Record<string, number>) => {
    for (const [name, value] of Object.entries(fields)) {
      reply.bulkString(name);
      reply.double(value);
    }
  };
  reply.map(FIXED_FIELDS + indexes.length);
  integers({
    'peak.allocated': peak,
    'total.allocated': used,
    'startup.allocated': process.startupBytes,
    'replication.backlog': 0,
    'clients.slaves': 0,
    'clients.normal': connectionBytes,
    'cluster.links': 0,
    'aof.buffer': 0,
    'lua.caches': call.feature(Scripting).cache.bytes,
    'functions.caches': call.feature(Functions).bytes,
  });
  for (const { name, main, expires } of indexes) {
    reply.bulkString(name);
    reply.map(2);
    integers({ 'overhead.hashtable.main': main, 'overhead.hashtable.expires': expires });
  }
  integers({
    'overhead.db.hashtable.lut': indexBytes,
    'overhead.db.hashtable.rehashing': 0,
    'db.dict.rehashing.count': 0,
    'overhead.total': overhead + indexBytes,
    'keys.count': keys,
    'keys.bytes-per-key': keys === 0 ? 0 : beyondStart / keys,
    'dataset.bytes': usedBytes - indexBytes,
  });
  doubles({
    'dataset.percentage': ((usedBytes - indexBytes) / beyondStart) * 100,
    'peak.percentage': (used / peak) * 100,
  });
  integers({
    'allocator.allocated': usedBytes,
    'allocator.active': pageBytes,
    'allocator.resident': heldBytes,
    'allocator.muzzy': 0,
  });
  doubles({ 'allocator-fragmentation.ratio': ratio(pageBytes, usedBytes) });
  integers({ 'allocator-fragmentation.bytes': pageBytes - usedBytes });
  doubles({ 'allocator-rss.ratio': ratio(heldBytes, pageBytes) });
  integers({ 'allocator-rss.bytes': heldBytes - pageBytes });
  doubles({ 'rss-overhead.ratio': ratio(resident, heldBytes) });
  integers({ 'rss-overhead.bytes': resident - heldBytes });
  doubles({ fragmentation: ratio(resident, used) });
  integers({ 'fragmentation.bytes': resident - used });
}

/** Beside one for each database that has keys. */
const FIXED_FIELDS = 31;

function sizeOf(db: Database, blocks: Iterable<Ref>): number {
  let bytes = 0;
  for (const block of blocks) bytes += db.arena.capacity(block);
  return bytes;
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function doctor(call: Call): void {
  const { process, connectionBytes, usedBytes, pageBytes, heldBytes, used } = memoryFigures(call);
  const findings: string[] = [];
  if (process.peakResidentBytes > process.residentBytes * 1.5) {
    findings.push('At its peak the process took much more than it uses now; the system gets memory back by and by.');
  }
  if (pageBytes - usedBytes > 10 * MEGABYTE && pageBytes > usedBytes * 1.4) {
    findings.push(
      'Pages are sparsely used, as after many deletions: compaction is at work, and MEMORY PURGE hastens it.',
    );
  }
  if (heldBytes - pageBytes > 64 * MEGABYTE) {
    findings.push('Whole segments are held that hold little: MEMORY PURGE gives them back to the system.');
  }
  if (connectionBytes > 10 * MEGABYTE && connectionBytes > used * 0.1) {
    findings.push('Connections hold much memory: CLIENT LIST shows who sends half a request or does not read replies.');
  }
  if (call.keyspace.arena.hasSnapshots) {
    findings.push('A snapshot is open: what is written meanwhile is there twice.');
  }
  if (process.heapUsedBytes > 512 * MEGABYTE && process.heapUsedBytes > usedBytes) {
    findings.push(
      "JavaScript's own heap is larger than the data, which lives outside of it: that is worth a bug report.",
    );
  }
  const text =
    findings.length > 0
      ? findings.map((finding) => `* ${finding}`).join('\n')
      : usedBytes < 5 * MEGABYTE
        ? 'There is too little data to say anything about its memory.'
        : 'Nothing is odd about the memory.';
  call.reply.verbatim('txt', `${text}\n`);
}

function mallocStats(call: Call): void {
  const { usedBytes, pageBytes, heldBytes } = call.keyspace.arena.stats;
  const { pendingObjects } = call.keyspace.reclaimer;
  const lines = [
    `live blocks: ${usedBytes} bytes`,
    `pages in use: ${pageBytes} bytes`,
    `held from the system: ${heldBytes} bytes`,
    `objects still to be freed: ${pendingObjects}`,
    `snapshots open: ${call.keyspace.arena.hasSnapshots ? 'yes' : 'no'}`,
    `compaction: ${call.keyspace.arena.isEvacuating ? 'at work' : 'idle'}`,
  ];
  call.reply.verbatim('txt', `${lines.join('\n')}\n`);
}

export const memoryCommands: readonly CommandRow[] = [
  container({
    name: 'memory',
    summary: 'Commands about memory.',
    group: 'server',
    subcommands: [
      {
        name: 'doctor',
        summary: 'Tells in words what is odd about the memory.',
        group: 'server',
        complexity: 'O(1)',
        arity: 2,
        flags: [],
        run: doctor,
      },
      {
        name: 'malloc-stats',
        summary: 'Shows the books of the allocator.',
        group: 'server',
        complexity: 'O(N), N being the size classes',
        arity: 2,
        flags: [],
        run: mallocStats,
      },
      {
        name: 'purge',
        summary: 'Gives memory that is not needed back to the system.',
        group: 'server',
        complexity: 'O(N), N being the keys, if much of the memory is in sparse pages',
        arity: 2,
        flags: [],
        run: purge,
      },
      {
        name: 'stats',
        summary: 'Shows where the memory is.',
        group: 'server',
        complexity: 'O(1)',
        arity: 2,
        flags: [],
        run: stats,
      },
      {
        name: 'usage',
        summary: 'Tells how many bytes a key and its value take.',
        group: 'server',
        complexity: 'O(N), N being the samples',
        arity: -3,
        flags: ['readonly'],
        keys: [oneKey(2, 'RO')],
        arguments: [arg.key(), arg.option('SAMPLES', arg.integer('count'))],
        run: usage,
      },
    ],
  }),
];
