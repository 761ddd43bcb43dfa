import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * One project after the other: a process that runs many files ends where the next is another project's, and then the
 * sources are loaded anew. The quickest come last, so that what remains at the end is short.
 */
const PROJECTS = ['apart', 'programs', 'compared', 'slow', 'quick'];
/** Of each project, the files that take longest: begun last, one of them would be waited for alone. */
const FIRST = [
  'test/packages/packages.test.ts',
  'test/limits/script-memory.test.ts',
  'test/applications/applications.test.ts',
  'test/cli/cli.test.ts',
  'test/cli/package.test.ts',
  'test/limits/heap.test.ts',
  'test/limits/address-space.test.ts',
  // What failed before says most.
  'test/fuzz/corpus.test.ts',
  'test/differential/scripting-busy.test.ts',
  'test/persistence/crossing.test.ts',
  'test/persistence/collections.test.ts',
  'test/differential/hyperloglog.test.ts',
  'test/unit/types/every-kind.test.ts',
  'test/unit/memory/table.test.ts',
];

/** Starts the longest files first. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const place = ({ moduleId, project }: TestSpecification): number => {
      const index = FIRST.indexOf(relative(this.ctx.config.root, moduleId).replaceAll('\\', '/'));
      return PROJECTS.indexOf(project.name) * (FIRST.length + 1) + (index === -1 ? FIRST.length : index);
    };
    return sorted.sort((a, b) => place(a) - place(b));
  }
}
