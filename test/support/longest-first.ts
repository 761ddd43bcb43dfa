import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The corpus, then the files that take longest: begun last, one of them would be waited for alone. */
const FIRST = [
  // What failed before says most.
  'test/fuzz/corpus.test.ts',
  'test/packages/packages.test.ts',
  'test/cli/package.test.ts',
  'test/persistence/crossing.test.ts',
  'test/limits/heap.test.ts',
  'test/limits/address-space.test.ts',
];

/** Starts the longest files first, so that what remains at the end is short. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const place = ({ moduleId }: TestSpecification): number => {
      const index = FIRST.indexOf(relative(this.ctx.config.root, moduleId).replaceAll('\\', '/'));
      return index === -1 ? FIRST.length : index;
    };
    return sorted.sort((a, b) => place(a) - place(b));
  }
}
