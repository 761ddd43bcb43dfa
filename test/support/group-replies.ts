/** Replies about consumer groups that tell times, and what 7.2 added to them. */
import type { Comparator } from './compare.js';

/** An idle time or a time of delivery: numbers of two digits and more stand for each other, as near as a test runs. */
function withoutTimes(reply: Buffer): string {
  return reply
    .toString('latin1')
    .replace(/\$11\r\nactive-time\r\n:-?\d+\r\n/g, '')
    .replace(/\$8\r\ninactive\r\n:-?\d+\r\n/g, '')
    .replace(
      /([*%])(?:8|10|4|5)(?=\r\n\$4\r\nname\r\n\$\d+\r\n[^\r]*\r\n\$(?:9\r\nseen-time|7\r\npending\r\n:\d+\r\n\$4\r\nidle))/g,
      '$1',
    )
    .replace(/(seen-time|idle)\r\n:\d+/g, '$1\r\n:')
    .replace(/:1[5-9]\d{11}(?=\r\n)/g, ':time');
}

const withoutIdle = (reply: Buffer): string => reply.toString('latin1').replace(/:\d+(?=\r\n:-?\d+\r\n)/g, ':idle');

const full: Comparator = (oracle, subject) => withoutTimes(oracle) === withoutTimes(subject);
const pending: Comparator = (oracle, subject) => withoutIdle(oracle) === withoutIdle(subject);

export const idleTimes: Record<string, Comparator> = {
  'xinfo stream': full,
  'xinfo consumers': full,
  xpending: pending,
};
