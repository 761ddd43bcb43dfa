/**
 * Whether V8's stack has room for a command, which must not overflow half way. V8 itself is asked, by a call of a
 * function with room for so many arguments of a call that it never makes that what a command needs would fit in there.
 * Compiled, that is V8's own look at how far the stack reaches, and takes 4 ns.
 */

/** Of 8 bytes each. */
const PLACES = 3000;

/** @returns a function that throws a RangeError, as any call does that finds the stack full */
export function makeStackCheck(): () => void {
  return new Function('never', `if(never)never(${'0,'.repeat(PLACES)}0)`) as () => void;
}
