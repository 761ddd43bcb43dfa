/** The library `cjson`: values as JSON, and the settings of either direction, which last as long as the state. */

import { argumentError } from '../runtime/errors.js';
import { noteChange } from '../runtime/lasting-changes.js';
import { addSingles } from '../runtime/single-values.js';
import { Table } from '../runtime/table.js';
import { UserData, type Value } from '../runtime/value.js';
import { checkInt, checkString } from './arguments.js';
import { Decoder } from './cjson-decoder.js';
import { encode } from './cjson-encoder.js';
import {
  type DecoderSettings,
  type EncoderSettings,
  MOST_DIGITS,
  newDecoderSettings,
  newEncoderSettings,
} from './cjson-settings.js';

const INT_MAX = 2 ** 31 - 1;

/** What stands for null, of which a table could hold nothing. */
const JSON_NULL = new UserData('(nil)');

/** A library of its own, with settings of its own. */
export function openCjson(): Table {
  const encoder = newEncoderSettings();
  const decoder = newDecoderSettings();
  const functions = { ...conversions(encoder, decoder), ...encoderOptions(encoder), ...decoderOptions(decoder) };
  const cjson = new Table();
  for (const [name, body] of Object.entries(functions)) cjson.setString(name, body);
  cjson.setString('new', () => openCjson());
  cjson.setString('null', JSON_NULL);
  cjson.setString('_NAME', 'cjson');
  cjson.setString('_VERSION', '2.1.0');
  return cjson;
}

function conversions(encoderSettings: EncoderSettings, decoderSettings: DecoderSettings) {
  const decoder = new Decoder(decoderSettings, JSON_NULL);
  const conversions = {
    encode(value: Value): string {
      if (arguments.length !== 1) argumentError(1, 'expected 1 argument');
      return encode(value, encoderSettings);
    },
    decode(text: Value): Value {
      if (arguments.length !== 1) argumentError(1, 'expected 1 argument');
      return decoder.decode(checkString(text, 1, 1));
    },
  };
  addSingles([conversions.encode, conversions.decode]);
  return conversions;
}

/** Each sets what is given, and returns what then holds. */
function encoderOptions(settings: EncoderSettings) {
  return {
    encode_sparse_array(converts: Value, ratio: Value, safe: Value) {
      change(settings, arguments.length, 3);
      settings.convertsSparseArrays = booleanOption(converts, settings.convertsSparseArrays);
      settings.sparseRatio = integerOption(ratio, 2, settings.sparseRatio, 0, INT_MAX);
      settings.sparseSafe = integerOption(safe, 3, settings.sparseSafe, 0, INT_MAX);
      return [settings.convertsSparseArrays, settings.sparseRatio, settings.sparseSafe];
    },
    encode_max_depth(depth: Value) {
      change(settings, arguments.length, 1);
      settings.maxDepth = integerOption(depth, 1, settings.maxDepth, 1, INT_MAX);
      return settings.maxDepth;
    },
    encode_number_precision(digits: Value) {
      change(settings, arguments.length, 1);
      settings.digits = integerOption(digits, 1, settings.digits, 1, MOST_DIGITS);
      return settings.digits;
    },
    encode_keep_buffer(keeps: Value) {
      change(settings, arguments.length, 1);
      settings.keepsBuffer = booleanOption(keeps, settings.keepsBuffer);
      return settings.keepsBuffer;
    },
    encode_invalid_numbers(value: Value) {
      change(settings, arguments.length, 1);
      settings.invalidNumbers = wordOption(value, settings.invalidNumbers, { ...BOOLEANS, null: 'null' });
      return settings.invalidNumbers;
    },
  };
}

function decoderOptions(settings: DecoderSettings) {
  return {
    decode_max_depth(depth: Value) {
      change(settings, arguments.length, 1);
      settings.maxDepth = integerOption(depth, 1, settings.maxDepth, 1, INT_MAX);
      return settings.maxDepth;
    },
    decode_invalid_numbers(value: Value) {
      change(settings, arguments.length, 1);
      settings.invalidNumbers = booleanOption(value, settings.invalidNumbers);
      return settings.invalidNumbers;
    },
  };
}

/** Settings are about to be changed, by so many arguments. */
function change(settings: EncoderSettings | DecoderSettings, count: number, most: number): void {
  if (count > most) argumentError(most + 1, 'found too many arguments');
  const before = { ...settings };
  if (count > 0) noteChange(settings, () => Object.assign(settings, before));
}

function integerOption(value: Value, n: number, current: number, least: number, most: number): number {
  if (value === undefined) return current;
  const integer = checkInt(value, n, n);
  // Whichever it is, it is called the first.
  if (integer < least || integer > most) argumentError(1, `expected integer between ${least} and ${most}`);
  return integer;
}

const BOOLEANS = { off: false, on: true };

function booleanOption(value: Value, current: boolean): boolean {
  return wordOption(value, current, BOOLEANS);
}

/** A boolean, or a word that stands for a choice. */
function wordOption<Choice>(value: Value, current: Choice, choices: Record<string, Choice>): Choice | boolean {
  if (value === undefined) return current;
  if (typeof value === 'boolean') return value;
  const [word] = checkString(value, 1, 1).split('\0', 1);
  if (!Object.hasOwn(choices, word)) argumentError(1, `invalid option '${word}'`);
  return choices[word];
}
