/**
 * Programs that some tests need beside Node. Without them on PATH those tests are skipped with a message; with
 * REDSTART_REQUIRE_ORACLE set they fail instead.
 */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, test } from 'vitest';

/** The full path of a program on PATH. */
export function findProgram(name: string): string | undefined {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // not in this folder
    }
  }
  return undefined;
}

/** `describe` for suites that need programs. */
export function describeWithPrograms(programs: readonly string[], name: string, body: () => void): void {
  const missing = programs.filter((program) => findProgram(program) === undefined);
  if (missing.length === 0) {
    describe(name, body);
    return;
  }
  const message = `not on PATH: ${missing.join(', ')}`;
  if (process.env['REDSTART_REQUIRE_ORACLE']) {
    test(name, () => {
      throw new Error(`${message}, and REDSTART_REQUIRE_ORACLE is set`);
    });
  } else {
    console.warn(`${name}: skipped, as ${message}`);
    describe.skip(`${name} (${message})`, body);
  }
}
