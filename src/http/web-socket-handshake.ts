/** Whether a request asks for a WebSocket, and asks for it rightly: known before anything of WebSockets is loaded. */
import type { HttpReply, HttpRequest } from './message.js';

export function asksForWebSocket(request: HttpRequest): boolean {
  return request.header('upgrade')?.toLowerCase() === 'websocket';
}

/** What is wrong with a request for a WebSocket; undefined where nothing is. */
export function handshakeRefusal(request: HttpRequest): HttpReply | undefined {
  const refusal = { status: 400, type: '', body: '' };
  const isUpgrade = /(^|[\s,])upgrade($|[\s,])/i.test(request.header('connection') ?? '');
  if (!isUpgrade || !/^[A-Za-z0-9+/]{22}==$/.test(request.header('sec-websocket-key') ?? '')) return refusal;
  if (request.header('sec-websocket-version') === '13') return undefined;
  return { ...refusal, status: 426, headers: 'Sec-WebSocket-Version: 13\r\n' };
}
