/**
 * Small projects against the packed package, as users have them: each test runner, each runtime, each kind of
 * TypeScript.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../support/ports.js';
import { Workshop } from '../support/workshop.js';

const INSTALL_MS = 300_000;
const RUN_MS = 180_000;

let workshop: Workshop;

beforeAll(async () => {
  workshop = await Workshop.open();
}, INSTALL_MS);

afterAll(() => workshop.close());

const DENO_PERMISSIONS = ['--allow-net', '--allow-read', '--allow-env', '--allow-sys'];

describe.concurrent('the examples', { timeout: RUN_MS }, () => {
  test('program: a rate limit', async () => {
    const printed = await workshop.project('examples/program').node('rate-limit.js');
    expect(printed).toMatch(/request 3: allowed\nrequest 4: refused\na minute later: allowed\n$/);
  });

  test('node-test', async () => {
    expect(await workshop.project('examples/node-test').node('--test')).toMatch(/# pass 3\n# fail 0/);
  });

  test('vitest', async () => {
    expect(await workshop.project('examples/vitest').node(workshop.path('vitest', 'vitest.mjs'), 'run')).toContain(
      '3 passed',
    );
  });

  test.each(['jest29', 'jest30'])('%s, as it comes', async (jest) => {
    const printed = await workshop.project('examples/jest').node(workshop.path(jest, 'bin', 'jest.js'), '--ci');
    expect(printed).toContain('Tests:       2 passed');
    expect(printed).not.toMatch(/did not exit|open handle/i);
  });

  test('bun', async ({ skip }) => {
    const bun = workshop.runtime('bun') ?? skip();
    expect(await workshop.project('examples/bun').run(bun, ['test'])).toMatch(/ 2 pass\n 0 fail/);
  });

  test('deno, with types checked', async ({ skip }) => {
    const deno = workshop.runtime('deno') ?? skip();
    expect(await workshop.project('examples/deno').run(deno, ['test', ...DENO_PERMISSIONS])).toContain(
      '1 passed | 0 failed',
    );
  });
});

describe.concurrent('a tour of 24 steps', { timeout: RUN_MS }, () => {
  test('node', async () => {
    expect(await workshop.project('test/packages/projects/tour').node('tour.js')).toMatch(/^24 steps\n$/m);
  });

  test('bun', async ({ skip }) => {
    const bun = workshop.runtime('bun') ?? skip();
    expect(await workshop.project('test/packages/projects/tour').run(bun, ['tour.js'])).toMatch(/^24 steps\n$/m);
  });

  test('deno', async ({ skip }) => {
    const deno = workshop.runtime('deno') ?? skip();
    const args = ['run', ...DENO_PERMISSIONS, 'tour.js'];
    expect(await workshop.project('test/packages/projects/tour').run(deno, args)).toMatch(/^24 steps\n$/m);
  });
});

describe('deno that may use one port', { timeout: RUN_MS }, () => {
  test('idle() and the clock do without another', async ({ skip }) => {
    const deno = workshop.runtime('deno') ?? skip();
    const port = await freePort();
    const project = workshop.project();
    const program = project.write(
      'one-port.js',
      `import process from 'node:process';
       import { RedisServer } from 'redstart';
       const server = await RedisServer.start({ port: ${port} });
       await server.idle();
       server.clock.freeze(0);
       await server.clock.advance(1000);
       console.log(server.clock.now());
       await server.stop();
       process.exit(0);`,
    );
    const permissions = DENO_PERMISSIONS.map((each) => (each === '--allow-net' ? `${each}=127.0.0.1:${port}` : each));
    expect(await project.run(deno, ['run', '--no-prompt', ...permissions, program])).toMatch(/^1000\n$/m);
  });
});

describe.concurrent('fake timers that are installed before redstart is loaded', { timeout: RUN_MS }, () => {
  test.each(['jest29', 'jest30'])('%s, for all tests', async (jest) => {
    const project = workshop.project('test/packages/projects/jest-fake-timers');
    expect(await project.node(workshop.path(jest, 'bin', 'jest.js'), '--ci')).toContain('Tests:       2 passed');
  });

  test('vitest', async () => {
    const project = workshop.project('test/packages/projects/vitest-fake-timers');
    expect(await project.node(workshop.path('vitest', 'vitest.mjs'), 'run')).toContain('2 passed');
  });
});

describe('CommonJS TypeScript, with the declarations checked too', { timeout: RUN_MS }, () => {
  test.each(['typescript5.0', 'typescript6'])('%s', async (typescript) => {
    const project = workshop.project('test/packages/projects/typescript');
    const options = ['--strict', '--target', 'es2022', '--lib', 'es2022', '--types', 'node'];
    const kinds = ['--as', 'commonjs/node10', '--as', 'node16/node16'];
    const compiler = workshop.path(typescript, 'lib', 'typescript.js');
    await project.node('compile.cjs', compiler, ...options, ...kinds, 'use.ts');
    for (const module of ['commonjs', 'node16']) {
      const printed = await project.node(join(module, 'use.js'));
      expect(printed, module).toMatch(/^OK 1 v INVALID_OPTION true 7\.4\.\d+ string$/m);
    }
  });
});
