/** A function under way whose tree is walked (see ../walker): what it has, and where it is. */

import type { Value } from './value.js';

/** A variable that functions share. */
export class Box {
  constructor(public value: Value) {}
}

/** What stack traces need of it. */
export interface Activation {
  /** The function under way below that is walked, too. */
  readonly outer: Activation | null;
  /** The place of the call that it waits for; less than 0 if an operation there calls, by a metatable. */
  readonly place: number;
}
