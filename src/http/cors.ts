/** What pages of other origins are told (CORS): those that may ask may read the answers, too. */
import type { Origins } from './access/origin.js';
import type { HttpReply, HttpRequest } from './message.js';

/** A page asks: one that is allowed, or it would have been refused. */
export function corsHeaders({ head }: HttpRequest, origins: Origins): string {
  const origin = head.headers.get('origin');
  if (origin === undefined || origins.refusal(head) !== undefined) return '';
  return `Access-Control-Allow-Origin: ${origin}\r\nVary: Origin\r\n`;
}

/** What a browser asks by OPTIONS, before it lets a page ask. */
export function preflight(request: HttpRequest, allowed: readonly string[]): HttpReply {
  const methods = allowed.join(', ');
  const asked = request.header('access-control-request-headers');
  const headers = asked === undefined ? '' : `Access-Control-Allow-Headers: ${asked}\r\n`;
  return {
    status: 204,
    type: '',
    body: '',
    headers: `Allow: ${methods}\r\nAccess-Control-Allow-Methods: ${methods}\r\n${headers}Access-Control-Max-Age: 600\r\n`,
  };
}

/** What OPTIONS of no path is told, but of the server as a whole. */
export const SERVER_OPTIONS: HttpReply = {
  status: 204,
  type: '',
  body: '',
  headers: 'Allow: GET, HEAD, POST, PUT, DELETE, OPTIONS\r\n',
};
