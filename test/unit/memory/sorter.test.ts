import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Sorter, stable } from '../../../src/memory/sorter.js';
import { runs } from '../../support/runs.js';

const score = fc.oneof(
  fc.integer({ min: -5, max: 5 }),
  fc.double({ noNaN: true }),
  fc.constantFrom(0, -0, Infinity, -Infinity, 2 ** 53, -(2 ** 53), 5e-324, -5e-324),
);

/** Few scores are merged, many are sorted by their digits: both sides of that threshold. */
it.each([{ size: 40 }, { size: 2000 }])(
  '$size scores come in order, ties as they are told, or as they were',
  ({ size }) => {
    fc.assert(
      fc.property(
        fc.array(score, { minLength: size / 2, maxLength: size }),
        fc.boolean(),
        fc.boolean(),
        (scores, isDescending, breaksTies) => {
          const sorter = new Sorter();
          sorter.begin(scores.length);
          sorter.scores.set(scores);
          // Of equal ones the greater index first.
          const breakTie = breaksTies ? (a: number, b: number) => b - a : stable;
          sorter.sort(scores.length, isDescending, breakTie);

          const sign = isDescending ? -1 : 1;
          const compare = (a: number, b: number) =>
            scores[a] === scores[b] ? sign * breakTie(a, b) : scores[a] < scores[b] ? -sign : sign;
          const expected = scores.map((_, index) => index).sort(compare);
          expect([...sorter.order.subarray(0, scores.length)]).toEqual(expected);
        },
      ),
      { numRuns: runs(30) },
    );
  },
);
