/** The commands of the cache: what their bodies hold, and what they answer, as JSON. */
import { bulkAt, integerTextOf } from '../../flat-reply.js';
import type { Field } from './bodies.js';
import { type CacheCall, Failure } from './cache-call.js';
import { matchingKeys } from './matching-keys.js';
import { saved } from './saving.js';

export interface CacheCommand {
  readonly name: string;
  readonly summary: string;
  /** Beside the token. */
  readonly fields: readonly Field[];
  readonly answer: { readonly description: string; readonly example: unknown };
  /** @throws Failure */
  run(call: CacheCall): string | Promise<string>;
}

const OK = '"OK"';
const KEY: Field = { name: 'key', type: 'str', description: 'The key.' };
const ELEMENTS: Field = { name: 'elements', type: 'strs', description: 'The elements, one after the other.' };
const INDEX: Field = { name: 'index', type: 'int', description: 'Counts from 0; below 0 from the end.' };

const EXPIRE_ERROR = 'ERR invalid expire time in set';
const INDEX_ERROR = 'ERR index out of range';

const MAX_INTEGER = 2n ** 63n - 1n;
const isInteger64 = (value: number | bigint): boolean => value >= -MAX_INTEGER - 1n && value <= MAX_INTEGER;

function set(call: CacheCall): string {
  const ttl = call.values.int('ttl');
  const words = ['SET', call.key(), call.text('value')];
  if (ttl === undefined) call.run(words);
  else {
    if (ttl < 1 || !isInteger64(ttl)) throw new Failure(EXPIRE_ERROR);
    try {
      call.run([...words, 'EX', String(ttl)]);
    } catch (error) {
      if (error instanceof Failure && error.message.startsWith('ERR invalid expire')) throw new Failure(EXPIRE_ERROR);
      throw error;
    }
  }
  return OK;
}

/** Without a time to live it answers as without a key. */
function ttl(call: CacheCall): string {
  const seconds = integerTextOf(call.run(['TTL', call.key()]));
  return seconds === '-1' ? '-2' : seconds;
}

function hset(call: CacheCall): string {
  const words = call.fieldsAndValues('fields');
  if (words.length > 0) return integerTextOf(call.run(['HSET', call.key(), ...words]));
  call.run(['HLEN', call.key()]);
  return '0';
}

function push(call: CacheCall, command: 'LPUSH' | 'RPUSH'): string {
  const elements = call.texts('elements');
  return integerTextOf(call.run(elements.length > 0 ? [command, call.key(), ...elements] : ['LLEN', call.key()]));
}

function lset(call: CacheCall): string {
  const index = call.values.int('index') as number | bigint;
  const element = call.text('element');
  if (isInteger64(index)) {
    call.run(['LSET', call.key(), index, element]);
    return OK;
  }
  const length = integerTextOf(call.run(['LLEN', call.key()]));
  throw new Failure(length === '0' ? 'ERR no such key' : INDEX_ERROR);
}

function lget(call: CacheCall): string {
  const index = call.values.int('index') as number | bigint;
  if (isInteger64(index)) return call.json(bulkAt(call.run(['LINDEX', call.key(), index])));
  call.run(['LLEN', call.key()]);
  return 'null';
}

function del(call: CacheCall): string {
  const keys = call.texts('keys').map((key) => call.prefixed(key));
  return keys.length === 0 ? '0' : integerTextOf(call.run(['DEL', ...keys]));
}

export const cacheCommands: readonly CacheCommand[] = [
  {
    name: 'SET',
    summary: 'Stores text under a key.',
    fields: [
      KEY,
      { name: 'value', type: 'str', description: 'The text.' },
      { name: 'ttl', type: 'int', isOptional: true, description: 'Seconds until the key expires; never without it.' },
    ],
    answer: { description: '`"OK"`; or the error, as text.', example: 'OK' },
    run: set,
  },
  {
    name: 'GET',
    summary: 'Gives the text under a key.',
    fields: [KEY],
    answer: { description: 'The text, or null where there is no such key.', example: 'value' },
    run: (call) => call.json(bulkAt(call.run(['GET', call.key()]))),
  },
  {
    name: 'TTL',
    summary: 'Tells how long a key lives.',
    fields: [KEY],
    answer: { description: 'Seconds; -2 where there is no such key, and where it lives for ever.', example: 5 },
    run: ttl,
  },
  {
    name: 'HSET',
    summary: 'Sets fields of a hash.',
    fields: [KEY, { name: 'fields', type: 'pairs', description: 'Fields: `key` and `value` of each.' }],
    answer: { description: 'How many of the fields are new.', example: 2 },
    run: hset,
  },
  {
    name: 'HGET',
    summary: 'Gives a field of a hash.',
    fields: [KEY, { name: 'field', type: 'str', description: "The field's name." }],
    answer: { description: 'Its value, or null where it is not there.', example: 'value' },
    run: (call) => call.json(bulkAt(call.run(['HGET', call.key(), call.text('field')]))),
  },
  {
    name: 'RPUSH',
    summary: 'Appends elements to a list.',
    fields: [KEY, ELEMENTS],
    answer: { description: 'How long the list is now.', example: 5 },
    run: (call) => push(call, 'RPUSH'),
  },
  {
    name: 'LPUSH',
    summary: 'Puts elements at the head of a list, one after the other: the last one given is first.',
    fields: [KEY, ELEMENTS],
    answer: { description: 'How long the list is now.', example: 11 },
    run: (call) => push(call, 'LPUSH'),
  },
  {
    name: 'LSET',
    summary: 'Replaces an element of a list.',
    fields: [KEY, INDEX, { name: 'element', type: 'str', description: 'The new element.' }],
    answer: { description: '`"OK"`; or the error, as text.', example: 'OK' },
    run: lset,
  },
  {
    name: 'LGET',
    summary: 'Gives an element of a list.',
    fields: [KEY, INDEX],
    answer: { description: 'The element, or null where there is none.', example: '0' },
    run: lget,
  },
  {
    name: 'KEYS',
    summary: 'Lists the keys that a regular expression is found in.',
    fields: [
      {
        name: 'pattern',
        type: 'str',
        description:
          "In Python's syntax; it may be found anywhere in a key. References to groups and looking around are not " +
          'supported, so that the time it takes is proportional to the length of the keys.',
      },
    ],
    answer: { description: 'The keys.', example: ['key', 'key2'] },
    run: matchingKeys,
  },
  {
    name: 'DEL',
    summary: 'Deletes keys.',
    fields: [{ name: 'keys', type: 'strs', description: 'The keys.' }],
    answer: { description: 'How many there were.', example: 1 },
    run: del,
  },
  {
    name: 'SAVE',
    summary: 'Saves all data to the disk, while others are served, and answers when that is done.',
    fields: [],
    answer: { description: '`"OK"`; or the error, as text.', example: 'OK' },
    run: async (call) => {
      await saved(call);
      return OK;
    },
  },
];
