import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Slice } from '../../../src/memory/slice.js';
import { Glob } from '../../../src/text/glob.js';
import { cpuMs } from '../../support/cpu-time.js';
import { runs } from '../../support/runs.js';

/** Stretches a class by repeating one of its bytes, which changes nothing but how it is matched. */
function stretched(pattern: string): string {
  return pattern.replace(/\[(\^?)x/g, `[$1${'x'.repeat(100)}`);
}

describe('Glob', () => {
  it('matches long classes as short ones: closed or not, negated, with ranges and escapes', () => {
    const element = fc.constantFrom(
      '[x',
      '[^x',
      'a-c',
      'c-a',
      '\\]',
      '\\',
      ']',
      '-',
      '*',
      '?',
      'a',
      'b',
      'x',
      '^',
      '[',
    );
    const text = fc.string({
      unit: fc.constantFrom('a', 'b', 'c', 'd', 'x', ']', '-', '\\', '^', '[', 'é'),
      maxLength: 8,
    });
    fc.assert(
      fc.property(fc.array(element, { maxLength: 10 }), text, (elements, subject) => {
        const pattern = elements.join('');
        const bytes = Slice.of(subject);
        expect(new Glob(stretched(pattern)).matches(bytes)).toBe(new Glob(pattern).matches(bytes));
      }),
      { numRuns: runs(2000) },
    );
  });

  it('takes no longer for a class of 40,000 bytes than for one of 30', () => {
    const text = Slice.of('a'.repeat(3000));
    const time = (length: number): number => {
      const glob = new Glob(`*[${'z'.repeat(length)}]`);
      const start = cpuMs();
      for (let i = 0; i < 20; i++) expect(glob.matches(text)).toBe(false);
      return cpuMs() - start;
    };
    time(30);
    expect(time(40_000)).toBeLessThan(Math.max(time(30) * 10, 50));
  });
});
