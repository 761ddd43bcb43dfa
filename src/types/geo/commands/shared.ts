/** How geo commands read places and lengths, and how they write them. */

import * as arg from '../../../engine/arguments.js';
import type { Call } from '../../../engine/call.js';
import { Slice } from '../../../memory/slice.js';
import type { Args } from '../../../protocol/args.js';
import * as errors from '../../../protocol/errors.js';
import { writeInteger } from '../../../text/numbers.js';
import { LATITUDE_LIMIT, LONGITUDE_LIMIT, type Place } from '../geohash.js';

/** The place in two arguments from i on. */
export function placeAt(args: Args, i: number, into: Place): void {
  const longitude = args.double(i);
  const latitude = args.double(i + 1);
  // No NaN comes here, but infinities do.
  if (Math.abs(longitude) > LONGITUDE_LIMIT || Math.abs(latitude) > LATITUDE_LIMIT) {
    throw errors.invalidPlace(`${sixDecimals(longitude)},${sixDecimals(latitude)}`);
  }
  into.longitude = longitude;
  into.latitude = latitude;
}

/** As printf writes it with %f. */
function sixDecimals(value: number): string {
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf';
  if (Object.is(value, -0)) return '-0.000000';
  return Math.abs(value) < 1e21 ? value.toFixed(6) : `${BigInt(value)}.000000`;
}

/** Meters of the unit in argument i. */
export function unitAt(args: Args, i: number): number {
  if (args.is(i, 'M')) return 1;
  if (args.is(i, 'KM')) return 1000;
  if (args.is(i, 'FT')) return 0.3048;
  if (args.is(i, 'MI')) return 1609.34;
  throw errors.UNSUPPORTED_UNIT;
}

/** The digits of a coordinate: 17 decimals as far as they say something. */
function writeCoordinate({ reply }: Call, coordinate: number): void {
  const text = coordinate.toFixed(17).replace(/\.?0+$/, '');
  const digits = text === '-0' ? '0' : text;
  if (reply.protocol === 2) reply.bulkLatin1(digits);
  else reply.rawLatin1(`,${digits}\r\n`);
}

export function writePlace(call: Call, { longitude, latitude }: Place): void {
  call.reply.array(2);
  writeCoordinate(call, longitude);
  writeCoordinate(call, latitude);
}

const fixed = Slice.of(Buffer.alloc(24));

/** With four decimals. Where rounding is no close call they are worked out here, as toFixed() takes 0.3 µs. */
export function writeDistance({ reply }: Call, distance: number): void {
  const scaled = distance * 10_000;
  const rounded = Math.round(scaled);
  if (!(scaled < EXACT_UP_TO) || Math.abs(scaled - rounded) > 0.499) {
    reply.bulkLatin1(distance.toFixed(4));
    return;
  }
  const whole = Math.floor(rounded / 10_000);
  // A digit more before the decimals keeps their zeros; the point takes its place.
  const { bytes } = fixed;
  const point = writeInteger(bytes, 0, whole);
  fixed.end = writeInteger(bytes, point, 10_000 + (rounded - whole * 10_000));
  bytes[point] = POINT;
  reply.bulk(fixed);
}

const POINT = 0x2e;
/** Of a product below this the error is less than what is called a close call. */
const EXACT_UP_TO = 2 ** 42;

export const UNIT = arg.oneOf('unit', [arg.token('M'), arg.token('KM'), arg.token('FT'), arg.token('MI')]);
