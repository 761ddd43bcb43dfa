/** Directives: process. */
import { inert } from '../directive.js';
import { BOOL, int, numbers, oneOf, STRING } from '../value-types.js';
import { CPU_LISTS, JAVASCRIPT } from './reasons.js';

export const process = {
  ...inert('one thread serves every connection', {
    'io-threads': [int(1, 128), '1', '6.0.0', 'Threads that read and write sockets.', { mutable: false }],
    'io-threads-do-reads': [BOOL, 'no', '6.0.0', 'Whether those also read.', { mutable: false }],
  }),
  ...inert(CPU_LISTS, {
    'server-cpulist': [
      STRING,
      '',
      '6.0.0',
      'Processors for the main thread.',
      { aliases: ['server_cpulist'], mutable: false },
    ],
    'bio-cpulist': [
      STRING,
      '',
      '6.0.0',
      'Processors for background threads.',
      { aliases: ['bio_cpulist'], mutable: false },
    ],
    'aof-rewrite-cpulist': [
      STRING,
      '',
      '6.0.0',
      'Processors for rewriting the append-only file.',
      { aliases: ['aof_rewrite_cpulist'], mutable: false },
    ],
    'bgsave-cpulist': [
      STRING,
      '',
      '6.0.0',
      'Processors for saving snapshots.',
      { aliases: ['bgsave_cpulist'], mutable: false },
    ],
  }),
  ...inert(JAVASCRIPT, {
    'oom-score-adj': [
      oneOf('no', 'yes', 'relative', 'absolute'),
      'no',
      '6.2.0',
      'Tells Linux which processes to end first when memory runs out.',
    ],
    'oom-score-adj-values': [
      numbers(3, -2000, 2000),
      '0 200 800',
      '6.2.0',
      'Scores for a primary, a replica and a process that saves.',
    ],
    'disable-thp': [BOOL, 'yes', '6.2.0', 'Asks Linux for no huge pages.', { mutable: false }],
    'crash-log-enabled': [BOOL, 'yes', '6.0.0', 'Logs the state of the program when it crashes.'],
    'crash-memcheck-enabled': [BOOL, 'yes', '6.0.0', 'Tests the memory of the machine when the program crashes.'],
  }),
  ...inert('the title is left to Node', {
    'set-proc-title': [BOOL, 'yes', '6.2.0', 'Shows what the server is in the list of processes.', { mutable: false }],
    'proc-title-template': [STRING, '{title} {listen-addr} {server-mode}', '6.2.0', 'What that title says.'],
  }),
} as const;
