/**
 * The stack that a function written in C has in Lua 5.1. What the libraries of Redis put there (a nest's open tables,
 * the results so far) is refused when it is full, and here at the same place, although nothing lies on a stack.
 */
export const C_STACK_SLOTS = 8000;
