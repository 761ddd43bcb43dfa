/**
 * What a script changes beyond its own end: the state of chance, settings of libraries. It is noted how to undo that,
 * for a run that is begun anew.
 */

/** By whose state it is. */
const undo = new Map<object, () => void>();
/** Which run it is: who changes all the time can note the first time only. */
export const run = { number: 0 };

/** A run begins. */
export function forgetChanges(): void {
  run.number++;
  if (undo.size > 0) undo.clear();
}

/** Before a change, the first of which counts. */
export function noteChange(owner: object, how: () => void): void {
  if (!undo.has(owner)) undo.set(owner, how);
}

export function undoChanges(): void {
  for (const how of undo.values()) how();
  undo.clear();
}
