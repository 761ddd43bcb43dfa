import type { Argument, Command } from './raw-client.js';
import { ReplyFramer } from './reply-framer.js';

/** The elements of an aggregate reply, each as raw bytes; undefined for any other reply. */
export function elementsOf(reply: Buffer): Buffer[] | undefined {
  if (!['*', '~', '%', '>'].includes(String.fromCharCode(reply[0] ?? 0))) return undefined;
  return new ReplyFramer().push(reply.subarray(reply.indexOf('\r\n') + 2));
}

/** The payload of a string or status reply, the text of a number; undefined for null and aggregates. */
export function textOf(reply: Buffer): string | undefined {
  const lineEnd = reply.indexOf('\r\n');
  const line = reply.toString('latin1', 1, lineEnd);
  switch (String.fromCharCode(reply[0]!)) {
    case '+':
    case '-':
    case ':':
    case ',':
    case '(':
    case '#':
      return line;
    case '$':
      return line === '-1' ? undefined : reply.toString('latin1', lineEnd + 2, reply.length - 2);
    default:
      return undefined;
  }
}

export function isError(reply: Buffer): boolean {
  return reply[0] === 0x2d || reply[0] === 0x21;
}

/** A command as one would type it into redis-cli; long arguments are cut and say how long they are. */
export function showCommand(command: Command): string {
  return command.map(showArgument).join(' ');
}

function showArgument(argument: Argument): string {
  const text = typeof argument === 'object' ? Buffer.from(argument).toString('latin1') : String(argument);
  if (text.length > 100) return `<${text.length} bytes ${JSON.stringify(text.slice(0, 16))}…>`;
  return /^[\x21\x23-\x26\x28-\x7e]+$/.test(text) ? text : JSON.stringify(text);
}

/** A raw reply as a JavaScript string literal, cut around `from`. */
export function showReply(reply: Buffer | undefined, from = 0): string {
  if (reply === undefined) return '(none: connection closed)';
  if (reply.length <= 300) return JSON.stringify(reply.toString('latin1'));
  const start = Math.max(0, from - 60);
  return `(${reply.length} bytes, from ${start}) ${JSON.stringify(reply.toString('latin1', start, start + 240))}`;
}

/** The first offset at which two replies differ. */
export function firstDifference(a: Buffer, b: Buffer): number {
  const shorter = Math.min(a.length, b.length);
  for (let at = 0; at < shorter; at++) {
    if (a[at] !== b[at]) return at;
  }
  return shorter;
}
