/** Replies as they stand on the wire, and the texts of errors that many commands give. */

import type { CommandError } from '../../src/protocol/errors.js';
import * as errors from '../../src/protocol/errors.js';

export const OK = '+OK\r\n';
export const NULL = '$-1\r\n';
export const NULL_ARRAY = '*-1\r\n';

function error({ message }: CommandError): string {
  return `-${message}\r\n`;
}

export const SYNTAX = error(errors.SYNTAX);
export const WRONGTYPE = error(errors.WRONGTYPE);
export const NOT_INTEGER = error(errors.NOT_INTEGER);

export function int(value: number): string {
  return `:${value}\r\n`;
}

export function bulk(value: string): string {
  return `$${value.length}\r\n${value}\r\n`;
}

/** An array of bulk strings. */
export function bulks(...values: string[]): string {
  return `*${values.length}\r\n${values.map(bulk).join('')}`;
}
