/**
 * How much of JavaScript's heap clients may take: what is asked for is refused before V8, whose heap is full, ends the
 * process.
 */

const MIB = 1024 * 1024;
/** Of what V8 calls the limit, that part is for objects that do not live long, and for the program itself. */
const NOT_FOR_CLIENTS = 60 * MIB;
/** The rest is halved: a table that grows is there twice for a moment, and garbage takes room until it is collected. */
const SHARE = 0.5;
const LEAST_BUDGET = 4 * MIB;

export function readHeapBudget(): number {
  // Loaded when first needed: it would cost every start a millisecond.
  const { heap_size_limit: limit } = process.getBuiltinModule('node:v8').getHeapStatistics();
  return Math.max(LEAST_BUDGET, (limit - NOT_FOR_CLIENTS) * SHARE);
}
