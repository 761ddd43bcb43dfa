/** What lark answers: `meta`, which tells how it went, and `data`. */
import type { HttpReply } from '../../message.js';
import { JSON_TYPE } from '../../message.js';
import type { Problem } from '../../problem.js';

const OK_HEAD = '{"meta":{"status":"ok","status_code":200},"data":';

/** @param data JSON */
export function okReply(data: string): HttpReply {
  return { status: 200, type: JSON_TYPE, body: `${OK_HEAD}${data}}` };
}

function errorReply(status: number, message: string): HttpReply {
  const meta = { status: 'error', status_code: status, error_message: message };
  return { status, type: JSON_TYPE, body: JSON.stringify({ meta }) };
}

/** An error reply of a command: `text` with its code. */
export function commandErrorReply(text: string): HttpReply {
  const [code] = text.split(' ', 1);
  // A command that this server does not have.
  const status = text.startsWith('ERR unknown command') ? 501 : (STATUS_OF_CODE[code] ?? 400);
  return errorReply(status, code === 'ERR' ? text.slice(4) : text);
}

const STATUS_OF_CODE: Readonly<Record<string, number>> = {
  WRONGTYPE: 409,
  BUSYKEY: 409,
  NOPERM: 403,
  OOM: 503,
  BUSY: 503,
  LOADING: 503,
  MISCONF: 503,
};

export function problemReply({ kind, status, message, allowed = [] }: Problem, verb: string): HttpReply {
  if (kind !== 'method-not-allowed') return errorReply(status, message);
  // OPTIONS and HEAD are the frame's.
  const verbs = allowed.filter((each) => each !== 'OPTIONS' && each !== 'HEAD');
  const shown = verbs.map((each) => `'${each}'`).join(', ');
  return errorReply(status, `${verb} Invalid method should be one of [${shown}]`);
}
