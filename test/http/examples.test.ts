/** Every example of docs/http.md and docs/http/ runs, and answers what stands there. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { RedisServer } from '../../src/server/redis-server.js';
import { describeWithPrograms } from '../support/programs.js';

const docs = fileURLToPath(new URL('../../docs/', import.meta.url));
const pages = ['http.md', ...readdirSync(`${docs}http`).map((name) => `http/${name}`)];

interface Example {
  readonly command: string;
  readonly output: string;
}

/** Commands after `$ ` in blocks of console, and the lines that follow them. */
function examplesOf(page: string): Example[] {
  const examples: Example[] = [];
  for (const [, block] of readFileSync(docs + page, 'utf8').matchAll(/^```console\n(.*?)^```$/gms)) {
    for (const part of block.split(/^\$ /m).slice(1)) {
      const [command, ...output] = part.replace(/\\\n/g, '').trimEnd().split('\n');
      examples.push({ command, output: output.join('\n') });
    }
  }
  return examples;
}

/** `…` stands for whatever is there. */
function pattern(output: string): RegExp {
  const parts = output.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^]*?')}$`);
}

const run = promisify(execFile);

const END = '-- end of an example --';

/** Each in a shell of its own, all from one: this process takes as long to start a shell as curl does to run. */
function scriptOf(commands: readonly string[]): string {
  return commands.map((command) => `(${command}\n) || exit\nprintf '\\n%s\\n' '${END}'\n`).join('');
}

describeWithPrograms(['sh', 'curl'], 'the pages', () => {
  test.each(pages.filter((page) => examplesOf(page).length > 0))(
    'docs/%s has examples that answer so',
    async (page) => {
      const server = await RedisServer.start({ port: 0, http: { port: 0 } });
      try {
        const address = new URL(String(server.httpUrl)).host;
        const examples = examplesOf(page);
        const script = scriptOf(
          examples.map(({ command }) =>
            command.replaceAll('localhost:8079', address).replace(/^curl /, 'curl -sS --max-time 10 '),
          ),
        );
        const { stdout } = await run('sh', ['-c', script], { env: { ...process.env, REDSTART: server.url } });
        const outputs = stdout.replaceAll('\r\n', '\n').split(`\n${END}\n`);
        expect(outputs).toHaveLength(examples.length + 1);
        for (const [i, { command, output }] of examples.entries()) {
          expect(outputs[i].trimEnd(), command).toMatch(pattern(output));
        }
      } finally {
        await server.stop();
      }
    },
  );
});
