/** The page on which a user lets a client act in his name. */
import type { HttpReply } from '../../../message.js';
import { headerLines } from '../../../message.js';
import type { ClientRecord } from './records.js';

/** No script, no frame around it, no referrer that would tell the request. */
const HEADERS = headerLines({
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
  'Referrer-Policy': 'no-referrer',
  'X-Frame-Options': 'DENY',
  'X-Content-Type-Options': 'nosniff',
});

export interface PageOptions {
  readonly client: ClientRecord;
  readonly scope: string;
  /** What the form brings along. */
  readonly fields: Readonly<Record<string, string>>;
  /** What was wrong with the last attempt. */
  readonly problem?: string;
}

export function authorizationPage({ client, scope, fields, problem }: PageOptions): HttpReply {
  const hidden = Object.entries(fields).map(
    ([name, value]) => `<input type="hidden" name="${escaped(name)}" value="${escaped(value)}">`,
  );
  const asked = scope === '' ? 'all that both of you may do' : escaped(scope);
  const body = `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escaped(client.name)} asks for access</title>
<style>body{font:16px/1.5 system-ui;max-width:24rem;margin:4rem auto;padding:0 1rem}
label,input,button{display:block;width:100%;box-sizing:border-box;margin:.5rem 0}input,button{padding:.5rem}
.problem{color:#b00020}</style>
<h1>${escaped(client.name)}</h1>
<p>${escaped(client.description)}</p>
<p>asks for: <strong>${asked}</strong></p>
${problem === undefined ? '' : `<p class="problem" role="alert">${escaped(problem)}</p>`}
<form method="post" autocomplete="off">
${hidden.join('\n')}
<label>User <input name="username" autocomplete="username" autofocus></label>
<label>Password <input name="password" type="password" autocomplete="current-password"></label>
<button name="allowed" value="true">Allow</button>
<button name="allowed" value="false">Deny</button>
</form></html>
`;
  return { status: problem === undefined ? 200 : 401, type: 'text/html; charset=utf-8', body, headers: HEADERS };
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
