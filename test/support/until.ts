import { PATIENCE_MS } from './patience.js';

const setTurn = globalThis.setImmediate;

/** Resolves once the condition holds, looked at in every turn of the event loop; fails when it never does. */
export async function until(condition: () => boolean | Promise<boolean>, what = 'the condition'): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`${what} did not hold within ${PATIENCE_MS} ms`);
    await new Promise((resolve) => setTurn(resolve));
  }
}
