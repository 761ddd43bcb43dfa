/** Where one text is in another, in a time that the host's own search does not keep to: linear, and interruptible. */

import { charge, tick } from '../runtime/limits.js';

/** The host compares no more of a text than this where its search could begin anew at each character. */
const SHORT_TEXT = 250;
/** So many comparisons take the host some milliseconds at most. */
const FEW_COMPARISONS = 10_000_000;

/** The first place of `sought` in a text from a place on, -1 if there is none. */
export function searchPlainly(text: string, sought: string, from: number): number {
  if (sought.length <= SHORT_TEXT || (text.length - from) * sought.length <= FEW_COMPARISONS) {
    return text.indexOf(sought, from);
  }
  return searchLinearly(text, sought, from);
}

/** As Knuth, Morris and Pratt do it. */
function searchLinearly(text: string, sought: string, from: number): number {
  const borders = bordersOf(sought);
  let matched = 0;
  for (let place = from; place < text.length; place++) {
    tick();
    const character = text.charCodeAt(place);
    while (matched > 0 && sought.charCodeAt(matched) !== character) matched = borders[matched];
    if (sought.charCodeAt(matched) === character) matched++;
    if (matched === sought.length) return place + 1 - matched;
  }
  return -1;
}

/** For each length of a beginning of a text: the longest shorter one that it ends with. */
function bordersOf(text: string): Uint32Array {
  charge(text.length * 4);
  const borders = new Uint32Array(text.length + 1);
  let border = 0;
  for (let length = 2; length <= text.length; length++) {
    tick();
    const character = text.charCodeAt(length - 1);
    while (border > 0 && text.charCodeAt(border) !== character) border = borders[border];
    if (text.charCodeAt(border) === character) border++;
    borders[length] = border;
  }
  return borders;
}
