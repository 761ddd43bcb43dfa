/** How many things one call of a benchmarked function does. */
export const UNITS = 1_000;
