/** Asks Lark's API, and reads the envelope of its answers. */
import { expect } from 'vitest';
import { askUrl } from './http-exchange.js';

export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly data: unknown;
  readonly error: string | undefined;
}

/** Text and bytes are sent as they are, anything else as JSON. */
export async function askLark(
  verb: string,
  url: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const sent = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
  const reply = await askUrl(url, verb, sent instanceof Uint8Array ? Buffer.from(sent) : sent, headers);
  const text = reply.body.toString();
  const { meta, data } = JSON.parse(text) as { meta: Record<string, unknown>; data: unknown };
  const told = [reply.headers['content-type'], meta.status_code, meta.status];
  const isOk = reply.status === 200;
  // All at once: each expect() takes as long as the server.
  expect(JSON.stringify(told)).toBe(JSON.stringify(['application/json', reply.status, isOk ? 'ok' : 'error']));
  return { status: reply.status, text, data, error: meta.error_message as string | undefined };
}
