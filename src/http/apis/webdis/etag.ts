/** Entity tags, by which a client says what it has already. */
import { hash } from 'node:crypto';

/** Of a body. */
export function entityTag(body: string | Buffer): string {
  return `"${hash('md5', body)}"`;
}

/** Whether one of the tags of an `If-None-Match` is this one. */
export function isKnown(tag: string, ifNoneMatch: string): boolean {
  return ifNoneMatch === tag || ifNoneMatch.split(',').some((each) => each.trim().replace(/^W\//, '') === tag);
}
