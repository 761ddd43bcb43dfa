/** How a script that failed is answered: the error, which script it was, and where it went wrong. */

import { cString } from '../../lua/runtime/c-string.js';
import { caughtValue } from '../../lua/runtime/calls.js';
import { Kill, LuaError, OutOfMemory } from '../../lua/runtime/errors.js';
import { toText } from '../../lua/runtime/numbers.js';
import { callerPosition } from '../../lua/runtime/positions.js';
import { Table } from '../../lua/runtime/table.js';
import type { Value } from '../../lua/runtime/value.js';

export interface Failure {
  readonly text: string;
  /** A command has reported it already, and it was counted. */
  readonly isCounted: boolean;
}

/** An error whose value says nothing of its place, which is asked for here. */
export function placedError(value: Value): LuaError {
  return new LuaError(value, callerPosition());
}

/** Where native code called native code. */
const NATIVE = '=[C]:-1';
const POSITION = /^([^\n:]*):(\d+): /;

/** @param source the name of the script's text, where nothing says more @throws what is no error of Lua's */
export function failureOf(error: unknown, name: string, source: string): Failure {
  const start = `${source}:1`;
  if (error instanceof Kill) return failure(error.message, placeIn(positionOf(error)) ?? start, name);
  if (error instanceof OutOfMemory) return failure(`ERR ${error.message}`, start, name);
  if (error instanceof RangeError) return failureOf(endOf(error), name, source);
  const value = caughtValue(error);
  if (!(value instanceof Table)) {
    const text = toText(value);
    return failure(`ERR ${text}`, placeIn(positionOf(error) || text) ?? NATIVE, name);
  }
  const isCounted = value.getString('ignore_error_stats_update') === true;
  return { ...failure(textOf(value), placeIn(positionOf(error)) ?? NATIVE, name), isCounted };
}

/** What it means that V8 could not go on: Lua's stack is full, or its memory. */
function endOf(error: RangeError): LuaError | OutOfMemory {
  try {
    return new LuaError(caughtValue(error));
  } catch (end) {
    if (end instanceof OutOfMemory) return end;
    throw end;
  }
}

/** What a position, or a text that begins with one, says; undefined if it says nothing. */
function placeIn(position: string): string | undefined {
  const found = POSITION.exec(position);
  return found === null ? undefined : `@${found[1]}:${found[2]}`;
}

function failure(text: string, place: string, name: string): Failure {
  return { text: `${cString(text)} script: ${name}, on ${place}.`, isCounted: false };
}

function positionOf(error: unknown): string {
  return (error as { position?: string }).position ?? '';
}

/** Redis ends with what is no text; so this has no precedent. */
function textOf(value: Table): string {
  const text = value.getString('err');
  return typeof text === 'string' ? text : 'ERR unknown error';
}

/** The first word of an error: what errors are counted by. */
export function codeOf(text: string): string {
  const space = text.indexOf(' ');
  return space < 0 ? text : text.slice(0, space);
}
