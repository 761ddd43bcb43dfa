/** Chance as the core sees it: injected, so that a run can be replayed from its seed. */
export interface Random {
  /** Uniform over all int32. */
  int32(): number;
  /** Uniform over 0 <= n < limit; limit up to 2^31. */
  below(limit: number): number;
}

/** xoshiro128** seeded by four words; good enough for samples, not for secrets. */
export class SeededRandom implements Random {
  private a: number;
  private b: number;
  private c: number;
  private d: number;

  constructor(seed: readonly [number, number, number, number]) {
    [this.a, this.b, this.c, this.d] = seed;
    if ((this.a | this.b | this.c | this.d) === 0) this.a = 1;
  }

  int32(): number {
    const product = Math.imul(this.b, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9);
    const shifted = this.b << 9;
    this.c ^= this.a;
    this.d ^= this.b;
    this.b ^= this.c;
    this.a ^= this.d;
    this.c ^= shifted;
    this.d = (this.d << 11) | (this.d >>> 21);
    return result;
  }

  below(limit: number): number {
    return Math.floor(((this.int32() >>> 0) / 0x100000000) * limit);
  }
}
