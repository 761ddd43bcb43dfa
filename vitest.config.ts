import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.js';

/** What one runs while working: in process, and brief. */
const QUICK = ['test/*.test.ts', 'test/{unit,commands,guides}/**/*.test.ts'];
/** Of these, properties over large structures, and servers with sockets and processes: seconds each. */
const SLOW = [
  'test/layers.test.ts',
  'test/commands/eviction.test.ts',
  'test/unit/memory/{deque,dict,expiry-heap,hashed-run,score-tree,scored-run,table,vector}.test.ts',
  'test/unit/protocol/{reply-writer,request-decoder}.test.ts',
  'test/unit/server/*.test.ts',
  'test/unit/types/every-kind.test.ts',
];

const shared = {
  pool: 'forks',
  testTimeout: 20_000,
  hookTimeout: 20_000,
} as const;

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      // One process for many files: loading the sources anew for each took as long as the tests themselves.
      { test: { ...shared, name: 'quick', include: QUICK, exclude: SLOW, isolate: false } },
      // Other tests open real sockets, start child processes and hold large buffers: one process per file keeps
      // handles, signals and memory limits apart.
      { test: { ...shared, name: 'slow', include: SLOW } },
      { test: { ...shared, name: 'program', include: ['test/**/*.test.ts'], exclude: QUICK } },
    ],
  },
});
