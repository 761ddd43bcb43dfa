import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { tellFingerprint } from './scripts/built.js';
import { LongestFirst } from './test/support/longest-first.js';
import { importTranspiled } from './test/support/transpiled.js';

/** What one runs while working: in process, and brief. */
const QUICK = ['test/*.test.ts', 'test/{unit,commands,guides}/**/*.test.ts'];
/** Of these, properties over large structures, many keys, whole servers: seconds each. */
const SLOW = [
  'test/layers.test.ts',
  'test/limits/refused-*.test.ts',
  'test/commands/eviction.test.ts',
  'test/unit/memory/{deque,dict,expiry-heap,hashed-run,score-tree,scored-run,table,vector}.test.ts',
  'test/unit/protocol/{reply-writer,request-decoder}.test.ts',
  'test/unit/server/*.test.ts',
  'test/unit/types/every-kind.test.ts',
];
/** Child processes: in workers of their own, since it takes a small process less to start another. */
const PROGRAMS = [
  'test/{applications,cli,clients,packages}/**/*.test.ts',
  'test/limits/{address-space,descriptors,heap,memory,script-memory}.test.ts',
  'test/persistence/kill.test.ts',
];
/** What takes or measures a process's handles, signals and memory: a process for each file. */
const APART = ['test/persistence/limits.test.ts', 'test/unit/server/server.test.ts'];

/**
 * Most code runs a few times only: optimizing it later, and letting more of what is garbage soon die young, takes a
 * tenth less of the processors.
 */
const V8 = ['--interrupt-budget=1000000', '--min-semi-space-size=32', '--max-semi-space-size=64'];

const shared = {
  pool: 'forks',
  execArgv: V8,
  // One more than there are processors: tests wait for programs and other servers. All projects share them.
  maxWorkers: availableParallelism() + 1,
  server: { deps: { external: [/\/\.tmp\/transpiled\//] } },
  // For what hangs. Nothing here takes 20 s, but a machine with other work may take ten times as long.
  testTimeout: 300_000,
  hookTimeout: 300_000,
} as const;
/** One process for many files: loading the sources anew for each, still cold, took as long as the tests themselves. */
const together = { ...shared, isolate: false } as const;

// Once in a run: a watching runner sees what changes.
const isOneRun = process.argv.includes('run');
const isRunOfAll = isOneRun && process.argv.slice(2).every((word) => word === 'run' || /^--(?!project)/.test(word));
if (isOneRun) tellFingerprint();

export default defineConfig({
  plugins: isOneRun ? [await importTranspiled()] : [],
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: { ...together, name: 'quick', include: QUICK, exclude: [...SLOW, ...APART] },
      },
      { extends: true, test: { ...together, name: 'slow', include: SLOW, exclude: APART } },
      {
        extends: true,
        test: {
          ...together,
          name: 'compared',
          include: ['test/**/*.test.ts'],
          exclude: [...QUICK, ...SLOW, ...PROGRAMS, ...APART],
        },
      },
      {
        extends: true,
        test: {
          ...together,
          name: 'programs',
          include: PROGRAMS,
          globalSetup: isRunOfAll ? ['test/support/prepared.ts'] : [],
        },
      },
      { extends: true, test: { ...shared, name: 'apart', include: APART } },
    ],
  },
});
