/** Which threads have been begun by native code within one another: errors look for their places there. */

export interface WaitingCalls {
  readonly outer: WaitingCalls | null;
  /** They are a coroutine's: what resumed it is no caller of theirs. */
  readonly isCoroutine: boolean;
  /** One of them protects those above it, as pcall() does. */
  readonly isProtecting: boolean;
  /** Those that are under way, with those of the outer ones, and how many may be. */
  readonly callCount: number;
  readonly mostCalls: number;
  /** The places where the calls wait that lie below the one that runs, the nearest first. */
  waiting(): Iterable<number>;
}

export const threads: { innermost: WaitingCalls | null } = { innermost: null };
