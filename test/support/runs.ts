const FACTOR = Number(process.env['PROPERTY_RUNS'] ?? 1);

/** How often a property is tried: PROPERTY_RUNS=20 makes it twenty times as often as a run of all tests can afford. */
export function runs(count: number): number {
  return Math.ceil(count * FACTOR);
}
