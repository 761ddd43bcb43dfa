import type { Effect } from '../../src/engine/effect.js';
import { elementsOf, textOf } from './reply-text.js';

/** The words of an effect, one character a byte. */
export function wordsOf({ bytes }: Effect): string[] {
  return elementsOf(bytes)!.map((element) => textOf(element)!);
}
