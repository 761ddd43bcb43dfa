/**
 * Geohashes: longitude and latitude halved by turns, 26 times each. The 52 bits are a score: places near to each other
 * often have scores near to each other. All arithmetic goes in the steps that Redis takes, so that every digit is the
 * same.
 */

export const MAX_STEPS = 26;

export const LONGITUDE_LIMIT = 180;
/** Where a square map of the world ends (EPSG:3785). */
export const LATITUDE_LIMIT = 85.05112878;

/** Bits of a coordinate that one half of a hash holds. */
const HALF_BITS = 13;
const HALF_MASK = (1 << HALF_BITS) - 1;
const HALF_HASH = 2 ** (2 * HALF_BITS);
/** Scores from 0 up to here are hashes. */
const END_OF_HASHES = 2 ** (2 * MAX_STEPS);

/** A place, in degrees: what the last call wrote. */
export interface Place {
  longitude: number;
  latitude: number;
}

/** Which part of a range, halved so many times, a coordinate lies in; the very end of the range is beyond the last. */
export function indexOf(coordinate: number, limit: number, steps: number): number {
  return Math.floor(((coordinate + limit) / (limit + limit)) * (1 << steps));
}

/** Where the part with an index begins; that with the next index begins where it ends. */
export function startOf(index: number, limit: number, steps: number): number {
  // A shift, as a power in each decode() took a sixth of a GEODIST.
  return -limit + (index / (1 << steps)) * (limit + limit);
}

/** The score of a place. */
export function scoreOf(longitude: number, latitude: number): number {
  return hashOf(indexOf(longitude, LONGITUDE_LIMIT, MAX_STEPS), indexOf(latitude, LATITUDE_LIMIT, MAX_STEPS), 0);
}

/** The bits of both indexes by turns, as a number that is greater by `more`. */
export function hashOf(longitudeIndex: number, latitudeIndex: number, more: number): number {
  const low = spread(latitudeIndex & HALF_MASK) | (spread(longitudeIndex & HALF_MASK) << 1);
  const high = spread(latitudeIndex >>> HALF_BITS) | (spread(longitudeIndex >>> HALF_BITS) << 1);
  return high * HALF_HASH + (low + more);
}

/** The middle of the square that a score stands for. */
export function decode(score: number, into: Place): void {
  let longitudeIndex: number;
  let latitudeIndex: number;
  if (score >= 0 && score < END_OF_HASHES) {
    const high = Math.floor(score / HALF_HASH);
    const low = Math.floor(score - high * HALF_HASH);
    latitudeIndex = gathered(low) | (gathered(high) << HALF_BITS);
    longitudeIndex = gathered(low >>> 1) | (gathered(high >>> 1) << HALF_BITS);
  } else {
    const bits = unsignedBits(score);
    latitudeIndex = gatheredBits(bits);
    longitudeIndex = gatheredBits(bits >> 1n);
  }
  into.longitude = middleOf(longitudeIndex, LONGITUDE_LIMIT);
  into.latitude = middleOf(latitudeIndex, LATITUDE_LIMIT);
}

function middleOf(index: number, limit: number): number {
  const middle = (startOf(index, limit, MAX_STEPS) + startOf(index + 1, limit, MAX_STEPS)) / 2;
  return Math.max(-limit, Math.min(limit, middle));
}

/** Puts a zero before each of at most 16 bits. */
function spread(bits: number): number {
  bits = (bits | (bits << 8)) & 0x00ff_00ff;
  bits = (bits | (bits << 4)) & 0x0f0f_0f0f;
  bits = (bits | (bits << 2)) & 0x3333_3333;
  return (bits | (bits << 1)) & 0x5555_5555;
}

/** Every second bit, from the lowest on. */
function gathered(bits: number): number {
  bits &= 0x5555_5555;
  bits = (bits | (bits >>> 1)) & 0x3333_3333;
  bits = (bits | (bits >>> 2)) & 0x0f0f_0f0f;
  bits = (bits | (bits >>> 4)) & 0x00ff_00ff;
  return (bits | (bits >>> 8)) & 0xffff;
}

// --- scores that are no hashes: ZADD takes any

/** What a score is as an unsigned integer, to the processor that Redis runs on. */
function unsignedBits(score: number): bigint {
  const signed = 2 ** 63;
  if (score >= 2 * signed) return 0n;
  if (score < -signed) return BigInt(signed);
  return BigInt.asUintN(64, BigInt(Math.trunc(score)));
}

function gatheredBits(bits: bigint): number {
  const low = gathered(Number(bits & 0xffff_ffffn));
  return low + gathered(Number((bits >> 32n) & 0xffff_ffffn)) * 0x1_0000;
}

// --- the text that others call a geohash

const ALPHABET = '0123456789bcdefghjkmnpqrstuvwxyz';
const WHOLE_LATITUDE = 90;
const CHARACTERS = 11;
const BITS_OF_CHARACTER = 5;

/** The standard's text, for which the latitude goes to the poles. The 52 bits make ten characters; the last is a 0. */
export function textOf({ longitude, latitude }: Place): string {
  const longitudeIndex = indexOf(longitude, LONGITUDE_LIMIT, MAX_STEPS);
  const latitudeIndex = indexOf(latitude, WHOLE_LATITUDE, MAX_STEPS);
  const bits = BigInt(hashOf(longitudeIndex, latitudeIndex, 0));
  let text = '';
  for (let i = 1; i < CHARACTERS; i++) {
    text += ALPHABET[Number((bits >> BigInt(2 * MAX_STEPS - i * BITS_OF_CHARACTER)) & 31n)];
  }
  return `${text}0`;
}
