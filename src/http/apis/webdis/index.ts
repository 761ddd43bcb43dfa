/** webdis's API: commands as paths, replies in the format that the path's extension names. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { HttpReply, HttpRequest } from '../../message.js';
import type { Problem } from '../../problem.js';
import type { Api, ApiContext } from '../../route.js';
import { Handlers } from './handlers.js';
import { WEBDIS, webdisRoutes } from './routes.js';
import { DEFAULT_SETTINGS, parseSettings, type WebdisSettings } from './settings.js';

const HEADERS =
  'Server: Webdis\r\n' +
  'Allow: GET,POST,PUT,OPTIONS\r\n' +
  'Access-Control-Allow-Methods: GET,POST,PUT,OPTIONS\r\n' +
  'Access-Control-Allow-Origin: *\r\n' +
  'Access-Control-Allow-Headers: X-Requested-With, Content-Type, Authorization\r\n';

export async function webdis(context: ApiContext): Promise<Api> {
  const settings = readSettings(context);
  const handlers = new Handlers(context.gateway, settings);
  if (settings.hasWebSockets) {
    const { openCommandSocket } = await import('./command-socket.js');
    handlers.openSocket = openCommandSocket;
  }
  return {
    name: WEBDIS,
    title: 'webdis',
    description:
      'Any command as a path, as [webdis](https://webd.is) serves it: `GET /SET/key/value`, and `GET /GET/key` is ' +
      'answered with `{"GET":"value"}`. The extension of the path says what the answer is written as, and the first ' +
      'segment may be the number of a database.',
    mount: '/webdis',
    routes: webdisRoutes(handlers, context),
    refuse,
    headers: HEADERS,
    options: () => ({ status: 200, type: 'text/html', body: '' }),
  };
}

/** webdis says what is wrong by the status alone. */
function refuse({ status }: Problem, _request: HttpRequest): HttpReply {
  const reply = { status, type: '', body: '' };
  return status === 401 ? { ...reply, headers: 'WWW-Authenticate: Basic realm="webdis"\r\n' } : reply;
}

/** @throws Error that names the file */
function readSettings({ config, directory, log }: ApiContext): WebdisSettings {
  const path = config.get('http-webdis-config');
  if (path === '') return DEFAULT_SETTINGS;
  try {
    const { settings, remarks } = parseSettings(readFileSync(resolve(directory, path), 'utf8'), process.env);
    for (const remark of remarks) log.info(`http-webdis-config ${path}: ${remark}`);
    return settings;
  } catch (error) {
    throw new Error(`http-webdis-config ${path}: ${(error as Error).message}`);
  }
}
