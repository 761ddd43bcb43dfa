/**
 * RandomNumbers: the generator behind math.random(), which Redis has in place of the C library's so that a script draws
 * the same numbers everywhere. It is the 48-bit linear congruential generator of drand48() and its like. The state is
 * kept in two halves, whose products are exact in doubles.
 */

import { noteChange, run } from './lasting-changes.js';

const HALF = 2 ** 24;
/** 0x5deece66d */
const FACTOR_HIGH = 0x5de;
const FACTOR_LOW = 0xece66d;
const INCREMENT = 11;
/** What a seed is followed by. */
const LOWEST_BITS = 0x330e;
const LARGEST = 2 ** 31 - 1;

export class RandomNumbers {
  private high = 0x1234ab;
  private low = 0xcd0000 | LOWEST_BITS;
  /** The run that has changed the state last. */
  private changedIn = 0;

  seed(seed: number): void {
    if (this.changedIn !== run.number) this.noteChange();
    this.high = (seed >>> 8) & 0xffffff;
    this.low = ((seed & 0xff) << 16) | LOWEST_BITS;
  }

  /** From 0 to less than 1, of 31 bits. */
  next(): number {
    if (this.changedIn !== run.number) this.noteChange();
    const product = this.low * FACTOR_LOW + INCREMENT;
    const carry = Math.floor(product / HALF);
    this.high = (this.high * FACTOR_LOW + this.low * FACTOR_HIGH + carry) % HALF;
    this.low = product % HALF;
    const bits = this.high * 2 ** 7 + (this.low >>> 17);
    return (bits % LARGEST) / LARGEST;
  }

  private noteChange(): void {
    const { high, low } = this;
    this.changedIn = run.number;
    noteChange(this, () => {
      this.high = high;
      this.low = low;
    });
  }
}
