/** Where the system refuses no memory, nothing looks for some. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { canRefuseMemory } from '../../../src/server/memory-limit.js';

test.runIf(process.platform === 'linux')('a limit of this process, or of the system, is seen', () => {
  const limits = execFileSync('sh', ['-c', 'ulimit -v; ulimit -d'], { encoding: 'utf8' }).trim().split('\n');
  const overcommit = readFileSync('/proc/sys/vm/overcommit_memory', 'utf8').trim();
  expect(canRefuseMemory()).toBe(limits.some((limit) => limit !== 'unlimited') || overcommit === '2');
});
