/** Keeps the generated documents in step with the tables; `npm run gen` runs this file and lets it write them. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { commandsPage, configurationPage, exampleFile, type OpenApi, routesPage } from '../scripts/documents.js';
import { optionTypes } from '../scripts/option-types.js';
import { allCommands } from '../src/commands/index.js';
import { Config } from '../src/config/config.js';
import { COMMAND_LINE, loadConfigText } from '../src/config/config-file.js';
import { type DirectiveName, directiveRows } from '../src/config/directives.js';
import { RedisServer } from '../src/server/redis-server.js';

test('docs/commands.md says what the command rows say', async () => {
  await expect(commandsPage(allCommands)).toMatchFileSnapshot('../docs/commands.md');
});

test('docs/configuration.md says what the directives say', async () => {
  await expect(configurationPage()).toMatchFileSnapshot('../docs/configuration.md');
});

test("the library's options are what the directives are", async () => {
  await expect(optionTypes()).toMatchFileSnapshot('../src/server/directive-options.ts');
});

test('redis.conf.example says what the directives say', async () => {
  await expect(exampleFile()).toMatchFileSnapshot('../redis.conf.example');
});

test('docs/http/routes.md says what the routes say', async () => {
  const server = await RedisServer.start({ port: 0, http: { port: 0 } });
  const document = (await (await fetch(`${server.httpUrl}/openapi.json`)).json()) as OpenApi;
  await server.stop();
  await expect(routesPage(document)).toMatchFileSnapshot('../docs/http/routes.md');
});

test('redis.conf.example loads, and with every line in force it changes nothing', () => {
  const text = readFileSync(new URL('../redis.conf.example', import.meta.url), 'utf8');
  const noFiles = {
    read() {
      throw new Error('no files');
    },
    matching: () => [],
  };
  const config = new Config();
  loadConfigText(config, text, COMMAND_LINE, noFiles);
  loadConfigText(config, text.replaceAll(/^#(?=[a-z])/gm, ''), COMMAND_LINE, noFiles);
  for (const name of Object.keys(directiveRows) as DirectiveName[]) {
    expect(`${name} ${config.text(name)}`).toBe(`${name} ${new Config().text(name)}`);
  }
});
