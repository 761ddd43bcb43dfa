/**
 * KeyTree: the keys of the objects that a decoder has met. What is decoded has mostly been met before, key by key, so
 * the key that comes is one of few, known by its bytes: no string is made of it, and the table finds the place for its
 * value by the site that this key has after just these others.
 */

import { FieldSite } from '../runtime/shape.js';

/** Objects with more keys, and longer keys, are rather dictionaries than records. */
const MOST_KEYS = 32;
const MOST_KEY_BYTES = 64;
/** Different keys that come after the same others. */
const MOST_FOLLOWERS = 8;
/** Then the tree is begun anew. */
const MOST_NODES = 2000;

/** A key after others; the root is none, and before the first. */
export class KeyNode {
  readonly site: FieldSite;
  readonly followers: KeyNode[] = [];
  /** This key and those before it, from the first on. */
  readonly names: readonly string[];
  /** One of those before is the same. */
  readonly isRepeated: boolean;

  constructor(
    name: string,
    readonly bytes: Uint8Array,
    parent: KeyNode | null,
  ) {
    this.site = new FieldSite(name);
    this.names = parent === null ? [] : [...parent.names, name];
    this.isRepeated = parent?.names.includes(name) ?? false;
  }

  isAt(bytes: Uint8Array, start: number, length: number): boolean {
    if (this.bytes.length !== length) return false;
    for (let index = 0; index < length; index++) if (this.bytes[index] !== bytes[start + index]) return false;
    return true;
  }
}

const NO_BYTES = new Uint8Array(0);

export class KeyTree {
  root = new KeyNode('', NO_BYTES, null);
  private nodes = 0;

  /** The node of the key whose bytes these are after the keys of another node; undefined if it is to have none. */
  next(node: KeyNode, bytes: Uint8Array, start: number, length: number, text: string): KeyNode | undefined {
    const { followers } = node;
    for (let index = 0; index < followers.length; index++) {
      if (followers[index].isAt(bytes, start, length)) return followers[index];
    }
    const isFull = node.names.length === MOST_KEYS || followers.length === MOST_FOLLOWERS;
    if (isFull || length > MOST_KEY_BYTES) return undefined;
    if (++this.nodes > MOST_NODES) {
      this.nodes = 0;
      this.root = new KeyNode('', NO_BYTES, null);
      return undefined;
    }
    // The name must not hold the whole text in memory.
    const name = Buffer.from(text.slice(start, start + length), 'latin1').toString('latin1');
    const follower = new KeyNode(name, Uint8Array.from(bytes.subarray(start, start + length)), node);
    followers.push(follower);
    return follower;
  }
}
