/** Whether the system can refuse memory to this process: rather than do that, most only end the process. */
import fs from 'node:fs';

// Taken at load: test runners replace these.
const readFileSync = fs.readFileSync;

/** Linux's setting with which it promises no more memory than it has. */
const NEVER_OVERCOMMIT = '2';

/** As things are now: a limit may be set for a process that runs. */
export function canRefuseMemory(): boolean {
  try {
    const limits = readFileSync('/proc/self/limits', 'latin1');
    if (!/^Max address space +unlimited/m.test(limits) || !/^Max data size +unlimited/m.test(limits)) return true;
    return readFileSync('/proc/sys/vm/overcommit_memory', 'latin1').trim() === NEVER_OVERCOMMIT;
  } catch {
    // Another system, or no descriptor is left to ask with.
    return true;
  }
}
