import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import { expect, test } from 'vitest';

const { forbidden, options } = createRequire(import.meta.url)('../.dependency-cruiser.cjs');

/**
 * The names that imports have are those of compiled files. Told where their sources are, and not that tsconfig.json may
 * map paths, which it doesn't, the resolver looks at half as many files.
 */
const RESOLVING = { extensionAlias: { '.js': ['.ts', '.js'] } };

test('every import in src points to its own layer or a lower one', async () => {
  const { tsConfig, ...others } = options;
  const rules = { ...others, ruleSet: { forbidden, options: others }, validate: true };
  const { output } = await cruise(['src'], rules, RESOLVING);
  const { summary } = output as ICruiseResult;
  const violations = summary.violations.map(
    ({ rule, from, to, cycle }) =>
      `${rule.name}: ${from} -> ${cycle === undefined ? to : cycle.map(({ name }) => name).join(' -> ')}`,
  );

  // Guards against a parser that finds no files and therefore no violations.
  expect(summary.totalCruised).toBeGreaterThan(0);
  expect(violations).toEqual([]);
});

test('CONTRIBUTING.md lists the layers as the rule has them, and src has no other folder', () => {
  const rule = /^const layers = (\[.*?^\]);/ms.exec(readFileSync('.dependency-cruiser.cjs', 'utf8'))![1]!;
  const layers = [...rule.matchAll(/^ {2}\[(.*)\],$/gm)].map(([, names]) => [...names!.matchAll(/\w+/g)].map(String));
  const listed = [...readFileSync('CONTRIBUTING.md', 'utf8').matchAll(/^\d+\. (`.*?): /gm)].map(([, names]) =>
    [...names!.matchAll(/`(\w+)\//g)].map(([, name]) => name!),
  );
  expect(listed).toEqual(layers);
  const folders = readdirSync('src', { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(folders.map(({ name }) => name).sort()).toEqual(layers.flat().sort());
});
