/** KEYS: all keys that a regular expression is found in, looked for a while at a time. */
import { isUtf8 } from 'node:buffer';
import { nextTurn, performanceNow } from '../../../net/timers.js';
import { bulkAt, bulksOf } from '../../flat-reply.js';
import { type CacheCall, Failure } from './cache-call.js';
import { PatternError } from './pattern-parser.js';
import { PatternSearch } from './pattern-search.js';

/** Others have their turn after this much. */
const TURN_MS = 2;
/** Between two looks at the clock. */
const UNITS = 20_000;
const KEYS_PER_STEP = 500;

/** @throws Failure for a pattern that is none */
export async function matchingKeys(call: CacheCall): Promise<string> {
  const search = searchFor(call.values.str('pattern'));
  const turns = new Turns();
  const { prefix } = call;
  const prefixBytes = Buffer.byteLength(prefix);
  // A key that moves while others have their turn may come twice.
  const found = new Set<string>();
  let cursor = '0';
  do {
    const reply = call.run(['SCAN', cursor, 'MATCH', `${escapedGlob(prefix)}*`, 'COUNT', KEYS_PER_STEP]);
    cursor = (bulkAt(reply, '*2\r\n'.length) as Buffer).toString('latin1');
    const listAt = `*2\r\n$${cursor.length}\r\n${cursor}\r\n`.length;
    for (const bytes of bulksOf(reply, listAt) as Buffer[]) {
      const key = bytes.subarray(prefixBytes);
      search.begin(isUtf8(key) ? key.toString() : key.toString('latin1'));
      let matches = search.run(UNITS);
      while (matches === undefined) {
        await turns.give(call);
        matches = search.run(UNITS);
      }
      if (matches) found.add(call.json(key));
    }
    if (cursor !== '0') await turns.give(call);
  } while (cursor !== '0');
  // SCAN begins with the newest.
  return `[${[...found].reverse().join()}]`;
}

function searchFor(pattern: string): PatternSearch {
  try {
    return new PatternSearch(pattern);
  } catch (error) {
    if (error instanceof PatternError) throw new Failure(`ERR invalid pattern: ${error.message}`);
    throw error;
  }
}

function escapedGlob(text: string): string {
  return text.replace(/[\\*?[\]^-]/g, '\\$&');
}

class Turns {
  private untilMs = performanceNow() + TURN_MS;

  /** Lets others go on, if it is time. */
  async give({ gateway }: CacheCall): Promise<void> {
    if (performanceNow() < this.untilMs) return;
    do await nextTurn();
    while (gateway.isBusy);
    this.untilMs = performanceNow() + TURN_MS;
  }
}
