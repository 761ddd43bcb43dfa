/**
 * Whether V8's stack has room for a command, which must not overflow half way. V8 itself is asked, by a call of a
 * function with room for so many arguments of a call that it never makes that what a command needs would fit in there.
 * Compiled, that is V8's own look at how far the stack reaches, and takes 4 to 17 ns. Until then it takes a
 * microsecond, and V8 compiles what does much, so its first calls go round a loop: without it a million calls were not
 * enough, and with it for 3,000 calls it stayed as it was on a busy machine.
 */

/** Of 8 bytes each. */
const PLACES = 3000;
const FIRST_CALLS = 20_000;
const ROUNDS = 60;

/** @returns a function that throws a RangeError, as any call does that finds the stack full */
export function makeStackCheck(): () => void {
  const check = new Function(
    'rounds',
    'never',
    `for(let i=0;i<rounds;i++);if(never)never(${'0,'.repeat(PLACES)}0)`,
  ) as (rounds: number) => void;
  let firstCalls = FIRST_CALLS;
  return () => {
    if (firstCalls === 0) check(0);
    else {
      firstCalls--;
      check(ROUNDS);
    }
  };
}
