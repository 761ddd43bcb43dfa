import { PATIENCE_MS } from './patience.js';

// Not a fake clock's.
const { setImmediate: setTurn, setTimeout: setTimer } = globalThis;
/** What takes longer is not waited for in the processor's time, of which other processes have need. */
const BUSY_TURNS = 50;
const BETWEEN_LOOKS_MS = 2;

/** Resolves once the condition holds; fails when it never does. */
export async function until(condition: () => boolean | Promise<boolean>, what = 'the condition'): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  for (let turn = 0; !(await condition()); turn++) {
    if (performance.now() > deadline) throw new Error(`${what} did not hold within ${PATIENCE_MS} ms`);
    await new Promise((resolve) => (turn < BUSY_TURNS ? setTurn(resolve) : setTimer(resolve, BETWEEN_LOOKS_MS)));
  }
}
