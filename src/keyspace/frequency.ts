/**
 * LFU counters: how often a key was used of late, in the 24 bits that hold the LRU clock otherwise.
 *
 *   16 bits   minutes of the clock when the counter was last written, modulo 2^16
 *   8 bits    the counter
 *
 * The counter is logarithmic (Morris): a use raises it with a chance of 1 / ((counter - INITIAL_COUNT) * logFactor +
 * 1), so that 255 stands for about a million uses with the default factor of 10. It falls by one every decayTime
 * minutes.
 */

import { defaultOf } from '../config/binding.js';

/** New keys begin above zero, so that they get a chance to be used before they are the best to evict. */
export const INITIAL_COUNT = 5;
const LARGEST_COUNT = 255;

/** The directives of the same names. */
export class FrequencyLimits {
  logFactor = defaultOf('lfu-log-factor');
  /** Minutes for which an unused key loses one; 0: never. */
  decayTime = defaultOf('lfu-decay-time');
}

export function clockMinutes(ms: number): number {
  return Math.floor(ms / 60_000) & 0xffff;
}

/** The counter as it is now, of the 24 bits written earlier. */
export function decayed(bits: number, minutes: number, decayTime: number): number {
  const counter = bits & 0xff;
  if (decayTime === 0) return counter;
  const elapsed = (minutes - (bits >>> 8)) & 0xffff;
  return Math.max(0, counter - Math.floor(elapsed / decayTime));
}

/** An entry's word of kind and use after one more use. */
export function touched(
  word: number,
  minutes: number,
  limits: FrequencyLimits,
  random: { below(limit: number): number },
): number {
  const counter = raised(decayed(word >>> 8, minutes, limits.decayTime), limits.logFactor, random);
  return (minutes << 16) | (counter << 8) | (word & 0xff);
}

function raised(counter: number, logFactor: number, random: { below(limit: number): number }): number {
  if (counter === LARGEST_COUNT) return counter;
  const chances = Math.max(0, counter - INITIAL_COUNT) * logFactor + 1;
  return random.below(Math.min(chances, 0x7fffffff)) === 0 ? counter + 1 : counter;
}
