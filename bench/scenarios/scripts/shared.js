/** How a script becomes a load. */
import { load } from '../collections/shared.js';

/** A script again and again, with P=16. */
export const script = (name, bar, requests, text) => ({
  ...load(name, bar, requests, ''),
  command: ['EVAL', text, '0'],
});

/** One that takes milliseconds: a few, on one connection, one after the other. */
export const long = (name, bar, text) => ({
  ...script(name, bar, 16, text),
  args: ['-c', '1', '-P', '1'],
  atLeast: 16,
});
