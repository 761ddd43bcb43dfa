/** The five routes' handlers. */
import { databaseOf } from '../../database.js';
import { bulkAt, bulksOf, errorCodeOf, errorOf, integerTextOf, isStatus } from '../../flat-reply.js';
import type { RunOptions } from '../../gateway.js';
import { arraySources } from '../../json-source.js';
import { type HttpReply, type HttpRequest, JSON_TYPE, jsonReply } from '../../message.js';
import { type Fields, orderOf, readFields, timeoutSecondsOf, valueFormOf } from './fields.js';
import { resultMembers, storedForm, type ValueForm } from './stored-value.js';

/** Looked at whenever they matter. */
export interface KeyValueSettings {
  /** For how long a pop waits at most, in seconds; 0: as long as it asks. */
  readonly maxWaitSeconds: number;
}

const KEY_SET = jsonReply(200, { success: true, message: 'Key set successfully.' });
const KEY_EXISTS = jsonReply(409, { success: false, message: 'Key already exists.' });
const KEY_DOES_NOT_EXIST = jsonReply(404, { success: false, message: 'Key does not exist.' });
const MISSING_VALUE = jsonReply(400, { error: 'Missing key or value' });
const MISSING_VALUES = jsonReply(400, { error: 'Missing key or values' });
const MISSING_KEY = jsonReply(400, { error: 'Missing key' });
const NOT_FOUND = jsonReply(404, { error: 'Key not found' });
const NO_LIST = jsonReply(404, { error: 'Key not found or not a list' });
const NO_LIST_OR_TIMED_OUT = jsonReply(404, { error: 'Key not found or not a list or timed out' });
const BAD_EXPIRY = jsonReply(400, { error: 'expiry is not a number of seconds or out of range' });
const BAD_CONDITION = jsonReply(400, { error: 'condition is not NX or XX' });
const BAD_VALUE = jsonReply(400, { error: 'value is not base64' });
const NO_HEAD = jsonReply(405, { error: 'Method not allowed' }, 'Allow: GET, POST\r\n');
const READ_ONLY = jsonReply(403, { error: 'This token may only read' });

/** What the server can't do now, and may do later. */
const UNAVAILABLE: ReadonlySet<string> = new Set(['OOM', 'LOADING', 'BUSY', 'MISCONF', 'MASTERDOWN']);

export function setKey(request: HttpRequest): HttpReply {
  if (request.access.isReadOnly) return READ_ONLY;
  const fields = readFields(request);
  const key = fields.key();
  const source = fields.member('value');
  if (key === undefined || source === undefined) return MISSING_VALUE;
  const value = storedForm(source, valueFormOf(fields));
  if (value === undefined) return BAD_VALUE;
  const words: (string | Buffer)[] = ['SET', key, value];
  const condition = fields.text('condition')?.toUpperCase() ?? '';
  if (condition !== '' && condition !== 'NX' && condition !== 'XX') return BAD_CONDITION;
  if (condition !== '') words.push(condition);
  const expiryMs = expiryMsOf(fields);
  if (expiryMs === undefined) return BAD_EXPIRY;
  if (expiryMs > 0) words.push('PX', String(expiryMs));
  const reply = request.gateway.run(words, runOptions(request));
  if (isStatus(reply)) return KEY_SET;
  const error = errorOf(reply);
  if (error !== undefined) return error.startsWith('ERR invalid expire') ? BAD_EXPIRY : errorReply(error);
  return condition === 'NX' ? KEY_EXISTS : KEY_DOES_NOT_EXIST;
}

export function getKey(request: HttpRequest): HttpReply {
  const fields = readFields(request);
  const key = fields.key();
  if (key === undefined) return MISSING_KEY;
  const reply = request.gateway.run(['GET', key], runOptions(request));
  const error = errorOf(reply);
  if (error !== undefined) return errorReply(error);
  return resultReply(bulkAt(reply), valueFormOf(fields), NOT_FOUND);
}

