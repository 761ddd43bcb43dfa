import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The corpus, then the files that take longest: begun last, one of them would be waited for alone. */
const FIRST = [
  // What failed before says most.
  'test/fuzz/corpus.test.ts',
  'test/packages/packages.test.ts',
  'test/cli/package.test.ts',
  'test/limits/heap.test.ts',
  'test/limits/address-space.test.ts',
];
/**
 * Then one project after the other: a process that runs many files ends where the next one is another project's, and
 * took twice the time where they came mixed. The quickest come last, so that what remains at the end is short.
 */
const PROJECTS = ['apart', 'compared', 'slow', 'quick'];

/** Starts the longest files first. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const place = ({ moduleId, project }: TestSpecification): number => {
      const index = FIRST.indexOf(relative(this.ctx.config.root, moduleId).replaceAll('\\', '/'));
      return index === -1 ? FIRST.length + PROJECTS.indexOf(project.name) : index;
    };
    return sorted.sort((a, b) => place(a) - place(b));
  }
}
