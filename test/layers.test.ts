import { createRequire } from 'node:module';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config';
import { expect, test } from 'vitest';

const { forbidden, options } = createRequire(import.meta.url)('../.dependency-cruiser.cjs');

test('every import in src points to its own layer or a lower one', async () => {
  const { output } = await cruise(['src'], { ...options, ruleSet: { forbidden, options }, validate: true }, undefined, {
    tsConfig: extractTSConfig('tsconfig.json'),
  });
  const { summary } = output as ICruiseResult;
  const violations = summary.violations.map(
    ({ rule, from, to, cycle }) =>
      `${rule.name}: ${from} -> ${cycle === undefined ? to : cycle.map(({ name }) => name).join(' -> ')}`,
  );

  // Guards against a parser that finds no files and therefore no violations.
  expect(summary.totalCruised).toBeGreaterThan(0);
  expect(violations).toEqual([]);
});
