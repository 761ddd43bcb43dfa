/**
 * Delta debugging: drops ever smaller stretches of a failing list, as long as the rest still fails. `fails` returns the
 * part of its candidate that was needed to fail (it may cut what came after), or undefined when the candidate passes.
 */
export async function reduce<T>(
  failing: readonly T[],
  fails: (candidate: readonly T[]) => Promise<readonly T[] | undefined>,
  limitMs: number,
): Promise<readonly T[]> {
  const deadline = Date.now() + limitMs;
  let shortest = failing;
  for (let size = Math.ceil(shortest.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let end = shortest.length; end > 0 && Date.now() < deadline; end = Math.min(end - size, shortest.length)) {
      const candidate = [...shortest.slice(0, Math.max(0, end - size)), ...shortest.slice(end)];
      shortest = (await fails(candidate)) ?? shortest;
    }
  }
  return shortest;
}
