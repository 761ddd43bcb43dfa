/** Kinds: the ways in which entries hold values, as one number of seven bits in an entry's header. */

import type { Arena } from '../memory/arena.js';
import type { Structure } from '../memory/structure.js';
import type { HashSeeds } from '../memory/table.js';

export const KIND_COUNT = 128;

export interface Kind {
  /** 0 … 127, unique. It is nowhere but in memory, so it may change with the version. */
  readonly number: number;
  /** What OBJECT ENCODING says. Two kinds may say the same. */
  readonly encoding: string;
  /**
   * null: the value lies in its entry as a whole, and is copied, moved and freed with it. Otherwise the entry holds the
   * root of a structure, over which this makes a cursor. What looks elements up by hash is given the keyspace's seeds.
   */
  readonly structure: ((arena: Arena, seeds: HashSeeds) => Structure) | null;
}

const NO_TYPE = 0xff;

/** What databases look up by the kind of an entry. */
export class KindTable {
  /** The id of the type that the kind belongs to. */
  readonly typeOf = new Uint8Array(KIND_COUNT).fill(NO_TYPE);
  /** 1 where the entry holds the root of a structure. */
  readonly isOutside = new Uint8Array(KIND_COUNT);
  private readonly kinds: (Kind | undefined)[] = new Array(KIND_COUNT).fill(undefined);

  add(kind: Kind, typeId: number): void {
    const { number } = kind;
    if (!(number >= 0 && number < KIND_COUNT)) throw new Error(`kind ${number} is not within 0 and ${KIND_COUNT - 1}`);
    if (this.kinds[number] !== undefined) throw new Error(`two kinds have the number ${number}`);
    this.kinds[number] = kind;
    this.typeOf[number] = typeId;
    if (kind.structure !== null) this.isOutside[number] = 1;
  }

  get(number: number): Kind {
    const kind = this.kinds[number];
    if (kind === undefined) throw new Error(`there is no kind ${number}`);
    return kind;
  }
}
