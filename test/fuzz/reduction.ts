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

/** What two servers did not do alike, and the steps that led there. */
export interface Difference<T> {
  readonly steps: readonly T[];
  readonly text: string;
}

const LIMIT_MS = 30_000;

/** Fails with the difference that the steps lead to, if they do, in as few of them as still lead to one. */
export async function expectNoDifference<T>(
  steps: readonly T[],
  compare: (steps: readonly T[]) => Promise<Difference<T> | undefined>,
): Promise<void> {
  let difference = await compare(steps);
  if (difference === undefined) return;
  const fails = async (candidate: readonly T[]): Promise<readonly T[] | undefined> => {
    const found = await compare(candidate);
    if (found !== undefined) difference = found;
    return found?.steps;
  };
  await reduce(difference.steps, fails, LIMIT_MS);
  throw new Error(difference.text);
}
