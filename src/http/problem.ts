/** What goes wrong with a request: each API says it in its own way (Api.refuse). */

export type ProblemKind =
  | 'not-found'
  | 'method-not-allowed'
  | 'unauthorized'
  | 'forbidden'
  | 'too-large'
  | 'bad-request'
  | 'too-many'
  | 'unavailable'
  | 'timeout'
  | 'internal';

/** What went wrong before a handler had its say, or in it by our fault. */
export interface Problem {
  readonly kind: ProblemKind;
  readonly status: number;
  readonly message: string;
  /** With 'method-not-allowed'. */
  readonly allowed?: readonly string[];
}

/** What a handler throws to be answered with, in its API's own shape. */
export class HttpProblem extends Error implements Problem {
  override name = 'HttpProblem';

  constructor(
    readonly kind: ProblemKind,
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}
