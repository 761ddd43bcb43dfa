import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take longest, each longer than the next: begun last, one of them would be waited for alone. */
const LONGEST = [
  'test/packages/packages.test.ts',
  'test/cli/package.test.ts',
  'test/limits/heap.test.ts',
  'test/limits/address-space.test.ts',
];

/** Starts the longest files first, so that what remains at the end is short. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const place = ({ moduleId }: TestSpecification): number => {
      const index = LONGEST.indexOf(relative(this.ctx.config.root, moduleId).replaceAll('\\', '/'));
      return index === -1 ? LONGEST.length : index;
    };
    return sorted.sort((a, b) => place(a) - place(b));
  }
}