export function pushValues(request: HttpRequest): HttpReply {
  if (request.access.isReadOnly) return READ_ONLY;
  const fields = readFields(request);
  const key = fields.key();
  const source = fields.member('values');
  if (key === undefined || source === undefined) return MISSING_VALUES;
  const sources = arraySources(source);
  if (sources === undefined || sources.length === 0) return MISSING_VALUES;
  const words: (string | Buffer)[] = ['RPUSH', key];
  const form = valueFormOf(fields);
  for (const each of sources) {
    const value = storedForm(each, form);
    if (value === undefined) return BAD_VALUE;
    words.push(value);
  }
  const reply = request.gateway.run(words, runOptions(request));
  const error = errorOf(reply);
  if (error !== undefined) return errorReply(error);
  return { status: 200, type: JSON_TYPE, body: `{"result":${integerTextOf(reply)}}` };
}

export function popValue(request: HttpRequest): HttpReply {
  const refusal = popRefusal(request);
  if (refusal !== undefined) return refusal;
  const fields = readFields(request);
  const key = fields.key();
  if (key === undefined) return MISSING_KEY;
  const command = orderOf(fields) === 'lifo' ? 'RPOP' : 'LPOP';
  const reply = request.gateway.run([command, key], runOptions(request));
  const error = errorOf(reply);
  if (error !== undefined) return popErrorReply(error, NO_LIST);
  return resultReply(bulkAt(reply), valueFormOf(fields), NO_LIST);
}

export function awaitValue(request: HttpRequest, settings: KeyValueSettings): HttpReply | Promise<HttpReply> {
  const refusal = popRefusal(request);
  if (refusal !== undefined) return refusal;
  const fields = readFields(request);
  const key = fields.key();
  if (key === undefined) return MISSING_KEY;
  const { maxWaitSeconds } = settings;
  const asked = timeoutSecondsOf(fields);
  const seconds = maxWaitSeconds > 0 && (asked === 0 || asked > maxWaitSeconds) ? maxWaitSeconds : asked;
  const words = [orderOf(fields) === 'lifo' ? 'BRPOP' : 'BLPOP', key, seconds];
  const form = valueFormOf(fields);
  const waited = request.gateway.wait(words, runOptions(request), request.exchange);
  const answer = (bytes: Buffer): HttpReply => {
    const error = errorOf(bytes);
    if (error !== undefined) return popErrorReply(error, NO_LIST_OR_TIMED_OUT);
    return resultReply(bulksOf(bytes)?.[1] ?? null, form, NO_LIST_OR_TIMED_OUT);
  };
  return Buffer.isBuffer(waited) ? answer(waited) : waited.then(answer);
}

/** A client that asks for no body would lose the element. */
function popRefusal({ access, method }: HttpRequest): HttpReply | undefined {
  if (method === 'HEAD') return NO_HEAD;
  return access.isReadOnly ? READ_ONLY : undefined;
}

/** In the database that the request or its token says, and kept to what else that one says. */
function runOptions(request: HttpRequest): RunOptions {
  return { database: databaseOf(request), protocol: 2, access: request.access };
}

/** 0 for none; undefined for what is no time. */
function expiryMsOf(fields: Fields): number | undefined {
  const source = fields.member('expiry');
  if (source === undefined || source === 'null') return 0;
  const ms = Math.ceil(Number(source) * 1000);
  return ms >= 0 && ms <= Number.MAX_SAFE_INTEGER && !source.startsWith('"') ? ms : undefined;
}

function resultReply(value: Buffer | null, form: ValueForm, missing: HttpReply): HttpReply {
  if (value === null) return missing;
  return { status: 200, type: JSON_TYPE, body: `{${resultMembers(value, form)}}` };
}

function popErrorReply(error: string, noList: HttpReply): HttpReply {
  return errorCodeOf(error) === 'WRONGTYPE' ? noList : errorReply(error);
}

function errorReply(error: string): HttpReply {
  return jsonReply(errorStatus(errorCodeOf(error)), { error });
}

function errorStatus(code: string): number {
  if (code === 'WRONGTYPE') return 409;
  if (code === 'NOPERM' || code === 'NOAUTH') return 403;
  return UNAVAILABLE.has(code) ? 503 : 400;
}
