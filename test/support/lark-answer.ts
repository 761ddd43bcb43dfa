/** Asks Lark's API, and reads the envelope of its answers. */
import { expect } from 'vitest';

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
  const response = await fetch(url, { method: verb, headers, ...(body === undefined ? {} : { body: sent }) });
  expect(response.headers.get('content-type')).toBe('application/json');
  const text = await response.text();
  const { meta, data } = JSON.parse(text) as { meta: Record<string, unknown>; data: unknown };
  expect(meta.status_code).toBe(response.status);
  expect(meta.status).toBe(response.status === 200 ? 'ok' : 'error');
  return { status: response.status, text, data, error: meta.error_message as string | undefined };
}
