/** The text that patterns are looked for in, as bytes: three times as fast to look at as characters of a string. */

import { charge, untilEnd } from '../runtime/limits.js';
import { newBuffer } from './byte-writer.js';

export interface Subject {
  readonly text: string;
  readonly bytes: Uint8Array;
  readonly length: number;
}

/** Up to here copying one by one is faster than asking the host to; beyond, a string may be one that `..` has made. */
const SHORT_LENGTH = 13;
/** Longer ones keep bytes of their own, because they may be asked again and again while short ones come and go. */
const LONG_LENGTH = 1024;

class ShortSubject implements Subject {
  text = '';
  length = 0;
  readonly bytes = newBuffer(LONG_LENGTH);
}

const shortSubject = new ShortSubject();

/** The bytes of a text, until it is asked for those of another one. */
export function subjectOf(text: string): Subject {
  const { length } = text;
  if (length > LONG_LENGTH) return longSubjectOf(text);
  if (text === shortSubject.text) return shortSubject;
  const { bytes } = shortSubject;
  if (length > SHORT_LENGTH) bytes.latin1Write(text, 0);
  else for (let position = 0; position < length; position++) bytes[position] = text.charCodeAt(position);
  shortSubject.text = text;
  shortSubject.length = length;
  return shortSubject;
}

function longSubjectOf(text: string): Subject {
  const latest = untilEnd.subject as Subject | undefined;
  if (latest?.text === text) return latest;
  charge(text.length);
  const subject = { text, bytes: Buffer.from(text, 'latin1'), length: text.length };
  untilEnd.subject = subject;
  return subject;
}

/** A text that is looked at again after Lua has been called, which may have asked for the bytes of others. */
export class LastingSubject {
  private readonly long: Subject | null;

  constructor(readonly text: string) {
    this.long = text.length > LONG_LENGTH ? longSubjectOf(text) : null;
  }

  /** The bytes, as long as no Lua is called. */
  get bytes(): Subject {
    return this.long ?? subjectOf(this.text);
  }
}
