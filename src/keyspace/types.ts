/** What stands for a deadline where there is none. */

/** For overwrite(): what becomes of the deadline, where it is not a time. */
export const NO_DEADLINE = -1;
export const KEEP_DEADLINE = -2;
