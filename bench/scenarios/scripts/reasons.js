/** Why a load may take more than its bar: what profiles of the server under it have shown (perf, 4,000 Hz). */
export const REASONS = {
  'EVAL "return 1", P=1':
    'two thirds are the kernel, as there; what EVAL itself takes, at P=16, is less than half of what it takes there',
  '20,000 x redis.pcall() that fails':
    "50 % is V8 throwing the command's error: 19 looking up where, 29 who catches it; 17 % is the command's own code, which V8 compiles only once it has returned, and that never does; what is refused before a command runs takes 0.3",
  '300,000 values pushed':
    'nine tenths are the system giving memory, in 2,300 pages touched for the first time (2,050 there), for 10 µs each on this machine; 6 % is the script',
  '200,000 values through a queue of 10':
    '67 % looks keys up in the layout of nodes that pairs() goes by, and changes it: four times a value, with a remainder each, as there',
};
